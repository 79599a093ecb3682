"""An HTML page of tables, plots and portraits: static files, without scripts, for any screen, light or dark."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mgpe_tf.data.images import encode_jpeg, encode_png
from mgpe_tf.evaluation.report.pictures import Gallery
from mgpe_tf.evaluation.report.plots import save_plot
from mgpe_tf.labels import HELEN_NAMES, PALETTE, colourise
from mgpe_tf.storage.files import make_folder, write_bytes, write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE = """
:root { color-scheme: light dark; --page: #fbfbfa; --ink: #1d1d1f; --soft: #5c5c62; --line: #dcdcd8; --card: #fff;
  --strong: 36 101 166; }
@media (prefers-color-scheme: dark) { :root { --page: #161618; --ink: #ececee; --soft: #a2a2aa; --line: #37373c;
  --card: #1f1f22; --strong: 92 158 224; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; color: var(--soft); }
.scroll { overflow-x: auto; margin: 1rem 0; border: 1px solid var(--line); border-radius: 8px;
  background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding: .6rem .75rem; font-weight: 600; }
th, td { padding: .4rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; position: sticky; left: 0; background: var(--card); }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.matrix { font-size: .8rem; }
.matrix th, .matrix td { padding: .3rem .45rem; }
.matrix td { min-width: 3.2rem; }
.matrix tbody th { white-space: nowrap; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 1rem; }
.plots img { width: 100%; height: auto; display: block; }
.plots picture { border: 1px solid var(--line); border-radius: 8px; background: var(--card); padding: .5rem; }
figure { margin: 1rem 0; }
@media (max-width: 40rem) {
  .noted thead { display: none; }
  .noted tr { display: grid; grid-template-columns: 1fr auto; border-top: 1px solid var(--line); }
  .noted th, .noted td { border: 0; }
  .noted td:last-child { grid-column: 1 / -1; padding-top: 0; color: var(--soft); }
}
figcaption { font-size: .85rem; color: var(--soft); margin-bottom: .35rem; overflow-wrap: anywhere; }
.cells { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30%, 7.6rem), 1fr)); gap: .5rem; }
.cells div { overflow-wrap: anywhere; font-size: .75rem; color: var(--soft); line-height: 1.3; }
.cells img { width: 100%; height: auto; display: block; border-radius: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; list-style: none; font-size: .85rem; }
.legend span { display: inline-block; width: .9rem; height: .9rem; margin-right: .35rem; border: 1px solid var(--soft);
  vertical-align: -.1rem; }
