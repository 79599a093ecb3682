"""Measures of a face by which it is unfit for training."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.source import resize_image, resize_label
from mgpe_tf.geometry import REFERENCE_SIZE

LEAST_SHARE = 20 / 256**2
"""Share of the crop that a needed part has at least: 20 pixels of 256x256. A measured open eye has about 200."""

MOST_SHARE = 0.005
"""Share of the crop that may be what a portrait is to be without. Of 3,000 portraits of CelebAMask-HQ 165 are labelled
with glasses and 133 with a hat, of which all but two have more."""

MOST_UNKNOWN = 0.5
"""Share of the crop of which the label may be unknown."""

SMALL, CUT, MISSING, UNSURE, BLURRED = "too small", "cut off", "parts missing", "parser unsure", "blurred"
OPEN = "mostly unknown"
"""Kinds of flaws, for the summary."""


@dataclasses.dataclass(frozen=True)
class Filters:
    """Bounds that a face must keep.

    Attributes:
      min_eye_distance: pixels of the photograph between the eyes. In a crop of 256x256 they are 63 pixels apart, so 32
        means enlarged twofold.
      max_outside: share of the crop beyond the photograph's borders, where it is filled by reflection.
      min_confidence: mean over the pixels of the parser's largest class probability.
      min_sharpness: see ``sharpness``.
      needed: names of the classes that must be seen.
      without: of ``labels.WORN``, what must not be seen; only a parser of nineteen classes sees it.
    """

    min_eye_distance: float = 32.0
    max_outside: float = 0.2
    min_confidence: float = 0.85
    min_sharpness: float = 10.0
    needed: tuple[str, ...] = ("skin", "left_eye", "right_eye")
    without: tuple[str, ...] = ()

    def flaw_in_photograph(self, eye_distance: float, outside: float) -> tuple[str, str] | None:
        """Kind and reason why a face should not be cut out; None if it should."""
        if eye_distance < self.min_eye_distance:
            return SMALL, f"{eye_distance:.1f} pixels between the eyes; at least {self.min_eye_distance:g}"
        if outside > self.max_outside:
            return CUT, f"{outside:.0%} of the crop lies outside the photograph; at most {self.max_outside:.0%}"
        return None

    def flaw_in_crop(
        self, confidence: float, sharpness: float, shares: dict[str, dict[str, float]], unknown: float = 0.0
    ) -> tuple[str, str] | None:
        """Kind and reason why a parsed crop should be left out; None if it should stay.

        Args:
          confidence, sharpness: see the bounds.
          shares: of the classes by name, of "helen" and, where there is ``without``, of "celebamask_hq".
          unknown: share of the crop of which the label is unknown.
        """
        for name in self.without:
            share = shares["celebamask_hq"][labels.WORN[name]]
            if share > MOST_SHARE:
                return f"with {name}", f"{share:.1%} of the crop is {name}; at most {MOST_SHARE:.1%}"
        missing = [name for name in self.needed if shares["helen"][name] < LEAST_SHARE]
        if missing:
            return MISSING, f"the parser sees no {', '.join(missing)}"
        if confidence < self.min_confidence:
            return UNSURE, f"confidence {confidence:.3f} of the parser; at least {self.min_confidence:g}"
        if sharpness < self.min_sharpness:
            return BLURRED, f"sharpness {sharpness:.1f}; at least {self.min_sharpness:g}"
        if unknown > MOST_UNKNOWN:
            return OPEN, f"{unknown:.0%} of the label is unknown; at most {MOST_UNKNOWN:.0%}"
        return None


def outside_share(alignment: Alignment) -> float:
    """The share of the crop that lies beyond the photograph's borders, to 1/4096, from a grid of 64x64 positions."""
    steps = (np.arange(64) + 0.5) / 64 * alignment.resolution - 0.5
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    x, y = alignment.inverse @ (x, y, np.ones_like(x))
    height, width = alignment.photo_size
    return float(1 - ((x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)).mean())


def sharpness(image: np.ndarray, label: np.ndarray) -> float:
    """Variance of the Laplacian over the face, hair and background excepted, in gray levels.

    Crops of more than 256x256 pixels are judged at that size, so that one bound fits all. A sharp background does not
    hide a blurred face. The outline does not count. Noise counts as sharpness. 0 if there is no face.

    Args:
      image: uint8 RGB [R, R, 3].
      label: uint8 [R, R], Helen ids.
    """
    size = min(len(image), REFERENCE_SIZE)
    gray = cv2.cvtColor(resize_image(image, size), cv2.COLOR_RGB2GRAY)
    label = resize_label(label, size)
    face = ((label != labels.BACKGROUND) & (label != labels.HAIR)).astype(np.uint8)
    inside = cv2.erode(face, np.ones((5, 5), np.uint8)) > 0
    return float(cv2.Laplacian(gray, cv2.CV_32F)[inside].var()) if inside.any() else 0.0
