"""Where the face components lie: crop sizes, centres and plane maps. Pure numbers, in pixels.

Positions are (row, col); plane maps act on pixel coordinates (x, y) = (col, row). Sizes are given at 256x256 and scale
with the resolution.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from mgpe_tf import labels
from mgpe_tf.errors import UserError

REFERENCE_SIZE = 256
"""Resolution in pixels at which component sizes and fallback centres are given."""


@dataclasses.dataclass(frozen=True)
class Component:
    """A face component with an auto-encoder of its own (paper section 3.1).

    Attributes:
      name: the component's name.
      labels: the Helen ids it covers.
      height, width: crop size at 256x256.
      masked: whether the crop is multiplied by the component's mask.
      whole: whether the crop is the whole frame (skin, hair).
      fallback: (row, col) at 256x256 used as the centre when the mask has none of the labels.
    """

    name: str
    labels: tuple[int, ...]
    height: int
    width: int
    masked: bool
    whole: bool
    fallback: tuple[int, int]


COMPONENTS = (
    Component("left_eye", (labels.LEFT_EYE,), 32, 48, False, False, (116, 96)),
    Component("right_eye", (labels.RIGHT_EYE,), 32, 48, False, False, (116, 160)),
    Component(
        "skin", (labels.SKIN, labels.LEFT_BROW, labels.RIGHT_BROW, labels.NOSE), 256, 256, True, True, (128, 128)
    ),
    Component("hair", (labels.HAIR,), 256, 256, True, True, (128, 128)),
    Component("mouth", (labels.UPPER_LIP, labels.INNER_MOUTH, labels.LOWER_LIP), 80, 144, True, False, (184, 128)),
)
"""The five components in the order in which G_m's input concatenates their placed features, after E_m's."""

INSIDE_OF_MOUTH = Component("inside_of_mouth", (labels.INNER_MOUTH,), 64, 96, False, False, (184, 128))
"""Where an opened mouth is completed: its inside, lips and the skin around them."""


def component(name: str) -> Component:
    """The component called `name`; UserError if there is none."""
    for candidate in COMPONENTS:
        if candidate.name == name:
            return candidate
    raise UserError(f"component: {name!r} is unknown; allowed: {', '.join(c.name for c in COMPONENTS)}")


def crop_size(component: Component, resolution: int) -> tuple[int, int]:
    """Crop (height, width) of a component in pixels at `resolution`."""
    return component.height * resolution // REFERENCE_SIZE, component.width * resolution // REFERENCE_SIZE


def bounding_box(mask: np.ndarray, labels: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """The smallest box of some labels in a mask.

    Args:
      mask: integer [H, W] Helen ids.
      labels: the ids to enclose.

    Returns:
      (top, bottom, left, right) in pixels, all inclusive; None if no pixel has one of the labels.
    """
    inside = np.isin(mask, labels)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        return None
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def component_centre(mask: np.ndarray, component: Component) -> tuple[int, int]:
    """The (row, col) about which a component is cropped and placed.

    It is the middle of the bounding box of the component's labels, rounded down; the fallback, scaled to the mask,
    where the mask has none of them; the middle of the frame for the whole-frame components.

    Args:
      mask: integer [H, W] Helen ids.
      component: one of ``COMPONENTS``.
    """
    height, width = mask.shape
    box = None if component.whole else bounding_box(mask, component.labels)
    if box is None:
        row, column = component.fallback
        return row * height // REFERENCE_SIZE, column * width // REFERENCE_SIZE
    top, bottom, left, right = box
    return (top + bottom) // 2, (left + right) // 2


def invert_affine(matrix: np.ndarray) -> np.ndarray:
    """The inverse, float64 [2, 3], of an affine map [2, 3] of pixel coordinates (x, y)."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])
