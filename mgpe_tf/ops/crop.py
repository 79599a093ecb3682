"""Cut a component out of an image (the input of E_local, paper section 3.1)."""

from __future__ import annotations

from keras import ops

from mgpe_tf.ops.selection import selection_matrix
from mgpe_tf.ops.tensor import Tensor


def crop(images: Tensor, centres: Tensor, size: tuple[int, int]) -> Tensor:
    """Crops of one size about the given centres; what lies outside the frame is zero.

    Args:
      images: float [B, H, W, C].
      centres: int32 [B, 2], (row, column).
      size: (h, w); row i of the crop is row centre - h // 2 + i of the image, columns alike.

    Returns:
      [B, h, w, C] in the images' type; differentiable in ``images``.
    """
    rows = selection_matrix(centres[:, 0], size[0], images.shape[1], images.dtype)
    columns = selection_matrix(centres[:, 1], size[1], images.shape[2], images.dtype)
    return ops.einsum("bjq,biqc->bijc", columns, ops.einsum("bip,bpqc->biqc", rows, images))
