"""Scripted edits of a data set's portraits, as sessions make them, and whether all else stays as it was."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mgpe_tf.data.alignment import whole
from mgpe_tf.editing.pixels.paste import soft_region
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.session import Session
from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits, spread
from mgpe_tf.evaluation.measure.score import Score
from mgpe_tf.geometry import COMPONENTS
from mgpe_tf.models.face_parser import FaceParser

TRANSFERS = ("eyes", "mouth", "skin", "hair")
"""The appearances that are taken from x_s, one at a time."""

SHAPES = {"smile": {"smile": 1.0}, "open mouth": {"open_mouth": 0.6}, "longer hair": {"hair_length": 0.7}}
"""The edits of the mask, as ``edits.apply`` takes them, by name."""

EDITED = 4
"""How many portraits are edited to see that the rest of them stays as it is; evenly spread."""


def takes_components(portraits: GeneratedPortraits) -> bool:
    """Whether the network knows the appearance of single components, so that ``transfers`` can be made."""
    return all(component.name in portraits.embeddings for component in COMPONENTS)


def transfers(portraits: GeneratedPortraits, parser: FaceParser, number: int) -> dict[str, Session]:
    """A portrait with the appearance of one component of its x_s each, by ``TRANSFERS``."""
    reference = portrait(portraits, portraits.references[number])
    sessions = _sessions(portraits, parser, number, TRANSFERS)
    for what, session in sessions.items():
        session.take(what, reference)
    return sessions


def shape_edits(portraits: GeneratedPortraits, parser: FaceParser, number: int) -> dict[str, Session]:
    """A portrait with an edited mask each, by the names of ``SHAPES``."""
    sessions = _sessions(portraits, parser, number, SHAPES)
    for name, session in sessions.items():
        session.shape(SHAPES[name])
    return sessions


def portrait(portraits: GeneratedPortraits, number: int) -> Portrait:
    """A portrait of the data set, with the data set's mask, as sessions edit it."""
    image, mask = portraits.source.load(number)
    alignment = whole(image.shape[:2], portraits.source.resolution, portraits.names[number])
    embeddings = {name: vectors[number] for name, vectors in portraits.embeddings.items()}
    return Portrait(portraits.networks, image, alignment, image, mask, embeddings)


def changed_outside(portraits: GeneratedPortraits, parser: FaceParser) -> dict[str, Score]:
    """The share of the pixels off the edited region that edits change when they are pasted back: 0, or paste-back is
    broken. None if no pixel lies there."""
    sessions: list[Session] = []
    for number in spread(len(portraits.names), EDITED):
        sessions += shape_edits(portraits, parser, number).values()
        if takes_components(portraits):
            sessions += transfers(portraits, parser, number).values()
    changed = np.concatenate([changed_off_region(session, session.render()) for session in sessions])
    return {
        f"changed_outside_{len(sessions)}": Score(
            float(changed.mean()) if changed.size else None,
            "share of pixels off the edited region that edits change; must be 0",
        )
    }


def changed_off_region(session: Session, rendered: np.ndarray) -> np.ndarray:
    """Which of the pixels off the edited region differ from the photograph, in a photograph that a session has rendered
    and that is an aligned portrait of the editor's resolution: bool [M]."""
    outside = soft_region(session.region()) == 0
    return (rendered != session.portrait.photo).any(axis=-1)[outside]


def _sessions(
    portraits: GeneratedPortraits, parser: FaceParser, number: int, names: Iterable[str]
) -> dict[str, Session]:
    editor, face = PortraitEditor(portraits.networks, parser), portrait(portraits, number)
    sessions = {name: Session(editor, face) for name in names}
    for session in sessions.values():
        session.keep(detail=0)  # what the networks generate is judged
        session.carry(0)
    return sessions
