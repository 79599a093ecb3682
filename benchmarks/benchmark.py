"""Measures what an experiment costs on this machine: a training step, its input, the networks, an edit.

Examples:
  python -m benchmarks.benchmark --config=configs/mgpe_256.py --threads=2 --output=runs/benchmark
  python -m benchmarks.benchmark --config=configs/mgpe_compact_256.py --only=forward,edit
  python -m benchmarks.benchmark --config=configs/mgpe_256.py --count
  python -m benchmarks.benchmark --config=configs/mgpe_compact_256.py --only=train --batch_size=8 --replicas=2
  python -m benchmarks.benchmark --model=saved_models/parser_lite

All networks are untrained (in "edit" with the batch norms' statistics of synthetic portraits) and all portraits
synthetic, unless --config.data.path names a data set for the input pipeline. Every section runs in a process of its
own; times are medians over the repeats, after warm-up runs.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from absl import flags

from mgpe_tf import __version__, cli
from mgpe_tf.config import config_to_dict, did_you_mean
from mgpe_tf.errors import UserError
from mgpe_tf.storage.files import make_folder, write_text

SECTIONS = {
    "train": "Training step: paired and unpaired, batch {batch_size}, replicas: {replicas}",
    "profile": "Where the time of a step goes, batch {batch_size}; milliseconds of one, added up over threads",
    "pipeline": "Input pipeline, batch {batch_size}",
    "forward": "Forward pass of each sub-network, batch 1, compiled",
    "edit": "Edit of one portrait in every format of the editor; PSNR in dB to the network's pictures",
    "photo": "Edit of a photograph by untrained networks, from its pixels to the pasted-back result",
    "count": "Operations (multiply-accumulates per image) and parameters",
    "parser": "Exported parser {model}",
}
"""What is measured, in this order, by the names that --only takes."""

CONFIG = cli.define_config()
THREADS = flags.DEFINE_integer("threads", 2, "Threads within and between TensorFlow's operations.", lower_bound=1)
REPEATS = flags.DEFINE_integer("repeats", 5, "Timed repeats of everything.", lower_bound=1)
BATCH_SIZE = flags.DEFINE_integer("batch_size", 2, "Images of a training step over all replicas.", lower_bound=1)
REPLICAS = flags.DEFINE_integer(
    "replicas", 1, "Devices that share a training step: the processor counts as so many.", lower_bound=1
)
ONLY = cli.define_names("only", None, f"Sections, of {','.join(SECTIONS)}; all but profile unless given.")
COUNT = flags.DEFINE_bool("count", False, "Count operations and parameters alone, time nothing.")
MODEL = flags.DEFINE_string("model", None, "Exported parser: time its formats, and nothing of the config.")
PHOTO = flags.DEFINE_string("photo", None, "Photograph with a face; none: scikit-image's astronaut, enlarged.")
OUTPUT = flags.DEFINE_string("output", None, "Folder for benchmark.json.")


def main(argv: list[str]) -> None:
    """Measures, prints the tables, writes the file."""
    del argv
    config = CONFIG.value
    chosen = ["parser"] if MODEL.value else sections(ONLY.value, COUNT.value, config.task)
    output = Path(OUTPUT.value) if OUTPUT.value else None
    if output and output.exists() and not output.is_dir():
        raise UserError(f"--output={output}: a file; a folder is needed")
    if BATCH_SIZE.value % REPLICAS.value:
        raise UserError(
            f"--batch_size={BATCH_SIZE.value} cannot be shared by --replicas={REPLICAS.value}: give a multiple"
        )
    options = {
        "threads": THREADS.value,
        "repeats": REPEATS.value,
        "batch_size": BATCH_SIZE.value,
        "replicas": REPLICAS.value,
        "model": MODEL.value,
        "photo": PHOTO.value,
    }
    report = {"config": config_to_dict(config), **options, **machine(), "sections": {}}
    what = f"{config.name}, {config.data.resolution}x{config.data.resolution}, {config.training.precision}"
    print(f"{MODEL.value or what}; {report['cpu']}, threads: {THREADS.value}; {REPEATS.value} repeats")
    for name in chosen:
        print(f"measuring: {name} ...", file=sys.stderr)
        rows = report["sections"][name] = measure(name, {"config": report["config"], **options})
        if name == "pipeline" and "train" in chosen:
            rows += supply_and_demand(rows, report["sections"]["train"])
        print(f"\n{SECTIONS[name].format(**options)}\n{table(rows)}", flush=True)
    if output:
        make_folder(output)
        write_text(output / "benchmark.json", json.dumps(report, indent=2) + "\n")
        print(f"\n{output / 'benchmark.json'}")


def sections(only: list[str] | None, count: bool, task: str) -> list[str]:
    """The sections to run, in the order of ``SECTIONS``; UserError for a name that is none, or that the task lacks."""
    possible = [name for name in SECTIONS if name != "parser" and (name not in ("edit", "photo") or task == "editor")]
    names = ["count"] if count else only or [name for name in possible if name != "profile"]
    for name in names:
        if name not in possible:
            raise UserError(
                f"--only: {name!r} is no section of the {task}'s{did_you_mean(name, possible)}; "
                f"allowed: {', '.join(possible)}"
            )
    return [name for name in possible if name in names]


def measure(section: str, task: dict) -> list[dict]:
    """The rows of a section, measured in a process of its own (see ``benchmarks.measure``)."""
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ}
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", section],
        input=json.dumps(task),
        text=True,
        capture_output=True,
        env=environment,
        check=False,
    )
    if result.returncode == 2:
        raise UserError(result.stderr.strip().splitlines()[-1])
    if result.returncode:
        raise RuntimeError(f"section {section} ended with {result.returncode}:\n{result.stderr}")
    return json.loads(result.stdout.splitlines()[-1])


def supply_and_demand(pipeline: list[dict], train: list[dict]) -> list[dict]:
    """What the input pipeline gives for each pair that the training steps take."""
    demand = next(row["value"] for row in train if row["name"] == "images")
    pairs = [row for row in pipeline if row["name"].startswith("pairs")]
    return [
        {"name": f"supply / demand, {row['name'].split(', ')[1]}", "value": row["value"] / demand, "unit": "x"}
        for row in pairs
    ]


def machine() -> dict:
    """Date, processor and versions."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = {"python": platform.python_version(), "mgpe_tf": __version__}
    for distribution in ("tensorflow", "tensorflow-cpu", "keras", "numpy"):
        try:
            versions[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cpu": names[0] if names else platform.processor() or platform.machine(),
        "versions": versions,
    }


def table(rows: list[dict]) -> str:
    """Aligned columns, one for each key of the rows; names to the left, figures to the right."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([text(key, row.get(key, "")) for key in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    lines = []
    for line in cells:
        padded = [c.ljust(w) if k in ("name", "unit") else c.rjust(w) for c, w, k in zip(line, widths, columns)]
        lines.append("  " + "  ".join(padded).rstrip())
    lines.insert(1, "  " + "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def text(key: str, value) -> str:
    """A cell: shares as percentages, counts in full, other numbers to four digits."""
    if isinstance(value, str):
        return value
    if key == "share of peak":
        return f"{value:.0%}"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


if __name__ == "__main__":
    cli.run(main)
