"""Synthetic portraits as photographs, and a parser that knows them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from mgpe_tf.data.images import read_label
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.preparation.quality import Filters
from mgpe_tf.preparation.sample import SampleSettings

SIZE = 64

PORTRAITS = [draw_portrait(seed, SIZE) for seed in range(8)]
"""Images and masks, all with skin and both eyes."""

SETTINGS = SampleSettings(
    "drawn", "0" * 64, SIZE, aligned=True, image_format="png", val_share=0.3, filters=Filters(8, 0.2, 0.8, 1.0)
)
"""For synthetic portraits of ``SIZE`` pixels, whose files keep every pixel."""


def known(images: np.ndarray, sure: float = 1.0) -> np.ndarray:
    """A network that looks its images up among the synthetic portraits; others are background."""
    images = np.round((images + 1) * 127.5).astype(np.uint8)
    masks = [
        next((mask for image, mask in PORTRAITS if np.array_equal(image, found)), np.zeros((SIZE, SIZE), int))
        for found in images
    ]
    return np.float32(sure) * np.eye(11, dtype=np.float32)[np.stack(masks)] + np.float32(1 - sure) / 11


PARSER = FaceParser(known, SIZE)


def save(path, image=PORTRAITS[0][0]):
    """Writes an image; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return path


def save_persons(root, persons: int = 4) -> None:
    """Two photographs of each of some persons, in a folder each."""
    for seed in range(2 * persons):
        save(root / f"person {seed // 2}" / f"{seed}.png", PORTRAITS[seed][0])


def files_below(root) -> dict[str, bytes]:
    """All files by their relative path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def label_of(folder, line: dict) -> np.ndarray:
    """The label of a line of the manifest."""
    return read_label(folder / line["split"] / "labels" / f"{line['name']}.png")
