"""The benchmark: its sections give sensible figures, its counts add up, its command behaves."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import forked
import numpy as np
import pytest
import tensorflow as tf
from small import SIZE
from tiny import tiny_config

from benchmarks import measure
from benchmarks.batches import drawn_batch
from benchmarks.editor_forms import measure_editor, settled_generator
from benchmarks.hot_spots import hot_spots, operation_seconds
from benchmarks.operations import count_macs
from benchmarks.parser_forms import measure_forms
from benchmarks.photo_path import measure_photo
from benchmarks.timing import WARM_UP, timed
from mgpe_tf.compat import layers_of
from mgpe_tf.errors import UserError
from mgpe_tf.networks.normalization import BatchNorm
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.objectives.tasks import objective_of

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "--config=tests/tiny.py"


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("train", ["paired step", "unpaired step", "paired + unpaired", "per image", "images", "peak resident memory"]),
        ("profile", [f"{what}: all operations" for what in ("paired step", "unpaired step", "changed mask")]),
        ("pipeline", ["pairs, cache memory", "images, cache memory", "pairs, cache none", "images, cache none"]),
        ("forward", ["P_F", "E_local left_eye", "feature decoder skin", "G_local hair", "E_m", "G_m", "E_b", "G_b"]),
    ],
)
def test_a_section_measures(section, names):
    rows = measure.SECTIONS[section](tiny_config("editor"), 2)
    assert set(names) <= {row["name"] for row in rows}
    for row in rows:
        assert math.isfinite(row["value"]) and row["value"] > 0
        assert row.get("min", row["value"]) <= row["value"] <= row.get("max", row["value"])
        assert row["unit"]


def test_forms_of_an_editor():
    rows = measure_editor(tiny_config("editor"), 1, 1)
    forms = ("SavedModel", "SavedModel in bfloat16", "editor_float32.tflite", "editor_dynamic.tflite")
    assert [row["name"] for row in rows] == [f"{form}, {what}" for form in forms for what in ("cold", "changed mask")]
    psnr = [row["PSNR"] for row in rows]
    assert min(*psnr[:2], *psnr[4:6]) > 60 and min(psnr) > 20
    assert all(row["unit"] == "ms" and row["value"] > 0 for row in rows)


def test_untrained_batch_norms_settle():
    generator = settled_generator(tiny_config("editor"))
    moving = [v for v in generator.non_trainable_variables if v.path.endswith("moving_variance")]
    assert moving and all(np.ptp(v.numpy()) > 0 for v in moving if v.shape[0] > 1)
    assert {layer.momentum for layer in layers_of(generator) if isinstance(layer, BatchNorm)} != {0.0}


def test_forms_of_a_parser(tmp_path):
    from stored_parser import random_parser

    from mgpe_tf.export.tflite import convert

    (tmp_path / "parser_dynamic.tflite").write_bytes(convert(random_parser(), SIZE, "dynamic"))
    rows = measure_forms(tmp_path, 1, 2)
    assert [(row["name"].partition(",")[0], row["unit"]) for row in rows] == [
        ("parser_dynamic.tflite", unit) for unit in ("ms", "images/s", "images/s")
    ]
    assert all(0 < row["min"] <= row["value"] <= row["max"] for row in rows)


def test_the_way_of_a_photograph():
    pytest.importorskip("mtcnn")
    rows = measure_photo(tiny_config("editor"), None, 1)
    assert [row["unit"] for row in rows] == ["ms"] * 3
    assert all(row["value"] > 0 for row in rows)
    with pytest.raises(UserError, match="gone.jpg"):
        measure_photo(tiny_config("editor"), "gone.jpg", 1)


def test_steps_of_a_parser_are_of_one_kind():
    rows = measure.train(tiny_config("parser"), 1)
    assert [row["name"] for row in rows][:2] == ["paired step", "per image"]
    step, image = (row["value"] for row in rows[:2])
    assert image == pytest.approx(step / 2)


def test_the_sub_networks_add_up_to_the_generator():
    config = tiny_config("editor")
    rows = {row["name"]: row for row in measure.count(config, 1)}
    whole = rows.pop("G, a whole image")
    del rows["P_F"], rows["D (all scales)"]
    assert whole["parameters"] == sum(row["parameters"] for row in rows.values())
    assert whole["parameters"] == build_generator(config).count_params() - _statistics(config)
    drawn = [row["GMAC"] for name, row in rows.items() if not name.startswith("G_local")]
    assert whole["GMAC"] == pytest.approx(sum(drawn))


@pytest.mark.parametrize(("task", "names"), [("pix2pixhd", ["G"]), ("bicyclegan", ["E", "G"])])
def test_the_parts_of_a_baseline_add_up(task, names):
    config = tiny_config(task)
    rows = {row["name"]: row for row in measure.count(config, 1)}
    whole, parts = rows.pop("G, a whole image"), [rows.pop(name) for name in names]
    assert list(rows) == ["D (all scales)"]
    network = objective_of(task).build(config)
    assert whole["parameters"] == sum(math.prod(v.shape) for v in network.trainable_weights)
    for column in ("parameters", "GMAC"):
        assert whole[column] == pytest.approx(sum(row[column] for row in parts))


def test_a_registration_is_one_network():
    [row] = measure.count(tiny_config("registration"), 1)
    assert row["name"] == "registration" and row["GMAC"] > 0
    assert row["parameters"] == objective_of("registration").build(tiny_config("registration")).count_params()


def test_there_may_be_no_background_network():
    config = tiny_config("editor")
    config.generator.background = 0
    names = [row["name"] for row in measure.count(config, 1)]
    assert "G_b" in names and "E_b" not in names


def _statistics(config) -> int:
    return sum(math.prod(w.shape) for w in build_generator(config).non_trainable_weights)


def test_operations_are_those_of_closed_forms():
    x, kernel = tf.ones((2, 8, 6, 3)), tf.ones((3, 3, 3, 5))
    assert count_macs(lambda a: tf.nn.conv2d(a, kernel, 2, "SAME"), x) == 2 * 4 * 3 * 5 * 27
    up = tf.ones((4, 4, 7, 3))
    assert count_macs(lambda a: tf.nn.conv2d_transpose(a, up, (2, 16, 12, 7), 2), x) == 2 * 8 * 6 * 3 * 16 * 7
    assert count_macs(lambda a: tf.ones((4, 9)) @ a, tf.TensorSpec((9, 5))) == 4 * 9 * 5


def test_operations_count_every_call_and_nothing_unneeded():
    product = tf.function(lambda a: a @ a)

    def twice(a):
        tf.ones((100, 3)) @ a  # the result is not used
        return product(product(a))

    assert count_macs(twice, tf.TensorSpec((3, 3))) == 2 * 27


def test_the_time_of_a_call_is_told_by_kind_of_operation():
    factor = tf.random.normal((700, 700))
    product = tf.function(lambda: tf.reduce_sum(tf.exp(factor @ factor)))
    product()
    seconds = operation_seconds(product, 3)
    assert {"MatMul", "Exp", "Sum"} <= set(seconds) and not any(kind.endswith("Call") for kind in seconds)
    start = time.perf_counter()
    rows = {row["name"]: row for row in hot_spots("it", product, 3)}
    assert 0 < 3 * rows["it: all operations"]["value"] < 2000 * (time.perf_counter() - start)
    assert rows["it: convolutions and products"]["value"] > rows["it: Sum"]["value"]
    assert rows["it: all operations"]["share"] == "100.0%"


def test_a_quick_function_is_called_more_often():
    calls = []
    seconds = timed(lambda: calls.append(0), 3, shortest=0.001)
    assert len(seconds) == 3 and len(calls) > WARM_UP + 3
    assert timed(lambda: calls.clear(), 4, shortest=0) and not calls


def test_a_batch_holds_different_portraits():
    batch = drawn_batch(2, 32)
    images = [*batch["target_image"], *batch["source_image"]]
    assert {name: array.shape[:3] for name, array in batch.items()} == dict.fromkeys(batch, (2, 32, 32))
    assert all(np.any(a != b) for i, a in enumerate(images) for b in images[:i])


def run(*flags):
    return forked.run("benchmarks.benchmark", *flags, cwd=ROOT)


def test_the_command_prints_a_table_and_writes_the_same(tmp_path):
    result = run(CONFIG, "--config.task=editor", "--count", "--threads=1", f"--output={tmp_path / 'new'}")
    assert result.returncode == 0, result.stderr
    path = tmp_path / "new" / "benchmark.json"
    assert result.stdout.splitlines()[-1] == str(path)
    report = json.loads(path.read_text(encoding="utf-8"))
    assert {
        "config",
        "date",
        "cpu",
        "versions",
        "threads",
        "repeats",
        "batch_size",
        "replicas",
        "model",
        "photo",
        "sections",
    } == set(report)
    assert report["threads"] == 1 and report["config"]["name"] == "tiny" and "keras" in report["versions"]
    assert list(report["sections"]) == ["count"]
    lines = result.stdout.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.split() == ["name", "GMAC", "parameters"])
    printed = lines[begin : begin + 2 + len(report["sections"]["count"])]
    assert len({len(line) for line in printed}) == 1  # the last column is aligned to the right
    for line, row in zip(printed[2:], report["sections"]["count"], strict=True):
        assert line.startswith(f"  {row['name']} ") and line.endswith(f" {row['parameters']:,}")


def test_a_step_is_shared_by_replicas(tmp_path):
    result = run(CONFIG, "--only=train", "--batch_size=2", "--replicas=2", "--repeats=1", f"--output={tmp_path}")
    assert result.returncode == 0, result.stderr
    assert "batch 2, replicas: 2" in result.stdout
    rows = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))["sections"]["train"]
    per_image, images = ({row["name"]: row["value"] for row in rows}[name] for name in ("per image", "images"))
    assert per_image * images == pytest.approx(1)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--config.task=editor", "--only=trian"], "did you mean 'train'"),
        (["--only=edit"], "of the parser's"),
        (["--threads=0"], "threads"),
        (["--only=train", "--batch_size=2", "--replicas=3"], "--batch_size=2 cannot be shared by --replicas=3"),
        (["--count", f"--output={__file__}"], "a folder is needed"),
        (["--model=no/such"], "--model=no/such: no SavedModel"),
        (["--only=pipeline", "--config.data.layout=folder", "--config.data.path=no/such"], "no/such"),
    ],
)
def test_mistakes_are_one_line(flags, message):
    result = run(CONFIG, *flags)
    assert result.returncode == 2, result.stderr
    lines = [line for line in result.stderr.splitlines() if not line.startswith("measuring")]
    assert len(lines) == 1 and lines[0].startswith("error: ") and message in lines[0]
    assert "Traceback" not in result.stderr
