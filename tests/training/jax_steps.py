"""Run by test_on_jax.py in a process with KERAS_BACKEND=jax, in which neither TensorFlow nor OpenCV can be imported;
by the same settings the test computes what TensorFlow gives.

Usage: python jax_steps.py FOLDER. It holds portraits.npz, packed/ (the same), parser/ (a run folder), TASK/start/ (a
store with the task's first checkpoint) and continued/ (a run of TensorFlow after one step). Written are TASK/end/ (a
store), whole/ and pieces/ (run folders), a step more in continued/, and results.npz.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.modules["tensorflow"] = sys.modules["cv2"] = None  # an import of either raises ImportError

import numpy as np
from tiny import tiny_config

from mgpe_tf import config as c
from mgpe_tf.data.order import batch_indices, is_paired
from mgpe_tf.data.source import Source

STEPS, BATCH, COUNT, SIZE = 10, 2, 5, 64
TASKS = ("editor", "pix2pixhd", "bicyclegan")
NOISE = np.random.default_rng(4).normal(size=(BATCH, 2, 3)).astype(np.float32)
STRONG = c.AugmentationConfig(
    flip=0.5, rotation=20, scale=0.2, shift=0.1, colour=0.3, occlusion=0.8, jpeg=0.5, cut_hair=0.5
)


def task_config(task: str, folder: Path) -> c.Config:
    """The tiny editor or baseline, and nothing random but what ``without_noise`` takes away."""
    config = tiny_config(task, steps=STEPS, batch_size=BATCH, seed=0)
    config.parser_path, config.data.augmentation = str(folder / "parser"), c.AugmentationConfig(flip=0.0)
    config.generator.variational = False
    return config


def parser_config(steps: int) -> c.Config:
    """The tiny parser with everything random that it has."""
    config = tiny_config("parser", steps=steps, log_every=1)
    config.data.synthetic_size, config.data.validation_size = 4, 2
    return config


class Arrays(Source):
    """Portraits out of arrays."""

    def __init__(self, images: np.ndarray, masks: np.ndarray):
        self.images, self.masks, self.resolution = images, masks, images.shape[1]
        self.names = tuple(map(str, range(len(images))))

    def load(self, index):
        return self.images[index], self.masks[index]


def schedule(objective):
    """(kind, (targets, sources)) of each step."""
    for step in range(STEPS):
        kind = "paired" if is_paired(step, "unpaired" in objective.kinds) else "unpaired"
        yield kind, batch_indices(step * BATCH, BATCH, COUNT, 0)


def without_noise(objective) -> dict[str, np.ndarray]:
    """Keeps steps from drawing noise, of which backends have their own; returns what batches get in its place."""
    given = {"noise": NOISE} if objective.noise else {}
    objective.noise = ()
    return given


def changed(source: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """The portraits strongly augmented, by given draws."""
    from mgpe_tf.data.changes import LATER_DRAWS, change

    rng = np.random.default_rng(3)
    portraits = []
    for image, mask in zip(source.images, source.masks):
        chance, *draws = rng.uniform(), *(rng.uniform(-1, 1, n).astype(np.float32) for n in (4, 3, 3))
        later = rng.random(LATER_DRAWS).astype(np.float32)
        portraits.append([np.asarray(array) for array in change(image, mask, STRONG, chance, *draws, later=later)])
    return tuple(map(np.stack, zip(*portraits)))


def drawn(source: Arrays) -> dict:
    """The first portrait many times: mirrored or not, recoloured in a step, once more in that step and in the next, and
    as a view of itself."""
    from mgpe_tf.training.jax_portraits import Portraits

    def batch(step, part="augmentation", **fields):
        nothing = {name: c.AugmentationConfig(flip=0.0) for name in ("augmentation", "view")}
        config = c.Config(task="parser", data=c.DataConfig(**{**nothing, part: c.AugmentationConfig(**fields)}))
        portraits = Portraits(source, config)
        return portraits.batch(portraits.arrays, (np.zeros(64, np.int32),) * 2, np.int32(step), paired=True)

    mirrored, view = batch(3, flip=0.25), batch(3, "view", flip=0.0, colour=0.2)
    return {
        "images": mirrored["target_image"],
        "masks": mirrored["target_mask"],
        "same": mirrored["source_image"],
        "seen": view["target_image"],
        "view": view["source_image"],
        **{f"colours {i}": batch(step, flip=0.0, colour=0.2)["target_image"] for i, step in enumerate((3, 3, 4))},
    }


def steps(task: str, folder: Path, source: Arrays) -> dict:
    """The terms of a task's steps by task, number and symbol, and the hash of what it started from."""
    from mgpe_tf.models.checkpoints import CheckpointStore, weights_sha256
    from mgpe_tf.training.jax_portraits import Portraits
    from mgpe_tf.training.jax_step import JaxStep
    from mgpe_tf.training.loop import make_objective
    from mgpe_tf.training.state import TrainingState

    class WithNoise(Portraits):
        def batch(self, *arguments, **options):
            return {**super().batch(*arguments, **options), **given}

    config = task_config(task, folder)
    objective, average = make_objective(config)
    given = without_noise(objective)
    state = TrainingState(objective, config.training, average)
    state.load(0, CheckpointStore(folder / task / "start").restore_latest().arrays)
    start = weights_sha256(state.arrays())
    step = JaxStep(objective, state, WithNoise(source, config), config)
    terms = {
        f"{task} {number} {name}": float(value)
        for number, (kind, indices) in enumerate(schedule(objective))
        for name, value in step(kind, indices).items()
    }
    step.publish()
    CheckpointStore(folder / task / "end").save(state.step, state.arrays(), {})
    return {f"{task} start": start, **terms}


def runs(folder: Path) -> None:
    """A run in one piece with a checkpoint after every step, the same in two pieces, and one that goes on where
    TensorFlow stopped."""
    from mgpe_tf.training.on_jax import Options, train

    options = Options(data=str(folder / "packed"), validation_data=str(folder / "packed"), peak_tflops=2.0)
    one_step = dataclasses.replace(options, minutes=0.0)
    config = parser_config(steps=2)
    train(config, folder / "whole", dataclasses.replace(options, checkpoint_minutes=0.0))
    train(config, folder / "pieces", one_step)
    train(config, folder / "pieces", options)
    train(config, folder / "continued", options)


def main(folder: Path) -> None:
    """Everything."""
    with np.load(folder / "portraits.npz", allow_pickle=False) as portraits:
        source = Arrays(portraits["images"], portraits["masks"])
    images, masks = changed(source)
    results = {"changed images": images, "changed masks": masks, **drawn(source)}
    for task in TASKS:
        results.update(steps(task, folder, source))
    runs(folder)
    np.savez(folder / "results.npz", **{k: np.asarray(v) for k, v in results.items()}, modules=sorted(sys.modules))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
