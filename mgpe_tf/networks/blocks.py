"""The layers that the sub-networks share: padded convolution, convolution block, size doubling, residual block.

All tensors are float [B, H, W, C]. Padding follows the reference networks, whose strided convolutions pad both sides
alike; TensorFlow's "same" pads a strided convolution on one side, which gives other numbers.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mgpe_tf.compat import mark_as_built
from mgpe_tf.config_check import check_field
from mgpe_tf.networks.normalization import BatchNorm
from mgpe_tf.ops.pixel_shuffle import depth_to_space
from mgpe_tf.ops.reflect import reflect_pad
from mgpe_tf.ops.tensor import Tensor

LEAK = 0.2


def activate(x: Tensor, activation: str) -> Tensor:
    """Applies "relu", "leaky_relu" (slope 0.2), "tanh" or "" (nothing) to a tensor."""
    if activation == "leaky_relu":
        return ops.leaky_relu(x, negative_slope=LEAK)
    return {"relu": ops.relu, "tanh": ops.tanh, "": lambda y: y}[activation](x)


class Composite(keras.layers.Layer):
    """A layer without variables of its own; those of its parts come into being when it is first called."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        mark_as_built(self)


@keras.saving.register_keras_serializable("mgpe_tf")
class Conv(keras.layers.Conv2D):
    """A convolution that pads every side by the same number of pixels.

    Args:
      filters, kernel_size, strides, use_bias, name: as for ``keras.layers.Conv2D``.
      pad: pixels added on each side.
      pad_mode: "constant" (zeros) or "reflect".
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        *,
        pad: int = 0,
        pad_mode: str = "constant",
        **kwargs: Any,
    ) -> None:
        # A stride-1 kernel padded by half its size is "same", which needs no padded copy of the input.
        self.same = pad_mode == "constant" and strides == 1 and 2 * pad + 1 == kernel_size
        kwargs.pop("padding", None)
        super().__init__(filters, kernel_size, strides, padding="same" if self.same else "valid", **kwargs)
        self.pad, self.pad_mode = pad, pad_mode

    def _padded(self, x: Tensor, training: bool) -> Tensor:
        if self.same or not self.pad:
            return x
        if self.pad_mode == "reflect" and not training:
            return reflect_pad(x, self.pad)
        edge = (self.pad, self.pad)
        return ops.pad(x, ((0, 0), edge, edge, (0, 0)), mode=self.pad_mode)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> [B, H', W', filters] with H' = (H + 2 pad - kernel) // stride + 1."""
        return super().call(self._padded(inputs, training))

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of the output for an input shape (B, H, W, C)."""
        grow = 0 if self.same else 2 * self.pad
        batch, height, width, channels = input_shape
        shape: tuple[int, ...] = super().compute_output_shape((batch, height + grow, width + grow, channels))
        return shape

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        config: dict[str, Any] = super().get_config()
        kernel, stride = self.kernel_size[0], self.strides[0]
        config.update(kernel_size=kernel, strides=stride, pad=self.pad, pad_mode=self.pad_mode)
        return config


@keras.saving.register_keras_serializable("mgpe_tf")
class SpectralConv(Conv):
    """A convolution whose kernel, as a matrix of taps by filters, is divided by its largest singular value (Miyato et
    al. 2018, "Spectral normalization for generative adversarial networks"); arguments as for ``Conv``.

    Every call in training brings the estimate of the singular vector one power iteration on. Keras has a wrapper that
    assigns the divided kernel to the variable instead: under JAX, where a step is a function, that is lost.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the estimate, a non-trainable vector [filters]."""
        super().build(input_shape)
        self.singular = self.add_weight(
            name="singular",
            shape=(self.filters,),
            initializer=keras.initializers.RandomNormal(seed=0),
            trainable=False,
            aggregation="only_first_replica",
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> [B, H', W', filters]."""
        matrix = ops.reshape(self.kernel, (-1, self.filters))
        left = _unit(ops.matmul(ops.stop_gradient(matrix), self.singular))
        right = _unit(ops.matmul(left, ops.stop_gradient(matrix)))
        if training:
            self.singular.assign(ops.cast(right, self.singular.dtype))
        largest = ops.sum(ops.matmul(left, matrix) * right)
        outputs = self.convolution_op(self._padded(inputs, training), self.kernel / largest)
        return outputs + self.bias if self.use_bias else outputs

    # Keras's convolutions store kernel and bias alone.
    def save_own_variables(self, store: Any) -> None:
        """Stores all variables."""
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store: Any) -> None:
        """Loads all variables."""
        keras.layers.Layer.load_own_variables(self, store)


def _unit(vector: Tensor) -> Tensor:
    return vector * ops.rsqrt(ops.sum(ops.square(vector)) + 1e-12)


