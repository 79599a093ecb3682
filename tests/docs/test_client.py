"""docs/serving/client.py as a user meets it, before a server of this computer that answers as it is told."""

from __future__ import annotations

import base64
import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from ports import free_port

from mgpe_tf.data.images import encode_jpeg, encode_png

CLIENT = Path(__file__).resolve().parents[2] / "docs/serving/client.py"
PNG = b"\x89PNG, and so on"
ENCODED = {"b64": base64.b64encode(PNG).decode()}
PORTRAITS = {
    name: encode_png(np.full((8, 8, 3), level, np.uint8)) for name, level in (("me.png", 50), ("her.png", 200))
}


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


@pytest.fixture
def folder(tmp_path):
    """A folder with two portraits."""
    for name, file in PORTRAITS.items():
        (tmp_path / name).write_bytes(file)
    return tmp_path


@pytest.mark.parametrize("prediction", [ENCODED, {"label_png_bytes": ENCODED, "other": 1}])
def test_the_mask_is_written(server, folder, prediction):
    server.says = 200, json.dumps({"predictions": [prediction]}).encode()
    result = run(folder, "parse", "me.png", "out.png", url(server))
    assert (result.returncode, result.stderr) == (0, "")
    assert (folder / "out.png").read_bytes() == PNG
    path, request = server.asked
    assert path == "/v1/models/parser:predict" and request["signature_name"] == "parse_encoded"
    [instance] = request["instances"]
    assert {name: base64.b64decode(file["b64"]) for name, file in instance.items()} == {"images": PORTRAITS["me.png"]}


def test_the_first_portrait_is_edited_with_the_appearance_of_the_second(server, folder):
    server.says = 200, json.dumps({"predictions": [ENCODED]}).encode()
    result = run(folder, "edit", "me.png", "her.png", "out.png", url(server))
    assert (result.returncode, result.stderr) == (0, "")
    assert (folder / "out.png").read_bytes() == PNG
    path, request = server.asked
    assert path == "/v1/models/editor:predict" and request["signature_name"] == "edit_encoded"
    [instance] = request["instances"]
    asked = {name: base64.b64decode(file["b64"]) for name, file in instance.items()}
    assert asked == {"targets": PORTRAITS["me.png"], "sources": PORTRAITS["her.png"]}


def assert_refused(result, words, folder):
    assert result.returncode == 2, result.stderr
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not (folder / "out.png").exists()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b'{"error": "Unknown image\\nfile format"}', "refuses: 400 Unknown image file format"),
        (404, b'{"error": "Servable not found"}', "404 Servable not found"),
        (500, b"", "500 Internal Server Error"),
        (None, b"", "no answer: "),
        (200, b"<html>", "its answer is no picture (JSONDecodeError"),
        (200, b"{}", "its answer is no picture (KeyError: 'predictions')"),
        (200, b'{"predictions": []}', "its answer is no picture (ValueError"),
        (200, b'{"predictions": [[0.5]]}', "its answer is no picture (TypeError"),
        (200, b'{"predictions": [{"b64": "eA=="}]}', "not a PNG file"),
    ],
)
def test_bad_answers_are_one_line(server, folder, status, body, words):
    server.says = status, body
    assert_refused(run(folder, "parse", "me.png", "out.png", url(server)), words, folder)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no verb: unknown; allowed: python client.py parse PORTRAIT MASK.png [SERVER] or python client.py edit"),
        (("me.png", "out.png"), "me.png: unknown; allowed: "),
        (("parse", "me.png"), "parse: 1 arguments given"),
        (("edit", "me.png", "out.png"), "edit: 2 arguments given"),
        (("edit", "me.png", "gone.png", "out.png"), "gone.png: cannot be read: No such file"),
        (("parse", "me.png", "out.png", "localhost:8501"), "localhost:8501: no address of a server"),
        (("parse", "me.png", "out.png", "FREE"), "Connection refused"),
    ],
)
def test_mistakes_are_one_line(folder, arguments, words):
    arguments = [f"http://127.0.0.1:{free_port()}" if argument == "FREE" else argument for argument in arguments]
    assert_refused(run(folder, *arguments), words, folder)


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_photograph_that_is_no_portrait_is_refused_before_it_is_sent(folder, suffix):
    wide = np.zeros((40, 60, 3), np.uint8)
    (folder / f"wide.{suffix}").write_bytes(encode_png(wide) if suffix == "png" else encode_jpeg(wide, 90))
    words = f"60 x 40 pixels; allowed: square portraits, as made by mgpe edit crop --target=wide.{suffix}"
    assert_refused(run(folder, "edit", "me.png", f"wide.{suffix}", "out.png"), words, folder)


@pytest.mark.parametrize("file", [b"", b"GIF89a", PNG, b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x10" + bytes(99)])
def test_what_is_no_picture_is_refused_before_it_is_sent(folder, file):
    (folder / "odd").write_bytes(file)
    assert_refused(run(folder, "parse", "odd", "out.png"), "odd: no picture; allowed: JPEG and PNG files", folder)


def test_a_mask_that_cannot_be_written(server, folder):
    server.says = 200, json.dumps({"predictions": [ENCODED]}).encode()
    assert_refused(run(folder, "parse", "me.png", "no/out.png", url(server)), "no/out.png: cannot be written", folder)
