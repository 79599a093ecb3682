"""What run folders tell: parameters, and images and operations over all runs that a training started from."""

from __future__ import annotations

import dataclasses
import json

import pytest
from small import small_config
from stored_editor import store_editor

from mgpe_tf.evaluation.measure.runs import RunFacts, read_metrics, run_facts


def config(start: str = "", batch_size: int = 4, **changes):
    base = small_config()
    training = dataclasses.replace(base.training, batch_size=batch_size)
    return dataclasses.replace(base, start_path=start, training=training, **changes)


@pytest.fixture(scope="module")
def runs(generator, tmp_path_factory):
    """first: 10 steps of 4; second: 5 steps of 8 from it on; orphan: started from a run that is gone."""
    folder = tmp_path_factory.mktemp("runs")
    store_editor(folder / "first", generator, config(), step=10)
    store_editor(folder / "second", generator, config(str(folder / "first"), 8), step=5)
    store_editor(folder / "orphan", generator, config(str(folder / "gone")), step=3)
    return folder


def test_images_of_all_runs(runs, generator):
    first, second, orphan = (run_facts(runs / name) for name in ("first", "second", "orphan"))
    weights = sum(int(weight.numpy().size) for weight in generator.trainable_weights)
    assert (first.parameters, first.steps, first.images, first.operations) == (weights, 10, 40, None)
    assert (second.parameters, second.steps, second.images) == (weights, 5, 80)
    assert (orphan.parameters, orphan.steps, orphan.images) == (weights, 3, None)
    assert second.config.training.batch_size == 8


def test_operations_where_all_runs_logged_them(runs):
    (runs / "second" / "metrics.jsonl").write_text('{"step": 1}\n{"step": 2, "images_per_second": 50, "tflops": 2}\n')
    assert run_facts(runs / "second").operations is None
    (runs / "first" / "metrics.jsonl").write_text('{"step": 1, "images_per_second": 10, "tflops": 0.5}\n')
    assert run_facts(runs / "second").operations == pytest.approx(40 * 5e10 + 40 * 4e10)


def test_a_network_that_is_no_run_folder_tells_nothing(tmp_path):
    assert run_facts(tmp_path) == RunFacts()


def test_lines_of_metrics(tmp_path):
    (tmp_path / "m").write_text(json.dumps({"step": 1, "a": 2}) + '\n[]\n{"a": 1}\n\n{"step": 2, "a')
    assert list(read_metrics(tmp_path / "m")) == [{"step": 1, "a": 2}]