@keras.saving.register_keras_serializable("mgpe_tf")
class SubpixelInitializer(keras.initializers.Initializer):
    """Glorot-uniform kernels that start the same for every position of a pixel shuffle: no checkerboard to unlearn
    (Aitken et al. 2017, "Checkerboard artifact free sub-pixel convolution").

    Args:
      scale: factor of the pixel shuffle that follows the convolution.
    """

    def __init__(self, scale: int) -> None:
        self.scale = scale

    def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> Tensor:
        """Kernel [h, w, in, out]; out is a multiple of scale ** 2, the position varying slowest."""
        repeats = self.scale**2
        kernel = keras.initializers.GlorotUniform()((*shape[:-1], shape[-1] // repeats), dtype=dtype)
        return ops.tile(kernel, (1, 1, 1, repeats))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {"scale": self.scale}


@keras.saving.register_keras_serializable("mgpe_tf")
class ConvBlock(Composite):
    """Convolution, batch normalisation, activation.

    Args:
      filters, kernel_size, strides, pad, pad_mode, use_bias: of the convolution (see ``Conv``).
      norm: normalise the convolution's output.
      momentum: of the normalisation's moving statistics.
      activation: see ``activate``.
      spectral: a ``SpectralConv``.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        *,
        pad: int = 0,
        pad_mode: str = "constant",
        use_bias: bool = True,
        norm: bool = True,
        momentum: float = 0.9,
        activation: str = "relu",
        spectral: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.options: dict[str, Any] = dict(
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            pad=pad,
            pad_mode=pad_mode,
            use_bias=use_bias,
            norm=norm,
            momentum=momentum,
            activation=activation,
            spectral=spectral,
        )
        kind = SpectralConv if spectral else Conv
        self.conv = kind(filters, kernel_size, strides, pad=pad, pad_mode=pad_mode, use_bias=use_bias, name="conv")
        self.norm = BatchNorm(momentum, name="norm") if norm else None

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> [B, H', W', filters]."""
        x = self.conv(x, training=training)
        if self.norm is not None:
            x = self.norm(x, training=training)
        return activate(x, self.options["activation"])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable("mgpe_tf")
class UpBlock(Composite):
    """Doubles the size, then batch normalisation and activation.

    Args:
      filters: channels of the output.
      upsampling: "transposed" (4x4 transposed convolution, stride 2) or "subpixel" (3x3 convolution to four times
        the filters, then a pixel shuffle: the same receptive field at a quarter of the cost).
      momentum: of the normalisation's moving statistics.
      norm: normalise the output.
      activation: see ``activate``.
      use_bias: of the convolution.
    """

    def __init__(
        self,
        filters: int,
        upsampling: str = "transposed",
        *,
        momentum: float = 0.9,
        norm: bool = True,
        activation: str = "relu",
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_field("generator.upsampling", upsampling)
        self.options: dict[str, Any] = dict(
            filters=filters,
            upsampling=upsampling,
            momentum=momentum,
            norm=norm,
            activation=activation,
            use_bias=use_bias,
        )
        if upsampling == "transposed":
            self.conv = keras.layers.Conv2DTranspose(filters, 4, 2, padding="same", use_bias=use_bias, name="conv")
        else:
            self.conv = Conv(
                4 * filters, 3, pad=1, use_bias=use_bias, kernel_initializer=SubpixelInitializer(2), name="conv"
            )
        self.norm = BatchNorm(momentum, name="norm") if norm else None

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, C] -> [B, 2H, 2W, filters]."""
        x = self.conv(x)
        if self.options["upsampling"] == "subpixel":
            x = depth_to_space(x, 2)
        if self.norm is not None:
            x = self.norm(x, training=training)
        return activate(x, self.options["activation"])

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), **self.options}


@keras.saving.register_keras_serializable("mgpe_tf")
class ResidualBlock(Composite):
    """x + norm(conv3x3(relu(norm(conv3x3(x))))), with an unchanged number of channels.

    Args:
      filters: channels of input and output.
      pad_mode: of the convolutions (see ``Conv``).
      identity: begin as the identity, the last normalisation's scale being 0 (Goyal et al. 2017), so that a trained
        network stays what it was when such a block is put into it.
    """

    def __init__(self, filters: int, pad_mode: str = "reflect", identity: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.pad_mode, self.identity = filters, pad_mode, identity
        self.inner = ConvBlock(filters, 3, pad=1, pad_mode=pad_mode, name="inner")
        self.outer = ConvBlock(filters, 3, pad=1, pad_mode=pad_mode, activation="", name="outer")
        if identity and self.outer.norm is not None:
            self.outer.norm.gamma_initializer = keras.initializers.Zeros()

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """[B, H, W, filters] -> the same shape."""
        return x + self.outer(self.inner(x, training=training), training=training)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        own = {"filters": self.filters, "pad_mode": self.pad_mode, "identity": self.identity}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("mgpe_tf")
class ImageHead(Composite):
    """The last layer of an image network: convolution with reflected borders, pixel shuffle, tanh.

    Args:
      kernel_size: odd size of the convolution's kernel.
      scale: factor by which the pixel shuffle enlarges the map; 1 for none.
      activation: "tanh", or "" for an image that is yet to be added to another.
    """

    def __init__(self, kernel_size: int, scale: int = 1, activation: str = "tanh", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_size, self.scale, self.activation = kernel_size, scale, activation
        self.conv = Conv(
            3 * scale * scale,
            kernel_size,
            pad=kernel_size // 2,
            pad_mode="reflect",
            kernel_initializer=SubpixelInitializer(scale),
            name="conv",
        )

    def call(self, x: Tensor) -> Tensor:
        """[B, H, W, C] -> image [B, scale H, scale W, 3], by tanh in [-1, 1]."""
        x = self.conv(x)
        return activate(depth_to_space(x, self.scale) if self.scale > 1 else x, self.activation)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        own = {"kernel_size": self.kernel_size, "scale": self.scale, "activation": self.activation}
        return {**super().get_config(), **own}
