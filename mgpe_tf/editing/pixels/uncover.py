"""What a portrait looks like without its hair: face, ears, neck and the colours of clothes by a network, joined to what
is seen; the background and the texture of clothes by patches."""

from __future__ import annotations

import functools
from collections.abc import Callable

import cv2
import numpy as np

from mgpe_tf.editing.masks.regions import distance_from
from mgpe_tf.editing.masks.scene import Scene
from mgpe_tf.editing.pixels.fill import averaged
from mgpe_tf.editing.pixels.inpaint import evenly_patched, patched_like, with_fringe
from mgpe_tf.editing.pixels.skin import ALONG, joined, strands, without_rim
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.labels import PARTS

BACKGROUND, CLOTHES = PARTS["background"], PARTS["cloth"]

BODY = tuple(PARTS[name] for name in ("skin", "nose", "l_ear", "r_ear", "neck"))
"""Parts of skin, which tell how a guess of what is hidden differs from what is seen."""

SKINS = tuple(PARTS[name] for name in ("skin", "nose", "l_eye", "r_eye", "l_brow", "r_brow", "mouth", "u_lip", "l_lip"))
"""Parts of a face."""

BESIDE_HAIR = tuple(
    PARTS[name]
    for name in ("l_eye", "r_eye", "l_brow", "r_brow", "mouth", "u_lip", "l_lip", "eye_g", "ear_r", "neck_l", "hat")
)
"""Parts that stay as they are where they are seen, however near hair is."""

DARKER = 4.0
"""Levels by which skin is darker in a shadow than it would be without, at the least."""

EVEN = 2.0
"""Standard deviation in pixels at 256x256 over which that is averaged."""

MIXED = 10.0
"""Pixels at 256x256 beside hair and its fringe that tell nothing, since its shadow may lie there."""

SOFT = 2.5
"""Standard deviation in pixels at 256x256 of the border between skin that is seen and skin that is told."""

UNDER = 3.0
"""Pixels at 256x256 by which patches reach under the skin beside them, whose border is soft."""


def with_skin(
    portrait: np.ndarray, scene: Scene, uncovering: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """A portrait in which what a network tells of skin, features and clothes takes the place of hair, joined to what is
    seen.

    Args:
      portrait: uint8 RGB [R, R, 3].
      scene: tells its parts.
      uncovering: ``WithoutHair.pixels``.

    Returns:
      uint8 RGB [R, R, 3], and where it differs from the portrait, bool [R, R]: hair, its fringe, its strands and its
      shadows before skin, but for what is seen beside it and is no skin.
    """
    scale, skin = len(portrait) / REFERENCE_SIZE, np.isin(scene.parts, BODY)
    hair = with_fringe(scene.parts == PARTS["hair"])
    features = np.isin(scene.parts, BESIDE_HAIR)
    stray = strands(portrait, scene.parts == PARTS["skin"], hair) & (distance_from(features) > ALONG * scale)
    hair = (hair | stray) & ~features
    away = distance_from(hair)
    guess, clear = uncovering(portrait, away > MIXED * scale, scene.behind), away > MIXED * scale
    inner, clothed = without_rim(skin), without_rim(scene.parts == CLOTHES)
    told = joined(portrait, inner & clear, guess, features | hair)
    clothes = joined(portrait, clothed & clear, guess, hair)
    told = np.where((scene.behind == CLOTHES)[..., None], clothes, told)
    lighter = averaged((told - portrait.astype(np.float32)).mean(axis=2, keepdims=True), inner, EVEN * scale)[..., 0]
    shadow = skin & (lighter > DARKER) & (away < MIXED * scale) & (distance_from(features) > ALONG * scale)
    hidden = (distance_from(hair | shadow) <= SOFT * scale) & ~features
    return np.where(features[..., None], portrait, _over(portrait, told, hidden, SOFT)), hidden


def beside_face(portrait: np.ndarray, scene: Scene, skin: np.ndarray, strays: np.ndarray) -> np.ndarray:
    """A portrait without hair, but for its face: patches of background and clothes, behind hidden parts of the face and
    unseen ears, too, and over them neck and ears, uint8 RGB [R, R, 3].

    Args:
      portrait: uint8 RGB [R, R, 3].
      scene: tells its parts.
      skin: the portrait ``with_skin``.
      strays: bool [R, R], strands and shadows farther from the hair (``strays.strays``).
    """
    hair, result = with_fringe(scene.parts == PARTS["hair"]) & ~np.isin(scene.parts, BESIDE_HAIR), portrait
    hair |= strays & (scene.parts == BACKGROUND)
    under = np.ones((2 * round(UNDER * len(hair) / REFERENCE_SIZE) + 1,) * 2, np.uint8)
    behind = np.where((hair & np.isin(scene.behind, SKINS)) | scene.unseen_ears, BACKGROUND, scene.behind)
    clothed = functools.partial(patched_like, guess=skin)
    for part, patches in ((BACKGROUND, evenly_patched), (CLOTHES, clothed)):
        hole = hair & (cv2.dilate((behind == part).astype(np.uint8), under) > 0)
        if hole.any():
            result = patches(result, hole, (scene.parts == part) & ~hair)
    return _over(result, skin, hair & ~np.isin(behind, (BACKGROUND, CLOTHES, *SKINS)), 1.0)


def _over(beneath: np.ndarray, above: np.ndarray, where: np.ndarray, soft: float) -> np.ndarray:
    """One picture over another, uint8 [R, R, 3], where bool [R, R] says, with a border of so many pixels at 256x256."""
    width = soft * len(where) / REFERENCE_SIZE
    share = cv2.GaussianBlur(where.astype(np.float32), (0, 0), width)[..., None]
    laid: np.ndarray = np.round(beneath + share * (above.astype(np.float32) - beneath)).astype(np.uint8)
    return laid
