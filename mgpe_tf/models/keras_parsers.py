"""A trained parser as a Keras model, which other trainings read and which is trained further."""

from __future__ import annotations

import json
import os
from pathlib import Path

import keras

from mgpe_tf.config import config_from_dict
from mgpe_tf.errors import UserError
from mgpe_tf.labels import ALL_PARTS
from mgpe_tf.models import metadata
from mgpe_tf.models.checkpoints import strict_assign
from mgpe_tf.models.files import KERAS_PARSER, SAVED_MODEL
from mgpe_tf.models.runs import load_product
from mgpe_tf.models.weights import exported_weights
from mgpe_tf.networks.helen_parser import HelenParser
from mgpe_tf.networks.lite_parser import LiteParser
from mgpe_tf.networks.mobile_parser import MobileParser
from mgpe_tf.networks.unet_parser import Parser
from mgpe_tf.objectives.parser import ParserObjective


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
        network = stored_parser(path / KERAS_PARSER)
    elif facts := metadata.beside(path / SAVED_MODEL).get("network"):
        name, resolution = path.resolve().name, _stored_resolution(path / "labels.json")
        network = _of_small_weights(path, facts, resolution)
    else:
        config, network = load_product(path, "parser")
        name, resolution = config.name, config.data.resolution
    if label_set == network.label_set:
        return name, resolution, network
    if label_set != "helen":
        raise UserError(f"{path} reads {network.label_set}, not {label_set}; {ALL_PARTS}")
    return name, resolution, HelenParser(network)


def _stored_resolution(path: Path) -> int:
    """The side of the input in pixels, out of an exported parser's labels.json."""
    try:
        resolution = json.loads(path.read_text(encoding="utf-8"))["resolution"]
        if type(resolution) is int and resolution > 0:
            return resolution
    except (OSError, ValueError, LookupError, TypeError):
        pass
    raise UserError(f"{path}: no resolution in it; export the parser anew by python -m mgpe_tf.export_model parser")


def _of_small_weights(path: Path, facts: object, resolution: int) -> keras.Model:
    """The network of an exported folder with small weights; UserError if its facts are no config of a parser."""
    config = config_from_dict({"parser": facts, "task": "parser"})
    config.data.resolution = resolution
    network = ParserObjective.build(config)
    strict_assign({v.path: v for v in network.weights}, exported_weights(path / SAVED_MODEL))
    return network


def stored_parser(path: Path) -> keras.Model:
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
