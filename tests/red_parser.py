"""A parser whose answer is known: it reads the classes off the red channel."""

from __future__ import annotations

import numpy as np

from mgpe_tf.models.face_parser import FaceParser


def by_red(images: np.ndarray) -> np.ndarray:
    """A network that reads class 0 to 10 off the red channel, 20 levels each, and is sure of it."""
    classes = np.round((images[..., 0] + 1) * 127.5) // 20
    return np.eye(11, dtype=np.float32)[classes.astype(int)]


PARSER = FaceParser(by_red, 8)


def picture(classes: np.ndarray) -> np.ndarray:
    """A portrait that `by_red` reads as these classes."""
    return np.stack([classes * 20 + 10] * 3, axis=-1).astype(np.uint8)


CLASSES = np.random.default_rng(0).integers(0, 11, (8, 8)).astype(np.uint8)
