"""Tiles: buttons with pictures of faces or colours, each with a name that is read out, made with Gradio's custom HTML.

``gr.Gallery`` and ``gr.Examples`` name their pictures by numbers, cannot say which is on, or why one cannot be had.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path

import gradio as gr
import numpy as np

from mgpe_tf.data.images import encode_jpeg

_HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Tile:
    """A button with a picture.

    Attributes:
      name: what its event tells.
      label: what is read.
      pressed: whether it is on; None: it does something at each click.
      reason: why it cannot be clicked; "" if it can.
      colour: in the place of a picture.
      icon: a sign where there is no picture.
    """

    name: str
    label: str
    pressed: bool | None = None
    reason: str = ""
    colour: str = ""
    icon: str = ""


def tiles(elem_id: str, label: str, value: dict | None = None) -> gr.HTML:
    """The component. Its values are those of ``shown``; its event "select" tells the name of a tile as ``name``."""
    return gr.HTML(
        value,
        html_template=f'<div class="tiles" role="group" aria-label="{label}"></div>',
        css_template=(_HERE / "tiles.css").read_text(encoding="utf-8"),
        js_on_load=(_HERE / "tiles.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
    )


def shown(tiles: Iterable[Tile], pictures: Mapping[str, np.ndarray] | None = None) -> dict:
    """The value for some tiles.

    Args:
      tiles: in their order.
      pictures: of some of them by name, uint8 RGB; None: those that were shown before.
    """
    told = {} if pictures is None else {"pictures": {name: url_of(picture, 88) for name, picture in pictures.items()}}
    return {"tiles": [dataclasses.asdict(tile) for tile in tiles], **told}


def url_of(picture: np.ndarray, quality: int = 95) -> str:
    """A picture, uint8 RGB [H, W, 3], as an address that holds it: so no file of it is left anywhere."""
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(picture, quality)).decode()
