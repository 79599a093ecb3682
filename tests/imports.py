"""What the modules of the package import, read off their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "mgpe_tf"

MODULES = {
    ".".join(("mgpe_tf", *file.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): file
    for file in sorted(PACKAGE.rglob("*.py"))
}
"""The files of the package by the names of the modules."""


def imported(module: str) -> set[str]:
    """The modules that one names: at its head, in functions, and for type checkers alone."""
    return {*_names(ast.parse(MODULES[module].read_text(encoding="utf-8")))}


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else node.module for name in full)
