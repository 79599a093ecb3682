"""Trains the portrait editor, the face parser or a method to compare the editor with, or continues a run.

Examples:
  python -m mgpe_tf.train --config=parser_256 --workdir=runs/parser \\
      --config.data.path=DATA/train --config.data.validation_path=DATA/val
  python -m mgpe_tf.train --config=mgpe_compact_256 --workdir=runs/editor \\
      --config.data.path=DATA/train --config.data.validation_path=DATA/val

An editor needs a trained parser: the bundled one, or --config.parser_path=FOLDER. A new run begins with what
another has learnt by --config.start_path=FOLDER.

The same command continues a run that was stopped (Ctrl-C, SIGTERM, a power cut). With --accept_changes it goes on with
another batch size, learning rate or precision; metrics.jsonl says from which step. The run folder holds config.json,
metrics.jsonl, samples/last.png, checkpoints/ and TensorBoard events.
"""

from __future__ import annotations

from absl import flags

from mgpe_tf import cli
from mgpe_tf.config import Config
from mgpe_tf.data.open import folders_of
from mgpe_tf.errors import UserError
from mgpe_tf.quiet import import_tensorflow
from mgpe_tf.shipped import network_path
from mgpe_tf.training.memory import keep_freed_memory
from mgpe_tf.training.run_folder import changes_of

CONFIG = cli.define_config()
WORKDIR = flags.DEFINE_string("workdir", None, "Run folder: new, or of a run to continue.", required=True)
ACCEPT_CHANGES = cli.define_accept_changes()


def main(argv: list[str]) -> int:
    """Runs the loop; returns the exit code."""
    del argv
    check_paths(CONFIG.value)
    changes_of(WORKDIR.value, CONFIG.value, ACCEPT_CHANGES.value)  # a refusal need not wait for TensorFlow
    keep_freed_memory()
    import_tensorflow()
    from mgpe_tf.training.on_tensorflow import train

    return train(CONFIG.value, WORKDIR.value, ACCEPT_CHANGES.value)


def check_paths(config: Config) -> None:
    """UserError for a folder of the config that is not there, which need not wait for TensorFlow."""
    if config.data.layout != "synthetic":
        for split in ("train", "validation"):
            folders_of(config.data, split)
    if config.start_path and not network_path(config.start_path).exists():
        raise UserError(
            f"config.start_path={config.start_path}: there is no such run folder, exported folder, .npz file or "
            "bundled network"
        )
    if config.parser_path and not network_path(config.parser_path).is_dir():
        raise UserError(f"config.parser_path={config.parser_path}: there is no such run folder or exported folder")


if __name__ == "__main__":
    cli.run(main)
