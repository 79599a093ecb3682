"""EfficientNet-Lite0's trunk with random weights, on disk as PyTorch names them."""

from __future__ import annotations

import numpy as np


def store_trunk(path) -> dict[str, np.ndarray]:
    """Writes an .npz file of random arrays; returns them by their names."""
    import keras

    from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0

    trunk = EfficientNetLite0(name="trunk")
    trunk(keras.KerasTensor((1, 32, 32, 3)))
    arrays = state_dict(trunk)
    np.savez(path, **arrays)
    return arrays


def state_dict(trunk) -> dict[str, np.ndarray]:
    """Random arrays by their names, of a trunk that was built."""
    random, arrays = np.random.default_rng(1), {}
    for block, parts in [("", [trunk.stem])] + [
        (f"_blocks.{i}.", [part for part in (b.expand, b.depthwise, b.project) if part])
        for i, b in enumerate(trunk.blocks)
    ]:
        for part in parts:
            convolution = {"stem": "_conv_stem"}.get(part.name, f"_{part.name}_conv")
            norm = {"stem": "_bn0", "expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part.name]
            height, width, first, second = part.conv.kernel.shape
            shape = (first, second) if part.name == "depthwise" else (second, first)
            arrays[f"{block}{convolution}.weight"] = random.normal(size=(*shape, height, width))
            for name in ("weight", "bias", "running_mean", "running_var"):
                arrays[f"{block}{norm}.{name}"] = random.uniform(0.5, 1.5, part.norm.gamma.shape)
    return {name: array.astype("float32") for name, array in arrays.items()}
