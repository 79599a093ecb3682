"""The formats in which a parser is stored, each as functions from images to predictions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mgpe_tf.errors import UserError
from mgpe_tf.models import metadata
from mgpe_tf.models.files import saved_model_in

if TYPE_CHECKING:  # a .tflite file needs neither Keras nor TensorFlow
    import keras

    from mgpe_tf.ops.tensor import Tensor

Form = Callable[[np.ndarray], np.ndarray]
"""Images float32 [B, R, R, 3] in [-1, 1] -> probabilities float32 [B, R, R, C], or features float32 [B, D]."""


class ParserFunctions(NamedTuple):
    """The functions of a parser, and its facts: see ``face_parser.FaceParser``."""

    form: Form
    resolution: int
    features: Form | None
    label_set: str


def read_parser(path: Path, num_threads: int | None = None) -> ParserFunctions:
    """The parser stored at `path`: a run folder, a SavedModel, a folder of ``export_model`` or a .tflite file.

    Args:
      path: the folder or file.
      num_threads: threads of a .tflite file's interpreter; None for its own choice.

    Raises:
      UserError: names the path, if there is no parser.
    """
    if path.is_file():
        return _tflite(path, num_threads)
    if folder := saved_model_in(path):
        return _saved_model(folder)
    from mgpe_tf.models.runs import load_product
    from mgpe_tf.networks.folding import fold

    config, network = load_product(path, "parser")
    return parser_of(fold(network), config.data.resolution)


def parser_of(network: keras.Model, resolution: int) -> ParserFunctions:
    """The parser whose Keras model is `network`, see ``FaceParser.of``."""
    import tensorflow as tf

    parse = _compiled(lambda images: tf.nn.softmax(network(images, training=False)), resolution)
    features = _compiled(lambda images: deep_features(network, images), resolution)
    return ParserFunctions(parse, resolution, features, network.label_set)


def deep_features(network: keras.Model, images: Tensor) -> Tensor:
    """A Keras parser's features, see ``FaceParser.features``: float [B, R, R, 3] in [-1, 1] -> float32 [B, D]."""
    import tensorflow as tf

    return tf.reduce_mean(tf.cast(network.encode(images)[-1], tf.float32), axis=(1, 2))


def _saved_model(path: Path) -> ParserFunctions:
    """The parser of a SavedModel, by its signatures "parse" and, if it has it, "features"."""
    import tensorflow as tf

    try:
        model = tf.saved_model.load(path)
        _, resolution, _, count = model.signatures["parse"].structured_outputs["probabilities"].shape
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise UserError(f"{path}: no SavedModel of the parser; write it by python -m mgpe_tf.export_model") from error

    def form(signature: str, output: str) -> Form:
        return _compiled(lambda images: model.signatures[signature](images=images)[output], resolution)

    features = form("features", "features") if "features" in model.signatures else None  # older exports have none
    label_set = metadata.label_set_of(metadata.beside(path), count, str(path))
    return ParserFunctions(form("parse", "probabilities"), resolution, features, label_set)


def _compiled(network: Callable[[Tensor], Tensor], resolution: int) -> Form:
    """`network`, a ``Form`` of tensors, traced once for batches of any size."""
    import tensorflow as tf

    signature = [tf.TensorSpec((None, resolution, resolution, 3), tf.float32)]
    function = tf.function(network, input_signature=signature, autograph=False)
    return lambda images: function(images).numpy()


def _tflite(path: Path, num_threads: int | None) -> ParserFunctions:
    """The parser of a .tflite file, which takes one image at a time."""
    interpreter, facts = metadata.interpreter(path, "parser", num_threads)
    [image_slot], [logits_slot] = interpreter.get_input_details(), interpreter.get_output_details()

    label_set = metadata.label_set_of(facts, logits_slot["shape"][-1], str(path))

    def logits(image: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(image_slot["index"], _quantised(image[None], image_slot))
        interpreter.invoke()
        return _dequantised(interpreter.get_tensor(logits_slot["index"])[0], logits_slot)

    def form(images: np.ndarray) -> np.ndarray:
        return _softmax(np.stack([logits(image) for image in images]))

    return ParserFunctions(form, facts["resolution"], None, label_set)


def _quantised(values: np.ndarray, slot: dict) -> np.ndarray:
    """Floats as an interpreter's input takes them: as they are, or as integers of its scale and zero."""
    scale, zero = slot["quantization"]
    if not scale:
        return values
    limits = np.iinfo(slot["dtype"])
    return np.clip(np.round(values / scale + zero), limits.min, limits.max).astype(slot["dtype"])


def _dequantised(values: np.ndarray, slot: dict) -> np.ndarray:
    """The floats that an interpreter's output stands for."""
    scale, zero = slot["quantization"]
    return (values.astype(np.float32) - zero) * np.float32(scale) if scale else values


def _softmax(logits: np.ndarray) -> np.ndarray:
    """float32 [..., C] -> the same; with the classes first in memory NumPy takes a quarter of the time."""
    powers = np.moveaxis(logits, -1, 0).copy()
    powers -= powers.max(axis=0)
    np.exp(powers, out=powers)
    powers /= powers.sum(axis=0)
    return np.ascontiguousarray(np.moveaxis(powers, 0, -1))
