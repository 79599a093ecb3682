"""docs/serving/client.py as a user meets it, before a server of this computer that answers as it is told."""

from __future__ import annotations

import base64
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from ports import free_port

CLIENT = Path(__file__).resolve().parents[2] / "docs/serving/client.py"
PNG = b"\x89PNG, and so on"
ENCODED = {"b64": base64.b64encode(PNG).decode()}


@pytest.fixture
def server():
    """Answers every request with the status and the body in its ``says``; ``asked`` is what the last one was."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            started.asked = self.path, json.loads(body)
            status, answer = started.says
            if status is None:
                return  # hangs up
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    started = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=started.serve_forever, daemon=True).start()
    yield started
    started.shutdown()
    started.server_close()


def run(folder, *arguments):
    command = [sys.executable, str(CLIENT), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def url(server):
    return f"http://127.0.0.1:{server.server_port}/"


@pytest.mark.parametrize("prediction", [ENCODED, {"label_png_bytes": ENCODED, "other": 1}])
def test_the_mask_is_written(server, tmp_path, prediction):
    (tmp_path / "me.jpg").write_bytes(b"a picture")
    server.says = 200, json.dumps({"predictions": [prediction]}).encode()
    result = run(tmp_path, "me.jpg", "mask.png", url(server))
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "mask.png").read_bytes() == PNG
    path, request = server.asked
    assert path == "/v1/models/parser:predict" and request["signature_name"] == "parse_encoded"
    assert base64.b64decode(request["instances"][0]["images"]["b64"]) == b"a picture"


def assert_refused(result, words, folder):
    assert result.returncode == 2, result.stderr
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not (folder / "mask.png").exists()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b'{"error": "Unknown image\\nfile format"}', "refuses me.jpg: 400 Unknown image file format"),
        (404, b'{"error": "Servable not found"}', "404 Servable not found"),
        (500, b"", "500 Internal Server Error"),
        (None, b"", "no answer: "),
        (200, b"<html>", "its answer is no mask (JSONDecodeError"),
        (200, b"{}", "its answer is no mask (KeyError: 'predictions')"),
        (200, b'{"predictions": []}', "its answer is no mask (ValueError"),
        (200, b'{"predictions": [[0.5]]}', "its answer is no mask (TypeError"),
        (200, b'{"predictions": [{"b64": "eA=="}]}', "not a PNG file"),
    ],
)
def test_bad_answers_are_one_line(server, tmp_path, status, body, words):
    (tmp_path / "me.jpg").touch()
    server.says = status, body
    assert_refused(run(tmp_path, "me.jpg", "mask.png", url(server)), words, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "0 arguments given; allowed: python client.py portrait.jpg mask.png"),
        (("me.jpg",), "1 arguments given"),
        (("gone.jpg", "mask.png"), "gone.jpg: cannot be read: No such file"),
        (("me.jpg", "mask.png", "localhost:8501"), "localhost:8501: no address of a server"),
        (("me.jpg", "mask.png", "FREE"), "Connection refused"),
    ],
)
def test_mistakes_are_one_line(tmp_path, arguments, words):
    (tmp_path / "me.jpg").touch()
    arguments = [f"http://127.0.0.1:{free_port()}" if argument == "FREE" else argument for argument in arguments]
    assert_refused(run(tmp_path, *arguments), words, tmp_path)


def test_a_mask_that_cannot_be_written(server, tmp_path):
    (tmp_path / "me.jpg").touch()
    server.says = 200, json.dumps({"predictions": [ENCODED]}).encode()
    assert_refused(run(tmp_path, "me.jpg", "no/mask.png", url(server)), "no/mask.png: cannot be written", tmp_path)
