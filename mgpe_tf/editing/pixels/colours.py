"""Colours that the networks miss: an embedding of some hundred numbers holds them roughly. How the networks draw a
photograph as it is shows the error of each class, and what they draw of it elsewhere is corrected by that."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.editing.pixels.fill import averaged
from mgpe_tf.geometry import REFERENCE_SIZE

GRID = 32
"""Rows and columns of the maps of errors."""

SPREAD = 3.0
"""Standard deviation in cells over which errors are averaged: light changes slowly over a face."""

DOUBT = 0.1
"""Weight, against a cell full of the class, of the mean over the class: it holds where nothing of the class is near."""

LIGHT = 6.0
"""Standard deviation in cells over which the light on a face is averaged."""

DARK = 0.6
"""Share of the median brightness of skin below which what is labelled so is taken for glasses, a beard or a shadow."""

SHADE = 16.0
"""Standard deviation in pixels at 256x256 over which the light on two faces is averaged, to be made the same: shadows
of a head and its hair, not of its features."""

FAR = 0.02
"""Weight, against a place all around which is skin, of the mean over all of it."""

BORDER = 2.0
"""Pixels at 256x256 of the border of skin that do not count for its light."""

PORES = 2.5
"""Standard deviation in pixels at 256x256 of the blur that tells light from pores and hairs."""

SPREADS = (0.5, 1.0)
"""By how much the spread of a skin's colours is changed at the least and at the most."""

SKIN = 1.5
"""Standard deviations from its mean up to which a skin's colours are brought nearer to it or farther from it."""

FULL = 0.8
"""Share of the mean brightness of skin from which on all is changed as skin is, so that wrinkles get no deeper."""

BRIGHTEST = 97
"""Percentile of the brightness of own skin above which another's skin is glare."""

GLARE = 0.25
"""How much of that is left."""

FEW = 1e-3
"""Share of the portrait's pixels up to which a class is trusted less: its labels may be wrong."""


