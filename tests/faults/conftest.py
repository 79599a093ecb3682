"""What several drills start from."""

from __future__ import annotations

import pytest
from attempts import attempt, said
from processes import digest


@pytest.fixture(scope="session", autouse=True)
def no_gpu():
    """The processes that are forked see no GPU: starting one takes longer than the drills."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", "-1")
        patch.setenv("TF_NUM_INTRAOP_THREADS", "1")
        yield


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The hash of the weights at the end of the run that nothing happened to."""
    workdir = tmp_path_factory.mktemp("undisturbed") / "run"
    assert attempt(workdir) == 0, said(workdir)
    return digest(workdir)
