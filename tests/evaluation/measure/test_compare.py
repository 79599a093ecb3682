"""Comparing editors: seeds taken together, the table in its forms, and portraits side by side."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from small import small_config
from stored_editor import store_editor

from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.compare import (
    Measured,
    compared_editors,
    contender,
    load_editors,
    measured_facts,
    measured_scores,
    names_of,
)
from mgpe_tf.evaluation.measure.editor_scores import editor_scores
from mgpe_tf.evaluation.measure.runs import RunFacts
from mgpe_tf.evaluation.report.compare_report import (
    aim,
    comparison_csv,
    comparison_markdown,
    comparison_text,
    side_by_side,
)


def facts(seed: int, images: int = 800, **changes) -> RunFacts:
    base = small_config()
    training = dataclasses.replace(base.training, seed=seed)
    return RunFacts(dataclasses.replace(base, training=training, **changes), 1234, 100, images, None)


@pytest.fixture(scope="module")
def measured_one(portraits, parser):
    return contender("one", Path("nowhere"), portraits, parser, {"parser": parser})


@pytest.fixture(scope="module")
def compared(measured_one):
    """Two seeds of one experiment, whose face PSNR differs by 2 dB, and a network without a run folder."""
    better = {**measured_one.evaluation.values, "psnr_face": measured_one.evaluation.values["psnr_face"] + 2}
    evaluation = dataclasses.replace(measured_one.evaluation, values=better)
    return compared_editors(
        [
            dataclasses.replace(measured_one, name="a", facts=facts(0)),
            dataclasses.replace(measured_one, name="other|model"),
            dataclasses.replace(measured_one, name="b", facts=facts(1, 1000), evaluation=evaluation),
        ]
    )


def test_what_is_measured_is_what_evaluate_editor_measures(measured_one, evaluation, portraits):
    assert editor_scores(measured_one.evaluation) == editor_scores(evaluation)
    assert measured_one.facts == RunFacts() and measured_one.example_names == portraits.names
    np.testing.assert_array_equal(measured_one.example_sources[2], portraits.source.load(portraits.references[2])[0])


def test_runs_that_differ_in_the_seed_alone_are_one_editor(measured_one, compared):
    assert [editor.name for editor in compared] == ["small (2 seeds)", "other|model"]
    assert [member.name for member in compared[0].members] == ["a", "b"]

    def names(*of_runs: RunFacts) -> list[str]:
        runs = [dataclasses.replace(measured_one, name=f"run {i}", facts=one) for i, one in enumerate(of_runs)]
        return [editor.name for editor in compared_editors(runs)]

    assert names(facts(0), facts(0)) == ["run 0", "run 1"]
    assert names(facts(0), facts(1, name="other")) == ["run 0", "run 1"]
    assert names(facts(0, start_path="a0"), facts(1, start_path="a1")) == ["small (2 seeds)"]


def test_mean_and_deviation(compared, evaluation):
    protocol, (both, other) = measured_scores(compared)["psnr_face"]
    mean = evaluation.values["psnr_face"].mean()
    assert both == pytest.approx((mean + 1, 2**0.5)) and other == (pytest.approx(mean), None)
    assert protocol == editor_scores(evaluation)["psnr_face"].protocol
    assert measured_facts(compared) == {
        "parameters": [Measured(1234, 0), None],
        "steps": [Measured(100, 0), None],
        "images": [Measured(900, pytest.approx(100 * 2**0.5)), None],
    }


def test_the_table_as_csv(compared, evaluation):
    first, second = csv.DictReader(io.StringIO(comparison_csv(compared)))
    assert (first["editor"], first["runs"], second["editor"], second["runs"]) == (
        "small (2 seeds)",
        "2",
        "other|model",
        "1",
    )
    assert float(first["psnr_face_std"]) == pytest.approx(2**0.5) and second["psnr_face_std"] == second["images"] == ""
    for name, score in editor_scores(evaluation).items():
        assert float(second[name]) == pytest.approx(score.value), name


def test_the_table_as_text_and_markdown(compared):
    lines = comparison_markdown(compared).splitlines()
    assert lines[0] == "| score | better | small (2 seeds) | other\\|model | what it is |"
    assert set(lines[1]) == set("|- ")
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    (images,) = (line for line in lines if line.startswith("| images"))
    assert "| 900 ± 141 | - |" in images
    text = comparison_text(compared)
    assert "psnr_face" in text and "±" in text and "PSNR of" not in text


def test_every_score_says_what_is_better(compared):
    aims = {name: aim(name) for name in measured_scores(compared)}
    assert set(aims.values()) == {"higher", "lower", "1", "0", "-"}
    assert (aims["ms_ssim_all"], aims["kid_parser_2_swap"], aims["seam_swap"]) == ("higher", "lower", "1")
    assert aims["fd_parser_2_real"] == aims["f1_macro_foreground_photographs"] == "-"


def test_the_same_portraits_side_by_side(compared, measured_one):
    columns = side_by_side(compared).columns
    assert list(columns) == [
        "x_t",
        "m_t",
        "x_s",
        "small (2 seeds): reconstruction",
        "small (2 seeds): swap",
        "other|model: reconstruction",
        "other|model: swap",
    ]
    np.testing.assert_array_equal(columns["other|model: swap"], measured_one.examples.swaps)


def test_names_tell_the_editors_apart():
    assert names_of(["runs/a", "runs/b/"]) == ["a", "b"]
    assert names_of(["x/run", "y/run"]) == ["x/run", "y/run"]
    for paths in (["runs/a"], ["runs/a", "runs/../runs/a"]):
        with pytest.raises(UserError, match="--runs=runs/a.*two or more editors"):
            names_of(paths)


def test_editors_of_different_resolutions_are_not_compared(generator, tmp_path):
    config = small_config()
    larger = dataclasses.replace(config, data=dataclasses.replace(config.data, resolution=128))
    paths = {
        "small": store_editor(tmp_path / "small", generator),
        "large": store_editor(tmp_path / "large", config=larger),
    }
    with pytest.raises(UserError, match=r"--runs: .*small 64, large 128 pixels"):
        load_editors(paths)
