"""The eleven face labels, and the label sets that other data sets use.

Inside the project a mask is a uint8 array [H, W] of the Helen ids below (Smith et al., "Exemplar-Based Face Parsing",
CVPR 2013). Left is the viewer's left: the left eye is the one with the smaller column. Other orders are converted once,
where the file is read.

Which left the public sets mean:
  celebamask_hq, bisenet: the subject's left, so left and right are exchanged here.
  helen: the viewer's left.
  lapa: read as the viewer's left. Its publication does not say; ``order_left_right`` settles it from the mask itself.
Glasses (celebamask_hq 3, bisenet 6) have no Helen class: they become skin, so the skin component carries them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from mgpe_tf.errors import UserError

(
    BACKGROUND,
    SKIN,
    LEFT_BROW,
    RIGHT_BROW,
    LEFT_EYE,
    RIGHT_EYE,
    NOSE,
    UPPER_LIP,
    INNER_MOUTH,
    LOWER_LIP,
    HAIR,
) = range(11)
NUM_CLASSES = 11

MOUTH = (UPPER_LIP, INNER_MOUTH, LOWER_LIP)
FEATURES = (LEFT_BROW, RIGHT_BROW, LEFT_EYE, RIGHT_EYE, NOSE, *MOUTH)
FACE = (SKIN, *FEATURES)
"""The face without hair."""

UNKNOWN = 255
"""Of any label set, the id of a pixel of which nothing is known: a parser's training and scores leave it out. Only a
data set that says so holds such pixels (``data.label_sets``)."""

UNKNOWN_COLOUR = (165, 165, 165)
"""RGB colour of pixels of which nothing is known."""

FLIPPED = (0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 10)
"""Id of each class in the mirror image."""

PALETTE = np.array(
    [
        (0, 0, 0),
        (240, 200, 160),
        (120, 70, 20),
        (190, 120, 40),
        (0, 110, 255),
        (0, 220, 255),
        (60, 180, 75),
        (230, 25, 75),
        (255, 255, 255),
        (160, 30, 180),
        (90, 90, 110),
    ],
    np.uint8,
)
"""RGB colour of each class, uint8 [11, 3]."""


PART_COLOURS = {
    "eye_g": (255, 255, 0),
    "l_ear": (255, 130, 255),
    "r_ear": (255, 0, 255),
    "hat": (0, 0, 170),
    "ear_r": (0, 255, 0),
    "neck_l": (130, 255, 0),
    "neck": (80, 255, 170),
    "cloth": (130, 130, 255),
}
"""RGB colours of CelebAMask-HQ's parts that Helen merges with others; the other parts have the colours of ``PALETTE``,
so that a mask looks alike in both label sets."""


@dataclasses.dataclass(frozen=True)
class LabelSet:
    """The ids of one family of label files.

    Attributes:
      name: key in ``LABEL_SETS``.
      names: the set's own class names, by id.
      to_helen: the Helen id of each id.
    """

    name: str
    names: tuple[str, ...]
    to_helen: tuple[int, ...]


HELEN_NAMES = (
    "background", "skin", "left_brow", "right_brow", "left_eye", "right_eye", "nose", "upper_lip", "inner_mouth",
    "lower_lip", "hair",
)  # fmt: skip

CELEBAMASK_HQ_NAMES = (
    "background", "skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear", "mouth", "u_lip",
    "l_lip", "hair", "hat", "ear_r", "neck_l", "neck", "cloth",
)  # fmt: skip

WORN = {"glasses": "eye_g", "hat": "hat"}
"""The things that a portrait can be asked to be without, with its name among CelebAMask-HQ's classes."""

BISENET_NAMES = (
    "background", "skin", "l_brow", "r_brow", "l_eye", "r_eye", "eye_g", "l_ear", "r_ear", "ear_r", "nose", "mouth",
    "u_lip", "l_lip", "neck", "neck_l", "cloth", "hair", "hat",
)  # fmt: skip

_PART_TO_HELEN = {
    "skin": SKIN,
    "eye_g": SKIN,
    "l_brow": RIGHT_BROW,
    "r_brow": LEFT_BROW,
    "l_eye": RIGHT_EYE,
    "r_eye": LEFT_EYE,
    "nose": NOSE,
    "u_lip": UPPER_LIP,
    "mouth": INNER_MOUTH,
    "l_lip": LOWER_LIP,
    "hair": HAIR,
}


