"""The layout of the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from mgpe_tf.data.formats import SUFFIXES
from mgpe_tf.editing.operations import SWAPPED, Carry, Keep, Render, Take
from mgpe_tf.webapp import texts
from mgpe_tf.webapp.limits import Limits
from mgpe_tf.webapp.painter import painter

CSS = """
.gradio-container { max-width: 1500px !important; margin: 0 auto; }
.small p { font-size: 0.92em; opacity: 0.85; margin: 0; }
.notice p { border-left: 3px solid var(--error-border-color, #dc2626); padding-left: 10px; }
#panel button[role=tab] { padding-left: 7px; padding-right: 7px; }
#painter { padding: 0; }
#said p { margin: 0; min-height: 1.5em; }
"""
"""What Gradio's theme leaves open."""


PICTURES = list(SUFFIXES)
"""File name endings of photographs and masks, as Gradio takes them."""


class Page:
    """The parts of the page, built inside of ``gr.Blocks``; ``events`` brings them to life.

    Args:
      limits: what users are granted, which the page tells them.
      examples: photographs to pick, to edit or to take an appearance of.
      carries: whether the editor can carry the photographs' own pixels; without it there is no control of how much.
    """

    def __init__(self, limits: Limits, examples: Sequence[Path], carries: bool = True):
        self._carries = carries
        gr.Markdown(f"# {texts.TITLE}")
        gr.Markdown(texts.CONSENT, elem_classes="small")
        with gr.Row():
            with gr.Column(scale=4, min_width=300), gr.Tabs(overflow_behavior="wrap", elem_id="panel"):
                self._add_photograph(examples)
                self._add_shape()
                self._add_appearance(examples)
                self._add_variety()
                self._add_files()
            with gr.Column(scale=5, min_width=320):
                self.painter = painter("painter")
            with gr.Column(scale=5, min_width=320):
                self._add_result()
        gr.Markdown(texts.privacy(limits), elem_classes="small")

    def _add_photograph(self, examples: Sequence[Path]) -> None:
        with gr.Tab("Photo"):
            self.photo = photograph("Photograph to edit", "photo")
            self.notice = gr.Markdown(elem_classes="notice")
            self.face = gr.Radio([], label="Face, from left to right", visible=False)
            self.aligned = gr.Checkbox(label="An aligned portrait already: look for no face")
            offer(examples, self.photo)

    def _add_shape(self) -> None:
        with gr.Tab("Shape"):
            self.amounts = {
                name: gr.Slider(-1, 1, 0, step=0.05, label=f"{label}: {low} to {high}", buttons=[])
                for name, (label, low, high) in texts.AMOUNTS.items()
            }
            self.restored = gr.Dropdown(_choices(texts.RESTORABLE), value="", label="Part of the mask")
            self.restore = gr.Button("Put it back as it was read", size="md")
            self.mirror = gr.Button("Mirror the mask", size="md")
            self.mask_file = gr.UploadButton("Open a mask", size="md", file_types=PICTURES)
            gr.Markdown(
                "In the colours of the legend, or ids as gray levels; square, of any size.", elem_classes="small"
            )

    def _add_appearance(self, examples: Sequence[Path]) -> None:
        with gr.Tab("Appearance"):
            self.source = photograph("Photograph whose appearance is taken", "source")
            self.source_notice = gr.Markdown(elem_classes="notice")
            self.source_face = gr.Radio([], label="Face, from left to right", visible=False)
            self.components = gr.CheckboxGroup(_choices(texts.COMPONENTS), label="Take")
            self.strength = share("Strength: as it is to as there", Take.strength)
            with gr.Row():
                self.swap_face = gr.Button("Swap the face", size="md", min_width=100)
                self.swap_all = gr.Button("Face and hair", size="md", min_width=100)
                self.own = gr.Button("All back", size="md", min_width=100)
            self.tone = share("Skin tone and light: as there to as it is", SWAPPED.tone)
            self.detail = share("Strands of hair, irises, teeth: none to all", Keep.detail)
            self.carry = share("Photographs' own pixels: none to all", Carry.amount, self._carries)
            with gr.Row():
                self.replaced = gr.Dropdown(_choices(texts.REPLACEABLE), value="hair", label="Shape", min_width=100)
                self.replace = gr.Button("Take this shape", size="md", min_width=100)
            offer(examples, self.source)

    def _add_variety(self) -> None:
        with gr.Tab("Variety"):
            gr.Markdown("The mask as it is now, in the appearances of several people, side by side.")
            self.sources = gr.File(
                label="Photographs of several people",
                file_count="multiple",
                file_types=PICTURES,
                height=160,
                elem_id="several",
            )
            self.draw_variety = gr.Button("Draw them", size="md")
            self.variety_notice = gr.Markdown(elem_classes="notice")
            self.variety = gr.Image(
                label="Side by side", interactive=False, buttons=["download", "fullscreen"], elem_id="side_by_side"
            )

    def _add_files(self) -> None:
        with gr.Tab("Files"):
            self.format = gr.Radio([("PNG", ".png"), ("JPEG", ".jpg")], value=".png", label="Format of the picture")
            self.make_files = gr.Button("Make the files", variant="primary", size="md")
            with gr.Column(visible=False) as self.files:
                self.downloads = {
                    "picture": gr.DownloadButton("Picture, full size, with marks", size="md"),
                    "mask": gr.DownloadButton("Mask, ids (looks black)", size="md"),
                    "preview": gr.DownloadButton("Mask in colours", size="md"),
                    "recipe": gr.DownloadButton("Recipe (JSON)", size="md"),
                }
            self.recipe = gr.UploadButton("Load a recipe", size="md", file_types=[".json", ".png", ".jpg", ".jpeg"])
            gr.Markdown("Its file, or a picture that has one. Open its photographs first.", elem_classes="small")

    def _add_result(self) -> None:
        self.result = gr.ImageSlider(
            label="Before and after", interactive=False, max_height=640, elem_id="result", buttons=["fullscreen"]
        )
        self.said = gr.Markdown(texts.NO_RESULT, elem_id="said")
        with gr.Row():
            self.undo = gr.Button("Undo", size="md", min_width=100)
            self.redo = gr.Button("Redo", size="md", min_width=100)
        with gr.Row():
            self.view = gr.Radio([("Face", "face"), ("Whole", "all")], value="face", label="Show", min_width=140)
            self.blend = gr.Dropdown(
                _choices(texts.BLENDS), value=Render.blend, label="Border of the edit", min_width=140
            )


def photograph(label: str, elem_id: str) -> gr.Image:
    """A place to drop a photograph; the file is kept as it comes."""
    return gr.Image(
        label=label, elem_id=elem_id, type="filepath", image_mode=None, sources=["upload", "clipboard"], height=280
    )


def share(label: str, value: float, visible: bool = True) -> gr.Slider:
    """A slider from 0 to 1."""
    return gr.Slider(0, 1, value, step=0.05, label=label, buttons=[], visible=visible)


def offer(examples: Sequence[Path], place: gr.Image) -> None:
    """Small pictures of photographs; the one that is picked comes into its place."""
    gr.Examples([[str(path)] for path in examples], place, label="Or pick an example")


def _choices(names: dict[str, str]) -> list[tuple[str, str]]:
    """What is shown, and what it stands for."""
    return [(label, name) for name, label in names.items()]
