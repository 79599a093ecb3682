"""Checks every file of a data set before a training does.

  python -m mgpe_tf.check_data FOLDER --layout=folder --label_set=celebamask_hq

Prints one line for each bad file (file, what is wrong, what is allowed), then counts, sizes, missing components and
portraits whose left and right eye or brow ids are exchanged (put in order when they are loaded). Exit code 2 if
a file is bad, 0 otherwise.
"""

from __future__ import annotations

import collections
import dataclasses
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from absl import flags
from tqdm import tqdm

from mgpe_tf import cli, labels
from mgpe_tf.data.formats import left_alone
from mgpe_tf.data.open import LAYOUTS, SPLITS, open_layout
from mgpe_tf.data.source import FileSource
from mgpe_tf.errors import UserError
from mgpe_tf.progress import progress_bar

LAYOUT = flags.DEFINE_enum("layout", "folder", list(LAYOUTS), "Layout of the data set.")
LABEL_SET = flags.DEFINE_enum(
    "label_set", None, list(labels.LABEL_SETS), "Ids of a folder's labels; none: what its dataset.json says, or helen."
)
SPLIT = flags.DEFINE_enum("split", "all", SPLITS, "Part of an official archive.")


@dataclasses.dataclass
class Finding:
    """The findings of one portrait.

    Attributes:
      name: the portrait's name.
      errors: one line for each thing that is wrong.
      size: (width, height) of the image in pixels; None if it cannot be read.
      missing: names of the classes without a pixel.
      exchanged: whether left and right eye or brow ids lie on the wrong sides.
    """

    name: str
    errors: list[str] = dataclasses.field(default_factory=list)
    size: tuple[int, int] | None = None
    missing: list[str] = dataclasses.field(default_factory=list)
    exchanged: bool = False


def examine(portraits: FileSource, index: int) -> Finding:
    """Reads one portrait and notes what it is like; an unfit image does not hide an unfit label."""
    finding = Finding(portraits.names[index])
    image, label = (_attempt(finding, read, index) for read in (portraits.read_image, portraits.read_label))
    if image is not None:
        finding.size = image.shape[1], image.shape[0]
    if label is not None:
        present = np.unique(label)
        finding.missing = [name for value, name in enumerate(labels.HELEN_NAMES) if value not in present]
        finding.exchanged = bool(labels.exchanged_pairs(label))
    if image is not None and label is not None:
        _attempt(finding, portraits.frame, index, image, label)
    return finding


def _attempt(finding: Finding, read: Callable, *arguments: Any) -> Any:
    """The result of a call, or None with its UserError noted."""
    try:
        return read(*arguments)
    except UserError as error:
        finding.errors.append(str(error))
        return None


def report(findings: list[Finding], problems: tuple[str, ...]) -> list[str]:
    """The lines of the summary."""
    bad = sum(bool(finding.errors) for finding in findings)
    sizes = collections.Counter(finding.size for finding in findings if finding.size)
    missing = collections.Counter(name for finding in findings for name in finding.missing)
    exchanged = [finding.name for finding in findings if finding.exchanged]
    counted = ", ".join(f"{name} {missing[name]}" for name in labels.HELEN_NAMES if missing[name])
    return [
        f"portraits: {len(findings)}, bad: {bad}; files without partner or double: {len(problems)}",
        "sizes: " + ", ".join(f"{width}x{height} {count}" for (width, height), count in sizes.most_common()),
        f"without a pixel of: {counted or 'none'}",
        f"left and right exchanged (put in order when loaded): {len(exchanged)} {' '.join(exchanged)}".rstrip(),
    ]


def main(argv: list[str]) -> int:
    """Checks the folder on the command line; returns the exit code."""
    if len(argv) != 2:
        raise UserError(f"{len(argv) - 1} folders given; allowed: one: python -m mgpe_tf.check_data FOLDER")
    portraits = open_layout(LAYOUT.value, argv[1], LABEL_SET.value or "", 256, SPLIT.value)
    for problem in portraits.problems:
        print(problem)
    findings = []
    with ThreadPoolExecutor() as pool:
        examined = pool.map(lambda index: examine(portraits, index), range(len(portraits)))
        for finding in progress_bar(examined, total=len(portraits), unit="portrait"):
            findings.append(finding)
            for error in finding.errors:
                tqdm.write(error, file=sys.stdout)
    print("\n".join(report(findings, portraits.problems)))
    if portraits.others:
        print(left_alone(portraits.others))
    return 2 if portraits.problems or any(finding.errors for finding in findings) else 0


if __name__ == "__main__":
    cli.run(main, positional=True)
