"""Imports go down the table of CONTRIBUTING.md, never up, and heavy packages stay where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from imports import MODULES, imported

TABLE = re.findall(r"^\| (`[^|]*) \|", (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(), re.MULTILINE)
LAYERS = [[name.strip("/").removesuffix(".py") for name in re.findall(r"`([\w/.]+)`", row)] for row in TABLE[1:]]
"""What each row but the first names: packages and modules of ``mgpe_tf``. The first row is of all others, the verbs."""

HEAVY = {
    "apache_beam": r"preparation\.beam",
    "av": r"editing\.video\.\w+",
    "gradio": r"webapp\.\w+|app",
    "jax": r"training\.(on_jax|jax_step|jax_portraits)|train_on_jax",
    "matplotlib": r"evaluation\.report\.\w+",
    "sklearn": r"evaluation\.measure\.realism",
}
"""Modules that alone may import a package."""


def layer(module: str) -> int:
    """The row of the table that names a module."""
    name = module.split(".")[1]
    return next((number for number, names in enumerate(LAYERS, start=1) if name in names), 0)


def test_the_table_names_what_there_is():
    named = [name for names in LAYERS for name in names]
    assert set(named) <= {module.split(".")[1] for module in MODULES if module != "mgpe_tf"}
    assert len(named) == len(set(named)) and "models" in named


def test_imports_go_down():
    arrows = [(module, name) for module in MODULES if "." in module for name in imported(module) if name in MODULES]
    assert not [f"{a} -> {b}" for a, b in arrows if "." in b and layer(b) < layer(a)]


def test_what_is_measured_knows_no_reports():
    measuring = [module for module in MODULES if module.startswith("mgpe_tf.evaluation.measure.")]
    assert measuring
    assert not [name for module in measuring for name in imported(module) if name.startswith("mgpe_tf.evaluation.r")]


def test_modules_do_not_import_each_other_in_circles():
    """For type checkers neither."""
    arrows = {module: imported(module) - {module} for module in MODULES}
    while ends := {module for module, names in arrows.items() if not names & set(arrows)}:
        arrows = {module: names for module, names in arrows.items() if module not in ends}
    assert not arrows


@pytest.mark.parametrize("package", HEAVY)
def test_heavy_packages(package):
    importing = {module for module in MODULES if package in {name.split(".")[0] for name in imported(module)}}
    assert importing
    assert not {module for module in importing if not re.fullmatch(HEAVY[package], module.removeprefix("mgpe_tf."))}
