"""The server for tests that make test-browser runs: it names the browser in MGPE_TF_BROWSER, else they are left out."""

from __future__ import annotations

import os

import pytest
from ports import free_port

collect_ignore_glob = [] if "MGPE_TF_BROWSER" in os.environ else ["test_*.py"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address and the process of an app with the shipped networks."""
    from tools.page_pictures import served

    arguments = [f"--port={free_port()}", "--max_sessions=10", "--max_megabytes=2"]
    with served(arguments, tmp_path_factory.mktemp("app") / "log") as started:
        yield started
