"""The folder that comes out: resumed, read as a data set, killed."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import re
import subprocess
import sys

import forked
import numpy as np
import pytest
from drawn import PARSER, PORTRAITS, SETTINGS, SIZE, files_below, known, label_of, save, save_persons
from killing import kill_in_the_middle

from mgpe_tf.data.folder import FolderSource
from mgpe_tf.data.images import read_image
from mgpe_tf.data.label_sets import stated
from mgpe_tf.errors import UserError
from mgpe_tf.labels import colourise
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.parsing.photographs import find_photographs
from mgpe_tf.preparation.dataset import Dataset, parts
from mgpe_tf.preparation.many import plan, prepare_here, record
from mgpe_tf.preparation.photographs import SPLITS
from mgpe_tf.preparation.sample import Preparer
from mgpe_tf.storage.folders import working_in
from mgpe_tf.storage.locks import lock_folder


class Counting:
    """The synthetic portraits' parser; counts what it reads."""

    def __init__(self):
        self.count = 0
        self.parser = FaceParser(self._read, SIZE)

    def _read(self, images):
        self.count += len(images)
        return known(images)


def prepare(root, output, parser=PARSER, settings=SETTINGS, stop_after=None) -> tuple[str, int]:
    """What the verb does; `stop_after` so many lines it is killed."""
    found = find_photographs([str(root)], True, output).photographs
    with working_in(output, "output", parts(SPLITS)):
        dataset = Dataset(output, settings, root)
        files = dataset.unfinished(file.relative_to(root).as_posix() for file in found)
        photographs, lines = plan(root, files, dataset.first_files())
        made = prepare_here(Preparer(parser, None, settings), root, dataset.writer, photographs)
        bad = record(itertools.islice(itertools.chain(lines, made), stop_after), dataset, len(files))
        return ("", bad) if stop_after is not None else (dataset.finish(), bad)


def lines_of(path) -> list[dict]:
    return [json.loads(text) for text in path.read_text().splitlines()]


def test_a_folder_of_persons(tmp_path):
    save_persons(tmp_path / "in")
    summary, bad = prepare(tmp_path / "in", tmp_path / "out")
    assert bad == 0 and summary.startswith("8 faces (") and summary.endswith("of 8 photographs; left out: none")
    faces = lines_of(tmp_path / "out/manifest.jsonl")
    assert [line["file"] for line in faces] == sorted(f"person {i // 2}/{i}.png" for i in range(8))
    persons = {
        split: {line["file"].split("/")[0] for line in faces if line["split"] == split} for split in ("train", "val")
    }
    assert persons["train"] and persons["val"] and not persons["train"] & persons["val"]
    for line in faces:
        image, mask = PORTRAITS[int(line["file"][-5])]
        part = tmp_path / "out" / line["split"]
        np.testing.assert_array_equal(read_image(part / "images" / f"{line['name']}.png"), image)
        np.testing.assert_array_equal(label_of(tmp_path / "out", line), mask)
        np.testing.assert_array_equal(read_image(part / "preview" / f"{line['name']}.png"), colourise(mask))


def test_the_result_is_read_as_a_data_set(tmp_path):
    save_persons(tmp_path / "in")
    prepare(tmp_path / "in", tmp_path / "out", settings=dataclasses.replace(SETTINGS, image_format="jpeg"))
    total = 0
    for split in ("train", "val"):
        source = FolderSource(tmp_path / "out" / split, "", 32)
        assert stated(tmp_path / "out" / split) == source.label_set == "helen"
        assert not source.problems and source.load(0)[0].shape == (32, 32, 3)
        total += len(source)
        result = run_verb(tmp_path / "out" / split, module="mgpe_tf.check_data")
        assert result.returncode == 0 and "bad: 0" in result.stdout, result.stderr
    assert total == 8


