"""The face parser's objective, L_P (paper section 3.1)."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from mgpe_tf import losses
from mgpe_tf.config import Config
from mgpe_tf.config_check import check_parser
from mgpe_tf.labels import MIRRORED, NUM_PARTS, PARTIAL_TO_HELEN
from mgpe_tf.metrics.segmentation import confusion_matrix, macro_f1, segmentation_scores
from mgpe_tf.networks.lite_parser import LiteParser
from mgpe_tf.networks.mobile_parser import MobileParser
from mgpe_tf.networks.unet_parser import Parser
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.ops.classes import to_helen
from mgpe_tf.ops.images import to_float
from mgpe_tf.ops.tensor import Tensor


class ParserObjective(Objective):
    """Cross-entropy of P_F on the target images; the Dice loss and the distance from a teacher where the config weighs
    them.

    Args:
      config: the experiment.
      parser: the trained one of L_distil, the teacher; it stays as it is.
    """

    product = "parser"

    def __init__(self, config: Config, parser: keras.Model | None = None):
        self.config, self.teacher = config.loss, parser
        if parser is not None:
            parser.trainable = False
            self.frozen = (parser,)
        self.networks = {"parser": self.build(config)}
        self.parts = predicts_parts(config)
        self.parsing_loss = losses.partial_parsing_loss if self.parts else losses.parsing_loss
        self.dice_loss = losses.partial_dice_loss if self.parts else losses.dice_loss

    @staticmethod
    def reads(config: Config) -> tuple[str, ...]:
        """A teacher, if there is one."""
        return ("parser",) if config.loss.distillation else ()

    @staticmethod
    def build(config: Config) -> keras.Model:
        """See ``build_parser``."""
        return build_parser(config)

    def losses(self, kind: str, batch: dict) -> tuple[dict, dict]:
        """L_P + dice L_Dice + distillation L_distil as the total, and the terms."""
        image, mask = _image(batch), batch["target_mask"]
        logits = self.networks["parser"](image, training=True)
        total = self.parsing_loss(mask, logits)
        terms = {"L_P": total}
        if self.config.dice:
            terms["L_Dice"] = self.dice_loss(mask, logits)
            total += self.config.dice * terms["L_Dice"]
        if self.teacher is not None:
            terms["L_distil"] = losses.distillation_loss(flip_averaged(self.teacher, image), logits)
            total += self.config.distillation * terms["L_distil"]
        return {"parser": total}, terms

    def validation(self, product: keras.Model, batch: dict) -> dict:
        """L_P and the confusion matrices in pixels per image, row = label, column = prediction: of Helen's classes,
        float [11, 11], and of a parser of nineteen classes that of these, where the label knows them, [19, 19]."""
        mask, logits = batch["target_mask"], product(_image(batch))
        found = {"L_P": self.parsing_loss(mask, logits)}
        if self.parts:
            found["parts"] = confusion_matrix(mask, ops.argmax(logits, axis=-1), NUM_PARTS) / logits.shape[0]
            mask = _helen_labels(mask)
            logits = to_helen(ops.softmax(logits))
        return {**found, "confusion": confusion_matrix(mask, ops.argmax(logits, axis=-1)) / logits.shape[0]}

    def scores(self, means: dict) -> dict[str, float]:
        """L_P, and the scores of the confusion matrices under the names of their protocols."""
        scores = {"L_P": float(means["L_P"]), **segmentation_scores(means["confusion"])}
        if self.parts:
            scores["f1_macro_parts"] = macro_f1(means["parts"])
        return scores

    def pictures(self, product: keras.Model, batch: dict) -> dict:
        """Image, label and prediction."""
        image, mask = _image(batch), batch["target_mask"]
        logits = product(image)
        if self.parts:
            mask, logits = _helen_labels(mask), to_helen(ops.softmax(logits))
        return {"x": image, "m": mask, "P_F(x)": ops.argmax(logits, axis=-1)}


def flip_averaged(parser: keras.Model, images: Tensor) -> Tensor:
    """Probabilities of a parser for images and, mirrored back, for their mirror images: the mean of both, [B, H, W,
    C]."""
    logits = parser(ops.concatenate([images, ops.flip(images, axis=2)]), training=False)
    straight, mirrored = ops.split(ops.softmax(logits), 2)
    flipped = np.array(MIRRORED[parser.label_set])
    return (straight + ops.take(ops.flip(mirrored, axis=2), flipped, axis=-1)) / 2


def predicts_parts(config: Config) -> bool:
    """Whether an experiment trains a network of nineteen classes, by partial labels."""
    return config.task in ("behind_hair", "uncovering") or (config.task == "parser" and config.parser.kind == "lite")


def takes_unknown(config: Config) -> bool:
    """Whether an experiment can learn from labels that leave pixels out."""
    return config.task in ("parser", "behind_hair", "uncovering", "inner_mouth")


def _helen_labels(mask: Tensor) -> Tensor:
    """Partial ids -> Helen ids; 255 where anything may be."""
    return ops.take(ops.convert_to_tensor(PARTIAL_TO_HELEN, "int32"), ops.cast(mask, "int32"))


def _image(batch: dict) -> Tensor:
    return to_float(batch["target_image"])


def build_parser(config: Config) -> keras.Model:
    """A built P_F for the experiment's resolution; UserError for a kind that there is not, or sizes that do not fit."""
    size, options = config.data.resolution, config.parser
    check_parser(options, size)  # before Keras, which says much on the way to the same error
    network: keras.Model
    if options.kind == "lite":
        network = LiteParser(options.up_filters, options.up_blocks)
    elif options.kind == "mobile":
        network = MobileParser(options.filters, options.blocks, options.up_filters, options.up_blocks)
    else:
        network = Parser(options.filters, options.dropout, options.tanh)
    network(keras.KerasTensor((1, size, size, 3)))
    return network
