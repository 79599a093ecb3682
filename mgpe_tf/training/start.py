"""The trained networks that a run needs: the weights that it begins with, and the parser that it reads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import keras

from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.models.arrays import arrays_of
from mgpe_tf.models.keras_parsers import load_parser
from mgpe_tf.models.resting import STIFF, generator_network, registration_network
from mgpe_tf.models.shipped import model_path
from mgpe_tf.networks.efficientnet_lite import imagenet_trunk
from mgpe_tf.networks.folding import fold
from mgpe_tf.objectives.parser import predicts_parts
from mgpe_tf.shipped import network_path, shipped_configs
from mgpe_tf.training.state import TrainingState


def start_from(path: str | os.PathLike, task: str, state: TrainingState) -> int:
    """Copies the product of a run, or an exported or bundled one (``network_path``), into a new run of the same task,
    variable by variable where name and size agree, so that a network for another resolution gets all that does not
    depend on it.

    Returns:
      The number of variables that begin afresh.

    Raises:
      UserError: as for ``load_product``, or a network of which not even half of the variables agree.
    """
    arrays = arrays_of(network_path(path), task)
    total = len(state.source.weights)
    known = {v.path for v in state.source.weights if v.path in arrays and arrays[v.path].shape == tuple(v.shape)}
    if 2 * len(known) < total:
        raise UserError(
            f"config.start_path={path}: {total - len(known)} of {total} variables are not in it or of "
            "another size; give a run of the same network, or an editor exported with --small_weights"
        )
    for network in filter(None, (state.source, state.average)):
        for v in network.weights:
            if v.path in known:
                v.assign(arrays[v.path])
    return total - len(known)


def load_frozen_parser(config: Config) -> keras.Model:
    """The trained P_F of an editor's L_GP or a parser's L_distil: that of ``config.parser_path``, or the bundled one;
    folded, since it is trained no more.

    Raises:
      UserError: no parser of the experiment's resolution; it names the command to run.
    """
    size, path = config.data.resolution, network_path(config.parser_path or model_path("parser"))
    experiment = path.name if path.name in shipped_configs() else "parser_256"
    command = (
        f"train one with python -m mgpe_tf.train --config={experiment} --config.data.resolution={size} "
        f"--workdir=runs/{experiment}, then pass --config.parser_path=runs/{experiment}"
    )
    if not path.is_dir():
        raise UserError(f"config.parser_path={path}: no such folder; {command}")
    _, resolution, parser = load_parser(path, "celebamask_hq" if predicts_parts(config) else "helen")
    if resolution != size:
        raise UserError(
            f"config.parser_path={path} was trained at {resolution} pixels, data.resolution is {size}; {command}"
        )
    return fold(parser)


def _load_registration(config: Config) -> keras.Model:
    """The registration network that carries others' faces, of the package."""
    return registration_network(model_path("registration") / STIFF)


def _load_trunk(config: Config) -> keras.Model:
    """The trunk of ``config.trunk_path``; UserError without one."""
    if not config.trunk_path:
        raise UserError(
            "config.trunk_path is ''; allowed: an .npz file of EfficientNet-Lite0's arrays (docs/how-to/train.md)"
        )
    return fold(imagenet_trunk(Path(config.trunk_path)))


RESTING: dict[str, Callable[[Config], keras.Model]] = {
    "parser": load_frozen_parser,
    "editor": lambda config: fold(generator_network(model_path("editor", config.editor_path), config)),
    "registration": _load_registration,
    "trunk": _load_trunk,
}
"""How the trained networks are loaded that objectives read, by name."""
