"""Trains as mgpe_tf.train does, by Keras's JAX backend: for an accelerator on which JAX runs and TensorFlow does not.

  python -m mgpe_tf.train_on_jax --config=configs/mgpe_compact_256.py --workdir=runs/editor --data=packed/train \\
      --validation_data=packed/val --parser=runs/parser --minutes=8 --config.training.precision=mixed_bfloat16

The same command goes on where the last one stopped. Run folder and checkpoints are those of mgpe_tf.train, and either
continues the other's runs. --data, --validation_data and --parser say where things lie on this machine; what the config
says of them is kept in the run folder, and read where a flag is not given. See docs/how-to/accelerator.md.
"""

from __future__ import annotations

import os

from absl import flags

from mgpe_tf import cli
from mgpe_tf.config_check import check_field
from mgpe_tf.limits import Names

PRECISIONS = Names(("float32", "mixed_bfloat16"))
"""The values of ``training.precision`` that are allowed here."""

CONFIG = cli.define_config()
WORKDIR = flags.DEFINE_string("workdir", None, "Run folder: new, or of a run to continue.", required=True)
DATA = flags.DEFINE_string("data", "", "Packed portraits (mgpe_tf.pack_dataset): a folder or one shard.")
VALIDATION_DATA = flags.DEFINE_string("validation_data", "", "Packed portraits for validation.")
PARSER = flags.DEFINE_string("parser", "", "Run folder of the P_F that an editor's L_GP reads.")
MINUTES = flags.DEFINE_float("minutes", float("inf"), "Time after which it stops with a checkpoint.", lower_bound=0)
CHECKPOINT_MINUTES = flags.DEFINE_float(
    "checkpoint_minutes",
    float("inf"),
    "Time between checkpoints, besides those of training.checkpoint_every.",
    lower_bound=0,
)
ACCEPT_CHANGES = cli.define_accept_changes()
PEAK_TFLOPS = flags.DEFINE_float(
    "peak_tflops",
    0.0,
    "What the device can do at best, in 10^12 operations a second; its share is then logged.",
    lower_bound=0,
)


def main(_: list[str]) -> int:
    """Runs the loop; returns the exit code."""
    check_field("training.precision", CONFIG.value.training.precision, PRECISIONS)
    os.environ["KERAS_BACKEND"] = "jax"
    from mgpe_tf.training.on_jax import Options, train

    return train(
        CONFIG.value,
        WORKDIR.value,
        Options(
            DATA.value, VALIDATION_DATA.value, PARSER.value, MINUTES.value, CHECKPOINT_MINUTES.value, PEAK_TFLOPS.value
        ),
        ACCEPT_CHANGES.value,
    )


if __name__ == "__main__":
    cli.run(main)
