"""The label set of a folder: what the folder says of itself, and what its labels look like.

A folder's ``dataset.json`` holds {"format": 1, "label_set": a name of ``labels.LABEL_SETS``}, and "unknown": true where
labels may have pixels of ``labels.UNKNOWN``. A folder without it is read by the label set that the user names, or else
as Helen ids, once a sample of its labels agrees.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mgpe_tf import labels
from mgpe_tf.config_check import OWN_LABEL_SETS, check_label_set
from mgpe_tf.errors import UserError
from mgpe_tf.storage import files

DESCRIPTION = "dataset.json"
FORMAT = 1
DEFAULT = "helen"
"""Label set where nobody names one."""

SAMPLE = 32
"""Labels that are looked at."""

BETTER = 0.25
"""By how much of all that is expected in a face another label set must agree more with the labels than the one by which
they are to be read. Of CelebAMask-HQ and Helen the right set agrees with 86 % or more of any sample of 16, a wrong one
with 53 % or less (``tests/data/test_label_sets.py``)."""

ABOVE = (
    (labels.LEFT_BROW, labels.LEFT_EYE),
    (labels.RIGHT_BROW, labels.RIGHT_EYE),
    (labels.LEFT_EYE, labels.NOSE),
    (labels.RIGHT_EYE, labels.NOSE),
    (labels.NOSE, labels.UPPER_LIP),
    (labels.UPPER_LIP, labels.LOWER_LIP),
)
LEFT_OF = ((labels.LEFT_EYE, labels.RIGHT_EYE), (labels.LEFT_BROW, labels.RIGHT_BROW))
"""Pairs of Helen ids: where the first lies from the second in an upright face, by their means."""


def describe_folder(folder: Path, label_set: str, unknown: bool = False) -> None:
    """Writes the label set of a folder's labels, and whether they may have unknown pixels, beside them."""
    described = {"format": FORMAT, "label_set": label_set, **({"unknown": True} if unknown else {})}
    files.write_text(folder / DESCRIPTION, json.dumps(described) + "\n")


def stated(folder: Path) -> str:
    """The label set that a folder names; "" if it names none. UserError if its file is of no such kind."""
    return _description(folder)[0]


def has_unknown(folder: Path) -> bool:
    """Whether a folder says that its labels may have pixels of ``labels.UNKNOWN``; UserError as ``stated``."""
    return _description(folder)[1]


def require_known(unknown: bool, folder: Path | str) -> None:
    """Raises UserError naming a folder if labels may have unknown pixels, for what needs to know them all."""
    if unknown:
        raise UserError(
            f"{folder}: its labels may have unknown pixels (id {labels.UNKNOWN}); allowed: a parser's training and "
            "evaluation, and pack_dataset; leave the folder out"
        )


def _description(folder: Path) -> tuple[str, bool]:
    """The statement of a folder about itself: its label set, "" for none, and whether labels may have unknown
    pixels."""
    path = folder / DESCRIPTION
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        return labels.label_set(described["label_set"]).name, bool(described.get("unknown", False))
    except FileNotFoundError:
        return "", False
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, RecursionError, UserError) as error:
        raise UserError(
            f'{path}: names no label set; allowed: {{"label_set": one of {", ".join(labels.LABEL_SETS)}}}'
        ) from error


def label_set_of(layout: str, folder: Path, wanted: str) -> str:
    """The label set by which a data set is read.

    Args:
      layout: of the data set.
      folder: where it is.
      wanted: the label set that the user names; "" for none.

    Raises:
      UserError: the data set, or its layout, says another one.
    """
    if layout in OWN_LABEL_SETS:
        check_label_set(layout, wanted)
        return OWN_LABEL_SETS[layout]
    says = stated(folder)
    if wanted and says and wanted != says:
        raise UserError(
            f"label_set: {wanted!r} for {folder}, but {folder / DESCRIPTION} says {says!r}; leave label_set out"
        )
    return wanted or says or DEFAULT


