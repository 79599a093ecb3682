"""Folders of photographs, their masks, and everything that can be wrong with a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import called
import numpy as np
import pytest
from killing import kill_in_the_middle
from PIL import Image
from red_parser import CLASSES, by_red, picture

from mgpe_tf import labels
from mgpe_tf.data.alignment import template_at
from mgpe_tf.data.detection import Face
from mgpe_tf.data.images import read_image, read_label
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.parsing.many import parse_here, record
from mgpe_tf.parsing.photographs import find_photographs, read_photograph
from mgpe_tf.parsing.results import Results, Writer
from mgpe_tf.storage.locks import lock_folder

PARSER = FaceParser(by_red, 8)
PORTRAIT = picture(CLASSES)


def save(path, image=PORTRAIT, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, **options)
    return path


def parse(inputs, output, parser=PARSER, recursive=False, model="tiny", detector=None, **options) -> int:
    """What the verb does; returns the number of bad files."""
    overwrite = options.pop("overwrite", False)
    results = Results(Writer(output, model, found=detector is not None, **options), overwrite)
    names = results.unfinished(find_photographs([str(path) for path in inputs], recursive, output).photographs)
    bad = record(parse_here(parser, names, results.writer, 2, workers=2, detector=detector), results, len(names))
    results.write_left_out()
    return bad


def lines(output) -> list[dict]:
    return [json.loads(line) for line in (output / "parse.jsonl").read_text().splitlines()]


def names(folder) -> list[str]:
    return sorted(os.listdir(folder))


def test_outputs_of_a_folder(tmp_path):
    large = picture(CLASSES.repeat(2, 0).repeat(2, 1))
    for index in range(5):
        save(tmp_path / "in" / f"{index}.png", large if index else PORTRAIT)
    (tmp_path / "in" / "notes.txt").write_text("not a photograph")
    (tmp_path / "in" / ".hidden.png").write_text("nor this")
    assert parse([tmp_path / "in"], tmp_path / "out") == 0
    expected = ["dataset.json", "labels", "left_out.txt", "legend.png", "overlay", "parse.jsonl", "preview"]
    assert names(tmp_path / "out") == expected
    np.testing.assert_array_equal(read_label(tmp_path / "out/labels/0.png"), CLASSES)
    assert read_label(tmp_path / "out/labels/4.png").shape == (16, 16)
    np.testing.assert_array_equal(read_image(tmp_path / "out/preview/0.png"), labels.colourise(CLASSES))
    overlay = read_image(tmp_path / "out/overlay/4.jpg")
    expected = np.where(large[..., :1] < 20, large, large // 2 + labels.PALETTE[large[..., 0] // 20] // 2)
    assert np.abs(overlay.astype(int) - expected).mean() < 12
    first = lines(tmp_path / "out")[0]
    assert first["file"] == str(tmp_path / "in" / "0.png") and first["confidence"] == 1 and not first["left_out"]
    assert first["shares"]["hair"] == pytest.approx((CLASSES == labels.HAIR).mean(), abs=1e-6)


def test_the_same_name_twice_and_the_same_file_twice(tmp_path):
    other = save(tmp_path / "b" / "1.png", picture(CLASSES[::-1]))
    first = save(tmp_path / "a" / "1.png")
    assert parse([first, tmp_path / "a", other], tmp_path / "out") == 0
    assert names(tmp_path / "out/labels") == ["1-2.png", "1.png"]
    parse([tmp_path / "b", tmp_path / "a"], tmp_path / "out")  # another order does not exchange them
    np.testing.assert_array_equal(read_label(tmp_path / "out/labels/1.png"), CLASSES)
    np.testing.assert_array_equal(read_label(tmp_path / "out/labels/1-2.png"), CLASSES[::-1])


def test_what_is_finished_is_left_alone(tmp_path):
    for index in range(3):
        save(tmp_path / "in" / f"{index}.png")
    parse([tmp_path / "in"], tmp_path / "out")
    (tmp_path / "out/labels/1.png").unlink()
    with open(tmp_path / "out/parse.jsonl", "a") as file:
        file.write('{"file": "torn by a cra')
    read = []

    def counting(images):
        read.extend(images)
        return by_red(images)

    assert parse([tmp_path / "in"], tmp_path / "out", FaceParser(counting, 8)) == 0
    assert len(read) == 1 and (tmp_path / "out/labels/1.png").exists() and len(lines(tmp_path / "out")) == 3
    parse([tmp_path / "in"], tmp_path / "out", FaceParser(counting, 8), model="another")
    assert len(read) == 4
    parse([tmp_path / "in"], tmp_path / "out", FaceParser(counting, 8), model="another", overwrite=True)
    assert len(read) == 7 and len(lines(tmp_path / "out")) == 3
    parse([tmp_path / "in"], tmp_path / "out", FaceParser(counting, 8).flip_averaged(), model="another", flip=True)
    assert len(read) == 13 and [line["flip"] for line in lines(tmp_path / "out")] == [True] * 3


def test_lines_from_before_there_was_a_flip_are_finished(tmp_path):
    path, record = save(tmp_path / "in" / "0.png"), tmp_path / "out" / "parse.jsonl"
    parse([path], tmp_path / "out")
    record.write_text(record.read_text().replace('"flip": false, ', ""))
    assert "flip" not in lines(tmp_path / "out")[0]
    results = Results(Writer(tmp_path / "out", "tiny"))
    assert results.unfinished([path]) == {}


def test_low_confidence_is_left_out_until_the_bound_falls(tmp_path):
    path = save(tmp_path / "in" / "0.png")
    unsure = FaceParser(lambda images: 0.5 * by_red(images) + 0.5 / 11, 8)
    parse([path], tmp_path / "out", unsure, min_confidence=0.6)
    assert names(tmp_path / "out/labels") == [] and names(tmp_path / "out/preview") == ["0.png"]
    assert (tmp_path / "out/left_out.txt").read_text() == f"{path}\n"
    parse([path], tmp_path / "out", unsure, min_confidence=0.5)
    assert names(tmp_path / "out/labels") == ["0.png"] and (tmp_path / "out/left_out.txt").read_text() == ""
    parse([path], tmp_path / "out", unsure, min_confidence=0.6)
    assert names(tmp_path / "out/labels") == []


class Finder:
    """A detector that finds one face, or none in a dark photograph."""

    def __init__(self, landmarks):
        self.face = Face((*landmarks.min(0), *np.ptp(landmarks, 0)), landmarks, 1.0)

    def detect(self, image):
        """See ``Detector``."""
        return [self.face] if image.max() > 10 else []


def test_faces_are_found_read_and_brought_back(tmp_path):
    halves = np.zeros((8, 8), np.uint8)
    halves[:, :4], halves[:, 4:] = 2, 7
    large, mask = (array.repeat(12, 0).repeat(12, 1) for array in (picture(halves), halves))
    photo, expected = np.full((120, 170, 3), 5, np.uint8), np.zeros((120, 170), np.uint8)
    photo[10:106, 50:146], expected[10:106, 50:146] = large, mask
    landmarks = (template_at(8) + 0.5) * 12 - 0.5 + (50, 10)
    path, dark = save(tmp_path / "in/0.png", photo), save(tmp_path / "in/dark.png", np.zeros((9, 9, 3), np.uint8))
    assert parse([path, dark], tmp_path / "out", detector=Finder(landmarks)) == 1
    label = read_label(tmp_path / "out/labels/0.png")
    assert label.shape == (120, 170) and (label == expected).mean() > 0.98
    assert read_image(tmp_path / "out/overlay/0.jpg").shape == photo.shape
    square = save(tmp_path / "in/0.png", photo[:90, :90])
    assert parse([square], tmp_path / "out") == 0  # now as a portrait: it is read again
    assert read_label(tmp_path / "out/labels/0.png").shape == (90, 90)


def test_the_other_faces_of_a_photograph_are_told(tmp_path, capsys):
    class Two:
        def detect(self, image):
            large, small = (template_at(8) + 0.5) * 12 - 0.5, template_at(8) * 11 + (100, 10)
            return [Face((*points.min(0), *np.ptp(points, 0)), points, 1.0) for points in (small, large)]

    path = save(tmp_path / "in/0.png", np.zeros((120, 220, 3), np.uint8))
    assert parse([path], tmp_path / "out", detector=Two()) == 0
    note = (
        f"note: {path} shows 2 faces; the largest, face 1 from the left, is taken; for another: python -m mgpe_tf.edit"
    )
    assert f"{note} crop --face=2" in capsys.readouterr().err
    (line,) = lines(tmp_path / "out")
    assert (line["face"], line["other_faces"]) == (1, [2])


def test_an_output_inside_the_input_is_not_read(tmp_path):
    save(tmp_path / "in" / "0.png")
    save(tmp_path / "in" / "more" / "1.png")
    for _ in range(2):
        assert parse([tmp_path / "in"], tmp_path / "in" / "out", recursive=True) == 0
    assert names(tmp_path / "in/out/labels") == ["0.png", "1.png"]


def test_masks_of_others_are_not_replaced(tmp_path):
    save(tmp_path / "labels" / "0.png", CLASSES)
    with pytest.raises(UserError, match="has labels/ but no parse.jsonl"):
        Results(Writer(tmp_path, "tiny"))


def test_a_folder_without_photographs(tmp_path):
    save(tmp_path / "more" / "0.png")
    with pytest.raises(UserError, match="no photographs; allowed: .jpg.*--recursive"):
        find_photographs([str(tmp_path)], False, tmp_path / "out")


def test_a_name_of_nothing_is_told_before_anything_is_written(tmp_path):
    """One of several is counted as bad."""
    (tmp_path / "a.png").write_bytes(b"")
    nowhere = str(tmp_path / "nowhere")
    with pytest.raises(UserError, match="nowhere: no such file or folder"):
        find_photographs([nowhere], False, tmp_path / "out")
    assert len(find_photographs([nowhere, str(tmp_path / "a.png")], False, tmp_path / "out").photographs) == 2


def test_what_lies_beside_the_photographs(tmp_path):
    """Photographs of phones are found, what is left alone is told, and what systems and users hide is not."""
    for name in ("0.HEIC", "1.avif", "2.jfif", "notes.txt", "more/clip.mov", ".hidden.png", "Thumbs.db", "out/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for recursive, others in ((False, ["notes.txt"]), (True, ["more/clip.mov", "notes.txt"])):
        found = find_photographs([str(tmp_path)], recursive, tmp_path / "out")
        assert [path.name for path in found.photographs] == ["0.HEIC", "1.avif", "2.jfif"]
        assert [path.relative_to(tmp_path.resolve()).as_posix() for path in found.others] == others


def test_bad_files_cost_a_line_each_and_the_others_are_read(tmp_path, capsys):
    save(tmp_path / "in" / "0.png")
    (tmp_path / "in" / "1.png").write_bytes(b"")
    save(tmp_path / "in" / "2.png", PORTRAIT[:, :6])
    save(tmp_path / "in" / "3.png")
    assert parse([tmp_path / "in", tmp_path / "gone.png"], tmp_path / "out") == 3
    errors = [line for line in capsys.readouterr().err.replace("\r", "\n").splitlines() if line.startswith("error: ")]
    assert len(errors) == 3
    for line, words in zip(
        errors, ("1.png: not an image", "2.png: 6 x 8 pixels; allowed: squares; align", "gone.png"), strict=True
    ):
        assert words in line
    assert names(tmp_path / "out/labels") == ["0.png", "3.png"]


ACCEPTED = {
    "gray.png": lambda path: Image.fromarray(PORTRAIT[..., 0]).save(path),
    "deep.png": lambda path: Image.fromarray(PORTRAIT[..., 0].astype(np.uint16) * 256).save(path),
    "cmyk.tif": lambda path: Image.fromarray(PORTRAIT).convert("CMYK").save(path),
    "opaque.png": lambda path: Image.fromarray(PORTRAIT).convert("RGBA").save(path),
    "first_frame.gif": lambda path: Image.fromarray(PORTRAIT[..., 0]).save(
        path, save_all=True, append_images=[Image.new("L", (8, 8))]
    ),
    "first_frame.webp": lambda path: Image.fromarray(PORTRAIT).save(
        path, save_all=True, append_images=[Image.new("RGB", (8, 8))], lossless=True
    ),
    "first_frame.png": lambda path: Image.fromarray(PORTRAIT).save(
        path, save_all=True, append_images=[Image.new("RGB", (8, 8))]
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_photographs_of_other_kinds_are_read(name, tmp_path):
    ACCEPTED[name](tmp_path / name)
    photograph = read_photograph(tmp_path / name, PARSER)
    np.testing.assert_array_equal(PARSER.probabilities(photograph.portrait[None])[0].argmax(-1), CLASSES)


def test_transparency_becomes_white(tmp_path):
    save(tmp_path / "a.png", np.concatenate([PORTRAIT, np.zeros((8, 8, 1), np.uint8)], -1))
    assert (read_photograph(tmp_path / "a.png", PARSER).image == 255).all()


def test_photographs_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_photograph(tmp_path / "a.png", PARSER).image, np.rot90(PORTRAIT, -1))


def test_a_huge_header_is_refused_before_decoding(tmp_path):
    header = bytearray(save(tmp_path / "a.bmp").read_bytes())
    header[18:26] = np.array([50_000, 50_000], "<i4").tobytes()
    (tmp_path / "a.bmp").write_bytes(header)
    with pytest.raises(UserError, match="a.bmp: .*pixels, .*; allowed: 50 megapixels"):
        read_photograph(tmp_path / "a.bmp", PARSER)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.jpg", "text.jpg: not an image"),
        ("empty.jpg", "empty.jpg: not an image"),
        ("float.tif", "float.tif: a floating-point image"),
        ("cut.png", "cut.png: broken or truncated"),
    ],
)
def test_files_that_are_no_photographs(name, words, tmp_path):
    make = {
        "text.jpg": lambda path: path.write_text("hello"),
        "empty.jpg": lambda path: path.write_bytes(b""),
        "float.tif": lambda path: Image.fromarray(np.zeros((8, 8), np.float32)).save(path),
        "cut.png": lambda path: path.write_bytes(save(path).read_bytes()[:-40]),
    }
    make[name](tmp_path / name)
    with pytest.raises(UserError, match=words):
        read_photograph(tmp_path / name, PARSER)


def run_verb(*arguments) -> subprocess.CompletedProcess:
    return called.run("mgpe_tf.parse", *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no photographs given"),
        (["{in}"], "{in}: no photographs"),
        (["{in}", "--model={in}/x"], "no photographs"),
        (["{in}/a.png"], "{in}/a.png: no such file or folder"),
        (["{in}/more/0.png", "--model={in}/x"], "x: there is no such parser"),
        (["{in}", "--batch_size=0"], "batch_size"),
    ],
)
def test_mistakes_on_the_command_line(arguments, words, tmp_path):
    save(tmp_path / "more" / "0.png")
    arguments = [argument.replace("{in}", str(tmp_path)) for argument in arguments]
    result = run_verb(f"--output={tmp_path / 'out'}", "--model=x", *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert words.replace("{in}", str(tmp_path)) in result.stderr


def test_the_verb(tmp_path):
    """In a process of its own, with a small run folder: a good and a bad file, then what is done before."""
    from stored_parser import store_run

    model = store_run(tmp_path / "run")
    save(tmp_path / "a.png")
    options = [tmp_path / "a.png", f"--model={model}", f"--output={tmp_path / 'out'}"]
    result = run_verb(*options, tmp_path / "gone.png")
    assert result.returncode == 2 and f"error: {tmp_path / 'gone.png'}: " in result.stderr
    assert "1 parsed, 0 finished before, 1 bad" in result.stdout and "images/s" not in result.stderr
    assert read_label(tmp_path / "out/labels/a.png").shape == (8, 8)
    again = run_verb(*options)  # nothing to read: without TensorFlow, at once
    assert again.returncode == 0 and "0 parsed, 1 finished before" in again.stdout
    flipped = run_verb(*options, "--flip")
    assert flipped.returncode == 0 and "1 parsed, 0 finished before" in flipped.stdout
    expected = FaceParser.load(model).flip_averaged().parse(PORTRAIT)
    np.testing.assert_array_equal(read_label(tmp_path / "out/labels/a.png"), expected)


def test_a_folder_is_filled_by_one_job_at_a_time(tmp_path):
    path = save(tmp_path / "a.png")
    with lock_folder(tmp_path / "out", "x"):
        result = run_verb(path, f"--output={tmp_path / 'out'}")
    assert result.returncode == 2 and result.stderr.startswith(
        f"error: --output={tmp_path / 'out'} is in use by process {os.getpid()} on "
    )
    assert result.stderr.count("\n") == 1 and names(tmp_path / "out") == []


def test_a_full_disk_ends_the_batch_with_one_line(tmp_path, small_disk):
    """And nothing that is there is half a file; with more space the same command goes on."""
    from stored_parser import store_run

    model, noise = store_run(tmp_path / "run"), np.random.default_rng(0)
    for index in range(3):
        save(tmp_path / "in" / f"{index}.png", noise.integers(0, 256, (400, 400, 3), np.uint8))
    other = small_disk / "other"
    other.write_bytes(bytes(800_000))
    arguments = [tmp_path / "in", f"--output={small_disk}", f"--model={model}"]
    result = run_verb(*arguments)
    last = result.stderr.rstrip().splitlines()[-1]
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert last.startswith(f"error: {small_disk}/") and last.endswith(": No space left on device")
    for path in (*small_disk.glob("preview/*"), *small_disk.glob("labels/*"), *small_disk.glob("overlay/*")):
        assert read_image(path).shape == (400, 400, 3)
    assert not list(small_disk.rglob(".*"))
    other.unlink()
    result = run_verb(*arguments)
    assert result.returncode == 0 and len(names(small_disk / "overlay")) == 3, result.stderr


def test_names_of_255_bytes_and_a_name_twice(tmp_path):
    """Each name is cut only where it would not fit."""
    long = "é" * 125 + "n"
    paths = [save(tmp_path / folder / f"{long}.png") for folder in "ab"]
    assert parse(paths, tmp_path / "out") == 0
    assert names(tmp_path / "out/labels") == sorted([f"{long}.png", "é" * 124 + "-2.png"])


def test_a_photograph_on_which_the_detector_fails_ends_no_batch(tmp_path, capsys):
    class Fragile(Finder):
        def detect(self, image):
            return super().detect(image) or [][0]

    dark, good = (
        save(tmp_path / "a.png", np.zeros((64, 64, 3), np.uint8)),
        save(tmp_path / "b.png", PORTRAIT.repeat(12, 0).repeat(12, 1)),
    )
    landmarks = (template_at(8) + 0.5) * (12, 12) - 0.5
    assert parse([dark, good], tmp_path / "out", detector=Fragile(landmarks)) == 1
    assert f"error: {dark}: IndexError: list index out of range" in capsys.readouterr().err
    assert names(tmp_path / "out/labels") == ["b.png"]


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_several_processes_are_killed_and_go_on(tmp_path):
    """kill -9 of the first process in the middle: the others end by themselves, and the same command does the rest."""
    from small import SIZE
    from stored_parser import random_parser

    from mgpe_tf.export.tflite import convert

    model = tmp_path / "parser.tflite"
    model.write_bytes(convert(random_parser(), SIZE, "float32"))
    for index in range(600):
        save(tmp_path / "in" / f"{index:03}.png", np.roll(PORTRAIT, index, axis=1))
    (tmp_path / "in" / "300.png").write_bytes(b"")
    arguments = [str(tmp_path / "in"), f"--output={tmp_path / 'out'}", f"--model={model}", "--processes=2", "--flip"]
    command = [sys.executable, "-m", "mgpe_tf.parse", *arguments]
    before = kill_in_the_middle(command, tmp_path / "out/parse.jsonl", 1)
    assert before < 599
    result = run_verb(*arguments)
    assert result.returncode == 2 and f"{599 - before} parsed, {before} finished before, 1 bad" in result.stdout
    assert len(lines(tmp_path / "out")) == len(names(tmp_path / "out/labels")) == 599
    parser = FaceParser.load(model).flip_averaged()
    for name in ("000", "599"):
        expected = parser.parse(read_image(tmp_path / "in" / f"{name}.png"))
        np.testing.assert_array_equal(read_label(tmp_path / "out/labels" / f"{name}.png"), expected)


def test_a_model_that_processes_cannot_read(tmp_path):
    save(tmp_path / "a.png")
    (tmp_path / "x.tflite").write_text("hello")
    result = run_verb(
        tmp_path / "a.png", f"--output={tmp_path / 'out'}", f"--model={tmp_path / 'x.tflite'}", "--processes=2"
    )
    assert result.returncode == 2 and "error: " in result.stderr and "no .tflite file of the parser" in result.stderr
    assert "Traceback" not in result.stderr
