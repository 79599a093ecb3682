"""Batch normalisation taken into the convolutions before it, for networks that are trained no more."""

from __future__ import annotations

import keras
from keras import ops

from mgpe_tf.compat import forget, layers_of
from mgpe_tf.networks.blocks import ConvBlock, UpBlock
from mgpe_tf.networks.efficientnet_lite import LiteConv
from mgpe_tf.networks.unet_parser import Parser
from mgpe_tf.ops.tensor import Tensor


def fold(network: keras.Model) -> keras.Model:
    """Changes a built network so that it gives what it gave with ``training=False``, by fewer passes over its maps.

    norm(conv(x)) = gamma (K x + b - mean) / sqrt(variance + eps) + beta is one convolution of the kernel
    K gamma / sqrt(variance + eps). The normalisations are gone afterwards, and with them the names of their variables:
    a folded network is neither trained nor stored as a checkpoint.

    The U-Net ``Parser`` stays as it is: its maps are read twice, once by a leaky ReLU, and TensorFlow 2.21's optimiser
    of graphs fails on a convolution's bias that is read so, and then fuses nothing in the whole graph.

    Returns:
      The same network.

    Examples:
      >>> config, parser = load_product("runs/parser", "parser")
      >>> logits = fold(parser)(images)
    """
    for layer in normalised(network):
        folded = _folded(layer.conv, layer.norm)
        for part in (layer.conv, layer.norm):
            forget(layer, part)
        layer.conv, layer.norm = folded, None
    return network


def normalised(network: keras.Model) -> list[keras.layers.Layer]:
    """The layers of a network that are folded: each has a ``conv`` and a ``norm``."""
    if isinstance(network, Parser):
        return []
    kinds = ConvBlock, UpBlock, LiteConv
    return [layer for layer in layers_of(network) if isinstance(layer, kinds) and layer.norm is not None]


def folded_values(conv: keras.layers.Layer, norm: keras.layers.Layer) -> tuple[Tensor, Tensor]:
    """Kernel and bias of the convolution that does what both do."""
    scale = norm.gamma * ops.rsqrt(norm.moving_variance + norm.epsilon)
    shift = norm.beta - norm.moving_mean * scale
    by_third = isinstance(conv, (keras.layers.Conv2DTranspose, keras.layers.DepthwiseConv2D))  # the axis of outputs
    # A pixel shuffle between them makes several filters one channel, the channel varying fastest.
    repeats = conv.kernel.shape[2 if by_third else 3] // scale.shape[0]
    scale, shift = ops.tile(scale, repeats), ops.tile(shift, repeats)
    kernel = conv.kernel * (scale[:, None] if by_third else scale)
    return kernel, shift + conv.bias * scale if conv.use_bias else shift


def _folded(conv: keras.layers.Layer, norm: keras.layers.Layer) -> keras.layers.Layer:
    """The convolution that does what both did."""
    folded = type(conv).from_config({**conv.get_config(), "use_bias": True})
    inputs = conv.kernel.shape[3 if isinstance(conv, keras.layers.Conv2DTranspose) else 2]
    folded.build((1, *conv.kernel_size, inputs))
    for variable, value in zip((folded.kernel, folded.bias), folded_values(conv, norm)):
        variable.assign(value)
    return folded
