"""How near each generated portrait comes to its photograph, region by region."""

from __future__ import annotations

import cv2
import numpy as np
from keras import ops

from mgpe_tf import labels
from mgpe_tf.evaluation.measure.portraits import Generated
from mgpe_tf.geometry import bounding_box
from mgpe_tf.metrics.grid import grid
from mgpe_tf.metrics.image import image_psnr, ssim_map
from mgpe_tf.metrics.multiscale import ms_ssim
from mgpe_tf.metrics.seam import seam
from mgpe_tf.ops.images import to_float

REGIONS = {"face": "the face without hair", "hair": "the hair", "foreground": "face and hair", "all": "all pixels"}
"""By name, where reconstructions are compared with photographs."""

PROTOCOLS = {
    **{f"psnr_{name}": f"PSNR of reconstructions in dB, over {where}" for name, where in REGIONS.items()},
    **{f"ssim_{name}": f"SSIM of reconstructions, luminance, over {where}" for name, where in REGIONS.items()},
    **{f"ms_ssim_{name}": f"MS-SSIM of reconstructions, luminance, over {where}" for name, where in REGIONS.items()},
    "psnr_background_reconstruction": "PSNR of reconstructions in dB, background off hair, face and neck",
    "psnr_background_swap": "PSNR of swaps in dB, background off hair, face and neck",
    "seam_reconstruction": "steps across the mask's border by those beside it; 1: as in x_t",
    "seam_swap": "the same of swaps",
    "grid_photograph": "how far hair repeats every 2, 4 or 8 pixels; strands: about 0",
    "grid_reconstruction": "the same of reconstructions",
    "grid_swap": "the same of swaps",
}
"""Descriptions of ``portrait_values``. A score is the mean over the portraits."""


def portrait_values(generated: Generated) -> dict[str, np.ndarray]:
    """Every value of ``PROTOCOLS``, float64 [B] each; nan where a portrait has no such pixels."""
    foreground = generated.masks != labels.BACKGROUND
    regions = {
        "face": np.isin(generated.masks, labels.FACE),
        "hair": generated.masks == labels.HAIR,
        "foreground": foreground,
        "all": np.ones_like(foreground),
    }
    pairs = list(zip(generated.reconstructions, generated.photographs, strict=True))
    similarity = np.stack([ssim_map(*pair) for pair in pairs])
    by_portrait = np.stack(list(regions.values()), axis=1)
    multiscale = np.stack([ms_ssim(*pair, where) for pair, where in zip(pairs, by_portrait, strict=True)], axis=1)
    background = np.stack([free_background(mask) for mask in generated.masks])
    return {
        **{
            f"psnr_{name}": _psnr(generated.reconstructions, generated.photographs, where)
            for name, where in regions.items()
        },
        **{f"ssim_{name}": _mean(similarity, where) for name, where in regions.items()},
        **{f"ms_ssim_{name}": values for name, values in zip(regions, multiscale, strict=True)},
        "psnr_background_reconstruction": _psnr(generated.reconstructions, generated.photographs, background),
        "psnr_background_swap": _psnr(generated.swaps, generated.photographs, background),
        "seam_reconstruction": _seams(generated.reconstructions, generated.photographs, foreground),
        "seam_swap": _seams(generated.swaps, generated.photographs, foreground),
        "grid_photograph": _grids(generated.photographs, regions["hair"]),
        "grid_reconstruction": _grids(generated.reconstructions, regions["hair"]),
        "grid_swap": _grids(generated.swaps, regions["hair"]),
    }


def free_background(mask: np.ndarray) -> np.ndarray:
    """Background that an edit should leave alone, bool [R, R]: off hair and face, and hardly anything of the neck.

    The neck is background in the Helen ids, and so are the ears. So pixels count that lie more than R / 32 from the
    foreground, and no lower than the mouth, or than the face where there is no mouth.

    Args:
      mask: uint8 [R, R] Helen ids.
    """
    background = mask == labels.BACKGROUND
    distance = cv2.distanceTransform(background.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    free = background & (distance > len(mask) / 32)
    box = bounding_box(mask, labels.MOUTH) or bounding_box(mask, labels.FACE)
    if box:
        free[box[1] + 1 :] = False
    return free


def _psnr(pictures: np.ndarray, originals: np.ndarray, where: np.ndarray) -> np.ndarray:
    """PSNR over the pixels bool [B, R, R] of each picture, float64 [B]; nan where there are none."""
    values = image_psnr(to_float(pictures), to_float(originals), where[..., None].astype(np.float32))
    return np.where(where.any(axis=(1, 2)), ops.convert_to_numpy(values), np.nan)


def _mean(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Mean over the pixels bool [B, R, R] of each map [B, R, R]; nan where there are none."""
    total, count = (values * where).sum(axis=(1, 2)), where.sum(axis=(1, 2))
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)


def _grids(pictures: np.ndarray, where: np.ndarray) -> np.ndarray:
    """``grid`` of the pixels bool [B, R, R] of each picture, float64 [B]; nan where there are none."""
    values = grid(to_float(pictures), where[..., None].astype(np.float32))
    return np.where(where.any(axis=(1, 2)), ops.convert_to_numpy(values), np.nan)


def _seams(pictures: np.ndarray, originals: np.ndarray, foreground: np.ndarray) -> np.ndarray:
    """``seam`` of each picture, float64 [B]."""
    return np.array([seam(*portrait) for portrait in zip(pictures, originals, foreground, strict=True)])
