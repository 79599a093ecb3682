"""mkdocs: documents that lie outside of docs/ are pages of the site too, and links lead to them.

A link is written as it is right in the repository, ``../../CHANGELOG.md`` in a page of docs/reference, say. On the site
the document is the page project/CHANGELOG.md. A link to anything else outside of docs/ is left as it is, and make docs
fails.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "saved_models/editor_compact/MODEL_CARD.md",
    "saved_models/parser_lite/MODEL_CARD.md",
)
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^()\s#]+)")


def on_files(files: Files, config) -> Files:
    """Adds the documents of ``OUTSIDE``."""
    for path in OUTSIDE:
        files.append(File.generated(config, f"project/{path}", abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page, config, files) -> str:
    """Links of a page, from places in the repository to places in the site."""
    here = posixpath.dirname(page.file.src_uri)
    there = posixpath.dirname(_in_repository(page.file.src_uri))

    def on_site(link: re.Match) -> str:
        target = posixpath.normpath(posixpath.join(there, link[1]))
        if target in OUTSIDE:
            return posixpath.relpath(f"project/{target}", here)
        return posixpath.relpath(target.removeprefix("docs/"), here) if target.startswith("docs/") else link[1]

    return LINK.sub(on_site, markdown)


def _in_repository(uri: str) -> str:
    """Path in the repository of a page of the site."""
    return uri.removeprefix("project/") if uri.startswith("project/") else f"docs/{uri}"
