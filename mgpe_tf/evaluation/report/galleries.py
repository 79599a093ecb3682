"""Galleries for people to judge: what a parser reads worst, and every edit beside its photograph and its mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from keras import ops

from mgpe_tf import labels
from mgpe_tf.evaluation.measure.edited import EditsEvaluation
from mgpe_tf.evaluation.measure.editor_evaluation import EditorEvaluation, read_masks
from mgpe_tf.evaluation.measure.edits import SHAPES, TRANSFERS, shape_edits, takes_components, transfers
from mgpe_tf.evaluation.measure.parser_evaluation import ParserEvaluation, Prediction
from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits, generated_portraits, sources, spread
from mgpe_tf.evaluation.report.pictures import Gallery
from mgpe_tf.metrics.segmentation import confusion_matrix, macro_f1
from mgpe_tf.models.face_parser import FaceParser

WORST, SWAPS, EDITED = 10, 10, 8
"""Portraits of the galleries "worst", of "swaps", and of "appearance" and "shapes"; all but the worst evenly spread."""

_RED = np.array([255, 40, 40], np.uint8)


def prediction_gallery(evaluation: ParserEvaluation, worst: Sequence[Prediction], label_set: str = "helen") -> Gallery:
    """The worst predictions beside their labels, and in red where the two differ.

    Args:
      evaluation: the scores of the captions.
      worst: the worst portraits, in the order of ``evaluation.worst``.
      label_set: "helen", or "celebamask_hq" for the nineteen classes.
    """
    parts = label_set != "helen"
    captions = [
        f"{rank}. {evaluation.names[index]}\nmacro F1 {score:.3f}"
        for rank, (index, score) in enumerate(evaluation.worst(len(worst), parts).items(), start=1)
    ]
    images = np.stack([read.image for read in worst])
    pairs = [read.parts if read.parts and parts else (read.label, read.prediction) for read in worst]
    masks, predictions = map(np.stack, zip(*pairs, strict=True))
    wrong = (masks != predictions) & (masks < len(labels.label_set(label_set).names))  # of the others nothing is known
    gray = (images.mean(-1, keepdims=True) // 2).astype(np.uint8)
    return Gallery(
        "The worst predictions",
        captions,
        {
            "portrait": images,
            "label": masks,
            "prediction": predictions,
            "difference": np.where(wrong[..., None], _RED, gray),
        },
        label_set,
    )


def editor_galleries(
    portraits: GeneratedPortraits, parser: FaceParser, evaluation: EditorEvaluation
) -> dict[str, Gallery]:
    """All galleries by name; "appearance" only of networks that know the appearance of single components."""
    edited = spread(len(portraits.names), EDITED)
    galleries = {"worst": worst_gallery(portraits, evaluation), "swaps": swaps_gallery(portraits, parser)}
    if takes_components(portraits):
        galleries["appearance"] = appearance_gallery(portraits, parser, edited)
    return {**galleries, "shapes": shapes_gallery(portraits, parser, edited)}


def worst_gallery(portraits: GeneratedPortraits, evaluation: EditorEvaluation) -> Gallery:
    """The reconstructions with the lowest PSNR over the face, and how much each pixel differs, four times enlarged."""
    numbers = evaluation.worst(WORST)
    generated = generated_portraits(portraits, numbers)
    differences = (
        np.abs(generated.reconstructions.astype(int) - generated.photographs).mean(-1, keepdims=True).repeat(3, -1)
    )
    captions = [
        f"{rank}. {portraits.names[number]}\nface: PSNR {evaluation.values['psnr_face'][number]:.1f} dB, "
        f"SSIM {evaluation.values['ssim_face'][number]:.3f}"
        for rank, number in enumerate(numbers, start=1)
    ]
    return Gallery(
        "The worst reconstructions",
        captions,
        {
            "x_t": generated.photographs,
            "m_t": generated.masks,
            "reconstruction": generated.reconstructions,
            "4 x difference": np.minimum(4 * differences, 255).astype(np.uint8),
        },
    )


def swaps_gallery(portraits: GeneratedPortraits, parser: FaceParser) -> Gallery:
    """Swaps, and what the parser reads off them."""
    numbers = spread(len(portraits.names), SWAPS)
    generated = generated_portraits(portraits, numbers)
    predictions = read_masks(parser, generated.swaps)
    scores = [macro_f1(ops.convert_to_numpy(confusion_matrix(*pair))) for pair in zip(generated.masks, predictions)]
    captions = [f"{_pair(portraits, number)}\nmacro F1 {score:.3f}" for number, score in zip(numbers, scores)]
    return Gallery(
        "Swaps",
        captions,
        {
            "x_s": sources(portraits, numbers),
            "x_t": generated.photographs,
            "m_t": generated.masks,
            "x_s on m_t": generated.swaps,
            "prediction for it": predictions,
        },
    )


def appearance_gallery(portraits: GeneratedPortraits, parser: FaceParser, numbers: list[int]) -> Gallery:
    """Reconstruction and swap as G generates them, then the appearance of one component of x_s, pasted into x_t."""
    generated = generated_portraits(portraits, numbers)
    edited: dict[str, list[np.ndarray]] = {what: [] for what in TRANSFERS}
    for number in numbers:
        for what, session in transfers(portraits, parser, number).items():
            edited[what].append(session.render())
    return Gallery(
        "The appearance of one component",
        [_pair(portraits, number) for number in numbers],
        {
            "x_t": generated.photographs,
            "m_t": generated.masks,
            "reconstruction": generated.reconstructions,
            "x_s": sources(portraits, numbers),
            "x_s on m_t": generated.swaps,
            **{f"{what} of x_s": np.stack(pictures) for what, pictures in edited.items()},
        },
    )


def shapes_gallery(portraits: GeneratedPortraits, parser: FaceParser, numbers: list[int]) -> Gallery:
    """Scripted edits of the mask, each beside the edited mask, pasted into x_t."""
    edits = [shape_edits(portraits, parser, number) for number in numbers]
    targets = [session.portrait for session in (next(iter(sessions.values())) for sessions in edits)]
    columns = {
        "x_t": np.stack([target.image for target in targets]),
        "m_t": np.stack([target.mask for target in targets]),
    }
    for name in SHAPES:
        columns[f"mask: {name}"] = np.stack([sessions[name].mask for sessions in edits])
        columns[name] = np.stack([sessions[name].render() for sessions in edits])
    return Gallery("Edited masks", [portraits.names[number] for number in numbers], columns)


def edits_gallery(evaluation: EditsEvaluation) -> Gallery:
    """The portraits that are shown, each beside what every edit made of it."""
    captions = [
        f"{evaluation.names[number]}\nother: {evaluation.names[evaluation.others[number]]}"
        for number in evaluation.shown
    ]
    return Gallery("Edited photographs", captions, {"photograph": evaluation.photographs, **evaluation.pictures})


def _pair(portraits: GeneratedPortraits, number: int) -> str:
    """The names of a portrait and of its x_s, for a caption."""
    return f"x_t: {portraits.names[number]}\nx_s: {portraits.names[portraits.references[number]]}"
