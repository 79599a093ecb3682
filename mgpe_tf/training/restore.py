"""A trained network out of a run folder."""

from __future__ import annotations

import os
from pathlib import Path

import keras

from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.objectives.parser import build_parser
from mgpe_tf.training.checkpoints import CheckpointStore, strict_assign
from mgpe_tf.training.run_folder import read_config

BUILDERS = {"editor": build_generator, "parser": build_parser}
"""How the product of each task is built from its config."""


def load_product(path: str | os.PathLike, task: str) -> tuple[Config, keras.Model]:
    """The product of a run: the generator of an "editor" run, the parser of a "parser" run, averaged weights first.

    Raises:
      UserError: no run folder, a run of another task, or no whole checkpoint.
    """
    config = read_config(path)
    if config.task != task:
        raise UserError(f"{path} is a run of the {config.task}; a run of the {task} is needed here")
    checkpoint = CheckpointStore(Path(path) / "checkpoints").restore_latest()
    if checkpoint is None:
        raise UserError(f"{path} has no checkpoint yet: train it first, or give another run folder")
    network = BUILDERS[task](config)
    kind = "average" if config.training.ema else "network"
    names = {f"{kind}/{v.path}": v for v in network.weights}
    wanted = f"{kind}/{network.name}/"
    strict_assign(names, {name: array for name, array in checkpoint.arrays.items() if name.startswith(wanted)})
    return config, network


def load_frozen_parser(config: Config) -> keras.Model:
    """The trained P_F that an editor's L_GP reads.

    Raises:
      UserError: ``config.parser_path`` is empty or no parser of the editor's resolution; it names the command to run.
    """
    size = config.data.resolution
    command = (f"train one with python -m mgpe_tf.train --config=configs/parser_256.py --config.data.resolution={size} "
               "--workdir=runs/parser, then pass --config.parser_path=runs/parser")
    if not config.parser_path:
        raise UserError(f"config.parser_path is empty: the editor's L_GP needs a trained parser; {command}")
    if not Path(config.parser_path).is_dir():
        raise UserError(f"config.parser_path={config.parser_path}: no such folder; {command}")
    parser_config, parser = load_product(config.parser_path, "parser")
    if parser_config.data.resolution != size:
        raise UserError(f"config.parser_path={config.parser_path} was trained at {parser_config.data.resolution} "
                        f"pixels, the editor works at {size}; {command}")
    return parser
