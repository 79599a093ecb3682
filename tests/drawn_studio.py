"""A studio over small networks with drawn weights, and drawn portraits."""

from __future__ import annotations

from pathlib import Path

import editors
import numpy as np
from PIL import Image
from small import SIZE
from stored_parser import random_parser

from mgpe_tf.data.alignment import template_at
from mgpe_tf.data.detection import Face
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.provenance.recipe import Model
from mgpe_tf.webapp.limits import Limits
from mgpe_tf.webapp.studio import Studio


class TwoFaces:
    """A detector that sees two faces side by side, the right one twice as large."""

    def detect(self, image):
        """Both, whatever the image."""
        left, right = 2 * template_at(SIZE), 4 * template_at(SIZE) + (2 * SIZE, 0)
        return [Face((*points.min(0), *np.ptp(points, 0)), points, 1.0) for points in (right, left)]


def drawn_editor(detector=None) -> PortraitEditor:
    """An editor at 64 pixels with random weights."""
    return PortraitEditor(editors.small_networks(), FaceParser.of(random_parser(), SIZE), detector)


def drawn_studio(editor: PortraitEditor, folder: Path, **limits) -> Studio:
    """A studio whose users are granted `limits`."""
    models = [Model(role, "drawn", "0" * 64) for role in ("editor", "parser")]
    return Studio(editor, models, Limits(**limits), folder)


def draw(path: Path, seed: int, size: int = SIZE) -> Path:
    """Writes a drawn portrait; returns its path."""
    Image.fromarray(draw_portrait(seed, size)[0]).save(path)
    return path
