"""The editor as a SavedModel, for TensorFlow Serving and any TensorFlow from 2.15 on, without this package."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.export.pictures import decode_pictures, encode_pictures
from mgpe_tf.geometry import COMPONENTS
from mgpe_tf.models.editor_functions import TensorFunctions, tensor_functions
from mgpe_tf.models.small_weights import SmallWeights
from mgpe_tf.networks.carrying import Carrying
from mgpe_tf.networks.generator import PortraitGenerator

NAMES = [component.name for component in COMPONENTS]


def write_editor(
    generator: PortraitGenerator,
    config: Config,
    parser: keras.Model,
    parser_resolution: int,
    folder: Path,
    weights: SmallWeights | None = None,
    carrying: Carrying | None = None,
) -> None:
    """Writes the editor and its parser. Images are float32 [B, R, R, 3] in [-1, 1], masks int32 [B, R, R] Helen ids.

    - "edit", also the default: ``source_images``, ``source_masks``, ``target_images``, ``target_masks`` -> ``images``.
    - "edit_encoded": ``sources`` and ``targets``, string [B], JPEG or PNG files of aligned portraits -> ``png_bytes``
      string [B]. The parser reads both masks.
    - "parse": ``images`` -> ``label_map`` uint8 [B, R, R].
    - "render": the five embeddings, ``images``, ``masks`` -> ``images``, with the background of the given ones.
    - the steps of an edit, see ``add_steps``.

    Args:
      generator: the trained G.
      config: its experiment.
      parser: from images [B, P, P, 3] to logits.
      parser_resolution: P.
      folder: where to; made if it is missing.
      weights: those of all networks in fewer bytes, to be stored in their place.
      carrying: keeps photographs' own pixels; None: all is generated.
    """
    f, size, read = tensor_functions(generator, config, carrying), generator.resolution, parser
    if weights:
        f, read = f.wrapped(weights.used_by), weights.used_by(parser)

    def parse(images):
        fitted = tf.image.resize(images, (parser_resolution,) * 2) if parser_resolution != size else images
        ids = tf.cast(tf.argmax(read(fitted, training=False), axis=-1), tf.int32)[..., None]
        return tf.image.resize(ids, (size, size), tf.image.ResizeMethod.NEAREST_NEIGHBOR)[..., 0]

    def edit(source_images, source_masks, target_images, target_masks):
        return {"images": f.edit(source_images, source_masks, target_images, target_masks)}

    def edit_encoded(sources, targets):
        source, target = decode_pictures(sources, size), decode_pictures(targets, size)
        return {"png_bytes": encode_pictures(edit(source, parse(source), target, parse(target))["images"])}

    def render(images, masks, **embeddings):
        return {"images": f.draw(f.decode(embeddings), images, masks)}

    archive = keras.export.ExportArchive()
    archive.add_endpoint(
        "edit",
        edit,
        [
            _image("source_images", size),
            _mask("source_masks", size),
            _image("target_images", size),
            _mask("target_masks", size),
        ],
    )
    strings = [tf.TensorSpec((None,), tf.string, name) for name in ("sources", "targets")]
    archive.add_endpoint("edit_encoded", edit_encoded, strings)
    archive.add_endpoint(
        "parse", lambda images: {"label_map": tf.cast(parse(images), tf.uint8)}, [_image("images", size)]
    )
    add_steps(archive, f, size)
    embeddings = {name: tf.TensorSpec((None, config.generator.embedding_dim), tf.float32, name) for name in NAMES}
    _add_by_name(archive, "render", render, {**_portrait(size), **embeddings})
    archive.write_out(str(folder), verbose=False)


def add_steps(archive, f: TensorFunctions, size: int, batch: int | None = None) -> list[str]:
    """Adds the steps of an edit, for sessions that keep what a new mask or appearance leaves as it is.

    - "embed": ``images``, ``masks`` -> the five embeddings float32 [B, E] by component name.
    - "decode": the five embeddings -> the five features by component name.
    - "draw": the five features, ``images``, ``masks`` -> ``images``, with the background of the given ones.
    - "encode_background", where it does not depend on the mask: ``images`` -> ``background``, which "draw" then takes.
    - "complete", of an editor that carries: ``generated``, which "draw" gave, ``source_images``, ``source_masks``,
      ``images``, ``masks`` -> ``images`` with the photographs' own pixels.

    Args:
      archive: a ``keras.export.ExportArchive``.
      f: of the editor.
      size: R.
      batch: B; None for any.

    Returns:
      The names of the signatures.
    """
    image = tf.zeros((1, size, size, 3))
    embeddings = f.embed(image, tf.zeros((1, size, size), tf.int32))
    features, background = f.decode(embeddings), f.encode_background(image)
    encoded = {} if background is None else {"background": background}

    def draw(images, masks, background=None, **features):
        return {"images": f.draw(features, images, masks, background)}

    portrait = _portrait(size, batch)
    archive.add_endpoint("embed", f.embed, list(portrait.values()))
    _add_by_name(archive, "decode", lambda **named: f.decode(named), _likes(embeddings, batch))
    _add_by_name(archive, "draw", draw, {**portrait, **_likes(encoded, batch), **_likes(features, batch)})
    if encoded:
        archive.add_endpoint(
            "encode_background", lambda images: {"background": f.encode_background(images)}, [portrait["images"]]
        )
    if f.complete:
        pictures = {name: _image(name, size, batch) for name in ("generated", "source_images")}
        inputs = {**pictures, "source_masks": _mask("source_masks", size, batch), **portrait}
        _add_by_name(archive, "complete", lambda **named: {"images": f.complete(*named.values())}, inputs)
    optional = {"encode_background": encoded, "complete": f.complete}
    return ["embed", "decode", "draw", *(name for name, there in optional.items() if there)]


def _add_by_name(archive, name: str, function, arguments: dict[str, tf.TensorSpec]) -> None:
    """An endpoint of a function of keyword arguments."""
    names, specs = list(arguments), list(arguments.values())
    archive.add_endpoint(
        name, tf.function(lambda *values: function(**dict(zip(names, values))), input_signature=specs, autograph=False)
    )


def _likes(tensors: dict, batch: int | None) -> dict[str, tf.TensorSpec]:
    return {name: tf.TensorSpec((batch, *tensor.shape[1:]), tensor.dtype, name) for name, tensor in tensors.items()}


def _portrait(size: int, batch: int | None = None) -> dict[str, tf.TensorSpec]:
    return {"images": _image("images", size, batch), "masks": _mask("masks", size, batch)}


def _image(name: str, size: int, batch: int | None = None) -> tf.TensorSpec:
    return tf.TensorSpec((batch, size, size, 3), tf.float32, name)


def _mask(name: str, size: int, batch: int | None = None) -> tf.TensorSpec:
    return tf.TensorSpec((batch, size, size), tf.int32, name)
