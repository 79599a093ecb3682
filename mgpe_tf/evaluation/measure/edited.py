"""Measuring how good edits of photographs look."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mgpe_tf.data.source import Source
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.session import Session
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.measure.edits import changed_off_region
from mgpe_tf.evaluation.measure.photo_edits import EDITS
from mgpe_tf.evaluation.measure.portraits import spread
from mgpe_tf.evaluation.measure.realism import RegionFeatures, realism_auc, region_features
from mgpe_tf.geometry import REFERENCE_SIZE
from mgpe_tf.metrics.detail import detail
from mgpe_tf.metrics.seam import seam
from mgpe_tf.progress import progress_bar

OTHER = 7
"""How many portraits on the other face comes that edits take from; after the last portrait comes the first. Of so few
portraits it is the next one."""

SEEN = 3
"""Levels of R, G or B: a pixel that differs by more counts as changed."""

LEAST_CHANGED = 60
"""Pixels at 256x256: an edit that changes fewer counts as changing nothing."""

SPECK = 5
"""Pixels at 256x256: specks and holes of what has changed that are narrower do not count for its border."""

SHOWN = 12
"""Portraits that are shown, and on which edits are timed; evenly spread."""

MEASURES = ("detail", "seam", "unchanged", "seconds", "refused", "no_change")
"""The measures of an edit on each portrait; the last two are 1 or 0."""


@dataclasses.dataclass(frozen=True)
class EditsEvaluation:
    """Measures of N portraits.

    Attributes:
      names: the portraits' names.
      others: the number of each portrait's other face, int [N].
      values: by edit and by ``MEASURES``, the value on each portrait, float64 [N]; nan where there is none.
      realism: ``realism_auc`` by edit; None without a probe.
      shown: the numbers of S portraits that are shown.
      photographs: these, uint8 RGB [S, R, R, 3].
      pictures: by edit, these edited, uint8 RGB [S, R, R, 3]; white where it was refused.
    """

    names: tuple[str, ...]
    others: np.ndarray
    values: Mapping[str, Mapping[str, np.ndarray]]
    realism: Mapping[str, float | None] | None
    shown: Sequence[int]
    photographs: np.ndarray
    pictures: Mapping[str, np.ndarray]


class Tried(NamedTuple):
    """An edit on one portrait: picture uint8 RGB [R, R, 3], what of it has changed, bool [R, R], those of ``MEASURES``
    that there are."""

    picture: np.ndarray
    region: np.ndarray
    values: Mapping[str, float]


def evaluate_edits(
    editor: PortraitEditor, source: Source, edits: Sequence[str], features: RegionFeatures | None = None
) -> EditsEvaluation:
    """Makes and measures some edits of every portrait; after some seconds stderr shows how far.

    Args:
      editor: reads the masks, and edits.
      source: aligned portraits of its resolution; its own masks are not used.
      edits: names of some of ``photo_edits.EDITS``.
      features: what a probe judges by; None for no probe.

    Raises:
      UserError: fewer than two portraits.
    """
    count = len(source)
    if count < 2:
        raise UserError("1 portrait; allowed: 2 or more, since edits take from another; raise --limit or add portraits")
    others, shown = others_of(count), spread(count, SHOWN)

    @functools.lru_cache(2 * (OTHER + 1))  # as long as it takes until an other face is edited itself
    def face(number: int) -> Portrait:
        return editor.read(source.load(number)[0], aligned=True, name=source.names[number])

    tried: dict[str, list[Mapping[str, float]]] = {name: [] for name in edits}
    seen: dict[str, list[list[np.ndarray]]] = {name: [] for name in edits}
    pictures: dict[str, list[np.ndarray]] = {name: [] for name in edits}
    for number in progress_bar(range(count), "Editing portraits", unit="portrait", delay=5):
        own, other = face(number), face(int(others[number]))
        before = features.maps(own.photo) if features else []
        for name in edits:
            picture, region, values = try_edit(editor, own, name, other, timed=number in shown)
            tried[name].append(values)
            if number in shown:
                pictures[name].append(picture)
            if features and "detail" in values:
                seen[name].append([region_features(maps, region) for maps in (features.maps(picture), before)])
    return EditsEvaluation(
        source.names,
        others,
        {name: {m: np.array([one.get(m, np.nan) for one in tried[name]]) for m in MEASURES} for name in edits},
        {name: _auc(seen[name]) for name in edits} if features else None,
        shown,
        np.stack([source.load(number)[0] for number in shown]),
        {name: np.stack(made) for name, made in pictures.items()},
    )


def others_of(count: int) -> np.ndarray:
    """The number of the other face of each of so many portraits, int [count] (``OTHER``)."""
    return (np.arange(count) + (OTHER if count > OTHER else 1)) % count


def try_edit(editor: PortraitEditor, face: Portrait, name: str, other: Portrait, timed: bool) -> Tried:
    """Makes one of ``photo_edits.EDITS`` of an aligned portrait of the editor's resolution and measures it; the time
    if it is `timed`."""
    photo = face.photo
    try:
        session = edited(editor, face, name, other)
    except UserError:
        return Tried(np.full_like(photo, 255), np.zeros(photo.shape[:2], bool), {"refused": 1, "no_change": 0})
    picture = session.render()
    region = changed(picture, photo)
    if region.sum() < LEAST_CHANGED * (len(photo) / REFERENCE_SIZE) ** 2:
        return Tried(picture, region, {"refused": 0, "no_change": 1})
    values = {
        "detail": detail(picture, photo, region),
        "seam": seam(picture, photo, solid(region)),
        "unchanged": _share_unchanged(changed_off_region(session, picture)),
        "refused": 0,
        "no_change": 0,
    }
    if timed:  # again: what is computed of a portrait once is there by now, as for a user who moves a slider
        start = time.perf_counter()
        edited(editor, face, name, other).render()
        values["seconds"] = time.perf_counter() - start
    return Tried(picture, region, values)


def edited(editor: PortraitEditor, face: Portrait, name: str, other: Portrait) -> Session:
    """A face with one of ``photo_edits.EDITS``; UserError if that is refused, as to a user."""
    session = Session(editor, face, strict=True)
    for operation in EDITS[name](other):
        session.apply(operation)
    return session


def changed(picture: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """bool [R, R]: where two pictures uint8 RGB [R, R, 3] differ by more than ``SEEN``."""
    return np.abs(picture.astype(int) - photo).max(axis=-1) > SEEN


def solid(region: np.ndarray) -> np.ndarray:
    """A region bool [R, R] without holes and specks narrower than ``SPECK``."""
    side = max(round(SPECK * len(region) / REFERENCE_SIZE), 1)
    square = np.ones((side, side), np.uint8)
    closed = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, square)
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, square).astype(bool)


def _share_unchanged(off_region: np.ndarray) -> float:
    """1 less the share of True, of bool [M]; nan for none."""
    return 1 - float(off_region.mean()) if off_region.size else np.nan


def _auc(pairs: Sequence[Sequence[np.ndarray]]) -> float | None:
    """``realism_auc`` of features of regions, those of the edited and of the photograph of each portrait."""
    return realism_auc(*map(np.stack, zip(*pairs, strict=True))) if pairs else None
