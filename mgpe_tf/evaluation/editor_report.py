"""The report of an editor's evaluation: scores with their protocols, as text and JSON."""

from __future__ import annotations

import numpy as np

from mgpe_tf.evaluation.editor import KINDS, EditorEvaluation
from mgpe_tf.evaluation.report import aligned, or_none, three_digits
from mgpe_tf.labels import HELEN_NAMES
from mgpe_tf.metrics.segmentation import class_f1, macro_f1

PROTOCOLS = {
    "psnr_face": "PSNR of reconstructions in dB, over the face without hair",
    "psnr_foreground": "PSNR of reconstructions in dB, over face and hair",
    "psnr_all": "PSNR of reconstructions in dB, over all pixels",
    "ssim_face": "SSIM of reconstructions, luminance, over the face without hair",
    "ssim_foreground": "SSIM of reconstructions, luminance, over face and hair",
    "ssim_all": "SSIM of reconstructions, luminance, over all pixels",
    "psnr_background_reconstruction": "PSNR of reconstructions in dB, background off hair, face and neck",
    "psnr_background_swap": "PSNR of swaps in dB, background off hair, face and neck",
    "f1_macro_foreground_photographs": "m_t as P_F reads it off x_t: mean F1 of ten classes, pixels pooled",
    "f1_macro_foreground_reconstructions": "m_t as P_F reads it off reconstructions: mean F1, pooled",
    "f1_macro_foreground_swaps": "m_t as P_F reads it off swaps: mean F1 of ten classes, pooled",
}
"""What each score is. PSNR and SSIM are taken of each portrait, then the mean over the portraits is."""

DISTANCE_PROTOCOLS = {
    "swap": "Fréchet distance of one half's swaps from the other half's photographs",
    "real": "Fréchet distance of one half's photographs from the other half's",
    "ratio": "the former by the latter; 1: swaps are as near as photographs are",
}
"""What each Fréchet distance is, by the end of its name; before that comes the number of portraits in a half."""


def editor_scores(evaluation: EditorEvaluation) -> dict[str, float | None]:
    """Every score in the order of ``PROTOCOLS``, then the distances; None where no portrait has such pixels."""
    found = {}
    for name, values in evaluation.values.items():
        found[name] = float(np.nanmean(values)) if not np.isnan(values).all() else None
    for kind in KINDS:
        found[f"f1_macro_foreground_{kind}"] = macro_f1(evaluation.confusions[kind])
    return {**{name: found[name] for name in PROTOCOLS}, **evaluation.distances}


def editor_protocols(evaluation: EditorEvaluation) -> dict[str, str]:
    """What each of ``editor_scores`` is."""
    distances = {name: DISTANCE_PROTOCOLS[name.rpartition("_")[2]] for name in evaluation.distances}
    return {**PROTOCOLS, **distances}


def editor_classes(evaluation: EditorEvaluation) -> dict[str, dict[str, float | None]]:
    """By class name: the F1 of the reading of each kind of picture; None where a class neither occurs nor is read."""
    columns = {kind: class_f1(evaluation.confusions[kind]).tolist() for kind in KINDS}
    return {
        name: {f"f1_{kind}": or_none(column[number]) for kind, column in columns.items()}
        for number, name in enumerate(HELEN_NAMES)
    }


def editor_table(evaluation: EditorEvaluation) -> str:
    """The scores as text: a line per class, then a line per score with its protocol."""
    classes = [("F1 as P_F reads", *KINDS)]
    for name, values in editor_classes(evaluation).items():
        classes.append((name, *map(three_digits, values.values())))
    protocols = editor_protocols(evaluation)
    scores = [(name, three_digits(value), protocols[name]) for name, value in editor_scores(evaluation).items()]
    return f"{aligned(classes)}\n\n{aligned(scores)}"


def editor_document(evaluation: EditorEvaluation, about: dict) -> dict:
    """All that is known, as JSON holds it.

    Args:
      evaluation: what was measured.
      about: what was evaluated on what; its entries come first.
    """
    portraits = {}
    for number, name in enumerate(evaluation.names):
        values = {score: or_none(float(of_all[number])) for score, of_all in evaluation.values.items()}
        portraits[name] = {"x_s": evaluation.names[evaluation.lenders[number]], **values}
    return {
        **about,
        "images": len(evaluation.names),
        "scores": editor_scores(evaluation),
        "protocols": editor_protocols(evaluation),
        "classes": editor_classes(evaluation),
        "portraits": portraits,
    }
