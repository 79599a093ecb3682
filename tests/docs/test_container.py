"""docs/serving/Dockerfile, as far as it can be checked without Docker: what it copies is what the package needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVING = ROOT / "docs" / "serving"
LINES = (SERVING / "Dockerfile").read_text().replace("\\\n", " ").splitlines()


def copied() -> list[str]:
    """What the Dockerfile copies out of the checkout."""
    return [source for line in LINES if line.startswith("COPY ") for source in line.split()[1:-1]]


def test_the_context_holds_what_is_copied_and_nothing_else():
    allowed = re.findall(r"^!(.*)$", (SERVING / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert allowed == copied()
    assert all((ROOT / source).exists() for source in copied())


def test_a_package_of_what_is_copied_has_the_page_and_the_models(tmp_path):
    pytest.importorskip("setuptools")
    source = tmp_path / "source"
    source.mkdir()
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    build = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
    result = subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=source, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        (facts,) = (file.read(name).decode() for name in names if name.endswith("/METADATA"))
    wanted = [
        "configs/demo.py",
        "webapp/page.css",
        "webapp/examples/collins.jpg",
        "saved_models/editor_compact/1/saved_model.pb",
        "saved_models/parser_lite/parser_int8.tflite",
    ]
    assert {f"mgpe_tf/{name}" for name in wanted} <= set(names)
    (extras,) = re.findall(r"'\.\[(.*)\]'", "\n".join(LINES))
    assert set(extras.split(",")) <= set(re.findall("^Provides-Extra: (.*)$", facts, re.MULTILINE))
