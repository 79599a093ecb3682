"""Facts of a network and its training, out of its run folder."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from pathlib import Path

from mgpe_tf.config import Config
from mgpe_tf.models.checkpoints import CheckpointStore
from mgpe_tf.models.files import read_config
from mgpe_tf.models.runs import load_product


@dataclasses.dataclass(frozen=True)
class RunFacts:
    """Facts of a trained network; None for what is unknown, which is all of a network that is no run folder.

    Attributes:
      config: its experiment.
      parameters: number of its trainable weights.
      steps: training steps that its newest checkpoint has seen, without those of the runs that it started from.
      images: target images that its training took, those of the runs that it started from included.
      operations: floating-point operations of all this, where the runs logged "tflops".
    """

    config: Config | None = None
    parameters: int | None = None
    steps: int | None = None
    images: int | None = None
    operations: float | None = None


def run_facts(path: Path) -> RunFacts:
    """The facts of the network at `path`."""
    if not (path / "config.json").is_file():
        return RunFacts()
    config, network = load_product(path, read_config(path).task)
    parameters, steps = sum(math.prod(v.shape) for v in network.trainable_weights), _steps(path)
    stages = _stages(path)
    if stages is None:
        return RunFacts(config, parameters, steps)
    images = [_images(stage) for stage in stages]
    costs = [_operations_per_image(stage / "metrics.jsonl") for stage in stages]
    spent = [number * cost for number, cost in zip(images, costs, strict=True) if cost is not None]
    return RunFacts(config, parameters, steps, sum(images), sum(spent) if len(spent) == len(costs) else None)


def read_metrics(file: Path) -> Iterator[dict]:
    """Yields the lines of a metrics.jsonl; one that a crash has torn is left out, and a missing file has none."""
    if not file.is_file():
        return
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict) and "step" in values:
            yield values


def _stages(path: Path) -> list[Path] | None:
    """The run and those that it started from, one after the other; None if one of them is not there any more."""
    stages = [path]
    while start := read_config(stages[-1]).start_path:
        if not (Path(start) / "config.json").is_file() or Path(start) in stages:
            return None
        stages.append(Path(start))
    return stages


def _steps(path: Path) -> int:
    """The step of the newest checkpoint; 0 if there is none."""
    return _manifest(path)["step"]


def _images(path: Path) -> int:
    """The images that the training took until its newest checkpoint; those of earlier versions do not count them."""
    manifest = _manifest(path)
    return manifest["info"].get("examples", manifest["step"] * read_config(path).training.batch_size)


def _manifest(path: Path) -> dict:
    """The metadata of the newest checkpoint."""
    newest = CheckpointStore(path / "checkpoints").newest()
    if newest is None:
        return {"step": 0, "info": {}}
    return json.loads((newest / "manifest.json").read_text(encoding="utf-8"))


def _operations_per_image(metrics: Path) -> float | None:
    """The cost of a training image, by the first line that tells."""
    for values in read_metrics(metrics):
        if values.get("tflops") and values.get("images_per_second"):
            return values["tflops"] * 1e12 / values["images_per_second"]
    return None
