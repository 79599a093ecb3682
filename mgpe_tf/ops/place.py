"""Put a component's feature at its place in an empty map (the input of G_m, paper section 3.2)."""

from __future__ import annotations

from keras import ops

from mgpe_tf.ops.selection import selection_matrix
from mgpe_tf.ops.tensor import Tensor


def place(features: Tensor, centres: Tensor, size: tuple[int, int]) -> Tensor:
    """The transpose of ``crop``: zeros with the feature at its centre; what falls outside the map is dropped.

    Args:
      features: float [B, h, w, C].
      centres: int32 [B, 2], (row, column); row i of the feature goes to row centre - h // 2 + i, columns alike.
      size: (H, W) of the map.

    Returns:
      [B, H, W, C] in the features' type; differentiable in ``features``.
    """
    rows = selection_matrix(centres[:, 0], features.shape[1], size[0], features.dtype)
    columns = selection_matrix(centres[:, 1], features.shape[2], size[1], features.dtype)
    return ops.einsum("bip,biqc->bpqc", rows, ops.einsum("bjq,bijc->biqc", columns, features))
