"""Writes what tests/addons/test_addons.py compares: python tests/addons/write_cases.py FOLDER

It runs in the project's own environment, the comparison in one with tensorflow-addons, which cannot import Keras 3.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from similarity import similarity_matrix  # noqa: E402
from small import SIZE, as_inputs, portraits, randomised, small_config  # noqa: E402
from stored_editor import store_editor  # noqa: E402
from stored_parser import store_run  # noqa: E402

from mgpe_tf.export.editor_folder import export_editor  # noqa: E402
from mgpe_tf.objectives.editor import build_generator  # noqa: E402
from mgpe_tf.ops import similarity_warp  # noqa: E402


def main(folder: Path) -> None:
    """Warped images, and an exported editor with its inputs and outputs."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (4, 33, 40, 3)).astype(np.float32)
    labels = rng.integers(0, 11, (4, 33, 40, 1)).astype(np.uint8)
    moves = [(1.3, 20, (3.2, -1.7)), (0.6, -35, (0.3, 8.1)), (1, 0, (2, 1)), (2.5, 170, (-4.4, 0.9))]
    matrices = np.stack([similarity_matrix(*move, centre=(19.5, 16)) for move in moves]).astype(np.float32)
    np.savez(
        folder / "warp.npz",
        images=images,
        labels=labels,
        matrices=matrices,
        bilinear=similarity_warp(images, matrices),
        nearest=similarity_warp(labels, matrices, "nearest"),
    )
    config = small_config(label_enlargement=1.0)
    generator = randomised(build_generator(config))
    store_editor(folder / "run", generator, config)
    export_editor(folder / "run", store_run(folder / "parser"), folder / "editor")
    source, source_mask, target, target_mask = as_inputs(portraits(SIZE))
    image = generator.generate(source, source_mask, target, target_mask)
    np.savez(
        folder / "editor.npz",
        source_images=source,
        source_masks=source_mask,
        target_images=target,
        target_masks=target_mask,
        images=image,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
