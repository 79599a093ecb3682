"""What an edit of a photograph costs, from the file's pixels to the pasted-back result."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.timing import timed, timed_row
from mgpe_tf.config import Config
from mgpe_tf.data.detection import locate
from mgpe_tf.data.images import read_image
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.objectives.parser import build_parser
from mgpe_tf.parsing.faces import FaceFinder

SIDE = 1024
"""Pixels of the photograph without --photo."""


def measure_photo(config: Config, photo: str | None, repeats: int) -> list[dict]:
    """Rows of the steps of an edit by untrained networks, in milliseconds.

    Args:
      config: of an editor.
      photo: file with a face; None for the astronaut of scikit-image, enlarged to ``SIDE``.
      repeats: of every timing.
    """
    picture = read_image(photo) if photo else astronaut()
    detector = FaceFinder()
    editor = PortraitEditor(
        EditorNetworks.of(build_generator(config), config),
        FaceParser.of(build_parser(config), config.data.resolution),
        detector,
    )
    session = editor.open(picture)
    session.take("hair", editor.read(picture[:, ::-1].copy()))
    masks = [session.mask, np.roll(session.mask, 2, axis=1)]

    def new_mask():
        masks.reverse()
        session.set_mask(masks[0])
        session.render()

    def everything():
        opened = editor.open(picture)
        opened.take("hair", session.portrait, 0.0)
        opened.set_mask(np.roll(opened.mask, 2, axis=1))
        opened.render()

    cases = {
        "find and align": lambda: locate(detector, picture, "largest", editor.resolution, "photo"),
        "new mask, generated and pasted back": new_mask,
        "everything": everything,
    }
    size = f"{picture.shape[1]}x{picture.shape[0]}"
    return [
        timed_row(f"{name}, {size}", [1000 * t for t in timed(case, repeats)], "ms") for name, case in cases.items()
    ]


def astronaut() -> np.ndarray:
    """A photograph in the public domain, uint8 RGB [SIDE, SIDE, 3]."""
    try:
        from skimage import data
    except ImportError as error:
        raise UserError("no photograph: name one by --photo=FILE, or pip install scikit-image") from error
    return cv2.resize(data.astronaut(), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