def _from_parts(name: str, names: tuple[str, ...]) -> LabelSet:
    """The label set whose classes are CelebAMask-HQ's parts in the order `names`."""
    return LabelSet(name, names, tuple(_PART_TO_HELEN.get(part, BACKGROUND) for part in names))


LABEL_SETS = {
    "helen": LabelSet("helen", HELEN_NAMES, tuple(range(NUM_CLASSES))),
    "celebamask_hq": _from_parts("celebamask_hq", CELEBAMASK_HQ_NAMES),
    "lapa": LabelSet("lapa", HELEN_NAMES, tuple(range(NUM_CLASSES))),
    "bisenet": _from_parts("bisenet", BISENET_NAMES),
}
"""The label sets by name. LaPa's ids are Helen's; bisenet is the order of face-parsing.PyTorch."""


def label_set(name: str) -> LabelSet:
    """The label set called `name`; UserError if there is none."""
    if name not in LABEL_SETS:
        raise UserError(f"label_set: {name!r} is unknown; allowed: {', '.join(LABEL_SETS)}")
    return LABEL_SETS[name]


def legend(name: str) -> np.ndarray:
    """The colours in which masks of a label set are painted, uint8 RGB [N, 3] by its ids."""
    known = label_set(name)
    if known.names == HELEN_NAMES:
        return PALETTE
    return np.array([PART_COLOURS.get(part, PALETTE[own]) for part, own in zip(known.names, known.to_helen)], np.uint8)


def validate(label: np.ndarray, label_set_name: str, source: str, unknown: bool = False) -> None:
    """Checks that `label` is an integer [H, W] array of ids of a label set.

    Args:
      label: the array to check.
      label_set_name: key of ``LABEL_SETS``.
      source: file or field to name in the error.
      unknown: whether there may be pixels of ``UNKNOWN``.

    Raises:
      UserError: names the source, the values with their pixel counts, what is allowed and the likely cause.
    """
    allowed = len(label_set(label_set_name).names)
    label = np.asarray(label)
    if label.ndim != 2:
        raise UserError(
            f"{source}: a label of shape {label.shape}; allowed: one id per pixel, [height, width]; likely a colour"
            " picture: save class ids, not colours"
        )
    if label.dtype.kind not in "iub":
        raise UserError(f"{source}: label values of type {label.dtype}; allowed: integers; convert the ids to uint8")
    if not label.size or (label.min() >= 0 and label.max() < allowed):
        return
    values, counts = np.unique(label, return_counts=True)
    bad = (values < 0) | (values >= allowed)
    if unknown:
        bad &= values != UNKNOWN
    if bad.any():
        raise UserError(
            f"{source}: {listed(values[bad], counts[bad])} outside label set {label_set_name!r} (ids 0 to"
            f" {allowed - 1}); {_likely_cause(values, bad)}"
        )


def listed(values: np.ndarray, counts: np.ndarray, most: int = 5) -> str:
    """The values with their pixel counts, at most `most` of them."""
    shown = ", ".join(f"{value} ({count} px)" for value, count in zip(values[:most], counts[:most], strict=True))
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return f"label value{'s' if len(values) > 1 else ''} {shown}{more}"


def _likely_cause(values: np.ndarray, bad: np.ndarray) -> str:
    """Why a label may hold the `values`, of which those marked `bad` are outside its set."""
    if len(values) <= 2 and values[-1] == 255:
        return "likely a black-and-white (0/255) mask: save class ids"
    if list(values[bad]) == [255]:
        return "255 often means 'ignore': for a parser say \"unknown\": true in dataset.json, or set those pixels to 0"
    if bad.sum() > 12:
        return "likely a JPEG, an interpolated or a gray-level picture: save class ids as PNG, resize with nearest"
    fitting = [name for name, known in LABEL_SETS.items() if values[0] >= 0 and values[-1] < len(known.names)]
    if fitting:
        return f"the ids fit label set {' or '.join(map(repr, fitting))}: is label_set right?"
    return "save class ids, not colours"


def to_helen(label: np.ndarray, label_set_name: str, source: str = "label", unknown: bool = False) -> np.ndarray:
    """Converts ids of a label set to Helen ids.

    Args:
      label: integer [H, W] ids of the label set.
      label_set_name: key of ``LABEL_SETS``.
      source: file or field to name in the error.
      unknown: whether there may be pixels of ``UNKNOWN``, which stay it.

    Returns:
      uint8 [H, W] Helen ids. Raises UserError as ``validate`` does.
    """
    validate(label, label_set_name, source, unknown)
    return id_table(label_set(label_set_name).to_helen)[np.asarray(label, np.intp)]


