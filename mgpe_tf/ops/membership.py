"""Which pixels of a mask belong to a component."""

from __future__ import annotations

from keras import ops

from mgpe_tf.geometry import Component


def membership(mask, component: Component):
    """Integer mask [B, H, W] -> bool [B, H, W], true where the label is one of ``component.labels``."""
    labels = ops.convert_to_tensor(component.labels, dtype="int32")
    return ops.any(ops.equal(ops.cast(mask, "int32")[..., None], labels), axis=-1)


def component_mask(mask, component: Component, dtype: str = "float32"):
    """Integer mask [B, H, W] -> [B, H, W, 1] of 0 and 1, in ``dtype`` (float32 unless said)."""
    return ops.cast(membership(mask, component)[..., None], dtype)
