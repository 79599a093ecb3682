"""The report of a comparison: one table as CSV, Markdown and HTML, plots and portraits side by side."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mgpe_tf.evaluation.measure.compare import FACTS, ComparedEditor, Measured, measured_facts, measured_scores
from mgpe_tf.evaluation.report.page import Page
from mgpe_tf.evaluation.report.pages import SHARING, fact_rows
from mgpe_tf.evaluation.report.pictures import Gallery
from mgpe_tf.evaluation.report.tables import aligned, number_text
from mgpe_tf.storage.files import write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AIMS = {
    "psnr": "higher",
    "ssim": "higher",
    "ms": "higher",
    "f1": "higher",
    "diversity": "higher",
    "fd": "lower",
    "fid": "lower",
    "kid": "lower",
    "grid": "lower",
    "realism": "lower",
    "seam": "1",
    "changed": "0",
}
"""Which numbers are better, by the first word of a score's name."""

REFERENCES = ("_real", "_photographs", "_photograph")
"""How the names of scores end that photographs alone decide: they are the same for all editors."""

PLOTTED = ("psnr_face", "ms_ssim_face", "f1_macro_foreground_swaps")
"""Scores that are plotted, besides the distances of swaps from photographs."""

COSTS = {"images": "training images", "operations": "training operations", "parameters": "parameters"}
"""The costs that scores are plotted against, where they are known."""


def write_comparison(folder: Path, compared: Sequence[ComparedEditor], about: Mapping) -> None:
    """Writes comparison.csv, comparison.md, and index.html with its pictures.

    Args:
      folder: where to.
      compared: what is compared.
      about: what was evaluated on what.

    Raises:
      WriteError: a file cannot be written.
    """
    write_text(folder / "comparison.csv", comparison_csv(compared))
    write_text(folder / "comparison.md", comparison_markdown(compared))
    page = Page(folder, f"{len(compared)} editors compared")
    count = len(compared[0].members[0].evaluation.names)
    page.paragraph(
        f"{count} portraits of {about['data']}, the same ones for all, at {about['resolution']} pixels, "
        f"read by {about['parser']}. What each score is exactly: docs/reference/evaluation.md."
    )
    if any(len(editor.members) > 1 for editor in compared):
        page.paragraph("Of several seeds: mean ± standard deviation over the runs.")
    page.section("Scores")
    header, rows = _table(compared)
    page.table(header[:-1], [row[:-1] for row in rows])
    _add_plots(page, compared)
    page.section("What the scores are")
    page.table((header[0], header[-1]), [(row[0], row[-1]) for row in rows], noted=True)
    page.section("Portraits", SHARING)
    page.legend()
    page.gallery("example", side_by_side(compared))
    page.section("What was evaluated", "Of SHA-256 the first 16 digits.")
    page.table(("what", "which"), fact_rows(about))
    page.write()


def comparison_csv(compared: Sequence[ComparedEditor]) -> str:
    """A line per editor: its name, the number of its runs, and each number with its deviation; empty where unknown."""
    columns = {**measured_facts(compared), **{name: values for name, (_, values) in measured_scores(compared).items()}}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["editor", "runs", *(f"{name}{end}" for name in columns for end in ("", "_std"))])
    for number, editor in enumerate(compared):
        cells = [values[number] or (None, None) for values in columns.values()]
        writer.writerow([editor.name, len(editor.members), *(cell for pair in cells for cell in pair)])
    return text.getvalue()


def comparison_markdown(compared: Sequence[ComparedEditor]) -> str:
    """A line per fact and score, a column per editor."""
    header, rows = _table(compared)
    lines = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    lines.insert(1, ["---"] * len(header))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def comparison_text(compared: Sequence[ComparedEditor]) -> str:
    """The table for the terminal, without the protocols."""
    header, rows = _table(compared)
    return aligned([tuple(row[:-1]) for row in (header, *rows)])


def aim(score: str) -> str:
    """Which values of a score are better, in a word; "-" where photographs alone decide."""
    return "-" if score.endswith(REFERENCES) else AIMS[score.partition("_")[0]]


def _table(compared: Sequence[ComparedEditor]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of all that is known."""
    rows = [[name, "-", *map(_count_text, values), FACTS[name]] for name, values in measured_facts(compared).items()]
    rows += [
        [name, aim(name), *map(_score_text, values), protocol]
        for name, (protocol, values) in measured_scores(compared).items()
    ]
    return ["score", "better", *(editor.name for editor in compared), "what it is"], rows


def _add_plots(page: Page, compared: Sequence[ComparedEditor]) -> None:
    """A section of plots for each cost that is known of at least two editors."""
    scores, facts = measured_scores(compared), measured_facts(compared)
    distances = [name for name in scores if name.startswith(("fd_", "fid_")) and name.endswith("_swap")]
    for cost, words in COSTS.items():
        if sum(value is not None for value in facts.get(cost, ())) > 1:
            page.section(f"Quality by {words}")
            page.plots(
                f"by-{cost}",
                {
                    name: _plot(compared, facts[cost], scores[name][1], (words, f"{aim(name)} is better"))
                    for name in (*PLOTTED, *distances)
                },
                f"Scores by {words}",
            )


def _plot(
    compared: Sequence[ComparedEditor],
    costs: Sequence[Measured | None],
    values: Sequence[Measured | None],
    labels: tuple[str, str],
) -> Callable[[Axes], None]:
    """A function that draws a point per editor of which both are known, no cost of 0; `labels` are of the two axes."""
    points = [
        (editor.name, cost, value)
        for editor, cost, value in zip(compared, costs, values, strict=True)
        if cost and cost.mean and value
    ]
    return functools.partial(_draw_points, points, labels)


def _draw_points(points: list[tuple[str, Measured, Measured]], labels: tuple[str, str], axes: Axes) -> None:
    from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

    for name, cost, value in points:
        axes.errorbar(cost.mean, value.mean, value.deviation or 0, linestyle="", capsize=3, label=name)
    axes.set_xscale("log")
    axes.xaxis.set(
        major_locator=LogLocator(subs=(1, 1.5, 2, 3, 5, 7)),
        major_formatter=EngFormatter(sep=""),
        minor_locator=NullLocator(),
    )
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.margins(0.15)
    axes.figure.legend(loc="outside lower center", ncols=1 if len(points) < 6 else 2, fontsize=8)


def _count_text(value: Measured | None) -> str:
    """A count with its deviation if it has one, large ones by their power of ten."""
    if value is None:
        return "-"
    numbers = (value.mean, value.deviation) if value.deviation else (value.mean,)
    return " ± ".join(f"{number:.3g}" if number >= 1e12 else f"{number:,.0f}" for number in numbers)


def _score_text(value: Measured | None) -> str:
    if value is None:
        return "-"
    return " ± ".join(number_text(number) for number in value if number is not None)


def side_by_side(compared: Sequence[ComparedEditor]) -> Gallery:
    """The same portraits as the first run of every editor generates them."""
    first = compared[0].members[0]
    columns = {"x_t": first.examples.photographs, "m_t": first.examples.masks, "x_s": first.example_sources}
    for editor in compared:
        columns[f"{editor.name}: reconstruction"] = editor.members[0].examples.reconstructions
        columns[f"{editor.name}: swap"] = editor.members[0].examples.swaps
    references = [
        first.evaluation.names[first.evaluation.references[first.evaluation.names.index(name)]]
        for name in first.example_names
    ]
    captions = [
        f"x_t: {name}\nx_s: {reference}" for name, reference in zip(first.example_names, references, strict=True)
    ]
    return Gallery("The same portraits", captions, columns)
