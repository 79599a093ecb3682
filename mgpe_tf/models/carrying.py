"""The networks by which an editor keeps photographs' own pixels, as one."""

from __future__ import annotations

from pathlib import Path

from mgpe_tf.errors import UserError
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.models.resting import SOFT, STIFF, registration_network, with_weights
from mgpe_tf.models.shipped import model_path
from mgpe_tf.networks.carrying import CELLS, Carrying
from mgpe_tf.networks.completion import Completion

FILE = "completion.npz"
"""Of the completion's weights."""


def carrying_network(resolution: int, completion: Path | None = None) -> Carrying | None:
    """The bundled registration networks and a completion.

    Args:
      resolution: R of the portraits.
      completion: file of the weights of a completion of the standard size that was trained on such portraits; None for
        the bundled one, which was on those of 256 pixels.

    Returns:
      None without a completion for R.

    Raises:
      UserError: the file holds no such weights, or R is no multiple of ``CELLS``.
    """
    if completion is None and resolution != REFERENCE_SIZE:
        return None
    if resolution % CELLS:
        raise UserError(f"{completion} for an editor of {resolution} pixels; allowed: a multiple of {CELLS}")
    registration = model_path("registration")
    return Carrying(
        registration_network(registration / SOFT, "soft"),
        registration_network(registration / STIFF, "stiff"),
        completion_network(completion or model_path("completion") / FILE, resolution),
    )


def completion_network(path: Path, resolution: int = REFERENCE_SIZE) -> Completion:
    """The completion of a file of weights; UserError if it holds none."""
    return with_weights(Completion().built_for(resolution), path)