def colour_errors(photograph: np.ndarray, drawn: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What drawn colours lack, by class and place.

    Args:
      photograph: an aligned portrait, uint8 RGB [R, R, 3].
      drawn: the same, drawn with its own appearance on its own mask.
      mask: integer [R, R] Helen ids.

    Returns:
      float32 [11, GRID, GRID, 3] in levels of 255; 0 for classes that the mask lacks.
    """
    error = photograph.astype(np.float32) - drawn
    errors = np.zeros((labels.NUM_CLASSES, GRID, GRID, 3), np.float32)
    for label in np.unique(mask):
        errors[label] = _averaged(error, mask == label, SPREAD)
    return errors


def with_tone(
    drawn: np.ndarray,
    mask: np.ndarray,
    photograph: np.ndarray,
    own: np.ndarray,
    classes: Sequence[int],
    amount: float = 1.0,
) -> np.ndarray:
    """A face in another's appearance, with the skin tone and the light of the photograph into which it goes.

    Args:
      drawn: an aligned portrait, uint8 RGB [R, R, 3].
      mask: on which it was drawn, integer [R, R] Helen ids.
      photograph: the same portrait in its own appearance, uint8 RGB [R, R, 3].
      own: its mask.
      classes: ids of what is of another's appearance. Under another light lips and eyes change as the skin does.
      amount: from 0, as it is drawn, to 1.

    Returns:
      uint8 RGB [R, R, 3]; as it is drawn if the masks have no skin in common.
    """
    brightness, skin = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY), (own == labels.SKIN) & (mask == labels.SKIN)
    if not skin.any():
        return drawn
    lit = skin & (brightness >= DARK * np.median(brightness[skin]))
    errors = np.zeros((labels.NUM_CLASSES, GRID, GRID, 3), np.float32)
    errors[list(classes)] = amount * _averaged(photograph.astype(np.float32) - drawn, lit, LIGHT)
    drawn_brightness = cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY).astype(np.float32)
    share = drawn_brightness / max(float(drawn_brightness[lit].mean()), 1)  # what is dark reflects little of a light
    return correct(drawn, mask, errors, np.minimum(share, 1))


def in_tone(carried: np.ndarray, shown: np.ndarray, photograph: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Another's face, as it was photographed, with the skin tone and the light of the photograph into which it goes.

    Brightness and colours of its skin get the mean and at the most the spread of the own skin (Reinhard et al. 2001,
    "Color transfer between images"), in CIE L*a*b*; what is much darker than skin changes the less, what is gray loses
    no colour as skin does, and pores stay. So hard light becomes soft.

    Args:
      carried: uint8 RGB [R, R, 3].
      shown: where its skin is shown, bool [R, R].
      photograph: uint8 RGB [R, R, 3].
      skin: where it shows skin, bool [R, R].

    Returns:
      uint8 RGB [R, R, 3]; as it was if one of them has no skin.
    """
    if not shown.any() or not skin.any():
        return carried
    lab, own = (cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for each in (carried, photograph))
    (mean, spread), (wanted, wanted_spread) = _moments(lab[shown]), _moments(own[skin])
    scale = np.clip(wanted_spread / np.maximum(spread, 1e-3), *SPREADS)
    even = cv2.GaussianBlur(lab, (0, 0), PORES * len(lab) / 256)
    share = np.clip(lab[..., :1] / max(FULL * float(mean[0]), 1.0), 0, 1)
    of_skin = np.clip(even - mean, -SKIN * spread, SKIN * spread)  # what is darker, as eyes and brows are, stays so
    changed = lab + share * (_less_of_gray(wanted - mean, lab, mean) + (scale - 1) * of_skin)
    result = cv2.cvtColor(changed, cv2.COLOR_LAB2RGB) * 255
    toned: np.ndarray = np.clip(np.round(result), 0, 255).astype(np.uint8)
    return toned


def in_light(
    carried: np.ndarray, shown: np.ndarray, photograph: np.ndarray, skin: np.ndarray, shade: float = SHADE
) -> np.ndarray:
    """Another's face with the light of the photograph into which it goes: where the own skin is lighter or darker than
    the other's over some distance, it becomes so, and what is darker than skin the less.

    Args and result: as of ``in_tone``, whose result it is given, and `shade` as ``SHADE``.
    """
    inner, own_inner = (_without_border(each) for each in (shown, skin))
    if not inner.any() or not own_inner.any():
        return carried
    lab, own = (cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for each in (carried, photograph))
    width = shade * len(lab) / REFERENCE_SIZE
    change = averaged(own, own_inner, width, FAR) - averaged(lab, inner, width, FAR)
    share = np.clip(lab[..., :1] / max(FULL * float(lab[inner][:, 0].mean()), 1.0), 0, 1)
    change = _less_of_gray(change, lab, lab[inner].mean(axis=0))
    result = cv2.cvtColor(lab + share * change, cv2.COLOR_LAB2RGB) * 255
    lit: np.ndarray = np.clip(np.round(result), 0, 255).astype(np.uint8)
    return lit


def without_glare(
    lit: np.ndarray, carried: np.ndarray, shown: np.ndarray, photograph: np.ndarray, skin: np.ndarray
) -> np.ndarray:
    """Another's face in another light without glare: where its skin has become brighter than the own skin's brightest
    it is so by less.

    Args:
      lit: what ``in_light`` made of `carried`, uint8 RGB [R, R, 3].
      others and result: as of ``in_tone``.
    """
    if not skin.any():
        return lit
    lab, before, own = (
        cv2.cvtColor(each.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for each in (lit, carried, photograph)
    )
    most = np.maximum(before[..., 0], np.percentile(own[skin][:, 0], BRIGHTEST))
    soft = cv2.GaussianBlur(shown.astype(np.float32), (0, 0), PORES * len(lab) / REFERENCE_SIZE)
    lab[..., 0] -= (1 - GLARE) * soft * np.maximum(lab[..., 0] - most, 0)
    calm: np.ndarray = np.clip(np.round(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255), 0, 255).astype(np.uint8)
    return calm


def _less_of_gray(change: np.ndarray, lab: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """A change of L*, a* and b*, float32 [R, R, 3] or [3], that skin of a mean [3] undergoes, for all of a portrait,
    [R, R, 3]: where skin gets less of its colour, what has less of it loses less, so that gray beards get no other."""
    hue = skin[1:] / max(float(np.hypot(*skin[1:])), 1.0)
    coloured = np.clip(lab[..., 1:] @ hue / max(float(skin[1:] @ hue), 1.0), 0, 1)[..., None]
    fades = (np.broadcast_to(change, lab.shape)[..., 1:] @ hue < 0)[..., None]
    share: np.ndarray = np.where(fades, coloured, np.float32(1))
    return np.concatenate([np.broadcast_to(change, lab.shape)[..., :1], share * change[..., 1:]], axis=-1)


def _without_border(skin: np.ndarray) -> np.ndarray:
    """Skin, bool [R, R], without its border, where what lies beside it is mixed in."""
    width = 2 * round(BORDER * len(skin) / REFERENCE_SIZE) + 1
    return cv2.erode(skin.astype(np.uint8), np.ones((width, width), np.uint8)) > 0


def _moments(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of L*, a*, b* of skin, float32 [N, 3], without what is much darker."""
    brightness = pixels[:, 0]
    lit = pixels[brightness >= DARK * np.median(brightness)]
    return lit.mean(axis=0), lit.std(axis=0)


def correct(drawn: np.ndarray, mask: np.ndarray, errors: np.ndarray, share: np.ndarray | float = 1.0) -> np.ndarray:
    """A drawn portrait, uint8 RGB [R, R, 3] on a mask [R, R], with a share of the colour errors of each class taken
    back: of all, or float [R, R]."""
    size, added = mask.shape[::-1], np.zeros(drawn.shape, np.float32)
    for label in np.unique(mask):
        added[mask == label] = cv2.resize(errors[label], size, interpolation=cv2.INTER_CUBIC)[mask == label]
    soft = cv2.GaussianBlur(added, (0, 0), len(mask) / 256) * np.asarray(share)[..., None]  # no steps between classes
    corrected: np.ndarray = np.clip(np.round(drawn + soft), 0, 255).astype(np.uint8)
    return corrected


def _averaged(error: np.ndarray, where: np.ndarray, spread: float) -> np.ndarray:
    """Errors float32 [R, R, 3] by place, averaged over where a bool [R, R] holds: [GRID, GRID, 3]."""
    weights = where.astype(np.float32)[..., None]
    mean = (error * weights).sum((0, 1)) / (weights.sum() + FEW * where.size)
    averaged: np.ndarray = (_spread(error * weights, spread) + DOUBT * mean) / (_spread(weights, spread) + DOUBT)
    return averaged


def _spread(values: np.ndarray, spread: float) -> np.ndarray:
    """float32 [R, R, C] averaged over cells and their surroundings: [GRID, GRID, C]."""
    cells = cv2.resize(values, (GRID, GRID), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(cells, (0, 0), spread).reshape(GRID, GRID, -1)
