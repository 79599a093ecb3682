"""The layout of the page: how it begins, and, once a photograph is open, the result beside the controls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from mgpe_tf.data.formats import SUFFIXES
from mgpe_tf.data.images import read_image
from mgpe_tf.editing.operations import SWAPPED, Carry, Dye, Keep, Render, Take
from mgpe_tf.webapp import SAMPLE, quick, texts
from mgpe_tf.webapp.limits import Limits
from mgpe_tf.webapp.painter import painter
from mgpe_tf.webapp.tiles import Tile, shown, tiles, url_of
from mgpe_tf.webapp.viewer import viewer
from mgpe_tf.webapp.views import square

CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
"""What Gradio's theme leaves open."""

JS = (Path(__file__).parent / "stream.js").read_text(encoding="utf-8")
"""Is run when the page is opened."""

PICTURES = list(SUFFIXES)
"""File name endings of photographs and masks, as Gradio takes them."""

HIGH, LOW = 220, 130
"""Heights in pixels of the place for a second photograph, before and after one is open."""

AWAY = ["away"]
"""Classes of what is there but not shown: Gradio forgets the values of parts that are not visible."""


class Page:
    """The parts of the page, built inside of ``gr.Blocks``; ``events`` brings them to life.

    Args:
      limits: what users are granted, which the page tells them.
      examples: photographs to pick, to edit or to take an appearance of.
      carries: whether the editor can carry the photographs' own pixels; without it there is no control of how much.
    """

    def __init__(self, limits: Limits, examples: Sequence[Path], carries: bool = True):
        self._carries = carries
        self.examples = {path.stem: path for path in examples}
        self._example_tiles = shown(
            [Tile(name, name.replace("_", " ").title()) for name in self.examples],
            {name: square(read_image(path)) for name, path in self.examples.items()},
        )
        gr.Markdown(f"# {texts.TITLE}\n\n{texts.TAGLINE}", elem_id="head")
        with gr.Column(elem_id="start") as self.start:
            self._add_start()
        with gr.Column(elem_id="studio", elem_classes=AWAY) as self.studio, gr.Row():
            with gr.Column(scale=5, min_width=320, elem_id="stage"):
                self._add_result()
            with gr.Column(scale=6, min_width=320, elem_id="panels"):
                self.panel = gr.Radio(
                    choices(texts.PANELS), value="edits", label="Controls", show_label=False, elem_id="panel"
                )
                self._add_edits()
                self._add_combining()
                self._add_painting()
                self._add_more()
        gr.Markdown(texts.CONSENT, elem_classes="small")
        gr.Markdown(texts.privacy(limits), elem_classes="small")

    def _add_start(self) -> None:
        with gr.Row():
            with gr.Column(scale=6, min_width=300):
                self.photo = photograph("Photograph to edit", "photo", texts.DROP, 440)
                self.start_said = gr.Markdown(elem_classes=["hint", "doing"])
                self.notice = notice()
                with gr.Accordion("Options", open=False):
                    self.aligned = gr.Checkbox(label="It is an aligned portrait already: look for no face")
                self.back = gr.Button("Back to my edits", visible=False, size="md")
            with gr.Column(scale=5, min_width=300):
                gr.Markdown(texts.EXAMPLES)
                self.example = tiles("examples", "Examples", self._example_tiles)
                gr.Markdown(texts.SAMPLE)
                pairs = "".join(
                    f'<figure><img src="{url_of(read_image(SAMPLE / f"{name}.jpg"))}" alt="{told}">'
                    f"<figcaption>{name.title()}</figcaption></figure>"
                    for name, told in (("before", "A portrait of Eileen Collins"), ("after", "The same, edited"))
                )
                gr.HTML(f'<div class="pair">{pairs}</div>', elem_id="sample")
                gr.Markdown(texts.SAMPLE_SAYS, elem_classes="small")

    def _add_result(self) -> None:
        with gr.Column(elem_id="pinned"):
            self.result = viewer("viewer")
            self.said = gr.Markdown(elem_id="said", elem_classes="doing")
        self.result_notice = notice()
        self.face_hint = gr.Markdown(elem_classes="hint")
        self.face = tiles("faces", "Faces of the photograph, from left to right")
        with gr.Row(elem_classes=["actions"]):
            self.undo = gr.Button("Undo", size="md", min_width=80, elem_id="undo", interactive=False)
            self.redo = gr.Button("Redo", size="md", min_width=80, elem_id="redo", interactive=False)
            self.reset = gr.Button("Reset everything", size="md", min_width=120, interactive=False)
        with gr.Row(elem_classes=["actions"]):
            self.download = gr.Button("Download", variant="primary", size="md", min_width=100, elem_id="download")
            self.copy = gr.Button("Copy", size="md", min_width=80, elem_id="copy")
            self.another = gr.Button("Other photo", size="md", min_width=100)
        self.file = gr.DownloadButton(elem_classes=AWAY)
        self.view = gr.Radio(
            [("Face", "face"), ("Whole photograph", "all")], value="face", label="Show", elem_id="view"
        )

    def _add_edits(self) -> None:
        with panel("edits"):
            self.edits_notice = notice()
            self.edits = tiles("edits", "Edits by one click")
            with gr.Column(visible=False) as self.dyeing:
                gr.Markdown("#### Hair colour")
                self.swatches = tiles("swatches", "Hair colours")
                with gr.Row():
                    self.dye_strength = percent("How much", Dye.strength)
                    self.colour = gr.ColorPicker(label="Another colour", value=quick.FIRST_COLOUR, min_width=120)
            self.amounts = {
                name: gr.Slider(
                    -100,
                    100,
                    0,
                    step=5,
                    label=label,
                    info=f"{low} to {high}",
                    buttons=[],
                    visible=False,
                    elem_classes="centred",
                )
                for name, (label, low, high) in texts.AMOUNTS.items()
            }
            self.all_amounts = gr.Checkbox(label="Show all sliders")

    def _add_combining(self) -> None:
        with panel("combine"):
            self.wish = gr.Markdown(elem_classes="hint")
            self.source = photograph("Second photograph", "source", texts.DROP_SECOND, HIGH)
            self.source_example = tiles("source_examples", "Examples", self._example_tiles)
            self.source_notice = notice()
            self.source_hint = gr.Markdown(elem_classes="hint")
            self.source_face = tiles("source_faces", "Faces of the second photograph, from left to right")
            self.parts = tiles("parts", "What is taken by one click")
            self.strength = percent("How much", Take.strength, interactive=False)
            self.tone = percent("Keep my skin tone", SWAPPED.tone, interactive=False)
            with gr.Accordion("Single parts", open=False):
                self.components = gr.CheckboxGroup(
                    choices(texts.COMPONENTS), label="Colours and texture of", interactive=False
                )
                self.replaced = gr.Radio(choices(texts.REPLACEABLE), value="nose", label="Shape of", interactive=False)
                self.replace = gr.Button("Take this shape", size="md", interactive=False)

    def _add_painting(self) -> None:
        with panel("paint"):
            gr.Markdown(
                "For experts: what each pixel is taken for. Paint hair where you want hair.", elem_classes="small"
            )
            self.paint_notice = notice()
            self.painter = painter("painter")
            with gr.Accordion("The mask", open=False):
                self.restored = gr.Radio(choices(texts.RESTORABLE), value="", label="Put back as it was read")
                self.restore = gr.Button("Put it back", size="md")
                self.mirror = gr.Button("Mirror the mask", size="md")
                self.mask_file = gr.UploadButton("Open a mask", size="md", file_types=PICTURES)
                gr.Markdown(
                    "In the colours of the legend, or ids as gray levels; square, of any size.", elem_classes="small"
                )

    def _add_more(self) -> None:
        with panel("more"):
            self.more_notice = notice()
            formats = [("As the photograph", ""), ("PNG", ".png"), ("JPEG", ".jpg")]
            self.format = gr.Radio(formats, value="", label="Format of the picture")
            self.blend = gr.Radio(choices(texts.BLENDS), value=Render.blend, label="Border of the edit")
            self.detail = percent("Strands of hair, irises, teeth of the photographs", Keep.detail)
            self.carry = percent("The photographs' own pixels, in the place of drawn ones", Carry.amount, self._carries)
            with gr.Accordion("Several people at once", open=False):
                gr.Markdown("The shape as it is now, in the appearances of several people, side by side.")
                self.sources = gr.File(
                    label="Photographs of several people",
                    file_count="multiple",
                    file_types=PICTURES,
                    height=160,
                    elem_id="several",
                )
                self.draw_variety = gr.Button("Draw them", size="md")
                self.variety_notice = notice()
                self.variety = gr.Image(
                    label="Side by side", interactive=False, buttons=["download", "fullscreen"], elem_id="side_by_side"
                )
            with gr.Accordion("Masks and recipes", open=False):
                self.make_files = gr.Button("Make the files", size="md")
                with gr.Column(visible=False) as self.files:
                    self.downloads = {
                        "mask": gr.DownloadButton("Mask, ids (looks black)", size="md"),
                        "preview": gr.DownloadButton("Mask in colours", size="md"),
                        "recipe": gr.DownloadButton("Recipe (JSON)", size="md"),
                    }
                self.recipe = gr.UploadButton("Load a recipe", size="md", file_types=[".json", ".png", ".jpg", ".jpeg"])
                gr.Markdown("Its file, or a picture that has one. Open its photographs first.", elem_classes="small")
            self.forget = gr.Button("Delete my photographs now", variant="stop", size="md")


def photograph(label: str, elem_id: str, placeholder: str, height: int) -> gr.Image:
    """A place to drop a photograph, paste one or take one; the file is kept as it comes."""
    return gr.Image(
        label=label,
        show_label=False,
        elem_id=elem_id,
        type="filepath",
        image_mode=None,
        sources=["upload", "webcam", "clipboard"],
        height=height,
        placeholder=placeholder,
        buttons=[],
    )


def panel(name: str) -> gr.Column:
    """Controls that are shown when they are chosen; unlike those of a ``gr.Tab`` they are there before."""
    return gr.Column(elem_id=f"panel_{name}")


def percent(label: str, value: float, visible: bool = True, interactive: bool = True) -> gr.Slider:
    """A slider of an amount from 0 to 1."""
    return gr.Slider(
        0, 100, round(100 * value), step=5, label=label, buttons=[], visible=visible, interactive=interactive
    )


def notice() -> gr.Markdown:
    """A place beside controls for what is wrong with their use."""
    return gr.Markdown(elem_classes="notice")


def choices(names: dict[str, str]) -> list[tuple[str, str]]:
    """What is shown, and what it stands for."""
    return [(label, name) for name, label in names.items()]
