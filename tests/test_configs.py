"""Every experiment in configs/ loads by the --config flag, fits together, and says what it is."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from absl import flags
from ml_collections import config_flags

from mgpe_tf import cli
from mgpe_tf.config import Config, config_from_dict, config_to_dict
from mgpe_tf.objectives.editor import build_discriminator
from mgpe_tf.objectives.tasks import objective_of

tf = pytest.importorskip("tensorflow")

from tools.operations import count_macs  # noqa: E402, it imports tensorflow

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "configs").glob("*.py"))


def load(path: Path) -> Config:
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


def test_it_loads_and_is_plain_data(path):
    config = load(path)
    assert config.name == path.stem
    assert config_from_dict(config_to_dict(config)) == config


def test_its_docstring_gives_the_command(path):
    text = docstring(path)
    assert f"--config=configs/{path.name}" in text
    assert "Data:" in text and "Expected time:" in text


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
