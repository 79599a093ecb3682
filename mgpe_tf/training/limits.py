"""What the numbers of an experiment may be, checked before anything is built."""

from __future__ import annotations

import operator

import numpy as np

from mgpe_tf.config import Config
from mgpe_tf.errors import UserError

_COUNT = (lambda v: v >= 1, "1 or more")
_POSITIVE = (lambda v: 0 < v < float("inf"), "more than 0")
_NOT_NEGATIVE = (lambda v: 0 <= v < float("inf"), "0 or more")
_COUNTS = (lambda v: all(n >= 0 for n in np.atleast_1d(v)), "0 or more")
_SIZES = (lambda v: all(n >= 1 for n in np.atleast_1d(v)), "1 or more")
_DECAY = (lambda v: 0 <= v < 1, "0 or more and less than 1")

_PARTS = [f"{part}.{stages}" for part in ("eye", "mouth", "skin", "hair") for stages in ("encoder", "feature", "image")]

LIMITS = {
    **{
        f"generator.{field}": _SIZES
        for field in (
            "stem",
            "grid",
            "embedding_dim",
            "mask",
            "width",
            "foreground",
            "fusion_scale",
            "fusion_kernel",
            *_PARTS,
        )
    },
    "generator.background": _NOT_NEGATIVE,
    "generator.head_units": _NOT_NEGATIVE,
    "generator.blocks": _NOT_NEGATIVE,
    "discriminator.filters": _SIZES,
    "baseline.filters": _SIZES,
    "baseline.blocks": _NOT_NEGATIVE,
    "baseline.encoder": _SIZES,
    "baseline.code_dim": _COUNT,
    "parser.filters": _SIZES,
    "parser.up_filters": _SIZES,
    "parser.blocks": _COUNTS,
    "parser.up_blocks": _COUNTS,
    "data.synthetic_size": _COUNT,
    "data.validation_size": _COUNT,
    "training.steps": _COUNT,
    "training.batch_size": _COUNT,
    "training.learning_rate": _POSITIVE,
    "training.discriminator_learning_rate": _NOT_NEGATIVE,
    "training.beta_1": _DECAY,
    "training.beta_2": _DECAY,
    "training.decay_start": (lambda v: 0 <= v <= 1, "0 to 1"),
    "training.clip_norm": _NOT_NEGATIVE,
    "training.ema": _DECAY,
    "training.seed": (lambda v: 0 <= v < 2**32, "0 to 4294967295"),
    "training.log_every": _COUNT,
    "training.sample_every": _COUNT,
    "training.validate_every": _COUNT,
    "training.checkpoint_every": _COUNT,
    "training.keep_checkpoints": _COUNT,
}
"""(test, what it allows in words) by field."""


def check_limits(config: Config) -> None:
    """Raises UserError for the first field that is out of its limits."""
    for field, (is_allowed, words) in LIMITS.items():
        value = operator.attrgetter(field)(config)
        if not is_allowed(value):
            raise UserError(f"{field} is {value}; allowed is {words}")
