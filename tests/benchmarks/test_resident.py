"""The readings of a training's memory: what is read, and what is said of them."""

from __future__ import annotations

import os

from benchmarks.resident import last_step, report, resident_mib


def test_a_line_that_is_being_written_does_not_count(tmp_path):
    metrics = tmp_path / "metrics.jsonl"
    assert last_step(metrics) == 0
    metrics.write_text('{"step": 50}\n{"step": 100}\n{"st')
    assert last_step(metrics) == 100


def test_memory_that_is_used_shows():
    before = resident_mib(os.getpid())
    used = bytearray(b"x" * 2**26)
    assert 60 < resident_mib(os.getpid()) - before < 140 and used


def test_growth_is_that_of_the_last_fifth_over_the_first():
    text = report(
        {50: 100.0, 100: 102.0, 150: 150.0, 200: 103.0, 250: 104.0, 300: 104.0, 350: 105.0, 400: 105.0, 500: 111.1}
    )
    assert text == (
        "MiB, means over fifths of 500 steps: 101.0  126.5  104.0  105.0  111.1; greatest 150.0; growth +10.1 (+10.00%)"
    )