def test_splits_stay_when_photographs_are_added(tmp_path):
    save_persons(tmp_path / "in", 2)
    prepare(tmp_path / "in", tmp_path / "out")
    before = files_below(tmp_path / "out")
    save_persons(tmp_path / "in", 4)
    counting = Counting()
    prepare(tmp_path / "in", tmp_path / "out", counting.parser)
    after = files_below(tmp_path / "out")
    assert counting.count == 4
    for name, data in before.items():
        if name.endswith(".png"):
            assert after[name] == data
    prepare(tmp_path / "in", tmp_path / "fresh")
    assert files_below(tmp_path / "fresh") == after | {
        "photographs.jsonl": (tmp_path / "fresh/photographs.jsonl").read_bytes()
    }


def test_duplicates(tmp_path):
    for name in ("b/1.png", "a/2.png", "c.png"):
        save(tmp_path / "in" / name)
    summary, bad = prepare(tmp_path / "in", tmp_path / "out")
    assert bad == 0 and "1 faces" in summary and summary.endswith("of 3 photographs; left out: 2 duplicate")
    assert lines_of(tmp_path / "out/manifest.jsonl")[0]["file"] == "a/2.png"
    reasons = {line["file"]: line["reason"] for line in lines_of(tmp_path / "out/rejected.jsonl")}
    assert reasons == dict.fromkeys(["b/1.png", "c.png"], "the same bytes as a/2.png")
    save(tmp_path / "in/a/0.png")  # what was taken first stays
    prepare(tmp_path / "in", tmp_path / "out")
    assert [line["file"] for line in lines_of(tmp_path / "out/manifest.jsonl")] == ["a/2.png"]
    (tmp_path / "in/a/2.png").unlink()
    prepare(tmp_path / "in", tmp_path / "out")
    assert [line["file"] for line in lines_of(tmp_path / "out/manifest.jsonl")] == ["a/0.png"]
    assert len(files_below(tmp_path / "out")) == 4 + 2 + 3


def test_faces_of_photographs_that_are_gone_are_removed(tmp_path):
    save_persons(tmp_path / "in", 2)
    prepare(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in/person 1/2.png").unlink()
    counting = Counting()
    summary, _ = prepare(tmp_path / "in", tmp_path / "out", counting.parser)
    assert counting.count == 0 and summary.startswith("3 faces")
    prepare(tmp_path / "in", tmp_path / "fresh")
    pictures = [
        {name for name in files_below(tmp_path / folder) if name.endswith(".png")} for folder in ("out", "fresh")
    ]
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("stop_after", [0, 3])
def test_a_stopped_run_goes_on_and_writes_nothing_twice(stop_after, tmp_path):
    save_persons(tmp_path / "in")
    (tmp_path / "in/person 3/bad.png").write_bytes(b"")
    prepare(tmp_path / "in", tmp_path / "whole")
    prepare(tmp_path / "in", tmp_path / "out", stop_after=stop_after)
    with open(tmp_path / "out/photographs.jsonl", "a") as file:
        file.write('{"file": "torn by a cra')
    (tmp_path / "out/train/images/.mgpe_tf-0123456789abcdef.tmp.png").write_text("torn, too")
    counting = Counting()
    _, bad = prepare(tmp_path / "in", tmp_path / "out", counting.parser)
    assert bad == 1 and counting.count == 8 - stop_after
    found, wanted = files_below(tmp_path / "out"), files_below(tmp_path / "whole")
    del found["photographs.jsonl"], wanted["photographs.jsonl"]  # in the order of the work
    assert found == wanted


def test_a_file_that_was_removed_is_made_again(tmp_path):
    save_persons(tmp_path / "in", 2)
    prepare(tmp_path / "in", tmp_path / "out")
    before = files_below(tmp_path / "out")
    next((tmp_path / "out/train/labels").iterdir()).unlink()
    counting = Counting()
    prepare(tmp_path / "in", tmp_path / "out", counting.parser)
    after = files_below(tmp_path / "out")
    assert counting.count == 1 and after.keys() == before.keys() and after["manifest.jsonl"] == before["manifest.jsonl"]


def test_odd_files_cost_a_line_each(tmp_path, capsys):
    save_persons(tmp_path / "in", 2)
    (tmp_path / "in/empty.jpg").write_bytes(b"")
    (tmp_path / "in/te\nxt.jpg").write_text("hello")
    os.mkfifo(tmp_path / "in/pipe.jpg")
    (tmp_path / "in/notes.txt").write_text("not a photograph")
    save(tmp_path / "in/pixel.png", PORTRAITS[0][0][:1, :1])
    for _ in range(2):  # what is bad is tried again, and reported again
        summary, bad = prepare(tmp_path / "in", tmp_path / "out")
        errors = [line for line in capsys.readouterr().err.replace("\r", "\n").splitlines() if "error: " in line]
        assert bad == 2 and len(errors) == 2 and "empty.jpg: not an image" in errors[0]
        assert summary.startswith("4 faces (")
        assert summary.endswith("of 7 photographs; left out: 2 unreadable, 1 too small")


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no Unicode")
@pytest.mark.parametrize("name", ["\udcff.png", "two\u2028lines.png", "two\nlines.png", "é [1].png"])
def test_odd_file_names(name, tmp_path):
    save(tmp_path / "a.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "a.png").rename(tmp_path / "in" / name)
    (tmp_path / "in" / os.fsdecode(b"\xfe.png")).write_bytes(b"")
    _, bad = prepare(tmp_path / "in", tmp_path / "out")
    manifest = (tmp_path / "out/manifest.jsonl").read_text(encoding="utf-8").split("\n")
    assert bad == 1 and json.loads(manifest[0])["file"] == name and manifest[1:] == [""]
    counting = Counting()
    prepare(tmp_path / "in", tmp_path / "out", counting.parser)
    assert counting.count == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"licence": "another"}, "begun with licence 'drawn', not 'another'"),
        (
            {"filters": dataclasses.replace(SETTINGS.filters, min_sharpness=2.0)},
            "begun with min_sharpness 1.0, not 2.0",
        ),
    ],
)
def test_other_settings_need_another_folder(changes, words, tmp_path):
    save(tmp_path / "in/a.png")
    prepare(tmp_path / "in", tmp_path / "out")
    with pytest.raises(UserError, match=words):
        prepare(tmp_path / "in", tmp_path / "out", settings=dataclasses.replace(SETTINGS, **changes))


