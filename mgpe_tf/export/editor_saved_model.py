"""The editor as a SavedModel, for TensorFlow Serving and any TensorFlow from 2.15 on, without this package."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.export.pictures import decode_pictures, encode_pictures
from mgpe_tf.geometry import COMPONENTS
from mgpe_tf.networks.generator import PortraitGenerator


def write_editor(
    generator: PortraitGenerator, config: Config, parser: keras.Model, parser_resolution: int, folder: Path
) -> None:
    """Writes the editor and its parser. Images are float32 [B, R, R, 3] in [-1, 1], masks int32 [B, R, R] Helen ids.

    - "edit", also the default: ``source_images``, ``source_masks``, ``target_images``, ``target_masks`` -> ``images``.
    - "edit_encoded": ``sources`` and ``targets``, string [B], JPEG or PNG files of aligned portraits -> ``png_bytes``
      string [B]. The parser reads both masks.
    - "parse": ``images`` -> ``label_map`` uint8 [B, R, R].
    - "embed": ``images``, ``masks`` -> the five embeddings float32 [B, E] by component name.
    - "render": the five embeddings, ``images``, ``masks`` -> ``images``, with the background of the given ones.
    - "decode", "draw", and "encode_background" where there is such a thing: "render" in steps, for sessions that keep
      what a new mask leaves as it is.

    Args:
      generator: the trained G.
      config: its experiment.
      parser: from images [B, P, P, 3] to logits.
      parser_resolution: P.
      folder: where to; made if it is missing.
    """
    from mgpe_tf.editing.networks import tensor_functions

    f, size = tensor_functions(generator, config), generator.resolution
    images, masks = _image("images", size), _mask("masks", size)

    def parse(images):
        fitted = tf.image.resize(images, (parser_resolution,) * 2) if parser_resolution != size else images
        ids = tf.cast(tf.argmax(parser(fitted, training=False), axis=-1), tf.int32)[..., None]
        return tf.image.resize(ids, (size, size), tf.image.ResizeMethod.NEAREST_NEIGHBOR)[..., 0]

    def edit(source_images, source_masks, target_images, target_masks):
        features = f.decode(f.embed(source_images, source_masks))
        return {"images": f.draw(features, target_images, target_masks)}

    def edit_encoded(sources, targets):
        source, target = decode_pictures(sources, size), decode_pictures(targets, size)
        return {"png_bytes": encode_pictures(edit(source, parse(source), target, parse(target))["images"])}

    def render(images, masks, **embeddings):
        return {"images": f.draw(f.decode(embeddings), images, masks)}

    def draw(images, masks, background=None, **features):
        return {"images": f.draw(features, images, masks, background)}

    embeddings = f.embed(tf.zeros((1, size, size, 3)), tf.zeros((1, size, size), tf.int32))
    features, background = f.decode(embeddings), f.encode_background(tf.zeros((1, size, size, 3)))
    encoded = {} if background is None else {"background": _like(background, "background")}
    archive = keras.export.ExportArchive()
    archive.add_endpoint("edit", edit, [
        _image("source_images", size), _mask("source_masks", size), _image("target_images", size),
        _mask("target_masks", size)])
    strings = [tf.TensorSpec((None,), tf.string, name) for name in ("sources", "targets")]
    archive.add_endpoint("edit_encoded", edit_encoded, strings)
    archive.add_endpoint("parse", lambda images: {"label_map": tf.cast(parse(images), tf.uint8)}, [images])
    archive.add_endpoint("embed", f.embed, [images, masks])
    _add_by_name(archive, "render", render, {"images": images, "masks": masks, **_likes(embeddings)})
    _add_by_name(archive, "decode", lambda **named: f.decode(named), _likes(embeddings))
    _add_by_name(archive, "draw", draw, {"images": images, "masks": masks, **encoded, **_likes(features)})
    if encoded:
        archive.add_endpoint("encode_background", lambda images: {"background": f.encode_background(images)}, [images])
    archive.write_out(str(folder), verbose=False)


def _add_by_name(archive, name: str, function, arguments: dict[str, tf.TensorSpec]) -> None:
    """An endpoint of a function of keyword arguments."""
    names, specs = list(arguments), list(arguments.values())
    archive.add_endpoint(name, tf.function(
        lambda *values: function(**dict(zip(names, values))), input_signature=specs, autograph=False))


def _likes(tensors: dict) -> dict[str, tf.TensorSpec]:
    return {component.name: _like(tensors[component.name], component.name) for component in COMPONENTS}


def _like(tensor, name: str) -> tf.TensorSpec:
    return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype, name)


def _image(name: str, size: int) -> tf.TensorSpec:
    return tf.TensorSpec((None, size, size, 3), tf.float32, name)


def _mask(name: str, size: int) -> tf.TensorSpec:
    return tf.TensorSpec((None, size, size), tf.int32, name)
