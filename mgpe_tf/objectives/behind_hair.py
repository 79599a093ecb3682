"""The objective of what lies behind hair: another's hair is laid over a mask, and what it covers is to be told.

Only the masks of a batch are read, and of these what they tell of CelebAMask-HQ's nineteen classes.
"""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf import losses
from mgpe_tf.config import Config
from mgpe_tf.config_check import check_registration
from mgpe_tf.labels import NUM_PARTS, PARTIAL_TO_HELEN, PARTS, UNLABELLED
from mgpe_tf.metrics.segmentation import confusion_matrix, macro_f1
from mgpe_tf.networks.behind_hair import BehindHair
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops.one_hot import class_shares
from mgpe_tf.ops.tensor import Tensor

HAIR = PARTS["hair"]


class BehindHairObjective(Objective):
    """See the module.

    Args:
      config: the experiment.

    Raises:
      UserError: sizes that do not fit; the message names the field.
    """

    product = "behind_hair"

    def __init__(self, config: Config):
        self.cells = config.registration.cells
        self.networks = {"behind_hair": self.build(config)}

    @staticmethod
    def build(config: Config) -> BehindHair:
        """A built network; UserError for sizes that do not fit."""
        check_registration(config)
        network, cells = BehindHair(config.registration.filters), config.registration.cells
        network(np.zeros((1, cells, cells, NUM_PARTS), np.float32))
        return network

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """L_P on what the hair of the portrait before covers."""
        covered, hidden = _covered(batch["target_mask"])
        logits = self.networks["behind_hair"](class_shares(covered, self.cells, NUM_PARTS))
        loss = losses.share_loss(class_shares(hidden, self.cells, NUM_PARTS), logits)
        return {"behind_hair": loss}, {"L_P": loss}

    def validation(self, product: BehindHair, batch: dict) -> dict:
        """The confusion matrix in covered pixels per image, row = part, column = prediction, [19, 19]."""
        covered, hidden = _covered(batch["target_mask"])
        found = ops.argmax(self._logits(product, covered), axis=-1)
        return {"confusion": confusion_matrix(hidden, found, NUM_PARTS) / covered.shape[0]}

    def scores(self, means: dict) -> dict[str, float]:
        """The share of covered pixels that are told rightly, and the mean F1 of the parts but background."""
        confusion = np.asarray(means["confusion"])
        right = float(np.trace(confusion) / max(confusion.sum(), 1e-9))
        return {"accuracy": right, "f1_macro_parts": macro_f1(confusion)}

    def pictures(self, product: BehindHair, batch: dict) -> dict:
        """The mask, the same under another's hair, and without hair, in Helen's classes."""
        mask = batch["target_mask"]
        covered, _ = _covered(mask)
        found = ops.where(covered == HAIR, ops.argmax(self._logits(product, covered), axis=-1), covered)
        table = ops.convert_to_tensor(PARTIAL_TO_HELEN, "int32")
        named = {"m": mask, "m under hair": covered, "m without hair": found}
        return {name: ops.take(table, ops.cast(each, "int32")) for name, each in named.items()}

    def _logits(self, product: BehindHair, covered: Tensor) -> Tensor:
        size = covered.shape[1:3]
        logits = product(class_shares(covered, self.cells, NUM_PARTS))
        return ops.image.resize(logits, size, interpolation="bilinear", data_format="channels_last")


def _covered(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Masks [B, R, R] of partial ids under the hair of the portrait before each, and what of them it covers: the parts
    that it hides, and ``UNLABELLED`` elsewhere."""
    mask = ops.cast(mask, "int32")
    over = ops.roll(mask, 1, axis=0) == HAIR
    return ops.where(over, HAIR, mask), ops.where(over & (mask != HAIR), mask, UNLABELLED)
