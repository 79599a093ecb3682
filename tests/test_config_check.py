"""Every wrong value of a config is refused at once, by name, value and what is allowed."""

from __future__ import annotations

import dataclasses
import math
import operator
import os
import subprocess
import sys

import pytest
from tiny import tiny_config

from mgpe_tf import labels, losses
from mgpe_tf.config import Config, ParserConfig, config_from_dict, config_to_dict, field_names
from mgpe_tf.config_check import FITS, LIMITS, check, names_of
from mgpe_tf.data.open import LAYOUTS
from mgpe_tf.errors import UserError
from mgpe_tf.limits import Names, Range
from mgpe_tf.objectives.tasks import OBJECTIVES

ANYTHING = {"name", "parser_path", "editor_path", "trunk_path", "start_path", "data.path", "data.validation_path"}
"""Fields that hold any text."""


def changed(config: Config, **fields) -> Config:
    """A copy of the config with other values, by dotted name; its parts share nothing."""
    config = config_from_dict(config_to_dict(config))
    for name, value in fields.items():
        part, _, field = name.rpartition(".")
        setattr(operator.attrgetter(part)(config) if part else config, field, value)
    return config


def refusal(config: Config) -> str:
    """What is said of a config that is refused, which must be one line."""
    with pytest.raises(UserError) as error:
        check(config)
    assert "\n" not in str(error.value)
    return str(error.value)


def wrong_values():
    """(field, value) of a number below and above its limits, or none at all, and of a mistyped name."""
    for name, limit in LIMITS.items():
        value = operator.attrgetter(name)(tiny_config())
        many = isinstance(value, tuple)
        if isinstance(limit, Names):
            yield name, (*value, f"{limit.names[0]}x") if many else f"{value}x"
            continue
        below = limit.low if limit.above else limit.low - 1
        wrong = [below, *([limit.high if limit.below else limit.high + 1] if limit.high < math.inf else [])]
        number = float if isinstance(value, float) else int
        wrong = [number(each) for each in wrong] + ([math.nan, math.inf] if number is float else [])
        yield from ((name, (1, each) if many else each) for each in wrong)
        if limit.entries:
            yield name, ()


def test_every_field_has_its_limits():
    fields = [name for name in field_names() if not dataclasses.is_dataclass(operator.attrgetter(name)(Config()))]
    free = {name for name in fields if isinstance(operator.attrgetter(name)(Config()), bool)} | ANYTHING
    assert set(fields) - free == set(LIMITS)


@pytest.mark.parametrize(("name", "value"), [*wrong_values()])
def test_a_wrong_value_is_named_with_what_is_allowed(name, value):
    check(tiny_config())
    assert refusal(changed(tiny_config(), **{name: value})).startswith(f"{name} is {value!r}; allowed: {LIMITS[name]}")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"training.steps": 0}, "training.steps is 0; allowed: 1 or more"),
        ({"training.learning_rate": 0.0}, "training.learning_rate is 0.0; allowed: more than 0"),
        ({"training.seed": 2**32}, "training.seed is 4294967296; allowed: 0 to 4294967295"),
        ({"discriminator.filters": ()}, "discriminator.filters is (); allowed: at least 1 of them, each 1 or more"),
        ({"loss.gan": "hing"}, "loss.gan is 'hing'; allowed: vanilla, least_squares, hinge: did you mean 'hinge'?"),
        (
            {"data.label_set": ("helen", "celeba_hq")},
            "data.label_set is ('helen', 'celeba_hq'); allowed: helen, celebamask_hq, lapa, bisenet: did you mean "
            "'celebamask_hq'?",
        ),
        ({"training.steps": "9"}, "config field training.steps = '9': expected int"),
        ({"loss.dice": True}, "config field loss.dice = True: expected float"),
    ],
)
def test_the_words(fields, message):
    assert refusal(changed(tiny_config(), **fields)) == message


FOLDER = {"data.layout": "folder", "data.label_set": ("helen", "lapa")}
MOBILE = ParserConfig(kind="mobile", filters=(4, 4), blocks=(1, 1), up_filters=(4,))


