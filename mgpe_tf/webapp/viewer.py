"""The viewer: the whole result; the original while the picture is pressed, or beside it in a split."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import numpy as np

from mgpe_tf.webapp.tiles import url_of

_HERE = Path(__file__).parent


def viewer(elem_id: str) -> gr.HTML:
    """The component. Its values are those of ``shown``. ``gr.ImageSlider`` hides half of a result."""
    html, css, js = ((_HERE / f"viewer.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return gr.HTML(html_template=html, css_template=css, js_on_load=js, apply_default_css=False, elem_id=elem_id)


def shown(result: np.ndarray, original: np.ndarray | None, edited: bool) -> dict:
    """The value for a result, uint8 RGB [H, W, 3]; without an original the one before stays. Of what is `edited` the
    browser asks before the page is left."""
    told = {} if original is None else {"original": url_of(original)}
    return {"result": url_of(result), "edited": edited, **told}
