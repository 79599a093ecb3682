"""The shell commands of the documents: those of the first pages run as they are typed, all are read by their verbs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import called
import cv2
import numpy as np
import pytest
from commands import Command, commands
from test_links import documents

from mgpe_tf.data.images import encode_png, read_image
from mgpe_tf.webapp import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
FIRST = [ROOT / "README.md", *sorted((ROOT / "docs/getting-started").glob("*.md"))]
"""The pages whose commands run."""

ONLY_READ = {
    "mgpe_tf.demo": "tests/test_demo.py runs it",
    "mgpe_tf.app": "serves until it is stopped; tests/webapp/test_app_verb.py runs it",
    "mgpe_tf.train": "minutes to days; make train-demo, and small ones in tests/training",
    "mgpe_tf.prepare": "needs photographs of several people; tests/preparation",
    "mgpe_tf.evaluate": "needs a data set with labels; tests/evaluation",
    "mgpe_tf.export_model": "needs what was trained; tests/export",
    "pip": "would install; its extras and lists of versions are looked at",
    "python3": "makes the environment in which the tests run",
    ".": "enters that environment",
    "docker": "there is none in tests; its file and its service are looked at",
    "docs/serving/client.py": "needs the server; tests/export/test_serving.py runs it before a stand-in",
}
"""What is not run, by the module, script or program, and why."""

PLACEHOLDERS = {"METHOD": "mgpe_compact", "SEED": "0", "NAME": "mgpe_compact_256", "BATCH": "2", "N": "2"}
"""Words of commands that stand for others, where a flag takes no other."""

OURS = ("mgpe_tf.", "benchmarks.", "tools.")


def subject(command: Command) -> str:
    """What ``ONLY_READ`` calls the command."""
    if command.module:
        return command.module[0]
    return command.words[1] if command.words[0] == "python" else command.words[0]


def listed(paths: list[Path]) -> list:
    """The commands of documents, as parameters of a test."""
    found = {(path, str(each)): each for path in paths for each in commands(path)}
    return [pytest.param(each, id=f"{path.name}: {text[:60]}") for (path, text), each in found.items()]


def problem(command: Command) -> str:
    """What the verb, or a look at what it names, says is wrong with a command; "" for nothing."""
    text = str(command)
    if command.module and command.module[0].startswith(OURS):
        module, *arguments = (filled(word) for word in command.module if word != "...")
        read = [word for word in arguments if not word.startswith(("--output", "--workdir"))]
        missing = [path for word in read for path in re.findall(IN_CHECKOUT, word) if not (ROOT / path).exists()]
        result = called.checked(module, *arguments, cwd=ROOT)
        return f"there is no {missing}" if missing else result.stderr or wrong_flags(module, arguments)
    if subject(command) == "docs/serving/client.py":
        return client_problem(command)
    return {"pip": pip_problem, "docker": docker_problem}.get(command.words[0], lambda text: "")(text)


IN_CHECKOUT = re.compile(r"(?:^|=)((?:saved_models|configs|tests|docs|mgpe_tf)/[^,\s]*)")
"""A path in a command that must be there."""


def filled(word: str) -> str:
    for name, value in PLACEHOLDERS.items():
        word = re.sub(rf"(?<![A-Z]){name}(?![A-Z/])", value, word)
    return word.strip("[]") if word.startswith("[--") or (word.endswith("]") and "[" not in word) else word


def wrong_flags(module: str, arguments: list[str]) -> str:
    """Of a verb that does several things: what its word does not read, or needs."""
    words = called.names_of(module).get("WORDS")
    if not words:
        return ""
    word = next((argument for argument in arguments if not argument.startswith("-")), "")
    if word not in words:
        return f"unknown word {word!r}"
    given = {argument.lstrip("-").partition("=")[0] for argument in arguments if argument.startswith("--")}
    known = {name for each in words.values() for name in each.reads}
    given = {name if name in known else name.removeprefix("no") for name in given}
    unread = given - set(words[word].reads)
    needed = {holder.name for holder in words[word].needs} - given
    return f"not read: {unread}, needed: {needed}" if unread or needed else ""


def pip_problem(text: str) -> str:
    """Of pip install: extras that the package does not have, lists that are not there."""
    extras = re.findall(r"(?:\.|mgpe_tf)\[(.*?)\]", text)
    asked = {name for names in extras for name in names.split(",")}
    listed = set(re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    missing = [name for name in re.findall(r"-[cr] (\S+)", text) if not (ROOT / name).is_file()]
    return f"no extras {asked - listed}, no lists {missing}" if asked - listed or missing else ""


def client_problem(command: Command) -> str:
    """Of docs/serving/client.py: anything but that the portraits are missing, which it reads after its arguments."""
    script, *arguments = command.words[1:]
    result = subprocess.run([sys.executable, ROOT / script, *arguments], cwd=ROOT, capture_output=True, text=True)
    return "" if ": cannot be read: No such file" in result.stderr else result.stderr or "it ran"


def docker_problem(text: str) -> str:
    """Of docker compose: a file or a service that is not there."""
    path, service = re.fullmatch(r"docker compose -f (\S+) up (\w+)", text).groups()
    file = ROOT / path
    return "" if file.is_file() and f"\n  {service}:" in file.read_text() else "no such file or service"


@pytest.mark.parametrize("command", listed(documents()))
def test_verbs_read_the_commands_of_all_documents(command):
    if not command.fails:
        assert problem(command) == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mgpe edit swap --target=a.jpg --output=b.png", "needed: {'source'}"),
        ("mgpe edit crop --target=a.jpg --output=b.png --strength=1", "not read: {'strength'}"),
        ("mgpe edit wsap --target=a.jpg", "unknown word 'wsap'"),
        ("mgpe edit shape --target=a.jpg --output=b.png --blend=soft", "--blend"),
        ("mgpe train --config=gone", "gone"),
        ("python -m mgpe_tf.train --config.training.steps=many", "many"),
        ("mgpe parse a.jpg --model=saved_models/gone --output=masks", "saved_models/gone"),
        ("pip install -c gone.txt '.[cpu,page]'", "no extras {'page'}, no lists ['gone.txt']"),
        ("pip install 'mgpe_tf[page]'", "no extras {'page'}"),
        ("python docs/serving/client.py portrait.png mask.png", "portrait.png: unknown"),
        ("docker compose -f docs/serving/docker-compose.yml up pages", "no such file or service"),
    ],
)
def test_mistakes_in_commands_are_found(line, words):
    assert words in problem(Command(line))


@pytest.mark.parametrize("page", FIRST, ids=lambda page: page.stem)
def test_the_commands_of_a_first_page_run(page, tmp_path):
    """In their order, in a folder with what the page takes for granted: a checkout, and photographs of two people."""
    pytest.importorskip("mtcnn")
    (tmp_path / "mgpe_tf").symlink_to(ROOT / "mgpe_tf")
    shutil.copy(EXAMPLES / "collins.jpg", tmp_path / "me.jpg")
    (tmp_path / "friend.jpg").write_bytes(encode_png(somebody_else()))
    shutil.copytree(EXAMPLES, tmp_path / "holiday")
    with called.editors_loaded_once():
        for command in commands(page):
            if command.fails or subject(command) not in ONLY_READ:
                run(command, tmp_path)


def somebody_else() -> np.ndarray:
    """A bundled photograph as of another person: its mirror image, narrower and redder."""
    photo = read_image(EXAMPLES / "collins.jpg")[:, ::-1]
    return (cv2.resize(photo, (460, 512), interpolation=cv2.INTER_AREA) // [1, 2, 2]).astype(np.uint8)


def run(command: Command, folder: Path) -> None:
    """Runs a command, and compares what it prints with what the page says: "..." stands for any lines."""
    if command.module:
        result = called.run(*command.module, cwd=folder)
    else:
        result = subprocess.run(["bash", "-c", command.line], cwd=folder, capture_output=True, text=True)
    printed = result.stdout + result.stderr
    assert result.returncode == (2 if command.fails else 0), f"{command}: {printed}"
    if command.said is not None:
        parts = map(re.escape, re.split(r"^ *\.\.\.\n", command.said, flags=re.MULTILINE))
        assert re.fullmatch("(?:.*\n)*".join(parts), printed), f"{command}: {printed}"


def test_what_is_not_run_is_there():
    subjects = {subject(each) for page in FIRST for each in commands(page)}
    assert set(ONLY_READ) <= subjects


HOW_TO = [page for page in (ROOT / "docs/how-to").glob("*.md") if page.stem != "index"]


@pytest.mark.parametrize("page", [*HOW_TO, ROOT / "docs/serving/README.md"], ids=lambda page: page.stem)
def test_a_how_to_page_begins_with_one_command(page):
    title, first, *_ = re.split(r"^```.*\n", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert re.fullmatch(r"# .*\n\n", title)
    assert first.replace("\\\n", "").count("\n") == 1
