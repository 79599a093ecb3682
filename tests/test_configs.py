"""Every experiment in configs/ loads by the --config flag, fits together, and says what it is."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

import pytest
from absl import flags
from ml_collections import config_flags

from mgpe_tf import cli
from mgpe_tf.config import Config, config_from_dict, config_to_dict
from mgpe_tf.config_check import check
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import INSIDE_OF_MOUTH, crop_size
from mgpe_tf.labels import NUM_CLASSES, NUM_PARTS
from mgpe_tf.objectives.editor import build_discriminator
from mgpe_tf.objectives.tasks import objective_of
from mgpe_tf.shipped import config_file, load_config

tf = pytest.importorskip("tensorflow")

from benchmarks.operations import count_macs  # noqa: E402, it imports tensorflow

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "configs").glob("*.py"))
STAGES = {
    "shipped_parser": ("small", "large", "more", "helen", "longer", "teacher", "parts"),
    "shipped_editor": ("10", "11", "12", "13", "14", "15"),
}


def load(path: Path | str) -> Config:
    """The experiment as ``python -m mgpe_tf.train --config=...`` reads it."""
    values = flags.FlagValues()
    holder = config_flags.DEFINE_config_file("config", flag_values=values)
    values["config"].parser = cli._ConfigFileParser(values["config"].parser)
    values(["train", f"--config={path}"])
    return holder.value


def docstring(path: Path) -> str:
    return re.match(r'"""(.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_it_loads_and_is_sound_plain_data(path):
    config = load(path)
    check(config)
    assert config.name == path.stem
    assert config_from_dict(config_to_dict(config)) == config
    assert config == load_config(path.stem)


def test_its_docstring_gives_commands_of_experiments_that_there_are(path):
    text = docstring(path)
    named = re.findall(r"--config=configs/(\w+)\.py(?::(\w+))?", text) + re.findall(r"configs/(\w+)\.py()", text)
    assert path.stem in {name for name, _ in named}
    for name, stage in named:
        assert config_file(name).parent == path.parent
        assert not stage or stage in STAGES[name]
    assert all(f"\n{part}: " in text for part in ("Data", "Command", "Expected time", "Expected score"))


@pytest.mark.parametrize("name", STAGES)
def test_stages_begin_with_the_ones_before(name):
    """But for a teacher, which begins as the first."""
    begins = {}
    for stage in STAGES[name]:
        config = load(f"{ROOT}/configs/{name}.py:{stage}")
        check(config)
        begins[stage] = config.start_path
        assert f":{stage} --workdir=runs/{name.removeprefix('shipped_')}_{stage}\n" in docstring(config_file(name))
    first, *rest = (stage for stage in STAGES[name] if stage != "teacher")
    assert begins.get("teacher", begins[first]) == begins[first]
    before = dict(zip(rest, (first, *rest)))
    assert {stage: begins[stage] for stage in rest} == {
        stage: f"runs/{name.removeprefix('shipped_')}_{earlier}" for stage, earlier in before.items()
    }
    assert config == load_config(name)


def test_a_stage_that_is_not_there_is_named():
    with pytest.raises(
        UserError, match=r"shipped_parser:samll: stage 'samll' is unknown: did you mean 'small'.*: small, "
    ):
        load("shipped_parser:samll")
    with pytest.raises(UserError, match=r"demo:1: .*takes 0 positional arguments"):
        load("demo:1")


@pytest.mark.parametrize("method", ["pix2pixhd", "bicyclegan"])
def test_small_baselines_train_as_the_compact_editor_does(method):
    config, compact = load_config(f"{method}_128"), load_config("mgpe_compact_128")
    assert (config.data, config.discriminator) == (compact.data, compact.discriminator)
    for field in ("steps", "batch_size", "ema", "seed"):
        assert getattr(config.training, field) == getattr(compact.training, field)
    assert config.loss == load_config(f"{method}_256").loss


def test_the_parts_of_the_compact_editors_training_have_one_network():
    parts = [load_config(f"mgpe_compact_256{part}") for part in ("_local", "_paired", "")]
    for part in parts[:2]:
        assert part.generator == parts[-1].generator
        assert dataclasses.replace(part.data, view=parts[-1].data.view) == parts[-1].data
    drawn = ("global_", "adversarial", "parsing", "perceptual", "structure")
    assert not any(getattr(parts[0].loss, term) for term in drawn)


def test_its_networks_fit_and_have_the_sizes_it_states(path):
    config = load(path)
    size = config.data.resolution
    image, mask = tf.TensorSpec((1, size, size, 3)), tf.TensorSpec((1, size, size), tf.int32)
    model = objective_of(config.task).build(config)
    if config.task == "parser":
        macs = count_macs(model, image)
    elif config.task == "registration":
        shares = tf.TensorSpec((1, config.registration.cells, config.registration.cells, model.classes))
        macs = count_macs(model, shares, shares)
    elif config.task == "behind_hair":
        macs = count_macs(model, tf.TensorSpec((1, config.registration.cells, config.registration.cells, NUM_PARTS)))
    elif config.task == "uncovering":
        macs = count_macs(model, image, tf.TensorSpec((1, size, size, 1)), tf.TensorSpec((1, size, size, NUM_PARTS)))
    elif config.task == "inner_mouth":
        crop = (1, *crop_size(INSIDE_OF_MOUTH, size))
        macs = count_macs(model, *(tf.TensorSpec((*crop, channels)) for channels in (3, 1, NUM_CLASSES)))
    elif config.task == "completion":
        macs = count_macs(model, image, image, tf.TensorSpec((1, size, size, 1)), mask)
    else:
        build_discriminator(config, "D")
        macs = count_macs(model.generate, image, mask, image, mask)
    parameters = model.count_params()
    text = docstring(path)
    stated = float(re.search(r"([\d.]+)M parameters", text)[1]), float(re.search(r"([\d.]+) GMAC", text)[1])
    assert stated == (pytest.approx(parameters / 1e6, abs=0.051), pytest.approx(macs / 1e9, abs=0.051))
    if path.stem == "mgpe_compact_256":
        assert parameters <= 28e6 and macs <= 5e9
    if path.stem == "mgpe_256":
        core = (model.mask_encoder, model.foreground, model.background_encoder, model.fusion)
        assert round(sum(math.prod(v.shape) for part in core for v in part.trainable_variables) / 1e6, 1) == 12.1
