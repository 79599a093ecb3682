"""Measures where a data set of aligned portraits has its landmarks: the source of ``data.alignment.TEMPLATE``.

  python -m tools.measure_template FOLDER --count=300

FOLDER holds portraits of one size, framed as the crops are to be. `count` of them, evenly spread over the sorted names,
are read. Printed are, in pixels at 256x256, the median position of each landmark, the mean of that and its mirror
image (the template), and the spread; then how far ``align`` moves these portraits, which need no alignment.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from absl import flags
from tqdm import tqdm

if __package__ in (None, ""):  # run as a file: make the packages beside tools/ visible
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mgpe_tf import cli
from mgpe_tf.data.alignment import align, transform
from mgpe_tf.data.detection import MtcnnDetector
from mgpe_tf.data.formats import SUFFIXES, is_picture_name
from mgpe_tf.data.images import read_image
from mgpe_tf.errors import UserError
from mgpe_tf.geometry import REFERENCE_SIZE

COUNT = flags.DEFINE_integer("count", 300, "How many portraits to read.", lower_bound=1)

NAMES = ("left eye", "right eye", "nose tip", "left mouth corner", "right mouth corner")


def measure(folder: str, count: int) -> np.ndarray:
    """The landmarks of the largest face of each portrait, float64 [N, 5, 2] in pixels at 256x256."""
    files = sorted(path for path in Path(folder).glob("*") if is_picture_name(path.name))
    if not files:
        raise UserError(f"{folder}: no portraits; allowed: a folder of {', '.join(SUFFIXES)}")
    count = min(count, len(files))
    detector, found = MtcnnDetector(), []
    for index in tqdm(range(count), unit="portrait", file=sys.stderr):
        image = read_image(files[index * len(files) // count])
        if faces := detector.detect(image):
            found.append((faces[0].landmarks + 0.5) * REFERENCE_SIZE / image.shape[0] - 0.5)
    if not found:
        raise UserError(f"{folder}: no face was found in {count} portraits")
    return np.array(found)


def mirrored(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks [5, 2] of the mirror image, in the same order, in pixels at 256x256."""
    return (REFERENCE_SIZE - 1, 0) + landmarks[[1, 0, 2, 4, 3]] * (-1, 1)


def displacements(landmarks: np.ndarray) -> np.ndarray:
    """How far ``align`` moves the four corners and the middle of portraits, float64 [N, 5] in pixels at 256x256."""
    low, high = -0.5, REFERENCE_SIZE - 0.5
    points = np.array([(low, low), (high, low), (low, high), (high, high), ((low + high) / 2,) * 2])
    matrices = [align(face, (REFERENCE_SIZE, REFERENCE_SIZE)).matrix for face in landmarks]
    return np.linalg.norm([transform(matrix, points) - points for matrix in matrices], axis=-1)


def main(argv: list[str]) -> None:
    """Prints the tables for the folder on the command line."""
    if len(argv) != 2:
        raise UserError(f"{len(argv) - 1} folders given; allowed: one: python -m tools.measure_template FOLDER")
    landmarks = measure(argv[1], COUNT.value)
    median = np.median(landmarks, axis=0)
    template = (median + mirrored(median)) / 2
    low, high = np.percentile(landmarks, (5, 95), axis=0)
    print(f"faces: {len(landmarks)}")
    print("landmark | median | template | 5th to 95th percentile of x, of y")
    for name, *row in zip(NAMES, median, template, low, high, strict=True):
        middle, centre, first, last = (f"({x:.1f}, {y:.1f})" for x, y in row)
        print(f"{name} | {middle} | {centre} | {first} to {last}")
    moved = displacements(landmarks)
    for what, values in (("corners", moved[:, :4]), ("middle", moved[:, 4])):
        print(f"{what} moved by align: median {np.median(values):.1f}, 95th percentile {np.percentile(values, 95):.1f}")


if __name__ == "__main__":
    cli.run(main, positional=True)
