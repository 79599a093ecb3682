"""The shared layers: padding, size doubling, momentum, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf.errors import UserError
from mgpe_tf.networks.blocks import Conv, ConvBlock, ImageHead, ResidualBlock, SpectralConv, UpBlock, activate
from mgpe_tf.networks.discriminator import half_size

X = np.random.default_rng(0).normal(size=(2, 9, 8, 3)).astype(np.float32)


def convolve(x: np.ndarray, kernel: np.ndarray, stride: int = 1) -> np.ndarray:
    """Valid convolution [B, H, W, C] * [k, k, C, F], in float64."""
    size = kernel.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), (size, size), (1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows[:, ::stride, ::stride], kernel)


@pytest.mark.parametrize(
    ("kernel", "stride", "pad", "mode"),
    [
        (3, 1, 1, "constant"),
        (5, 1, 2, "constant"),
        (3, 1, 1, "reflect"),
        (7, 1, 3, "reflect"),
        (4, 2, 1, "constant"),
        (4, 2, 2, "constant"),
        (4, 1, 2, "constant"),
        (3, 2, 1, "constant"),
        (2, 2, 0, "constant"),
    ],
)
def test_conv_pads_every_side_alike(kernel, stride, pad, mode):
    layer = Conv(4, kernel, stride, pad=pad, pad_mode=mode)
    y = ops.convert_to_numpy(layer(X))
    padded = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode)
    np.testing.assert_allclose(y, convolve(padded, layer.kernel.numpy(), stride), atol=1e-5)
    assert layer.compute_output_shape(X.shape) == y.shape


def test_conv_needs_no_padded_copy_where_same_does():
    assert Conv(4, 3, pad=1).same
    assert not Conv(4, 3, pad=1, pad_mode="reflect").same
    assert not Conv(4, 3, 2, pad=1).same


def test_spectral_kernels_approach_a_largest_singular_value_of_1():
    layer = SpectralConv(4, 3, pad=1, use_bias=False)
    layer(X)
    kernel, before = layer.kernel.numpy(), layer.singular.numpy()
    ops.convert_to_numpy(layer(X))
    np.testing.assert_array_equal(layer.singular, before)
    for _ in range(100):
        layer(X, training=True)
    largest = np.linalg.svd(kernel.reshape(-1, 4), compute_uv=False)[0]
    padded = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
    np.testing.assert_allclose(layer(X), convolve(padded, kernel / largest, 1), atol=1e-4)
    np.testing.assert_array_equal(layer.kernel, kernel)


@pytest.mark.parametrize("momentum", [0.1, 0.9])
def test_momentum_is_the_share_of_the_old_statistics(momentum):
    block = ConvBlock(4, 1, momentum=momentum, activation="")
    inner = ops.convert_to_numpy(block.conv(X))
    y = ops.convert_to_numpy(block(X, training=True))
    mean, variance = inner.mean((0, 1, 2)), inner.var((0, 1, 2))
    np.testing.assert_allclose(y, (inner - mean) / np.sqrt(variance + 1e-5), atol=1e-4)
    np.testing.assert_allclose(block.norm.moving_mean, (1 - momentum) * mean, rtol=1e-4, atol=1e-6)


def test_transposed_upsampling_is_the_reference_one():
    """out[2 i - 1 + k] += x[i] w[k]: stride 2, kernel 4, one row and column cropped on every side."""
    block = UpBlock(2, norm=False, activation="", use_bias=False)
    y = ops.convert_to_numpy(block(X))
    kernel = block.conv.kernel.numpy()
    full = np.zeros((2, 2 * 9 + 2, 2 * 8 + 2, 2))
    for i, j in np.ndindex(4, 4):
        full[:, i : i + 18 : 2, j : j + 16 : 2] += X @ kernel[i, j].T
    np.testing.assert_allclose(y, full[:, 1:-1, 1:-1], atol=1e-5)


def test_subpixel_upsampling_doubles_the_size():
    block = UpBlock(2, "subpixel", norm=False, activation="")
    y = ops.convert_to_numpy(block(X))
    assert y.shape == (2, 18, 16, 2)
    inner = ops.convert_to_numpy(block.conv(X))
    np.testing.assert_array_equal(y[:, ::2, 1::2], inner[..., 2:4])  # the first row's second pixel


def test_unknown_upsampling_is_named():
    with pytest.raises(UserError, match="generator.upsampling is 'bilinear'; allowed: transposed, subpixel"):
        UpBlock(2, "bilinear")


def test_a_residual_block_starts_from_its_input():
    x = np.repeat(X, 2, axis=-1)
    block = ResidualBlock(6)
    assert np.abs(ops.convert_to_numpy(block(x)) - x).max() > 0.1
    block.outer.norm.gamma.assign(np.zeros(6))
    np.testing.assert_allclose(block(x), x, atol=1e-6)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_image_head_gives_a_picture(scale):
    y = ops.convert_to_numpy(ImageHead(3, scale)(30 * X))
    assert y.shape == (2, 9 * scale, 8 * scale, 3)
    assert 0.9 < np.abs(y).max() <= 1


def test_activations():
    x = np.array([-2.0, 3.0], np.float32)
    for name, expected in {"relu": [0, 3], "leaky_relu": [-0.4, 3], "tanh": np.tanh(x), "": x}.items():
        np.testing.assert_allclose(activate(x, name), expected, rtol=1e-6)


def test_half_size_does_not_count_the_padding():
    y = ops.convert_to_numpy(half_size(X))
    assert y.shape == (2, 5, 4, 3)
    np.testing.assert_allclose(y[:, 0, 0], X[:, :2, :2].mean((1, 2)), atol=1e-6)
    np.testing.assert_allclose(y[:, 1, 2], X[:, 1:4, 3:6].mean((1, 2)), atol=1e-6)
    np.testing.assert_allclose(y[:, 4, 3], X[:, 7:9, 5:8].mean((1, 2)), atol=1e-6)
