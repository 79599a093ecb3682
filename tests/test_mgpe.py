"""The command ``mgpe``, and what a package that is installed without its checkout has."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import mgpe_tf
from mgpe_tf.__main__ import VERBS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the files of a wheel."""
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("wheel")
    build = ["build_py", "--build-lib", str(folder), "egg_info", "--egg-base", str(folder)]
    subprocess.run([sys.executable, "setup.py", "-q", *build], cwd=ROOT, check=True, capture_output=True)
    return folder


def mgpe(installed, *arguments, code="from mgpe_tf.__main__ import main; main()"):
    """Runs the command as its script does, from an empty folder."""
    (installed / "away").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=installed / "away",
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_script_is_installed(installed):
    entries = configparser.ConfigParser()
    entries.read(installed / "mgpe_tf.egg-info/entry_points.txt")
    assert dict(entries["console_scripts"]) == {"mgpe": "mgpe_tf.__main__:main"}


def test_a_wheel_weighs_at_most_60_megabytes(installed):
    packed = sum(len(zlib.compress(file.read_bytes())) for file in (installed / "mgpe_tf").rglob("*") if file.is_file())
    assert packed < 60e6


def test_help_has_a_line_for_each_verb_and_is_light(installed):
    code = (
        "import sys; from mgpe_tf.__main__ import main; main(); print(sorted({'tensorflow', 'absl'} & {*sys.modules}))"
    )
    result = mgpe(installed, "--help", code=code)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[-1] == "[]"
    assert [line.split()[0] for line in lines[2 : 2 + len(VERBS)]] == list(VERBS)
    assert ["evaluate", "Scores trained networks on a data set."] in [line.split(maxsplit=1) for line in lines]
    assert mgpe(installed, "help").stdout == "\n".join([*lines[:-1], ""])
    assert mgpe(installed, "--version").stdout == f"mgpe_tf {mgpe_tf.__version__}\n"


def test_a_verb_is_the_module_of_its_name(installed):
    result = mgpe(installed, "train", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Trains the portrait editor" in result.stdout and "--workdir" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "a verb is missing; allowed: train, "),
        (("trian",), "unknown verb 'trian': did you mean 'train'?; allowed: train, "),
        (("train", "--config=mgpe_compact_256"), "--workdir is missing, as in python -m mgpe_tf.train"),
        (("train", "--config=mgpe_256", "--wrokdir=x"), "unknown flag --wrokdir: did you mean 'workdir'?"),
        (("train", "--config=mgpe_compact_265"), "did you mean 'mgpe_compact_256'?"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(installed, arguments, expected):
    result = mgpe(installed, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert expected in result.stderr


def test_all_experiments_and_models_are_installed(installed):
    code = (
        "from mgpe_tf import shipped as s; from mgpe_tf.models.shipped import model_path; "
        "print(*s.shipped_configs(), s.load_config('mgpe_compact_256_local').name, model_path('editor'))"
    )
    result = mgpe(installed, code=code)
    assert result.returncode == 0, result.stderr
    *names, loaded, editor = result.stdout.split()
    assert names == sorted(path.stem for path in (ROOT / "configs").glob("*.py")) and loaded == "mgpe_compact_256_local"
    assert editor == str(installed / "mgpe_tf/saved_models/editor_compact")
