"""A trained network out of a run folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import keras
import numpy as np

from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.labels import ALL_PARTS
from mgpe_tf.networks.efficientnet_lite import imagenet_arrays
from mgpe_tf.networks.folding import fold
from mgpe_tf.networks.helen_parser import HelenParser
from mgpe_tf.networks.lite_parser import LiteParser
from mgpe_tf.networks.mobile_parser import MobileParser
from mgpe_tf.networks.parser import Parser
from mgpe_tf.objectives.parser import predicts_parts
from mgpe_tf.objectives.tasks import objective_of
from mgpe_tf.shipped import KERAS_PARSER, PARSER, SAVED_MODEL, shipped, shipped_configs
from mgpe_tf.training.checkpoints import CheckpointStore, strict_assign
from mgpe_tf.training.run_folder import read_config
from mgpe_tf.training.state import TrainingState


def load_product(path: str | os.PathLike, *tasks: str) -> tuple[Config, keras.Model]:
    """The product of a run of one of some tasks, e.g. the generator of an "editor" run, averaged weights first.

    Raises:
      UserError: no run folder, a run of another task, or no whole checkpoint.
    """
    config, kind, arrays = _trained(path, *tasks)
    network = objective_of(config.task).build(config)
    strict_assign({f"{kind}/{v.path}": v for v in network.weights}, arrays)
    return config, network


def start_from(path: str | os.PathLike, task: str, state: TrainingState) -> int:
    """Copies the product of a run, or an exported one, into a new run of the same task, variable by variable where name
    and size agree, so that a network for another resolution gets all that does not depend on it.

    Returns:
      The number of variables that begin afresh.

    Raises:
      UserError: as for ``load_product``, or a network of which not even half of the variables agree.
    """
    arrays = _arrays(Path(path), task)
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


def _arrays(path: Path, task: str) -> dict[str, np.ndarray]:
    """The product's arrays by the paths of its variables, out of a run folder or an exported one."""
    if task == "parser" and path.suffix == ".npz":
        return imagenet_arrays(path, "parser/trunk")
    if task == "parser" and (path / KERAS_PARSER).is_file():
        return {v.path: v.numpy() for v in _stored(path / KERAS_PARSER).weights}
    if task == "editor" and (path / SAVED_MODEL / "saved_model.pb").is_file():
        return _exported_editor(path)
    _, kind, trained = _trained(path, task)
    return {name.removeprefix(f"{kind}/"): array for name, array in trained.items()}


def _exported_editor(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an exported editor by their paths; UserError where there is no TensorFlow, as a training by JAX
    may have none."""
    try:
        from mgpe_tf.training.small_weights import read_small_weights
    except ImportError as error:
        raise UserError(
            f"config.start_path={path}: an exported editor is read by TensorFlow, which is missing; give a run folder"
        ) from error
    return read_small_weights(path / SAVED_MODEL)


def _trained(path: str | os.PathLike, *tasks: str) -> tuple[Config, str, dict]:
    """The config of a run, "average" or "network", and the product's arrays by this kind/the variables' paths."""
    config = read_config(path)
    if config.task not in tasks:
        raise UserError(f"{path} is a run of the {config.task}; a run of the {' or '.join(tasks)} is needed here")
    checkpoint = CheckpointStore(Path(path) / "checkpoints").restore_latest()
    if checkpoint is None:
        raise UserError(f"{path} has no checkpoint yet: train it first, or give another run folder")
    product = objective_of(config.task).product
    kind = "average" if config.training.ema else "network"
    wanted = f"{kind}/{product}/"
    return config, kind, {name: array for name, array in checkpoint.arrays.items() if name.startswith(wanted)}


def load_parser(path: str | os.PathLike, label_set: str = "helen") -> tuple[str, int, keras.Model]:
    """Name, resolution and network of a parser's run folder or exported folder.

    Args:
      path: the folder.
      label_set: whose classes its logits are to be, "helen" or "celebamask_hq". One of nineteen classes becomes one of
        Helen's eleven; not the other way round.

    Raises:
      UserError: it is no such folder, or of a parser that does not read the label set.
    """
    path = Path(path)
    if (path / KERAS_PARSER).is_file():
        name, resolution = path.resolve().name, _stored_resolution(path / "labels.json")
        network = _stored(path / KERAS_PARSER)
    else:
        config, network = load_product(path, "parser")
        name, resolution = config.name, config.data.resolution
    if label_set == network.label_set:
        return name, resolution, network
    if label_set != "helen":
        raise UserError(f"{path} reads {network.label_set}, not {label_set}; {ALL_PARTS}")
    return name, resolution, HelenParser(network)


def load_frozen_parser(config: Config) -> keras.Model:
    """The trained P_F of an editor's L_GP or a parser's L_distil: that of ``config.parser_path``, or the shipped one;
    folded, since it is trained no more.

    Raises:
      UserError: no parser of the experiment's resolution; it names the command to run.
    """
    size, path = config.data.resolution, Path(config.parser_path or shipped(PARSER))
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


def _stored_resolution(path: Path) -> int:
    """What an exported parser's labels.json says of its input's size in pixels."""
    try:
        resolution = json.loads(path.read_text(encoding="utf-8"))["resolution"]
        if type(resolution) is int and resolution > 0:
            return resolution
    except (OSError, ValueError, LookupError, TypeError):
        pass
    raise UserError(f"{path}: no resolution in it; export the parser anew by python -m mgpe_tf.export_model parser")


def _stored(path: Path) -> keras.Model:
    """The network of a .keras file, in the precision of now instead of that in which it was stored."""
    refusal = UserError(
        f"{path}: no parser can be read from it; export it anew by python -m mgpe_tf.export_model parser"
    )
    try:
        stored = keras.saving.load_model(path, compile=False)  # by default without code: no lambdas, no other modules
    except Exception as error:  # Keras raises many types on files that it did not write
        raise refusal from error
    if not isinstance(stored, (LiteParser, MobileParser, Parser)):
        raise refusal
    options = {name: value for name, value in stored.get_config().items() if name != "dtype"}
    network = type(stored).from_config(options)
    network(keras.KerasTensor((1, *[2 ** (len(network.up) + 1)] * 2, 3)))
    network.set_weights(stored.get_weights())
    return network