"""

_NUMBER = re.compile(r"-|[-+±\d.,e%/ ]+")


class Page:
    """A page that is written from the top to the bottom, then stored. Every text is taken as it is, not as HTML.

    Args:
      folder: gets index.html, and the pictures in pictures/; made if it is missing.
      title: the page's heading.

    Raises:
      WriteError: the folder cannot be written.
    """

    def __init__(self, folder: Path, title: str):
        self._folder, self._title = folder, title
        self._parts: list[str] = []
        make_folder(folder / "pictures")

    def section(self, title: str, text: str = "") -> None:
        """Begins a part of the page; `text` says what it shows."""
        self._parts.append(f"<h2>{html.escape(title)}</h2>")
        if text:
            self.paragraph(text)

    def paragraph(self, text: str) -> None:
        """Adds a text."""
        self._parts.append(f"<p>{html.escape(text)}</p>")

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], noted: bool = False) -> None:
        """Adds a table.

        Args:
          header: names of the columns.
          rows: as many cells each, the first of which names the row. Columns of numbers are aligned to the right.
          noted: the last column holds texts; on narrow screens they stand below the other cells.
        """
        kinds = [' class="n"' if all(map(_NUMBER.fullmatch, column)) else "" for column in zip(*rows, strict=True)]
        head = "".join(
            f'<th scope="col"{kind}>{html.escape(name)}</th>' for kind, name in zip(kinds, header, strict=True)
        )
        body = "".join(
            f'<tr><th scope="row">{_breakable(name)}</th>'
            + "".join(f"<td{kind}>{html.escape(cell)}</td>" for kind, cell in zip(kinds[1:], cells, strict=True))
            + "</tr>\n"
            for name, *cells in rows
        )
        self._parts.append(
            f'<div class="scroll"><table class="{"noted" if noted else "plain"}"><thead><tr>{head}</tr></thead>\n'
            f"<tbody>{body}</tbody></table></div>"
        )

    def confusion(self, title: str, confusion: np.ndarray, names: Sequence[str] = HELEN_NAMES) -> None:
        """Adds a matrix of counts [C, C] of the classes `names`: the percentages of each row, empty below 0.05."""
        shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
        head = "".join(f'<th scope="col" class="n">{_spaced(name)}</th>' for name in names)
        body = "".join(
            f'<tr><th scope="row">{_spaced(name)}</th>{"".join(map(_share_cell, row))}</tr>\n'
            for name, row in zip(names, shares.tolist(), strict=True)
        )
        self._parts.append(
            f'<div class="scroll"><table class="matrix"><caption>{html.escape(title)}</caption>'
            f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
        )

    def plots(self, name: str, draws: Mapping[str, Callable[[Axes], None]], alt: str) -> None:
        """Adds plots side by side.

        Args:
          name: what their files begin with.
          draws: by title, what draws on an empty plot.
          alt: what the plots show, said before the title for those who do not see them.
        """
        figures = []
        for number, (title, draw) in enumerate(draws.items()):
            light, dark = save_plot(self._folder / "pictures" / f"{name}-{number}", title, draw)
            figures.append(
                f'<picture><source srcset="pictures/{dark.name}" media="(prefers-color-scheme: dark)">'
                f'<img src="pictures/{light.name}" alt="{html.escape(f"{alt}: {title}")}" loading="lazy"></picture>'
            )
        self._parts.append(f'<div class="plots">{"".join(figures)}</div>')

    def legend(self) -> None:
        """Adds the colours of the classes in masks."""
        items = "".join(
            f'<li><span style="background:rgb({red} {green} {blue})"></span>{_spaced(name)}</li>'
            for name, (red, green, blue) in zip(HELEN_NAMES, PALETTE.tolist(), strict=True)
        )
        self._parts.append(f'<ul class="legend">{items}</ul>')

    def gallery(self, name: str, gallery: Gallery) -> None:
        """Adds a section of portraits; their files' names begin with `name`."""
        self.section(gallery.title)
        for row, caption in enumerate(gallery.captions):
            first, *others = caption.splitlines()
            cells = "".join(
                f'<div><img src="{self._store(f"{name}-{row}-{number}", pictures[row])}" loading="lazy" '
                f'alt="{html.escape(f"{column} ({first})")}">{html.escape(column)}</div>'
                for number, (column, pictures) in enumerate(gallery.columns.items())
            )
            lines, width = "<br>".join(map(html.escape, (first, *others))), 14 * len(gallery.columns)
            self._parts.append(
                f"<figure><figcaption>{lines}</figcaption>"
                f'<div class="cells" style="max-width:{width}rem">{cells}</div></figure>'
            )

    def write(self) -> Path:
        """Stores the page; returns its file."""
        file, title = self._folder / "index.html", html.escape(self._title)
        write_text(
            file,
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
            + "\n".join(self._parts)
            + "\n</body>\n</html>\n",
        )
        return file

    def _store(self, stem: str, picture: np.ndarray) -> str:
        """Writes a photograph as JPEG or a mask as PNG; returns its address on the page."""
        mask = picture.ndim == 2
        name = f"{stem}.png" if mask else f"{stem}.jpg"
        data = encode_png(colourise(picture)) if mask else encode_jpeg(picture, 92)
        write_bytes(self._folder / "pictures" / name, data)
        return f"pictures/{name}"


def _share_cell(share: float) -> str:
    """A cell that is the darker the larger its share; small ones stay visible."""
    text = f"{100 * share:.1f}" if share >= 0.0005 else ""
    return f'<td class="n" style="background:rgb(var(--strong) / {0.75 * share**0.5:.2f})">{text}</td>'


def _breakable(name: str) -> str:
    """A name that may be broken at its underscores."""
    return html.escape(name).replace("_", "_<wbr>")


def _spaced(name: str) -> str:
    return html.escape(name.replace("_", " "))
