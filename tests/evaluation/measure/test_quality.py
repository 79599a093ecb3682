"""What is measured of each portrait: the pixels of each region, and the background that edits leave alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio
from small import SIZE, face_mask

from mgpe_tf import labels
from mgpe_tf.data.open import open_layout
from mgpe_tf.evaluation.measure.portraits import Generated
from mgpe_tf.evaluation.measure.quality import PROTOCOLS, free_background, portrait_values
from mgpe_tf.metrics.multiscale import ms_ssim
from mgpe_tf.metrics.seam import seam

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "celebamask_hq_256" / "val"
RNG = np.random.default_rng(0)


def test_values_are_those_of_the_pixels_of_their_region():
    masks = np.stack([face_mask(), np.zeros((SIZE, SIZE), np.uint8)])
    photographs, generated, swaps = RNG.integers(0, 256, (3, 2, SIZE, SIZE, 3)).astype(np.uint8)
    values = portrait_values(Generated(photographs, masks, generated, swaps))
    assert list(values) == list(PROTOCOLS)
    face, foreground = (masks[0] > 0) & (masks[0] != labels.HAIR), masks[0] > 0
    for name, where in (("psnr_face", face), ("psnr_foreground", foreground), ("psnr_all", masks[0] >= 0)):
        expected = peak_signal_noise_ratio(photographs[0][where], generated[0][where], data_range=255)
        assert values[name][0] == pytest.approx(expected, abs=1e-3)
    free = free_background(masks[0])
    expected = peak_signal_noise_ratio(photographs[0][free], swaps[0][free], data_range=255)
    assert values["psnr_background_swap"][0] == pytest.approx(expected, abs=1e-3)
    assert values["ms_ssim_foreground"][0] == ms_ssim(generated[0], photographs[0], foreground[None])
    assert values["seam_swap"][0] == seam(swaps[0], photographs[0], foreground)
    for name in ("psnr_face", "ssim_foreground", "ms_ssim_face", "seam_reconstruction"):
        assert np.isnan(values[name][1])
    assert not np.isnan([values[name][1] for name in ("psnr_all", "ms_ssim_all", "psnr_background_swap")]).any()


def test_a_perfect_reconstruction():
    photographs, masks = RNG.integers(0, 256, (1, SIZE, SIZE, 3)).astype(np.uint8), face_mask()[None]
    values = portrait_values(Generated(photographs, masks, photographs, 255 - photographs))
    for name, value in values.items():
        if name == "ms_ssim_hair":  # of which this mask has too little
            assert np.isnan(value).all()
        elif name.startswith("grid"):
            assert abs(value) < 0.1 and (name == "grid_swap" or value == values["grid_photograph"])
        elif name != "psnr_background_swap":
            assert value == pytest.approx([100 if name.startswith("psnr") else 1], abs=1e-4), name


def test_the_free_background_lies_off_the_face_and_not_under_it():
    mask = face_mask()
    free = free_background(mask)
    rows, columns = np.nonzero(free)
    assert rows.max() == 50  # the lowest row of the mouth
    assert columns[rows == 30].tolist() == [*range(10), *range(54, SIZE)]  # hair from 12 to 51, two pixels away from it
    mask[np.isin(mask, (7, 8, 9))] = labels.SKIN
    assert np.nonzero(free_background(mask))[0].max() == 57  # the lowest row of the face
    assert free_background(np.zeros_like(mask)).all() and not free_background(np.ones_like(mask)).any()


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the development data")
def test_hardly_any_neck_is_in_the_free_background():
    source = open_layout("folder", SHARED, "celebamask_hq", 256)
    free, necks = [], []
    for number, name in enumerate(source.names[:20]):
        free.append(free_background(source.load(number)[1]))
        necks.append(np.asarray(Image.open(SHARED / "labels" / f"{name}.png")) == 17)
    free, necks = np.stack(free), np.stack(necks)
    assert free.mean() > 0.1 and necks.mean() > 0.02 and necks[free].mean() < 0.01
