"""Hair in a colour that no photograph shows: its strands stay, lighter or darker as a whole."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from mgpe_tf.data.alignment import Alignment
from mgpe_tf.editing.pixels.hair_colours import CONTRAST, HairColours, hair_colours, in_colours
from mgpe_tf.editing.pixels.matte import matte, near
from mgpe_tf.geometry import REFERENCE_SIZE

AROUND = 1 / 4
"""Width, in sides of the portrait, of what is around it in which hair goes on; its mask ends with the portrait."""

STRANDS = 1.0
"""Pixels at 256x256 beyond the hair's mask where strands are dyed."""

COARSE = 3
"""By how much less fine hair is looked for there."""

BORDER = 3.0
"""Pixels at 256x256 over which dye fades away where the photograph goes on farther."""

FADED = (0.4, 1.0)
"""Share of the colour's chroma that dark strands have, in proportion to their lightness, and light ones."""


@dataclasses.dataclass(frozen=True)
class Dyed:
    """A colour of hair.

    Attributes:
      colour: its mean, RGB from 0 to 255.
      strength: 0 (as it is) to 1 (as the colour).
    """

    colour: tuple[int, int, int]
    strength: float


def change_of(image: np.ndarray, hair: np.ndarray, dyed: Dyed) -> np.ndarray:
    """By what dyeing changes a portrait.

    Args:
      image: uint8 RGB [R, R, 3].
      hair: where it is dyed, bool [R, R].
      dyed: the colour.

    Returns:
      float32 [R, R, 3] in levels of 255, 0 off the hair; 0 everywhere if there is next to no hair.
    """
    own = hair_colours(image, hair)
    if own is None:
        return np.zeros(image.shape, np.float32)
    return recolouring(image, hair, own, around(dyed.colour, own), dyed.strength)


def recolouring(
    image: np.ndarray, hair: np.ndarray, before: HairColours, after: HairColours, strength: float
) -> np.ndarray:
    """By what hair of some colours changes that gets others to a `strength` from 0 to 1; the rest as of
    ``change_of``."""
    share = matte(image, hair) * near(hair, STRANDS)
    changed = in_colours(image, before, after).astype(np.float32)
    change: np.ndarray = strength * share[..., None] * (changed - image)
    return change


def wider(alignment: Alignment) -> Alignment:
    """A portrait with what is around it, of the same scale; ``with_hair_around`` has its hair."""
    pad = round(AROUND * alignment.resolution)
    matrix = alignment.matrix + np.array([(0, 0, pad), (0, 0, pad)])
    return dataclasses.replace(alignment, matrix=matrix, resolution=alignment.resolution + 2 * pad)


def with_hair_around(image: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """Hair that goes on beyond a portrait (GrabCut, Rother et al. 2004, from the colours of what is within).

    Args:
      image: the wider crop, uint8 RGB [W, W, 3].
      hair: within the portrait, bool [R, R].

    Returns:
      bool [W, W]; within the portrait as it was given.
    """
    pad, size = (len(image) - len(hair)) // 2, len(image) // COARSE
    nearest = np.pad(hair, pad, mode="edge")
    inside = np.pad(np.ones(hair.shape, np.uint8), pad)
    known = np.where(nearest, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    likely = np.where(nearest, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    if not hair.any() or not (nearest & (inside == 0)).any():
        return np.pad(hair, pad)
    found = cv2.resize(np.where(inside, known, likely), (size, size), interpolation=cv2.INTER_NEAREST)
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    cv2.setRNGSeed(0)
    everywhere, models = (0, 0, size, size), (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.grabCut(small, found, everywhere, *models, 3, cv2.GC_INIT_WITH_MASK)
    is_hair = np.isin(found, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    _, parts = cv2.connectedComponents(is_hair)
    joined = np.isin(parts, np.unique(parts[found == cv2.GC_FGD])) & (is_hair > 0)
    whole = cv2.resize(joined.astype(np.float32), image.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    return np.where(inside > 0, np.pad(hair, pad), whole)


def faded_to_border(alignment: Alignment) -> np.ndarray:
    """How much of a change of a portrait is shown in the photograph, float32 [h, w] as large as the alignment's region:
    1, but for where the photograph goes on beyond the portrait, whose hair is not known."""
    (rows, columns), (height, width) = alignment.region, alignment.photo_size
    inside = alignment.back_mask(np.ones((alignment.resolution, alignment.resolution), np.float32))
    pad = max(1, round(BORDER * alignment.resolution / REFERENCE_SIZE * alignment.photo_pixels))
    goes_on = [(rows.start > 0, rows.stop < height), (columns.start > 0, columns.stop < width)]
    (top, _), (left, _) = pads = [(pad * before, pad * after) for before, after in goes_on]
    soft = cv2.blur(np.pad(inside, pads), (2 * pad + 1, 2 * pad + 1), borderType=cv2.BORDER_REPLICATE)
    return np.clip(2 * soft - 1, 0, 1)[top : top + len(inside), left : left + inside.shape[1]]


def around(colour: tuple[int, int, int], own: HairColours) -> HairColours:
    """The colours of hair with a mean, RGB from 0 to 255, and strands as far apart as the own ones are: on dark hair
    they differ by less."""
    pixel = np.array([[colour]], np.float32) / 255
    mean, *hue = cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB)[0, 0].tolist()
    scale = float(np.clip(mean / max(own.mean, 1e-3), *CONTRAST))
    lightness = mean + scale * (own.lightness - own.mean)
    share = np.clip(lightness / max(mean, 1e-3), *FADED)
    return HairColours(mean, scale * own.spread, lightness, share[:, None] * np.array(hue, np.float32))
