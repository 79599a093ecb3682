"""Which pixels of a mask belong to a component."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from keras import ops

from mgpe_tf.geometry import Component
from mgpe_tf.ops.tensor import Tensor


def among(mask: Tensor, ids: Iterable[int]) -> Tensor:
    """Integer mask [B, H, W] -> bool [B, H, W], true where the label is one of ``ids``."""
    # One comparison after the other: cheaper than all along a last axis and a reduction over it.
    return functools.reduce(ops.logical_or, (ops.equal(mask, label) for label in ids))


def membership(mask: Tensor, component: Component) -> Tensor:
    """``among`` of ``component.labels``."""
    return among(mask, component.labels)


def component_mask(mask: Tensor, component: Component, dtype: str = "float32") -> Tensor:
    """Integer mask [B, H, W] -> [B, H, W, 1] of 0 and 1, in ``dtype`` (float32 unless said)."""
    return ops.cast(membership(mask, component)[..., None], dtype)
