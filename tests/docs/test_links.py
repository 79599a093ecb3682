"""Links and pictures of every document lead to files that are there, and anchors to headings, as GitHub makes them.

``make docs`` checks the same of the site, and needs mkdocs; this needs nothing.
"""

from __future__ import annotations

import collections
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(<?([^()\s>]*)>?\)")
OTHERS = re.compile(r"[a-z]+:")
HEADING = re.compile(r"^#+ +(.*?) *#*$", re.MULTILINE)
FENCED = re.compile(r"^( *)(```+).*?^\1\2`*$", re.MULTILINE | re.DOTALL)
NAMES = re.compile(r"^::: (\S+)$", re.MULTILINE)


def documents() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "*.md"]
    listed = subprocess.run(command, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no checkout of git")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def prose(path: Path) -> str:
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    found: collections.Counter[str] = collections.Counter()
    names = set()
    for heading in HEADING.findall(prose(path)):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if found[name] else name)
        found[name] += 1
    return names


def broken_links(path: Path) -> list[str]:
    text = re.sub(r"`[^`\n]*`", "", prose(path))
    return [link for link in LINK.findall(text) if not OTHERS.match(link) and not leads(path, link)]


def leads(path: Path, link: str) -> bool:
    target, _, anchor = link.partition("#")
    file = path.parent / target if target else path
    if not file.exists() or (target and target != target.strip("/")):
        return False
    return not anchor or (file.suffix == ".md" and anchor in anchors(file))


def test_links_of_all_documents_lead_somewhere():
    paths = [path for path in documents() if path.is_file()]
    assert ROOT / "README.md" in paths
    assert {str(path.relative_to(ROOT)): links for path in paths if (links := broken_links(path))} == {}


def test_broken_links_are_found(tmp_path):
    (tmp_path / "other.md").write_text("# A `code` heading\n\n## Twice (2)\n\n## Twice (2)\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[a](other.md#a-code-heading) [b](other.md#twice-2) [c](other.md#twice-2-1) [d](#here)\n"
        "[e](other.md#twice-2-2) ![f](missing.png) [g](#there) [h](/etc) [i](https://example.org/x) `[j](code)`\n"
        "```\n# Code\n[k](code)\n```\n[l](#code)\n"
    )
    assert broken_links(page) == ["other.md#twice-2-2", "missing.png", "#there", "/etc", "#code"]


def test_every_page_has_a_place_in_the_site():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    pages = [str(path.relative_to(ROOT / "docs")) for path in documents() if ROOT / "docs" in path.parents]
    assert sorted(re.findall(r"(?:- |: )((?!project/)\S+\.md)$", nav, re.MULTILINE)) == sorted(pages)


def test_names_of_the_reference_exist():
    names = [name for path in documents() for name in NAMES.findall(prose(path))]
    assert "mgpe_tf.losses" in names
    for name in names:
        module, defined = Path(*name.split(".")), ""
        if not (ROOT / module).with_suffix(".py").is_file():
            module, defined = module.parent, rf"^(class|def) {module.name}\b"
        assert re.search(defined, (ROOT / module).with_suffix(".py").read_text(encoding="utf-8"), re.MULTILINE), name
