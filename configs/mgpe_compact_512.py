"""The compact editor at 512x512: the networks of mgpe_compact_256 with one more stage at either end.

Data: as for configs/parser_256.py, portraits of 512 pixels or more (smaller ones are enlarged, and teach no detail);
    they are decoded when they are needed, since a set in memory takes 1 MB for each.
Before: a parser of 512 pixels for L_GP, which the bundled one of 256 pixels can become:
    python -m mgpe_tf.train --config=configs/parser_lite_256.py --workdir=runs/parser_512 \
        --config.start_path=saved_models/parser_lite --config.data.resolution=512 --config.data.cache=none \
        --config.training.batch_size=4 --config.training.learning_rate=3e-4 --config.training.steps=2000 \
        --config.data.path=DATA/train --config.data.validation_path=DATA/val
Command: python -m mgpe_tf.train --config=configs/mgpe_compact_512.py --workdir=runs/editor_512 \
    --config.parser_path=runs/parser_512 --config.data.path=DATA/train --config.data.validation_path=DATA/val
    and --config.start_path=runs/editor for one that has learnt at 256 pixels
Then: python -m mgpe_tf.export_model editor --model=runs/editor_512 --output=editor_512
Expected time: not measured; 5.2 GiB of memory at the peak of eight steps of 8 portraits on a CPU.
Expected score: not measured.
Size: 20.8M parameters on the generator's side, 6.1 GMAC per generated image
    (python -m benchmarks.benchmark --config=configs/mgpe_compact_512.py --count).
Scale of the norms: as in configs/mgpe_compact_256.py.
"""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import compact_generator
from mgpe_tf.shipped import load_config


def get_config() -> Config:
    """The experiment."""
    config = load_config("mgpe_compact_256")
    config.name = "mgpe_compact_512"
    config.generator = compact_generator(512)
    config.data.resolution = 512
    config.data.cache = "none"
    return config
