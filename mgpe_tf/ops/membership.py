"""Which pixels of a mask belong to a component."""

from __future__ import annotations

from keras import ops

from mgpe_tf.geometry import Component
from mgpe_tf.ops.tensor import Tensor


def membership(mask: Tensor, component: Component) -> Tensor:
    """Integer mask [B, H, W] -> bool [B, H, W], true where the label is one of ``component.labels``."""
    labels = ops.convert_to_tensor(component.labels, dtype="int32")
    return ops.any(ops.equal(ops.cast(mask, "int32")[..., None], labels), axis=-1)


def component_mask(mask: Tensor, component: Component, dtype: str = "float32") -> Tensor:
    """Integer mask [B, H, W] -> [B, H, W, 1] of 0 and 1, in ``dtype`` (float32 unless said)."""
    return ops.cast(membership(mask, component)[..., None], dtype)
