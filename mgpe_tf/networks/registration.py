"""The registration network: by which flow one mask becomes another (after Balakrishnan et al. 2019, "VoxelMorph",
which reads images where this reads labels)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.networks.blocks import Conv
from mgpe_tf.networks.label_unet import LabelUNet
from mgpe_tf.ops.cubic import cubic_enlarge
from mgpe_tf.ops.tensor import Tensor

COARSE, FINE = 16.0, 4.0
"""Cells by which one unit of the coarse head, and of the fine one, moves."""


@keras.saving.register_keras_serializable("mgpe_tf")
class Registration(LabelUNet):
    """A U-Net with two heads, for what moves as a whole and for details; untrained it moves nothing.

    Args:
      classes: of the masks.
      filters: see ``LabelUNet``. The coarse head is at the last stage but one.

    Raises:
      UserError: fewer than three stages, or filters that are no multiples of 8.

    Examples:
      >>> flow = Registration()(class_shares(m_s, 64), class_shares(m_t, 64))
    """

    def __init__(
        self,
        classes: int = NUM_CLASSES,
        filters: Sequence[int] = (32, 48, 64, 96, 128),
        name: str = "registration",
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, name, **kwargs)
        self.classes = classes
        self.coarse = Conv(2, 3, pad=1, kernel_initializer="zeros", name="coarse")
        self.fine = Conv(2, 3, pad=1, kernel_initializer="zeros", name="fine")

    def call(self, source: Tensor, target: Tensor) -> Tensor:
        """The share of each class in each cell of m_s and of m_t, float [B, H, W, classes] each -> flow f, float32
        [B, H, W, 2], (right, down) in cells, with m_t(p) = m_s(p + f(p))."""
        first, *_, last = self.stages(source, target)
        coarse, fine = (ops.cast(flow, keras.config.floatx()) for flow in (self.coarse(first), self.fine(last)))
        return COARSE * cubic_enlarge(coarse, fine.shape[1:3]) + FINE * fine

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "classes": self.classes}
