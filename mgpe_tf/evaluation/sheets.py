"""Sheets of portraits that an editor has drawn, for people to judge: every edit beside its photograph and its mask."""

from __future__ import annotations

import numpy as np
from keras import ops

from mgpe_tf.data.alignment import whole
from mgpe_tf.editing.portrait_editor import Portrait, PortraitEditor
from mgpe_tf.editing.session import Session
from mgpe_tf.evaluation.editor import EditorEvaluation, read_masks
from mgpe_tf.evaluation.pictures import sheet
from mgpe_tf.evaluation.portraits import Drawn, DrawnPortraits, spread
from mgpe_tf.metrics.segmentation import confusion_matrix, macro_f1
from mgpe_tf.parsing.face_parser import FaceParser

WORST, SWAPS, EDITED = 10, 10, 8
"""Portraits on worst.png, on swaps.png, and on appearance.png and shapes.png; all but the worst evenly spread."""

TRANSFERS = ("eyes", "mouth", "skin", "hair")
"""What appearance.png takes from x_s, one at a time."""

SHAPES = {"smile": {"smile": 1.0}, "open mouth": {"open_mouth": 0.6}, "longer hair": {"hair_length": 0.7}}
"""The edits of shapes.png, as ``shapes.apply`` takes them, by the names of their columns."""


def editor_sheets(
    portraits: DrawnPortraits, parser: FaceParser, evaluation: EditorEvaluation
) -> dict[str, np.ndarray]:
    """All sheets by file name, uint8 RGB."""
    edited = spread(len(portraits.names), EDITED)
    return {
        "worst.png": worst_sheet(portraits, evaluation),
        "swaps.png": swaps_sheet(portraits, parser),
        "appearance.png": appearance_sheet(portraits, parser, edited),
        "shapes.png": shapes_sheet(portraits, parser, edited),
    }


def worst_sheet(portraits: DrawnPortraits, evaluation: EditorEvaluation) -> np.ndarray:
    """The reconstructions with the lowest PSNR over the face, and how much each pixel differs, four times enlarged."""
    numbers = evaluation.worst(WORST)
    drawn = _drawn(portraits, numbers)
    differences = np.abs(drawn.reconstructions.astype(int) - drawn.photographs).mean(-1, keepdims=True).repeat(3, -1)
    captions = [
        f"{rank}. {portraits.names[number]}\nface: PSNR {evaluation.values['psnr_face'][number]:.1f} dB, "
        f"SSIM {evaluation.values['ssim_face'][number]:.3f}"
        for rank, number in enumerate(numbers, start=1)
    ]
    return sheet(captions, {
        "x_t": drawn.photographs, "m_t": drawn.masks, "reconstruction": drawn.reconstructions,
        "4 x difference": np.minimum(4 * differences, 255)})


def swaps_sheet(portraits: DrawnPortraits, parser: FaceParser) -> np.ndarray:
    """Swaps, and what the parser reads off them."""
    numbers = spread(len(portraits.names), SWAPS)
    drawn, sources = _drawn(portraits, numbers), _sources(portraits, numbers)
    readings = read_masks(parser, drawn.swaps)
    scores = [macro_f1(ops.convert_to_numpy(confusion_matrix(*pair))) for pair in zip(drawn.masks, readings)]
    captions = [f"{_pair(portraits, number)}\nmacro F1 {score:.3f}" for number, score in zip(numbers, scores)]
    return sheet(captions, {
        "x_s": sources, "x_t": drawn.photographs, "m_t": drawn.masks, "x_s on m_t": drawn.swaps,
        "reading of it": readings})


def appearance_sheet(portraits: DrawnPortraits, parser: FaceParser, numbers: list[int]) -> np.ndarray:
    """Reconstruction and swap as G draws them, then the appearance of one component of x_s, pasted into x_t."""
    editor, drawn = PortraitEditor(portraits.networks, parser), _drawn(portraits, numbers)
    columns = {
        "x_t": drawn.photographs, "m_t": drawn.masks, "reconstruction": drawn.reconstructions,
        "x_s": _sources(portraits, numbers), "x_s on m_t": drawn.swaps, **{f"{what} of x_s": [] for what in TRANSFERS}}
    for number in numbers:
        session, other = Session(editor, _portrait(portraits, number)), _portrait(portraits, portraits.lenders[number])
        for what in TRANSFERS:
            session.take(what, other)
            columns[f"{what} of x_s"].append(session.render())
            session.reset()
    return sheet([_pair(portraits, number) for number in numbers], _stacked(columns))


def shapes_sheet(portraits: DrawnPortraits, parser: FaceParser, numbers: list[int]) -> np.ndarray:
    """Scripted edits of the mask, each beside the edited mask, pasted into x_t."""
    editor, targets = PortraitEditor(portraits.networks, parser), [_portrait(portraits, n) for n in numbers]
    columns = {"x_t": [target.image for target in targets], "m_t": [target.mask for target in targets]}
    for name, amounts in SHAPES.items():
        sessions = [Session(editor, target) for target in targets]
        for session in sessions:
            session.shape(amounts)
        columns[f"mask: {name}"] = [session.mask for session in sessions]
        columns[name] = [session.render() for session in sessions]
    return sheet([portraits.names[number] for number in numbers], _stacked(columns))


def _stacked(columns: dict) -> dict[str, np.ndarray]:
    return {name: np.stack(pictures) for name, pictures in columns.items()}


def _drawn(portraits: DrawnPortraits, numbers: list[int]) -> Drawn:
    return Drawn(*map(np.concatenate, zip(*portraits.draw(numbers))))


def _sources(portraits: DrawnPortraits, numbers: list[int]) -> np.ndarray:
    """The x_s of some portraits, uint8 [B, R, R, 3]."""
    return np.stack([portraits.source.load(portraits.lenders[number])[0] for number in numbers])


def _pair(portraits: DrawnPortraits, number: int) -> str:
    """The names of a portrait and of its x_s, for a caption."""
    return f"x_t: {portraits.names[number]}\nx_s: {portraits.names[portraits.lenders[number]]}"


def _portrait(portraits: DrawnPortraits, number: int) -> Portrait:
    """A portrait of the data set, with the data set's mask, as sessions edit it."""
    image, mask = portraits.source.load(number)
    alignment = whole(image.shape[:2], portraits.source.resolution, portraits.names[number])
    return Portrait(image, alignment, image, mask, {name: v[number] for name, v in portraits.embeddings.items()})
