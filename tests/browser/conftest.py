"""The server for tests that make test-browser runs: it names the browser in MGPE_TF_BROWSER, else they are skipped."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items):
    """Skips the tests of this folder where no browser is named."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "MGPE_TF_BROWSER" not in os.environ:
            item.add_marker(pytest.mark.skip(reason="make test-browser"))


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address and the process of an app with the shipped parser and a small editor of random weights."""
    from stored_editor import store_editor

    from tools.page_pictures import served

    folder = tmp_path_factory.mktemp("app")
    model = store_editor(folder / "editor")
    arguments = [f"--model={model}", f"--port={free_port()}", "--max_sessions=10", "--max_megabytes=2"]
    with served(arguments, folder / "log") as started:
        yield started