def test_what_an_earlier_version_did_not_know_is_no_other_setting(tmp_path):
    save(tmp_path / "in/a.png")
    prepare(tmp_path / "in", tmp_path / "out")
    settings = tmp_path / "out/prepare.json"
    old = json.loads(settings.read_text())
    del old["filters"]["without"]
    settings.write_text(json.dumps(old))
    assert prepare(tmp_path / "in", tmp_path / "out")[0].startswith("1 faces")
    settings.write_text(json.dumps(old))
    without = dataclasses.replace(SETTINGS, filters=dataclasses.replace(SETTINGS.filters, without=("hat",)))
    with pytest.raises(UserError, match="begun with without None, not .'hat'."):
        prepare(tmp_path / "in", tmp_path / "out", settings=without)


def test_portraits_with_hats_are_counted(tmp_path):
    def all_hats(images):
        return np.eye(19, dtype=np.float32)[np.full(images.shape[:3], 14)]

    save_persons(tmp_path / "in", 1)
    filters = dataclasses.replace(SETTINGS.filters, without=("glasses", "hat"))
    parser = FaceParser(all_hats, SIZE, label_set="celebamask_hq")
    summary, bad = prepare(tmp_path / "in", tmp_path / "out", parser, dataclasses.replace(SETTINGS, filters=filters))
    assert bad == 0 and summary.endswith("of 2 photographs; left out: 2 with hat")


def test_a_parser_of_eleven_classes_sees_no_hats(tmp_path):
    from stored_parser import store_run

    save(tmp_path / "in/a.png")
    model, output = store_run(tmp_path / "run"), tmp_path / "out"
    arguments = [f"--input={tmp_path / 'in'}", f"--output={output}", "--licence=x", f"--parser={model}"]
    result = run_verb(*arguments, "--without=glasses,hat")
    assert result.returncode == 2 and result.stderr.count("\n") == 1
    assert result.stderr.startswith(
        "error: --without=glasses,hat: this parser reads helen, not celebamask_hq; a parser"
    )
    assert not output.exists()


def test_a_folder_of_others_is_left_alone(tmp_path):
    save(tmp_path / "out/train/images/mine.png")
    with pytest.raises(UserError, match="not empty, and without prepare.json"):
        Dataset(tmp_path / "out", SETTINGS, tmp_path)


