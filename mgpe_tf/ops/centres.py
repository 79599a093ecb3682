"""Component centres of a batch of masks: the tensor twin of ``mgpe_tf.geometry.component_centre``."""

from __future__ import annotations

from keras import ops

from mgpe_tf.geometry import REFERENCE_SIZE, Component
from mgpe_tf.ops.membership import membership
from mgpe_tf.ops.tensor import Tensor


def component_centres(mask: Tensor, component: Component) -> Tensor:
    """The centres of one component's bounding boxes.

    Args:
      mask: Helen ids, any integer type [B, H, W].
      component: where it is absent, its fallback, scaled from 256 pixels, stands in; a component that fills the frame
        (``whole``) has the image centre.

    Returns:
      int32 [B, 2]: (row, column), the middle of the first and last row and column, rounded down.
    """
    height, width = mask.shape[1:3]
    row, column = component.fallback
    fallback = (row * height // REFERENCE_SIZE, column * width // REFERENCE_SIZE)
    member = ops.zeros_like(mask, dtype="bool") if component.whole else membership(mask, component)
    rows, columns = ops.any(member, axis=2), ops.any(member, axis=1)
    return ops.stack([_middle(rows, fallback[0]), _middle(columns, fallback[1])], axis=1)


def _middle(occupied: Tensor, fallback: int) -> Tensor:
    """bool [B, L] -> int32 [B]: floor((first + last) / 2) of the true positions, ``fallback`` where there are none."""
    length = occupied.shape[1]
    positions = ops.arange(length, dtype="int32")
    first = ops.min(ops.where(occupied, positions, length), axis=1)
    last = ops.max(ops.where(occupied, positions, -1), axis=1)
    return ops.cast(ops.where(last >= 0, (first + last) // 2, fallback), "int32")
