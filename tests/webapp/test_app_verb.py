"""python -m mgpe_tf.app as a user runs it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import forked
import pytest
from stored_editor import store_editor
from stored_parser import store_run

from mgpe_tf.data.images import unsafe_decoder

pytest.importorskip("gradio")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [f"--model={store_editor(folder / 'editor')}", f"--parser={store_run(folder / 'parser')}"]


def command(*arguments) -> list[str]:
    return [sys.executable, "-m", "mgpe_tf.app", *map(str, arguments)]


def test_mistakes_are_one_line(models, tmp_path):
    for arguments, words in (
        (["--model=nowhere"], "nowhere: there is no such editor"),
        ([*models, f"--examples={tmp_path}"], "no photographs there; allowed: a folder with .jpg"),
        ([*models, "--max_sessions=0"], "--max_sessions"),
        ([*models, "--hots=0.0.0.0"], "unknown flag --hots: did you mean 'host'"),
    ):
        result = forked.run("mgpe_tf.app", *arguments)
        assert result.returncode == 2 and result.stderr.count("\n") == 1 and words in result.stderr, result.stderr


def test_with_an_unsafe_pillow_it_opens_to_nobody_else(models):
    older = "import PIL.Image, runpy; PIL.__version__ = '12.3.0'; runpy.run_module('mgpe_tf.app', run_name='__main__')"
    for flag in ("--host=0.0.0.0", "--share"):
        result = subprocess.run(
            [sys.executable, "-c", older, *models, flag], capture_output=True, text=True, timeout=300
        )
        assert result.returncode == 2 and result.stderr.count("\n") == 1, result.stderr
        assert "Pillow 12.3.0 has flaws" in result.stderr and "--no-deps 'pillow>=13'" in result.stderr


@pytest.mark.skipif(unsafe_decoder() is not None, reason="opening to others needs Pillow 13")
def test_it_serves_until_it_is_stopped_and_leaves_nothing(models, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        command(*models, "--host=127.0.0.2", f"--port={port}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        address = re.match(r"The page: (http://127\.0\.0\.2:\d+/)", process.stdout.readline())
        assert address, process.stderr.read()
        with urllib.request.urlopen(address[1], timeout=60) as answer:
            assert answer.status == 200
        assert [path.name[:12] for path in tmp_path.glob("mgpe_tf_*")] == ["mgpe_tf_app_"]
        taken = forked.run("mgpe_tf.app", *models, "--host=127.0.0.2", f"--port={port}")
        assert taken.returncode == 2 and f"--port={port}: " in taken.stderr
    finally:
        process.send_signal(signal.SIGTERM)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 143 and not list(tmp_path.glob("mgpe_tf_*"))
    assert "warning: others can reach this page, and there is no password" in words and "Traceback" not in words
