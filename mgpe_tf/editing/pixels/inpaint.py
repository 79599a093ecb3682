"""What an edit bares: a smaller mask shows what lay behind face and hair. Nobody knows it, so it is filled in from
around; left as it is, hair that the mask takes away would stay in the picture as background."""

from __future__ import annotations

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.masks.scene import Scene
from mgpe_tf.editing.pixels.fill import averaged, filled
from mgpe_tf.editing.pixels.patches import patched
from mgpe_tf.editing.pixels.skin import continued
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.labels import PARTS

PATCHED = (PARTS["background"], PARTS["cloth"])
"""Parts that patches continue, each from its own pixels."""

CONTINUED = ((PARTS["l_ear"],), (PARTS["r_ear"],), (PARTS["neck"], PARTS["neck_l"]))
"""Parts that skin continues, each from its own. Hats and what else is worn stay as they are."""

SKINS = tuple(PARTS[name] for name in ("skin", "nose", "l_eye", "r_eye", "l_brow", "r_brow", "mouth", "u_lip", "l_lip"))
"""Parts of a face."""

LIGHT = 10.0
"""Standard deviation in pixels at 256x256 over which the light on what is around a hole is averaged."""

MOST = 20.0
"""Levels by which patches are made lighter or darker at the most: what differs by more is no light."""

LEAST = 0.1
"""Share of what is to be filled from which on skin of its own part can continue it; of less, the face's does."""

FRINGE = 1 / 40
"""Reach, as a share of the portrait's side, of strands and shadows beyond the mask that goes with them."""


def bared(own: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """bool [R, R]: background of `mask` where the portrait's `own` mask has a face or hair, with the fringe of that.

    Args:
      own, mask: integer [R, R] Helen ids.
    """
    background = mask == labels.BACKGROUND
    where: np.ndarray = with_fringe(background & (own != labels.BACKGROUND)) & background
    return where


def without_face(portrait: np.ndarray, own: np.ndarray) -> np.ndarray:
    """A portrait without its face and hair, uint8 RGB [R, R, 3]: filled in by the method of Telea (2004).

    Args:
      portrait: uint8 RGB [R, R, 3].
      own: its mask, integer [R, R] Helen ids.
    """
    hidden = with_fringe(own != labels.BACKGROUND)
    return cv2.inpaint(portrait, hidden.astype(np.uint8), 3, cv2.INPAINT_TELEA)


def without_hair(portrait: np.ndarray, own: np.ndarray) -> np.ndarray:
    """A portrait whose hair is filled with patches of what lies around the head (``patches.patched``).

    Args:
      portrait: uint8 RGB [R, R, 3].
      own: its mask, integer [R, R] Helen ids.
    """
    hair = with_fringe(own == labels.HAIR)
    face = np.isin(own, labels.FACE)
    return _patched(portrait, hair & ~face, ~hair & ~with_fringe(face))


def unhaired(portrait: np.ndarray, scene: Scene) -> np.ndarray:
    """A portrait whose hair is filled with what is taken to be behind it, each part from its own pixels: patches of
    background and clothes, and skin of neck and ears that goes on.

    Args:
      portrait: uint8 RGB [R, R, 3].
      scene: tells its parts.
    """
    hair = with_fringe(scene.parts == PARTS["hair"]) & ~np.isin(scene.parts, SKINS)
    result = portrait
    for part in PATCHED:
        hole = hair & (scene.behind == part)
        if hole.any():
            result = _patched(result, hole, (scene.parts == part) & ~hair)
    for parts in CONTINUED:
        hole, own = hair & np.isin(scene.behind, parts), np.isin(scene.parts, parts)
        if hole.any():
            skin = own if own.sum() > LEAST * hole.sum() else scene.parts == PARTS["skin"]
            more, shown = continued(result, skin, hole)
            result = np.round(result + shown[..., None] * (more.astype(np.float32) - result)).astype(np.uint8)
    return result


def _patched(image: np.ndarray, hole: np.ndarray, source: np.ndarray) -> np.ndarray:
    """``patched``, as bright as what is around the hole: patches come from elsewhere, where the light is another."""
    result = patched(image, hole, source)
    if not source.any() or not hole.any():
        return result
    width = LIGHT * len(image) / REFERENCE_SIZE
    wanted = filled(averaged(image.astype(np.float32), source, width), source)
    change = np.clip(wanted - averaged(result.astype(np.float32), hole, width), -MOST, MOST)
    evened = np.clip(np.round(result + change), 0, 255).astype(np.uint8)
    return np.where(hole[..., None], evened, result)


def with_fringe(region: np.ndarray) -> np.ndarray:
    """A region, bool [R, R], and what strands reach of its surroundings."""
    reach = round(FRINGE * len(region))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(region.astype(np.uint8), kernel).astype(bool)
