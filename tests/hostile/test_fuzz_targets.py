"""Readers of untrusted files answer anything with a value or one line: damaged inputs, and what once made one fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mgpe_tf.errors import UserError
from tools.fuzz_targets import TARGETS, seeds

FINDINGS = sorted(Path(__file__).with_name("findings").iterdir())
"""READER-NAME: each made a reader fail once."""


def read(target: str, data: bytes) -> None:
    """The reader on bytes; nothing but a UserError of one line may come out."""
    try:
        TARGETS[target](data)
    except UserError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_what_fuzzing_found(path):
    read(path.name.partition("-")[0], path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_sound_inputs_are_read(target):
    TARGETS[target](seeds(target)[0])


@st.composite
def damaged(draw, seed: bytes) -> bytes:
    """Sound bytes with some replaced, cut out or doubled."""
    data = bytearray(seed)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        piece = draw(st.one_of(st.binary(max_size=8), st.just(bytes(data[start : start + 40]) * 2)))
        data[start : start + draw(st.integers(0, 8))] = piece
    return bytes(data)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_and_invented_inputs(target, data):
    read(target, data.draw(st.one_of(st.binary(max_size=64), st.sampled_from(seeds(target)).flatmap(damaged))))