def misfit(folder: Path, label_set: str, count: int, read: Callable[[int], np.ndarray]) -> str:
    """Looks at a sample of labels: "" if they agree with a label set, else a line that says why not and which one does.

    Args:
      folder: for the line.
      label_set: by which they are to be read.
      count: number of the labels.
      read: gives label number i as stored, uint8 [H, W]; UserError if it is unfit, which is not judged here.
    """
    sample = []
    for index in np.unique(np.linspace(0, count - 1, min(count, SAMPLE)).astype(int)).tolist():
        try:
            label = read(index)
        except UserError:
            continue
        sample.append(_thinned(label))
    if not sample:
        return ""
    views = {name: _View(sample, name) for name in labels.LABEL_SETS}
    own, best = views[label_set], max(views.values(), key=lambda view: view.agreement)
    if best.agreement < own.agreement + BETTER:
        return ""
    return (
        f"{folder}: read as {label_set!r}, {len(sample)} of its labels have {own.why()}; they are {best.name!r} ids: "
        f"give --label_set={best.name} (in training --config.data.label_set={best.name})"
    )


def _thinned(label: np.ndarray, most: int = 256) -> np.ndarray:
    """Every so many-th pixel of a label [H, W], so that it has about `most` rows."""
    step = max(1, label.shape[0] // most)
    return label[::step, ::step]


class _View:
    """A sample of labels read by one label set.

    Attributes:
      name: of the label set.
      agreement: share of the relations of ``ABOVE`` and ``LEFT_OF`` that are as in a face, in [0, 1]; what is missing
        is not, nor is anything in a label with ids that the set has not.
    """

    def __init__(self, sample: Sequence[np.ndarray], name: str):
        self.name = name
        self._table = np.array(labels.LABEL_SETS[name].to_helen)
        placed = [self._places(label) for label in sample]
        self._foreign = sum(place is None for place in placed)
        known = np.array([place for place in placed if place is not None]).reshape(-1, 2, labels.NUM_CLASSES)
        rows, columns = known[:, 0], known[:, 1]
        self._seen = ~np.isnan(rows)
        self._right = {pair: rows[:, pair[0]] < rows[:, pair[1]] for pair in ABOVE}
        self._right.update({pair: columns[:, pair[0]] < columns[:, pair[1]] for pair in LEFT_OF})
        self.agreement = sum(right.sum() for right in self._right.values()) / len(self._right) / len(sample)

    def _places(self, label: np.ndarray) -> np.ndarray | None:
        """Mean row and column of each Helen class, float [2, 11], NaN for those without a pixel; None for a label with
        ids that the set has not."""
        if label.max(initial=0) >= len(self._table):
            return None
        mask = self._table[label]
        counts = np.bincount(mask.ravel(), minlength=labels.NUM_CLASSES)
        with np.errstate(invalid="ignore"):
            sums = [np.bincount(mask.ravel(), axis.ravel(), labels.NUM_CLASSES) for axis in np.indices(mask.shape)]
            return np.stack(sums) / counts

    def why(self) -> str:
        """The fault by which it is no face, in words."""
        if self._foreign:
            return f"ids beyond {len(self._table) - 1}"
        found = []
        for pair in (*LEFT_OF, *ABOVE):
            both = self._seen[:, pair[0]] & self._seen[:, pair[1]]
            if both.any() and 2 * self._right[pair][both].sum() < both.sum():
                first, second = (labels.HELEN_NAMES[i].replace("_", " ") for i in pair)
                found.append(f"the {first} {'below' if pair in ABOVE else 'right of'} the {second}")
        absent = [labels.HELEN_NAMES[i].replace("_", " ") for i in labels.FACE if not self._seen[:, i].any()]
        return ", ".join((found[:3] + [f"no {name}" for name in absent])[:4]) or "few parts of a face"
