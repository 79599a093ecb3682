"""The pages of --report: what scores.json holds, the course of the training, and the galleries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mgpe_tf import labels
from mgpe_tf.evaluation.measure.edited import EditsEvaluation
from mgpe_tf.evaluation.measure.edited_scores import edits_scores
from mgpe_tf.evaluation.measure.editor_evaluation import EditorEvaluation
from mgpe_tf.evaluation.measure.editor_scores import editor_classes, editor_scores
from mgpe_tf.evaluation.measure.parser_evaluation import ParserEvaluation
from mgpe_tf.evaluation.measure.parser_scores import counts, parser_scores
from mgpe_tf.evaluation.measure.score import Score
from mgpe_tf.evaluation.report.curves import course_plots, read_courses
from mgpe_tf.evaluation.report.edited_report import edit_rows
from mgpe_tf.evaluation.report.galleries import edits_gallery
from mgpe_tf.evaluation.report.page import Page
from mgpe_tf.evaluation.report.parser_report import class_rows
from mgpe_tf.evaluation.report.pictures import Gallery
from mgpe_tf.evaluation.report.tables import number_text, score_rows

SHARING = "The pictures show portraits of the data set: share this page only as the data set's licence allows."
"""The title above portraits."""

CONFUSION_TITLES = {
    "photographs": "Read off photographs",
    "reconstructions": "Read off reconstructions",
    "swaps": "Read off swaps",
}
"""Captions of an editor's confusion matrices, by what is read."""


def parser_page(folder: Path, evaluation: ParserEvaluation, about: Mapping, worst: Gallery, metrics: Path) -> Path:
    """Writes the page of a parser; arguments as for ``editor_page``."""
    page = Page(folder, f"The face parser {about['model']}")
    _begin(page, about, len(evaluation.names), parser_scores(evaluation), metrics)
    page.section("Classes")
    for label_set, confusion in counts(evaluation).items():
        header, *rows = class_rows(confusion, label_set)
        page.table(header, rows)
    page.section("Confusions", "Of the pixels labelled as the row, the percentage that is read as the column.")
    for label_set, confusion in counts(evaluation).items():
        page.confusion(f"Labels and predictions, {label_set}", confusion, labels.label_set(label_set).names)
    page.section("Portraits", SHARING)
    page.legend()
    page.gallery("worst", worst)
    return _finished(page, about)


def editor_page(
    folder: Path,
    evaluation: EditorEvaluation,
    about: Mapping,
    galleries: Mapping[str, Gallery],
    metrics: Path,
) -> Path:
    """Writes the page of an editor.

    Args:
      folder: gets index.html and pictures/.
      evaluation: what was measured.
      about: what was evaluated on what.
      galleries: the portraits to show, by name.
      metrics: the metrics.jsonl of its training; there need not be one.

    Returns:
      The page's file.
    """
    page = Page(folder, f"The editor {about['model']}")
    _begin(page, about, len(evaluation.names), editor_scores(evaluation), metrics)
    page.section("Classes", "F1 of what the parser reads off photographs and generated portraits.")
    page.table(
        ("class", *CONFUSION_TITLES),
        [(name, *map(number_text, values.values())) for name, values in editor_classes(evaluation).items()],
    )
    page.section("Confusions", "Of the pixels of m_t of the row's class, the percentage that is read as the column.")
    for kind, title in CONFUSION_TITLES.items():
        page.confusion(title, evaluation.confusions[kind])
    page.section("Portraits", SHARING)
    page.legend()
    for name, gallery in galleries.items():
        page.gallery(name, gallery)
    return _finished(page, about)


def edits_page(folder: Path, evaluation: EditsEvaluation, about: Mapping, metrics: Path) -> Path:
    """Writes the page of the edits that an editor makes; arguments as for ``editor_page``."""
    page = Page(folder, f"Edits by {about['model']}")
    _begin(page, about, len(evaluation.names), edits_scores(evaluation), metrics)
    page.section("Edits", "The same scores of each edit.")
    header, *rows = edit_rows(evaluation)
    page.table(header, rows)
    page.section("Portraits", SHARING)
    page.gallery("edits", edits_gallery(evaluation))
    return _finished(page, about)


def _begin(page: Page, about: Mapping, images: int, scores: Mapping[str, Score], metrics: Path) -> None:
    """The beginning of all pages."""
    page.paragraph(f"{images} portraits of {about['data']}. What each score is exactly: docs/reference/evaluation.md.")
    page.section("Scores")
    page.table(("score", "value", "what it is"), score_rows(scores), noted=True)
    courses = read_courses(metrics)
    if courses:
        page.section("Training", "From metrics.jsonl, by the step.")
        page.plots("course", course_plots(courses), "Course of the training")


def _finished(page: Page, about: Mapping) -> Path:
    """The end of all pages."""
    page.section("What was evaluated", "Of SHA-256 the first 16 digits; scores.json of --output has them in full.")
    page.table(("what", "which"), fact_rows(about))
    return page.write()


def fact_rows(about: Mapping) -> list[tuple[str, str]]:
    """The models and data of an evaluation, as rows of a table; of hashes the first 16 digits."""
    rows = []
    for name, value in about.items():
        if isinstance(value, Mapping):
            rows += [
                (f"SHA-256 of {name.removesuffix('_sha256')}/{file}", f"{digest[:16]}...")
                for file, digest in value.items()
            ]
        elif value is not None:
            rows.append((name, str(value)))
    return rows
