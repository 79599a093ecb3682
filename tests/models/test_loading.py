"""Trained networks by their kind, and where they lie. What reads each form: tests/export."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgpe_tf.errors import UserError
from mgpe_tf.models import shipped
from mgpe_tf.models.load import load
from mgpe_tf.models.shipped import model_path
from mgpe_tf.shipped import network_path


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


@pytest.mark.parametrize("named", ["registration/soft.npz", "saved_models/registration/soft.npz"])
def test_bundled_networks_have_names_in_any_folder(tmp_path, monkeypatch, named):
    monkeypatch.chdir(tmp_path)
    assert network_path(named) == model_path("registration") / "soft.npz"
    assert model_path("parser", "parser_lite") == model_path("parser")
    (tmp_path / "parser_lite").mkdir()
    assert model_path("parser", "parser_lite").resolve() == tmp_path / "parser_lite"  # what is there comes first
    for other in ("gone", "mgpe_tf", "", str(tmp_path / "gone")):
        assert network_path(other) == Path(other)
