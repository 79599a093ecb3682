"""The scripted edits of masks by name, alone and together (``shapes``, ``hair``)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from mgpe_tf import labels
from mgpe_tf.config import did_you_mean
from mgpe_tf.editing.masks import shapes
from mgpe_tf.editing.masks.hair import hair_length, hair_volume, length_moved, volume_moved
from mgpe_tf.editing.masks.moves import Moved
from mgpe_tf.editing.masks.scene import Scene
from mgpe_tf.errors import UserError


@dataclasses.dataclass(frozen=True)
class Edit:
    """An edit as a user meets it.

    Attributes:
      function: (mask uint8 [H, W] of Helen ids, amount) -> mask uint8 [H, W]; 0 changes nothing.
      summary: what it does, in one line.
      moved: (mask before, mask after, amount) -> how it moves a photograph's pixels.
      of_hair: whether it changes nothing but hair.
      behind_glasses: whether it moves what is behind glasses, which stay where they are.
      low, high: the range of the amount.
    """

    function: Callable[[np.ndarray, float], np.ndarray]
    summary: str
    moved: shapes.Move
    of_hair: bool = False
    behind_glasses: bool = False
    low: float = -1.0
    high: float = 1.0


EDITS = {
    "face_width": Edit(shapes.face_width, "a wider face (negative: slimmer)", shapes.face_width_moved),
    "hair_volume": Edit(hair_volume, "fuller hair (negative: flatter)", volume_moved, of_hair=True),
    "hair_length": Edit(hair_length, "longer hair (negative: shorter)", length_moved, of_hair=True),
    "nose_size": Edit(shapes.nose_size, "a larger nose (negative: smaller)", shapes.part_moved(labels.NOSE)),
    "raise_brows": Edit(
        shapes.raise_brows, "raised brows (negative: lowered)", shapes.brows_moved, behind_glasses=True
    ),
    "eye_size": Edit(
        shapes.eye_size, "larger eyes (negative: smaller)", shapes.part_moved(labels.LEFT_EYE, labels.RIGHT_EYE)
    ),
    "left_eye_size": Edit(
        shapes.left_eye_size, "a larger left eye as you see it (negative: smaller)", shapes.part_moved(labels.LEFT_EYE)
    ),
    "right_eye_size": Edit(
        shapes.right_eye_size,
        "a larger right eye as you see it (negative: smaller)",
        shapes.part_moved(labels.RIGHT_EYE),
    ),
    "smile": Edit(shapes.smile, "corners of the mouth up (negative: down)", shapes.smile_moved),
    "open_mouth": Edit(
        shapes.open_mouth, "a mouth further open (negative: closed, at -1 altogether)", shapes.open_mouth_moved
    ),
}
"""The edits by name, in the order in which ``apply`` makes them: first what moves other parts, the open mouth last."""


def check_amount(name: str, amount: float) -> None:
    """Raises UserError if there is no edit called `name`, or if `amount` is no number in its range."""
    if name not in EDITS:
        raise UserError(f"edit {name!r} is unknown{did_you_mean(name, EDITS)}; allowed: {', '.join(EDITS)}")
    edit = EDITS[name]
    if not isinstance(amount, (int, float, np.number)) or not edit.low <= amount <= edit.high:
        raise UserError(f"{name} is {amount!r}; allowed: a number from {edit.low:g} to {edit.high:g}, 0 for no change")


def apply(mask: np.ndarray, amounts: Mapping[str, float], scene: Scene | None = None) -> np.ndarray:
    """Makes some edits, in the order of ``EDITS`` whatever that of `amounts`.

    Args:
      mask: integer [H, W] Helen ids.
      amounts: the amount by the name of the edit; those not named are 0.
      scene: of the portrait, if it is known: then hair that goes leaves what was behind it, and none covers a hat.

    Returns:
      uint8 [H, W].

    Raises:
      UserError: an unknown edit, an amount outside its range, or a mask that is none.
    """
    labels.validate(mask, "helen", "mask")
    for name, amount in amounts.items():
        check_amount(name, amount)
    mask = np.asarray(mask, np.uint8)
    return next((after for _, after, _ in reversed(list(steps(mask, amounts, scene)))), mask)


def steps(
    mask: np.ndarray, amounts: Mapping[str, float], scene: Scene | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, Moved]]:
    """Each edit that ``apply`` makes: the mask before and after it, uint8 [H, W], and how it moves a photograph's
    pixels."""
    for name, edit in EDITS.items():
        if amount := float(amounts.get(name, 0)):
            after = edit.function(mask, amount)
            if scene and edit.of_hair:
                after = scene.with_hair_changed(mask, after)
            moved = edit.moved(mask, after, amount)
            yield mask, after, scene.with_glasses_still(moved) if scene and edit.behind_glasses else moved
            mask = after