def id_table(ids: Sequence[int], unknown: int = UNKNOWN) -> np.ndarray:
    """The new id of each id, uint8 [256]: `ids` of the first ones, `unknown` of ``UNKNOWN`` and all others."""
    return np.array([*ids, *[unknown] * (256 - len(ids))], np.uint8)


def celebamask_hq_from_parts(parts: Mapping[str, np.ndarray]) -> np.ndarray:
    """Composes CelebAMask-HQ's part masks into one label.

    The official parts overlap (skin lies under eyes, nose and mouth). They are painted in the order of their ids, as
    the official preparation does, so the part with the larger id wins: eyes over glasses, hair over skin, hat over
    hair.

    Args:
      parts: bool [H, W] mask by part name ("skin", "l_brow", ...); absent parts may be left out.

    Returns:
      uint8 [H, W] ids of label set "celebamask_hq".
    """
    unknown = sorted(set(parts) - set(CELEBAMASK_HQ_NAMES[1:]))
    if unknown or not parts:
        found = ", ".join(unknown) or "none"
        raise UserError(f"part masks: {found}; allowed: one or more of {', '.join(CELEBAMASK_HQ_NAMES[1:])}")
    label = np.zeros(next(iter(parts.values())).shape, np.uint8)
    for value, name in enumerate(CELEBAMASK_HQ_NAMES):
        if name in parts:
            label[parts[name]] = value
    return label


PARTS = {name: part for part, name in enumerate(CELEBAMASK_HQ_NAMES)}
"""CelebAMask-HQ's ids by their names."""

NUM_PARTS = len(CELEBAMASK_HQ_NAMES)
"""The parts of a portrait that the nineteen-class parser predicts, by CelebAMask-HQ's ids."""

PARTIAL_HELEN = NUM_PARTS
"""Of a partial label, the first id that stands for a Helen class, see ``PARTIAL_PARTS``."""

UNLABELLED = PARTIAL_HELEN + NUM_CLASSES
"""Of a partial label, the id of a pixel that may be any part: one of ``UNKNOWN`` in its label file."""

PARTS_TO_HELEN = LABEL_SETS["celebamask_hq"].to_helen
"""The Helen class of each part."""

PARTIAL_TO_HELEN = (*PARTS_TO_HELEN, *range(NUM_CLASSES), UNKNOWN)
"""The Helen class of each partial id; ``UNKNOWN`` for that of an unlabelled pixel."""

PARTIAL_PARTS = np.array(
    [[part == own for part in range(NUM_PARTS)] for own in range(NUM_PARTS)]
    + [[helen == own for helen in PARTS_TO_HELEN] for own in range(NUM_CLASSES)]
    + [[True] * NUM_PARTS]
)
"""The parts that a pixel of a partial label may be, bool [31, 19].

Data sets know different classes: Helen's background holds CelebAMask-HQ's ears, neck and clothes. A partial label says
of each pixel what its data set knows: ids below 19 are parts, 19 + c is any part that Helen calls c, 30 is any at all.
"""

_PART_PAIRS = tuple(
    (CELEBAMASK_HQ_NAMES.index(f"r_{name}"), CELEBAMASK_HQ_NAMES.index(f"l_{name}")) for name in ("eye", "brow", "ear")
)
_HELEN_PAIRS = ((LEFT_EYE, RIGHT_EYE), (LEFT_BROW, RIGHT_BROW))
_PARTIAL_PAIRS = _PART_PAIRS + tuple((PARTIAL_HELEN + left, PARTIAL_HELEN + right) for left, right in _HELEN_PAIRS)
"""(left, right) by the viewer."""


def _exchanged(pairs: tuple[tuple[int, int], ...], count: int) -> tuple[int, ...]:
    """Ids 0 to count - 1, those of the pairs exchanged."""
    other = dict(pairs) | {right: left for left, right in pairs}
    return tuple(other.get(value, value) for value in range(count))


PARTS_FLIPPED = _exchanged(_PART_PAIRS, NUM_PARTS)
"""Id of each part in the mirror image."""

MIRRORED = {"helen": FLIPPED, "celebamask_hq": PARTS_FLIPPED}
"""Of each label set that a parser may read: the id of each class in the mirror image."""

