"""The command line as a user meets it: exit codes and one-line errors of a small verb."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest

VERB = '''"""Prints what it was told.

  python -m verb first --workdir=runs/x
  python -m verb second --workdir=runs/x \\
      --steps=4  # more
"""
import sys
from absl import flags
from mgpe_tf import cli
from mgpe_tf.errors import UserError
CONFIG = cli.define_config()
WORKDIR = flags.DEFINE_string("workdir", "x", "Where the run is kept.")
FILES = cli.define_files("files", "What is read.")
NAMES = cli.define_names("names", ["x"], "What is taken.")
STEPS = flags.DEFINE_integer("steps", 3, "How many.")
NEEDED = flags.DEFINE_string("needed", None, "Not to be left out.", required="needed" in sys.argv)
def main(argv):
    if WORKDIR.value == "mistake":
        raise UserError("a mistake\\nin two lines")
    if WORKDIR.value == "wait":
        import time
        print("waiting", flush=True)
        time.sleep(60)
    print(FILES.value, NAMES.value)
    print(CONFIG.value.training, CONFIG.value.discriminator.filters, CONFIG.value.parser, argv[1:], CONFIG.value.data)
    return 7 if WORKDIR.value == "seven" else None
if __name__ == "__main__":
    cli.run(main, positional=WORKDIR.default == "positional")
'''

CONFIGS = {
    "demo": "from mgpe_tf.config import Config\ndef get_config():\n    config = Config(task='parser')\n"
    "    config.training.batch_size = 77\n    return config\n",
    "attribute": "from mgpe_tf.config import Config\ndef get_config():\n    config = Config(task='parser')\n"
    "    config.training.stepz = 7\n    return config\n",
    "syntax": "def get_config()\n    return 1\n",
    "keyword": "from mgpe_tf.config import Config\ndef get_config():\n    return Config(nam='x')\n",
    "no_config": "def get_config():\n    return {'steps': 1}\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working folder with the verb and its configs."""
    path = tmp_path_factory.mktemp("cli")
    (path / "verb.py").write_text(VERB)
    (path / "configs").mkdir()
    for name, text in CONFIGS.items():
        (path / "configs" / f"{name}.py").write_text(text)
    return path


def run(folder, *arguments):
    command = [sys.executable, "verb.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("flags", "size"),
    [((), 8), (("--config=configs/demo.py",), 77), (("--config=mgpe_256",), 4), (("--config=no_suffix",), 77)],
)
def test_a_config_by_name_or_file_and_its_overrides_reach_main(folder, flags, size):
    shutil.copy(folder / "configs/demo.py", folder / "no_suffix")
    result = run(
        folder,
        *flags,
        "--config.training.steps=4",
        "--config.training.jit",
        "--noconfig.training.unpaired",
        "--config.discriminator.filters=8,16",
        "--config.parser.up_blocks=",
    )
    assert result.returncode == 0, result.stderr
    for expected in (f"batch_size={size}", "steps=4", "jit=True", "unpaired=False", "(8, 16)", "up_blocks=()"):
        assert expected in result.stdout


def test_folders_are_names_and_a_comma_is_part_of_one_that_is_there(folder):
    (folder / "7, old").mkdir()
    result = run(
        folder,
        "--config.data.path=7, old",
        "--config.data.path=/a-b,2020",
        "--config.data.validation_path=1",
        "--config.data.label_set=celebamask_hq,helen",
    )
    assert result.returncode == 0, result.stderr
    for expected in ("path=('7, old', '/a-b', '2020')", "path=('1',)", "label_set=('celebamask_hq', 'helen')"):
        assert expected in result.stdout


def test_a_comma_is_part_of_a_file_that_is_there_and_lists_grow(folder):
    for name in ("Smith, John.png", "b.png", "c.png"):
        (folder / name).touch()
    result = run(folder, "--files=Smith, John.png", "--files=b.png,c.png", "--files", "b.png,gone.png", "--names=y,z")
    assert result.stdout.splitlines()[0] == ("['Smith, John.png', 'b.png', 'c.png', 'b.png,gone.png'] ['y', 'z']"), (
        result.stderr
    )
    result = run(folder, "--names=y", "--names=z")
    assert result.stdout.splitlines()[0] == "[] ['y', 'z']"
    assert run(folder).stdout.splitlines()[0] == "[] ['x']"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_is_short_and_succeeds(folder, flag):
    result = run(folder, flag)
    assert (result.returncode, result.stderr) == (0, "")
    assert "python -m verb first --workdir=runs/x" in result.stdout
    for flag in ("--workdir", "--steps", "--config", "'demo'"):
        assert flag in result.stdout
    assert "--verbosity" not in result.stdout and "helpfull" not in result.stdout and "verb.py" not in result.stdout


def test_exit_code_of_main_is_kept(folder):
    assert run(folder, "--workdir=seven").returncode == 7


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--workdir=mistake"], ["a mistake in two lines"]),
        (["--stpes=3"], ["--stpes", "did you mean 'steps'?"]),
        (["--steps=many"], ["error: --steps=many: allowed: a whole number"]),
        (["--training.steps=3"], ["did you mean 'config.training.steps'?"]),
        (["workdir=x"], ["unexpected argument 'workdir=x'"]),
        (["--config.training.stepz=3"], ["training.stepz", "did you mean 'training.steps'?"]),
        (["--config.traning.steps=3"], ["traning.steps", "did you mean 'training.steps'?"]),
        (["--config.steps=3"], ["did you mean 'training.steps'?"]),
        (["--config.training=3"], ["--config.training is a group of fields", "training.steps"]),
        (["--config.training.steps=many"], ["error: --config.training.steps=many: allowed: a whole number"]),
        (["--config.generator.mask=a,b"], ["generator.mask", "expected int"]),
        (["--config.training.steps=3", "--config=configs/demo.py"], ["before a value for --config"]),
        (["--config=configs/dmeo.py"], ["configs/dmeo.py: no such file", "beside it: configs/attribute.py, configs/d"]),
        (
            ["--config=elsewhere/mgpe_256.py"],
            ["no such file", "did you mean 'mgpe_256'?", "a .py file, or behind_hair"],
        ),
        (["--config=mgpe_compact_265"], ["did you mean 'mgpe_compact_256'?", "parser_256, parser_lite_256"]),
        (["needed"], ["--needed is missing, as in python -m verb first --workdir=runs/x (flags: --help)"]),
        (["needed", "secnd"], ["as in python -m verb second --workdir=runs/x --steps=4 (flags"]),
        (["--config=configs/attribute.py"], ["training.stepz", "did you mean 'training.steps'?"]),
        (["--config=configs/syntax.py"], ["configs/syntax.py", "SyntaxError", "line 1"]),
        (["--config=configs/keyword.py"], ["configs/keyword.py", "'nam'"]),
        (["--config=configs/no_config.py"], ["configs/no_config.py", "mgpe_tf.config.Config"]),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(folder, arguments, expected):
    result = run(folder, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    for part in expected:
        assert part in result.stderr


def test_interrupt_is_quiet(folder):
    command = [sys.executable, "verb.py", "--workdir=wait"]
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, previous)
    assert process.stdout.readline() == "waiting\n"
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (130, "")


def test_arguments_without_dashes_reach_a_verb_that_takes_them(folder):
    (folder / "positional.py").write_text(VERB.replace('"workdir", "x"', '"workdir", "positional"'))
    command = [sys.executable, "positional.py", "verify", "a.png", "--config.training.steps=9"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert "['verify', 'a.png']" in result.stdout and "steps=9" in result.stdout
