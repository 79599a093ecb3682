"""The painter: a canvas over the aligned portrait, made with Gradio's custom HTML components.

``gr.ImageEditor`` was tried first. It has no fill, no names for its colours and no keys, and it uploads all its
pictures several times per stroke, which took seconds on two cores. This painter knows no colours but ids, and sends a
mask as its runs.
"""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import numpy as np

from mgpe_tf import labels
from mgpe_tf.webapp.painting import to_runs
from mgpe_tf.webapp.tiles import url_of

KEYS = "0123456789h"
"""The key of each class."""

UNSURE = 0.75
"""Confidence of the parser below which a pixel is striped: of portraits from 2 to 10 %, along borders above all."""

_HERE = Path(__file__).parent


def painter(elem_id: str) -> gr.HTML:
    """The component. Its values are those of ``whole`` and ``mask_alone``; its event "input" has {"mask": runs}."""
    return gr.HTML(  # no subclass of it: Gradio writes a file beside the module of each
        html_template=_read("painter.html").replace("@legend", _legend()),
        css_template=_read("painter.css"),
        js_on_load=_read("painter.js"),
        apply_default_css=False,
        elem_id=elem_id,
        names=[name.replace("_", " ") for name in labels.HELEN_NAMES],
        keys=KEYS,
        colours=labels.PALETTE.tolist(),
        flipped=list(labels.FLIPPED),
    )


def whole(portrait: np.ndarray, mask: np.ndarray, original: np.ndarray, unsure: np.ndarray) -> dict:
    """The value for another face.

    Args:
      portrait: uint8 RGB [R, R, 3].
      mask: uint8 [R, R] ids.
      original: what was read, which the eraser gives back, as `mask`.
      unsure: bool [R, R]: where the reading is not sure.
    """
    read = {"original": to_runs(original), "unsure": to_runs(unsure.astype(np.uint8))}
    return {"size": len(mask), "portrait": url_of(portrait), **read, **mask_alone(mask)}


def mask_alone(mask: np.ndarray) -> dict:
    """The value for another mask of the same face, uint8 [R, R] ids."""
    return {"mask": to_runs(mask)}


def _legend() -> str:
    """A radio button for each class, with its colour, name and key."""
    return "\n  ".join(
        f'<label><input type="radio" name="painter-class" value="{number}"{checked}><span>'
        f'<span class="chip" style="background: rgb({red} {green} {blue})"></span>'
        f"{name.replace('_', ' ')} <kbd>{KEYS[number]}</kbd></span></label>"
        for number, (name, (red, green, blue)) in enumerate(zip(labels.HELEN_NAMES, labels.PALETTE.tolist()))
        for checked in [" checked" * (number == labels.HAIR)]
    )


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
