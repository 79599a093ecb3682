"""Trained networks by their kind, and where they lie. What reads each form: tests/export."""

from __future__ import annotations

import pytest

from mgpe_tf.errors import UserError
from mgpe_tf.models import shipped
from mgpe_tf.models.load import load


@pytest.mark.parametrize("kind", ["parser", "editor"])
def test_a_path_at_which_nothing_lies(tmp_path, kind):
    with pytest.raises(UserError, match=f"gone: there is no such {kind}; allowed: a run folder"):
        load(kind, tmp_path / "gone")


def test_an_unknown_kind():
    with pytest.raises(UserError, match="kind: 'praser': did you mean 'parser'.*; allowed: parser, editor, "):
        load("praser")


def test_a_network_that_did_not_come_along(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "PLACES", (tmp_path,))
    with pytest.raises(UserError, match="the model editor_compact is missing .*saved_models/editor_compact"):
        load("editor")