ALL_PARTS = "a parser of nineteen classes does: the bundled one, or train one with --config=parser_lite_256"
"""Where a parser is asked for more classes than it reads: which one reads them."""

HELEN_SUMS = np.eye(NUM_CLASSES, dtype=np.float32)[list(PARTS_TO_HELEN)]
"""By which probabilities of the parts [..., 19] are multiplied to become those of Helen's classes, float32 [19, 11]."""

PARTIAL_FLIPPED = _exchanged(_PARTIAL_PAIRS, UNLABELLED + 1)
"""Partial id of each partial id in the mirror image."""


def knows_parts(label_set_name: str) -> bool:
    """Whether a label set tells all parts of a portrait apart."""
    return set(label_set(label_set_name).names) == set(CELEBAMASK_HQ_NAMES)


def to_partial(label: np.ndarray, label_set_name: str, source: str = "label", unknown: bool = False) -> np.ndarray:
    """Converts ids of a label set to partial ids (see ``PARTIAL_PARTS``); arguments and errors as for ``to_helen``."""
    validate(label, label_set_name, source, unknown)
    if knows_parts(label_set_name):
        ids = [CELEBAMASK_HQ_NAMES.index(name) for name in label_set(label_set_name).names]
    else:
        ids = [PARTIAL_HELEN + value for value in label_set(label_set_name).to_helen]
    return id_table(ids, UNLABELLED)[np.asarray(label, np.intp)]


def colourise(label: np.ndarray, label_set_name: str = "helen") -> np.ndarray:
    """RGB picture uint8 [..., 3] of ids [...] of a label set in the colours of its ``legend``; of ``UNKNOWN``, and ids
    that the set has not, in ``UNKNOWN_COLOUR``."""
    known, colours = legend(label_set_name), np.full((256, 3), UNKNOWN_COLOUR, np.uint8)
    colours[: len(known)] = known
    picture: np.ndarray = colours[label]
    return picture


def mirrored(label: np.ndarray) -> np.ndarray:
    """The mask of the mirror image, uint8 [H, W] Helen ids."""
    mask: np.ndarray = np.array(FLIPPED, np.uint8)[label[:, ::-1]]
    return mask


def mirrored_parts(label: np.ndarray) -> np.ndarray:
    """The mask of the mirror image, uint8 [H, W] CelebAMask-HQ ids."""
    mask: np.ndarray = np.array(PARTS_FLIPPED, np.uint8)[label[:, ::-1]]
    return mask


def exchanged_pairs(label: np.ndarray, pairs: tuple[tuple[int, int], ...] = _HELEN_PAIRS) -> list[tuple[int, int]]:
    """The (left, right) pairs of ids in a mask [H, W] that lie on the wrong sides, by their mean columns.

    A pair of which one or both are missing is not judged.
    """
    wrong = []
    for left, right in pairs:
        left_columns, right_columns = np.nonzero(label == left)[1], np.nonzero(label == right)[1]
        if left_columns.size and right_columns.size and left_columns.mean() > right_columns.mean():
            wrong.append((left, right))
    return wrong


def order_left_right(label: np.ndarray, partial: bool = False) -> np.ndarray:
    """Puts left and right of a mask [H, W] in order, of Helen ids or of partial ones; a mask that is in order is
    returned as it is.

    Public data sets hold pictures that were mirrored without exchanging ids, and others where only the eyes or only
    the brows were annotated the wrong way round: so each pair is judged by itself.
    """
    wrong = exchanged_pairs(label, _PARTIAL_PAIRS if partial else _HELEN_PAIRS)
    order = np.arange(256, dtype=np.uint8)
    for left, right in wrong:
        order[[left, right]] = right, left
    return order[label] if wrong else label


def describe() -> str:
    """A text table of the classes: Helen id and name, and the ids of each label set that become it."""
    others = [known for name, known in LABEL_SETS.items() if name != "helen"]
    rows = [("id", "name", *(known.name for known in others))]
    for value, name in enumerate(HELEN_NAMES):
        rows.append((str(value), name, *(_sources(known, value) for known in others)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _sources(known: LabelSet, helen_id: int) -> str:
    """The ids, with names, that a label set converts to `helen_id`."""
    return ", ".join(f"{i} {known.names[i]}" for i, target in enumerate(known.to_helen) if target == helen_id)
