"""The readers of untrusted input, each as a function of bytes that may raise nothing but ``UserError``."""

from __future__ import annotations

import contextlib
import functools
import io
import json
from collections.abc import Callable

import numpy as np
from PIL import Image

from mgpe_tf import labels
from mgpe_tf.config import Config, config_from_dict, config_to_dict
from mgpe_tf.config_check import check
from mgpe_tf.data import formats, images, masks
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import encoding, kept, marks, recipe, xmp
from mgpe_tf.webapp import painting

PIXELS = 2**16
"""Largest picture that is decoded: larger ones take long and go the same way."""

NAME = "the file"


def read_image(data: bytes) -> None:
    """A photograph, and what is kept of its metadata."""
    images.decode_image(data, NAME, PIXELS)
    kept.kept_from(data, NAME)


def read_frames(data: bytes) -> None:
    """An animation of few pixels, by the size in its header."""
    if int.from_bytes(data[6:8], "little") * int.from_bytes(data[8:10], "little") <= PIXELS:
        images.decode_frames(data, NAME)


def read_label(data: bytes) -> None:
    """A label file of any set, and a mask that somebody painted."""
    with contextlib.suppress(UserError):
        masks.fitted(masks.decode_mask(data, NAME, max_pixels=PIXELS), 8, NAME)
    label = images.decode_label(data, NAME, PIXELS)
    for name in labels.LABEL_SETS:
        with contextlib.suppress(UserError):
            labels.order_left_right(labels.to_helen(label, name, NAME))


def read_marks(data: bytes) -> None:
    """The marks around a picture, Content Credentials included."""
    marks.read_marks(data, NAME)


def read_xmp(data: bytes) -> None:
    """An XMP packet."""
    xmp.read(data, NAME)


def read_recipe(data: bytes) -> None:
    """A recipe, and the masks in it."""
    for operation in recipe.from_json(data, NAME).operations:
        if "mask" in operation:
            recipe.mask_from_json(operation["mask"], NAME)


def read_config(data: bytes) -> None:
    """The config of a run folder, and whether its numbers are sound."""
    with contextlib.suppress(ValueError, RecursionError):  # no JSON
        check(config_from_dict(json.loads(data)))


def read_runs(data: bytes) -> None:
    """A mask as the web page sends it."""
    with contextlib.suppress(ValueError, RecursionError):  # no JSON
        painting.from_runs(json.loads(data), 8)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "image": read_image,
    "frames": read_frames,
    "label": read_label,
    "marks": read_marks,
    "xmp": read_xmp,
    "recipe": read_recipe,
    "config": read_config,
    "runs": read_runs,
}
"""The readers by the name that ``tools/fuzz.py`` takes."""


@functools.cache
def seeds(target: str) -> tuple[bytes, ...]:
    """Small sound inputs of a target, of every kind that it reads, to be changed."""
    mask = (np.arange(64).reshape(8, 8) % labels.NUM_CLASSES).astype(np.uint8)
    photo = labels.colourise(mask)
    edit = recipe.Recipe((), (), ({"op": "set_mask", "mask": recipe.mask_to_json(mask)},), 1)
    marked = [encoding.encode(photo, marks.EDITED, edit, format) for format in ("PNG", "JPEG")]
    animation = encoding.encode(np.stack([photo, photo[::-1]]), marks.GENERATED, edit, "GIF").data
    return {
        "image": tuple(_encoded(photo, format) for format in formats.FORMATS),
        "frames": (animation,),
        "label": tuple(_encoded(picture, "PNG") for picture in (mask, mask.astype(np.uint16), photo)),
        "marks": (*(each.data for each in marked), animation),
        "xmp": (xmp.write({marks.SOURCE_TYPE: marks.EDITED, "dc:creator": "A"}).encode(),),
        "recipe": (marked[0].recipe.to_json().encode(),),
        "config": (json.dumps(config_to_dict(Config(task="parser"))).encode(),),
        "runs": (json.dumps(painting.to_runs(mask)).encode(),),
    }[target]


def _encoded(picture: np.ndarray, format: str) -> bytes:
    """The picture as a file with every kind of metadata that the format takes."""
    if format == "HEIF":
        formats.register_heif("a seed")
    buffer, exif = io.BytesIO(), Image.Exif()
    exif.update({0x013B: "artist", 0x0112: 6})
    Image.fromarray(picture).save(buffer, format, exif=exif, icc_profile=b"\0" * 16 + b"RGB " + b"\0" * 16 + b"acsp")
    return buffer.getvalue()
