"""The generators of pix2pixHD and BicycleGAN: their sizes, and what they draw of."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
from keras import ops
from small import as_inputs, portraits, randomised

from mgpe_tf.errors import UserError
from mgpe_tf.networks.bicyclegan import BicycleGenerator
from mgpe_tf.networks.pix2pixhd import GlobalGenerator

X_S, M_S, X_T, M_T = as_inputs(portraits())


def masks(size: int):
    return keras.KerasTensor((2, size, size), dtype="int32")


def parameters(network) -> int:
    return sum(np.prod(v.shape) for v in network.trainable_variables)


def convolution(size: int, before: int, after: int, norm: bool = True) -> int:
    """Kernel and bias, and scale and offset of the normalisation."""
    return size * size * before * after + after + 2 * after * norm


@pytest.mark.parametrize("size", [64, 128])
def test_pix2pixhd_has_the_stages_of_its_paper(size):
    network = GlobalGenerator((4, 6, 8, 10, 12), blocks=9)
    image = network(masks(size))
    assert image.shape == (2, size, size, 3) and image.dtype == "float32"
    widths = (4, 6, 8, 10, 12)
    expected = convolution(7, 11, 4) + convolution(7, 4, 3, norm=False) + 18 * convolution(3, 12, 12)
    expected += sum(convolution(3, a, b) + convolution(4, b, a) for a, b in itertools.pairwise(widths))
    assert parameters(network) == expected


@pytest.mark.parametrize("size", [64, 128])
def test_bicyclegan_has_the_stages_of_its_paper(size):
    network = BicycleGenerator((4, 6, 8), (5, 7), code_dim=3)
    output = network(masks(size), keras.KerasTensor((2, size, size, 3)))
    assert output["image"].shape == (2, size, size, 3) and output["image"].dtype == "float32"
    assert output["mean"].shape == output["log_variance"].shape == (2, 3)
    encoder = convolution(4, 3, 5) + convolution(4, 5, 7) + 2 * (7 * (size // 4) ** 2 * 3 + 3)
    down = convolution(4, 11 + 3, 4, norm=False) + convolution(4, 4 + 3, 6) + convolution(4, 6 + 3, 8, norm=False)
    up = convolution(4, 8, 6) + convolution(4, 2 * 6, 4) + convolution(4, 2 * 4, 3, norm=False)
    assert parameters(network) == encoder + down + up


def difference(network, *changed) -> float:
    """How much a portrait changes when its inputs do."""
    first, second = (ops.convert_to_numpy(network.generate(*inputs)) for inputs in ((X_S, M_S, X_T, M_T), changed))
    assert first.shape == X_T.shape and np.abs(first).max() <= 1
    return np.abs(first - second).max()


def test_pix2pixhd_draws_of_the_mask_alone():
    network = GlobalGenerator((4, 6), blocks=1)
    network(M_T)
    randomised(network)
    assert network.embed(X_S) == {} and difference(network, X_T, M_T, X_S, M_T) == 0
    assert difference(network, X_S, M_S, X_T, M_S) > 0.1


def test_bicyclegan_draws_of_the_mask_and_the_source():
    network = BicycleGenerator((4, 6, 8), (4, 6), 3)
    network(M_T, X_T)
    randomised(network)
    assert difference(network, X_S, M_T, X_S, M_T) == 0
    assert difference(network, X_T, M_S, X_T, M_T) > 0.1 and difference(network, X_S, M_S, X_T, M_S) > 0.1


def test_the_code_is_sampled_from_what_the_encoder_gives():
    network = BicycleGenerator((4, 6), (4, 6), 3)
    noise = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    randomised(network) if network(M_T, X_T) else None
    output = network(M_T, X_T, noise)
    codes = output["mean"] + np.exp(output["log_variance"] / 2) * noise
    np.testing.assert_allclose(output["image"], network.draw(M_T, codes), atol=1e-5)
    np.testing.assert_allclose(network(M_T, X_T)["image"], network.generate(X_T, M_T, X_T, M_T), atol=1e-6)


def test_every_stage_down_is_given_the_code():
    network = BicycleGenerator((4, 6, 8), (4, 6), 3)
    network(masks(64), keras.KerasTensor((2, 64, 64, 3)))
    assert [stage.conv.kernel.shape[2] for stage in network.down] == [11 + 3, 4 + 3, 6 + 3]


def test_too_few_stages_are_named():
    with pytest.raises(UserError, match=r"baseline.filters is \(\); allowed: at least 1"):
        GlobalGenerator(())
    with pytest.raises(UserError, match=r"baseline.filters is \(4,\), baseline.encoder .* two stages or more"):
        BicycleGenerator((4,))
