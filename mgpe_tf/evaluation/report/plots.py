"""Plots as SVG files, one for light and one for dark pages. They need Matplotlib, which the extra `report` brings."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgpe_tf.errors import UserError
from mgpe_tf.storage.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

THEMES = {
    "": ("#1d1d1f", "#dcdcd8", ("#2465a6", "#c2571a", "#3a7d44", "#8a4fa3", "#a8323e", "#6b6b28")),
    "-dark": ("#ececee", "#3e3e44", ("#6fb0f2", "#f0a05e", "#7cc98a", "#c99be0", "#f08a92", "#cfcf6e")),
}
"""Colours of text, of the lines of the frame and of what is drawn, by the ending of a file's name."""

MARKERS = ("o", "s", "^", "D", "v")
"""Shapes of points; with six colours, thirty kinds of points."""

SIZE = (3.6, 2.8)
"""Width and height of a plot in inches, at 72 pixels each."""


def require_matplotlib(flag: str) -> None:
    """Raises UserError naming the flag or word that needs Matplotlib, if it is missing."""
    if importlib.util.find_spec("matplotlib") is None:
        raise UserError(f"{flag} draws its plots with Matplotlib, which is missing: pip install 'mgpe_tf[report]'")


def save_plot(stem: Path, title: str, draw: Callable[[Axes], None]) -> tuple[Path, Path]:
    """Writes a plot for light and for dark pages.

    Args:
      stem: the files' path without the ending.
      title: stands above it.
      draw: draws on an empty plot; called for either.

    Returns:
      The two files.
    """
    import matplotlib
    from matplotlib.figure import Figure  # not pyplot: nothing is drawn on a screen
    from matplotlib.rcsetup import cycler

    files = []
    for ending, (ink, line, colours) in THEMES.items():
        style: dict[Any, object] = {
            "text.color": ink,
            "axes.labelcolor": ink,
            "xtick.color": ink,
            "ytick.color": ink,
            "axes.edgecolor": line,
            "grid.color": line,
            "axes.grid": True,
            "grid.linewidth": 0.6,
            "axes.axisbelow": True,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "font.size": 9,
            "axes.formatter.useoffset": False,
            "legend.frameon": False,
            "svg.hashsalt": "mgpe_tf",
            "axes.prop_cycle": cycler(color=colours * len(MARKERS), marker=MARKERS * len(colours)),
        }
        with matplotlib.rc_context(style):
            figure = Figure(SIZE, layout="constrained")
            axes = figure.add_subplot(title=title)
            draw(axes)
            files.append(stem.with_name(f"{stem.name}{ending}.svg"))
            drawn = io.BytesIO()
            figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
            write_bytes(files[-1], drawn.getvalue())
    return files[0], files[1]
