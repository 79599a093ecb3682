"""The registration network's objective: flows that are known, and two people's masks.

Only the masks of a batch are read. In paired steps m_t is m_s moved by a random flow, which the network is to find; in
unpaired steps m_s and m_t are two people's, and m_s, moved by what the network finds, is to be m_t.
"""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf import labels, losses
from mgpe_tf.config import Config
from mgpe_tf.config_check import check_registration
from mgpe_tf.metrics.segmentation import confusion_matrix, segmentation_scores
from mgpe_tf.networks.registration import Registration
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops.flow import NUMBERS, random_flow, resized_flow
from mgpe_tf.ops.one_hot import class_shares
from mgpe_tf.ops.tensor import Tensor
from mgpe_tf.ops.warp import flow_warp

CLASS_WEIGHTS = np.ones(labels.NUM_CLASSES, np.float32)
"""How much each class counts in L_label: small ones more, since a cell holds much of them."""
CLASS_WEIGHTS[list(labels.FEATURES)] = 2.0
CLASS_WEIGHTS[[labels.LEFT_EYE, labels.RIGHT_EYE]] = 3.0
CLASS_WEIGHTS[[labels.NOSE, labels.SKIN, labels.HAIR, labels.BACKGROUND]] = 1.5, 0.5, 0.7, 0.3


class RegistrationObjective(Objective):
    """See the module.

    Args:
      config: the experiment.

    Raises:
      UserError: sizes that do not fit; the message names the field.
    """

    product = "registration"
    noise = (NUMBERS,)

    def __init__(self, config: Config):
        self.config, self.cells = config.loss, config.registration.cells
        self.kinds = ("paired", "unpaired") if config.training.unpaired else ("paired",)
        self.networks = {"registration": self.build(config)}

    @staticmethod
    def build(config: Config) -> Registration:
        """A built network; UserError for sizes that do not fit."""
        check_registration(config)
        network = Registration(labels.NUM_CLASSES, config.registration.filters)
        shares = np.zeros((1, config.registration.cells, config.registration.cells, labels.NUM_CLASSES), np.float32)
        network(shares, shares)
        return network

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """lambda_label L_label + lambda_bending L_bending + lambda_strain L_strain, and in paired steps lambda_EPE
        L_EPE."""
        config = self.config
        if kind == "paired":
            source, target, known = self._moved(batch["source_mask"], batch["noise"])
        else:
            source, target = (class_shares(batch[f"{name}_mask"], self.cells) for name in ("source", "target"))
        flow = self.networks["registration"](source, target)
        terms = {
            "L_label": losses.label_loss(flow_warp(source, flow), target, CLASS_WEIGHTS),
            "L_bending": losses.bending_loss(flow),
            "L_strain": losses.strain_loss(flow),
        }
        total = config.label * terms["L_label"]
        total += config.bending * terms["L_bending"] + config.strain * terms["L_strain"]
        if kind == "paired":
            terms["L_EPE"] = losses.end_point_loss(flow, known, 1 - target[..., labels.BACKGROUND])
            total += config.end_point * terms["L_EPE"]
        return {"registration": total}, terms

    def _moved(self, mask: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Shares of masks, shares of what random flows make of them, and the flows."""
        flow = random_flow(noise, self.cells)
        moved = _warped(mask, flow)
        return class_shares(mask, self.cells), class_shares(moved, self.cells), flow

    def validation(self, product: Registration, batch: dict) -> dict:
        """L_EPE in cells for random flows that stay the same, and of two people's masks the confusion matrix in pixels
        per image, row = m_t, column = the warped m_s, and L_strain."""
        count = batch["target_mask"].shape[0]
        noise = np.random.default_rng(0).standard_normal((count, NUMBERS)).astype(np.float32)
        source, target, known = self._moved(batch["target_mask"], ops.convert_to_tensor(noise))
        error = losses.end_point_loss(product(source, target), known, 1 - target[..., labels.BACKGROUND])
        flow = self._flow(product, batch)
        confusion = confusion_matrix(batch["target_mask"], _warped(batch["source_mask"], flow)) / count
        return {"L_EPE": error, "L_strain": losses.strain_loss(flow), "confusion": confusion}

    def scores(self, means: dict) -> dict[str, float]:
        """L_EPE, L_strain, and the scores of the confusion matrix under the names of their protocols."""
        terms = {name: float(means[name]) for name in ("L_EPE", "L_strain")}
        return {**terms, **segmentation_scores(means["confusion"])}

    def pictures(self, product: Registration, batch: dict) -> dict:
        """m_s, m_t, and m_s moved to m_t."""
        source, target = batch["source_mask"], batch["target_mask"]
        return {"m_s": source, "m_t": target, "m_s to m_t": _warped(source, self._flow(product, batch))}

    def _flow(self, product: Registration, batch: dict) -> Tensor:
        return product(*(class_shares(batch[f"{name}_mask"], self.cells) for name in ("source", "target")))


def _warped(mask: Tensor, flow: Tensor) -> Tensor:
    """Integer masks [B, R, R] moved by flows of coarser cells."""
    return flow_warp(mask[..., None], resized_flow(flow, mask.shape[1]), "nearest")[..., 0]
