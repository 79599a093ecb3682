"""What is seen in a mouth that an edit opens: teeth, tongue and the dark behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from mgpe_tf.geometry import INSIDE_OF_MOUTH, crop_size
from mgpe_tf.labels import NUM_CLASSES
from mgpe_tf.networks.uncovering import Uncovering


@keras.saving.register_keras_serializable("mgpe_tf")
class InnerMouth(Uncovering):
    """The network of ``Uncovering`` on crops about the mouth, whose classes are Helen's eleven (of which skin has the
    same id): it continues what is known of them into the mouth's inside. The skin around tells the light.

    Args:
      filters: see ``LabelUNet``.

    Raises:
      UserError: fewer than three stages, or filters that are no multiples of 8.

    Examples:
      >>> crops = InnerMouth()(crops, known, one_hot_mask(masks))
    """

    def __init__(self, filters: Sequence[int] = (24, 40, 64, 96, 128), name: str = "inner_mouth", **kwargs: Any):
        super().__init__(filters, name, **kwargs)

    def built_for(self, resolution: int) -> InnerMouth:
        """The same network, with its variables made, for portraits of so many pixels a side."""
        crop = keras.KerasTensor((1, *crop_size(INSIDE_OF_MOUTH, resolution), 3))
        self(crop, crop[..., :1], keras.KerasTensor((*crop.shape[:3], NUM_CLASSES)))
        return self
