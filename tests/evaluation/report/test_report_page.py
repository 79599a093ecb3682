"""The HTML page: what stands on it, that all of it is there, and that nothing is taken for HTML."""

from __future__ import annotations

import html.parser
import sys

import numpy as np
import pytest
from PIL import Image
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.errors import UserError
from mgpe_tf.evaluation.report.curves import course_plots, read_courses
from mgpe_tf.evaluation.report.page import Page
from mgpe_tf.evaluation.report.pictures import Gallery
from mgpe_tf.evaluation.report.plots import require_matplotlib


class Reader(html.parser.HTMLParser):
    """Collects the texts, the pictures with their descriptions, and every address of a page; checks the nesting."""

    def __init__(self, folder):
        super().__init__()
        self.texts, self.pictures, self.addresses, self._open = [], {}, [], []
        self.feed((folder / "index.html").read_text(encoding="utf-8"))
        assert not self._open

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.addresses += [found[name] for name in ("src", "srcset", "href") if name in found]
        if tag == "img":
            self.pictures[found["src"]] = found["alt"]
        if tag not in ("img", "meta", "br", "wbr", "source"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_everything_of_the_page_lies_beside_it(tmp_path):
    image, mask = np.full((8, 8, 3), 90, np.uint8), face_mask(8)
    page = Page(tmp_path, "A <b>title</b>")
    page.section("Scores", "1 < 2 & 3")
    page.table(("score", "value", "what it is"), [("psnr_face", "23.1", "in dB"), ("<i>", "-", "5")], noted=True)
    page.confusion("Readings", np.eye(11, dtype=int) * 7)
    page.plots("line", {"a plot": lambda axes: axes.plot([1, 2])}, "Curves")
    page.gallery("worst", Gallery("Worst", ['1. "name"\nF1 0.5'], {"x_t": image[None], "m_t": mask[None]}))
    page.legend()
    assert page.write() == tmp_path / "index.html"
    read = Reader(tmp_path)
    text = "".join(read.texts)
    for expected in ("A <b>title</b>", "1 < 2 & 3", "psnr_face", "23.1", "<i>", '1. "name"', "100.0", "upper lip"):
        assert expected in text
    assert text.count("100.0") == 11
    assert read.pictures == {
        "pictures/line-0.svg": "Curves: a plot",
        "pictures/worst-0-0.jpg": 'x_t (1. "name")',
        "pictures/worst-0-1.png": 'm_t (1. "name")',
    }
    assert all((tmp_path / address).is_file() for address in read.addresses) and len(read.addresses) == 4
    assert "<script" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    np.testing.assert_array_equal(Image.open(tmp_path / "pictures/worst-0-1.png"), labels.colourise(mask))
    assert np.abs(np.asarray(Image.open(tmp_path / "pictures/worst-0-0.jpg")).astype(int) - 90).max() <= 2


def test_only_columns_of_numbers_are_aligned_right(tmp_path):
    page = Page(tmp_path, "x")
    page.table(("name", "some", "numbers"), [("a", "text", "-1.5"), ("b", "2", "1,000 ± 2e+3"), ("c", "3", "-")])
    rows = page.write().read_text(encoding="utf-8").split("<tr>")
    assert [row.count('class="n"') for row in rows[1:]] == [1, 1, 1, 1] and '<td class="n">1,000 ± 2e+3' in rows[3]


def test_plots_of_a_page_are_the_same_each_time_and_differ_for_dark_pages(tmp_path):
    for folder in ("a", "b"):
        Page(tmp_path / folder, "x").plots("line", {"t": lambda axes: axes.plot([3, 1], label="l")}, "Curve")
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.svg"))
    assert [file.name for file in files] == ["line-0-dark.svg", "line-0.svg"]
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert (tmp_path / "a" / files[0]).read_bytes() != (tmp_path / "a" / files[1]).read_bytes()


def test_courses_by_term_and_step(tmp_path):
    metrics = tmp_path / "metrics.jsonl"
    metrics.write_text(
        '{"step": 1, "paired/L_G": 5, "unpaired/L_G": 4.5, "learning_rate/D": 0.1, "psnr": null}\n'
        '{"step": 2, "L_P": 1}\n{"step": 2, "validation/L_G": 3, "weights_sha256": "ab"}\n{"step": 3, "paired/L_'
    )
    courses = read_courses(metrics)
    assert courses == {
        "L_G": {"paired": ([1], [5]), "unpaired": ([1], [4.5]), "validation": ([2], [3])},
        "learning_rate": {"D": ([1], [0.1])},
        "L_P": {"training": ([2], [1])},
    }
    assert list(course_plots(courses)) == ["L_G", "learning_rate", "L_P"]
    assert read_courses(tmp_path / "none.jsonl") == {}


def test_without_matplotlib_the_flag_and_the_remedy_are_named(monkeypatch):
    require_matplotlib("--report")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match=r"--report .* pip install 'mgpe_tf\[report\]'"):
        require_matplotlib("--report")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file/.*: Not a directory"):
        Page(tmp_path / "file", "x")
