"""Enlarged eye and mouth labels, as the official loader conditions G and D on them."""

from __future__ import annotations

from keras import ops

from mgpe_tf.config_check import check_field
from mgpe_tf.geometry import component
from mgpe_tf.ops.centres import component_centres
from mgpe_tf.ops.membership import membership
from mgpe_tf.ops.tensor import Tensor

_ENLARGED = ("left_eye", "right_eye", "mouth")


def enlarge_labels(mask: Tensor, factor: float) -> Tensor:
    """Grow the eyes and the mouth about their centres and paint them over the mask.

    A grown component takes at pixel p the label at c + round((p - c) / factor), c its centre; it never shrinks, and an
    absent one changes nothing.

    Args:
      mask: Helen ids, any integer type [B, H, W].
      factor: the growth, 1 (the mask as it is) or more; 1.1 in the official code.

    Returns:
      [B, H, W] in the mask's type.

    Raises:
      UserError: factor < 1.
    """
    check_field("loss.label_enlargement", factor)
    result = mask
    for name in _ENLARGED:
        part = component(name)
        grown = _resample(mask, component_centres(mask, part), factor)
        result = ops.where(membership(grown, part), grown, result)
    return result


def _resample(mask: Tensor, centres: Tensor, factor: float) -> Tensor:
    """[B, H, W] magnified about each centre by nearest neighbour; every position read lies inside the mask."""
    height, width = mask.shape[1:3]
    rows = _positions(centres[:, 0], height, factor)[:, :, None]
    columns = _positions(centres[:, 1], width, factor)[:, None, :]
    first = ops.arange(ops.shape(mask)[0], dtype="int32")[:, None, None] * height
    return ops.take(ops.reshape(mask, (-1,)), (first + rows) * width + columns)


def _positions(centres: Tensor, length: int, factor: float) -> Tensor:
    """int32 [B] -> int32 [B, length]: for each output position the input position it reads."""
    centres = centres[:, None]
    offsets = ops.cast(ops.arange(length, dtype="int32") - centres, "float32")
    return centres + ops.cast(ops.round(offsets / factor), "int32")