@pytest.mark.parametrize(
    ("task", "fields", "message"),
    [
        ("parser", {"data.resolution": 68}, "the parser has 3 stages: .* multiple of 8 .* these are 68x68"),
        ("parser", {"parser": dataclasses.replace(MOBILE, blocks=(1,))}, "parser.filters, blocks and up_filters have"),
        ("parser", {"parser": dataclasses.replace(MOBILE, up_blocks=(1, 1))}, "parser.up_blocks has 2 entries"),
        ("editor", {"data.resolution": 66}, "data.resolution is 66: no multiple of generator.grid 4"),
        ("editor", {"generator.fusion_kernel": 4}, "generator.fusion_kernel is 4; allowed: odd sizes"),
        ("editor", {"generator.eye.encoder": ()}, "generator.eye.encoder has 0 stages; .* allows 1 to 3"),
        ("editor", {"data.synthetic_size": 1}, "data.synthetic_size is 1; allowed: 2 or more with training.unpaired"),
        ("pix2pixhd", {"data.resolution": 66}, "data.resolution is 66: .* ask for a multiple of 4"),
        ("bicyclegan", {"data.resolution": 68}, "data.resolution is 68: .* ask for a multiple of 8"),
        ("bicyclegan", {"baseline.encoder": (4,)}, "baseline.encoder .* two stages or more"),
        ("registration", {"registration.filters": (8, 8)}, r"registration.filters is \(8, 8\); allowed: at least 3"),
        ("registration", {"registration.filters": (8, 12, 8)}, "registration.filters is .*, multiples of 8"),
        ("registration", {"registration.cells": 18}, "registration.cells is 18; with 3 .* allowed: multiples of 4"),
        ("registration", {"data.resolution": 72}, "data.resolution is 72: no multiple of registration.cells 16"),
        ("parser", FOLDER | {"data.path": ("a",)}, "data.label_set: 2 label sets for 1 folders; allowed: one for all"),
        ("editor", FOLDER | {"data.validation_path": ("a",) * 3}, "data.label_set: 2 label sets for 3 folders"),
        ("editor", FOLDER | {"data.layout": "packed"}, "data.label_set is 'lapa'; allowed with layout 'packed': helen"),
        ("parser", {"data.augmentation.cut_hair": 0.5}, "data.augmentation.cut_hair is 0.5; allowed: 0.*data.view.cut"),
    ],
)
def test_what_does_not_fit_is_named(task, fields, message):
    check(tiny_config(task))
    with pytest.raises(UserError, match=message):
        check(changed(tiny_config(task), **fields))


def test_only_the_networks_of_the_task_must_fit():
    check(changed(tiny_config("parser"), **{"generator.grid": 3, "baseline.encoder": (4,)}))
    check(changed(tiny_config("pix2pixhd"), **{"parser.filters": (4,) * 9, "data.view.cut_hair": 0.5}))


def test_the_names_are_those_that_the_code_knows():
    assert set(names_of("task")) == set(OBJECTIVES) == set(FITS)
    assert {"synthetic", *LAYOUTS} == set(names_of("data.layout"))
    assert set(names_of("data.label_set")) == set(labels.LABEL_SETS)
    assert set(names_of("loss.norm")) == set(losses.DISTANCES) and set(names_of("loss.gan")) == set(losses._GAN)


@pytest.mark.parametrize(
    ("limit", "inside", "outside"),
    [
        (Range(1), (1, 2**60), (0, math.nan, math.inf)),
        (Range(0, above=True), (1e-9,), (0.0, -1.0)),
        (Range(0, 1), (0, 1), (1.01, -0.01)),
        (Range(0, 1, below=True), (0, 0.99), (1, math.inf)),
        (Range(1, entries=2), ((1, 1),), ((1,), (), (0, 1), (1, 1, 0))),
    ],
)
def test_ranges(limit, inside, outside):
    assert all(map(limit.holds, inside)) and not any(map(limit.holds, outside))


def run_and_list_imports(tmp_path, module: str, *arguments: str) -> subprocess.CompletedProcess:
    """Runs a verb; its output is which of the heavy packages it imported."""
    code = (
        "import runpy, sys\n"
        f"sys.argv = [{module!r}, '--config={tiny_config.__code__.co_filename}', '--workdir={tmp_path}/run',"
        f" *{arguments!r}]\n"
        f"if {module!r} == 'benchmarks.benchmark': del sys.argv[2]\n"
        f"try:\n    runpy.run_module({module!r}, run_name='__main__')\n"
        "finally:\n    print(sorted({'tensorflow', 'keras', 'jax'} & set(sys.modules)))\n"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "value", "words"),
    [
        ("mgpe_tf.train", "loss.norm=l3", "loss.norm is 'l3'; allowed: l2, l1"),
        ("mgpe_tf.train_on_jax", "loss.norm=l3", "loss.norm is 'l3'; allowed: l2, l1"),
        ("benchmarks.benchmark", "loss.norm=l3", "loss.norm is 'l3'; allowed: l2, l1"),
        (
            "mgpe_tf.train_on_jax",
            "training.precision=float64",
            "training.precision is 'float64'; allowed: float32, mixed_bfloat16: did you mean 'float32'?",
        ),
    ],
)
def test_a_wrong_value_costs_no_import_of_tensorflow_and_leaves_no_folder(tmp_path, module, value, words):
    result = run_and_list_imports(tmp_path, module, f"--config.{value}")
    assert (result.returncode, result.stdout) == (2, "[]\n"), result.stderr
    assert result.stderr == f"error: {words}\n"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("data.path=gone", "data.path: there is no folder gone"),
        ("data.validation_path=gone", "data.path: empty; layout 'folder' needs a folder"),
        ("start_path=gone", "config.start_path=gone: there is no such run folder"),
        ("parser_path=gone", "config.parser_path=gone: there is no such run folder or exported folder"),
    ],
)
def test_a_folder_that_is_not_there_costs_none_either(tmp_path, flag, words):
    layout = "folder" if flag.startswith("data") else "synthetic"
    result = run_and_list_imports(tmp_path, "mgpe_tf.train", f"--config.data.layout={layout}", f"--config.{flag}")
    assert (result.returncode, result.stdout) == (2, "[]\n"), result.stderr
    assert result.stderr.startswith(f"error: {words}")
    assert os.listdir(tmp_path) == []