def test_pictures_that_were_added_by_hand_stay(tmp_path):
    save(tmp_path / "in/a.png")
    prepare(tmp_path / "in", tmp_path / "out")
    save(tmp_path / "out/train/images/mine.png")
    prepare(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out/train/images/mine.png").exists()


def run_verb(*arguments, module="mgpe_tf.prepare") -> subprocess.CompletedProcess:
    return forked.run(module, *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "licence"),
        (["--licence=x", "--parser=no/such"], "no/such: there is no such parser"),
        (["--licence=", "--parser={in}"], "--licence is empty"),
        (["--licence=x", "--parser={in}", "--needed=eye"], "--needed: 'eye' is unknown.*allowed: background"),
        (
            ["--licence=x", "--parser={in}", "--without=glases"],
            "--without: 'glases' is unknown: did you mean 'glasses'",
        ),
        (
            ["--from_editor", "--licence=x", "--parser={in}", "--without=hat"],
            "--without is of photographs; leave it out",
        ),
        (["--licence=x", "--parser={in}", "more"], "unexpected argument 'more'"),
        (["--licence=x", "--parser={in}", "--face=3"], "face"),
    ],
)
def test_mistakes_on_the_command_line(arguments, words, tmp_path):
    arguments = [argument.replace("{in}", str(tmp_path)) for argument in arguments]
    result = run_verb(f"--input={tmp_path}", f"--output={tmp_path / 'out'}", *arguments)
    assert result.returncode == 2 and result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert re.search(words, result.stderr), result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_several_processes_are_killed_and_go_on(tmp_path):
    """kill -9 of the first process in the middle: the others end by themselves, and the same command does the rest."""
    from stored_parser import random_parser

    from mgpe_tf.export.tflite import convert

    parser = tmp_path / "parser.tflite"
    parser.write_bytes(convert(random_parser(), SIZE, "float32"))
    for index in range(200):
        image = np.roll(PORTRAITS[0][0], index, axis=1) + index // SIZE
        save(tmp_path / "in" / f"{index % 20}" / f"{index:03}.png", image)
    (tmp_path / "in/3/bad.png").write_bytes(b"")
    arguments = [
        f"--input={tmp_path / 'in'}",
        "--licence=drawn",
        f"--parser={parser}",
        "--aligned",
        "--resolution=64",
        "--min_confidence=0",
        "--min_sharpness=0",
        "--needed=",
        "--val_share=0.2",
    ]
    (tmp_path / "in/notes.txt").touch()
    both = [*arguments, f"--output={tmp_path / 'out'}", "--processes=2"]
    with lock_folder(tmp_path / "out", "x"):
        second = run_verb(*both)
    assert second.returncode == 2 and f"--output={tmp_path / 'out'} is in use by process {os.getpid()}" in second.stderr
    command, journal = [sys.executable, "-m", "mgpe_tf.prepare", *both], tmp_path / "out/photographs.jsonl"
    before = kill_in_the_middle(command, journal, lines=2)
    assert before < 200
    times = {
        path: path.stat().st_mtime_ns
        for line in lines_of(journal)
        for face in line["faces"]
        for path in [tmp_path / "out" / face["split"] / "labels" / f"{face['name']}.png"]
    }
    result = run_verb(*both)
    assert result.returncode == 2 and "200 faces (" in result.stdout, result.stderr
    assert "; 1 file is left alone, no pictures by their endings: notes.txt; data set in" in result.stdout
    assert result.stderr.count("error: ") == 1 and "3/bad.png: not an image" in result.stderr
    assert times and all(path.stat().st_mtime_ns == then for path, then in times.items())
    timed = run_verb(*arguments, f"--output={tmp_path / 'one'}", module="benchmarks.preparation_steps")
    assert timed.returncode == 2 and "201 photographs, seconds of each:" in timed.stdout, timed.stderr
    found, wanted = files_below(tmp_path / "out"), files_below(tmp_path / "one")
    del found["photographs.jsonl"], wanted["photographs.jsonl"]  # in the order of the work
    assert found == wanted
