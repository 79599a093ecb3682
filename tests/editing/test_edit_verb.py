"""python -m mgpe_tf.edit as a user runs it, with small networks with random weights."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import called
import numpy as np
import pytest
from PIL import Image
from small import SIZE, face_mask
from stored_editor import store_editor
from stored_parser import store_run

from mgpe_tf import labels
from mgpe_tf.data.images import decode_frames, read_image, read_label, write_label
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing.files import read_recipe
from mgpe_tf.editing.operations import parse
from mgpe_tf.editing.recipes import Inputs, follow
from mgpe_tf.errors import UserError
from mgpe_tf.provenance.marks import GENERATED, read_marks
from mgpe_tf.provenance.recipe import mask_from_json


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs of an editor and a parser, four synthetic portraits, one of them larger, and the mask of one."""
    path = tmp_path_factory.mktemp("edit")
    store_editor(path / "editor")
    store_run(path / "parser")
    for name, size in (("a", SIZE), ("b", SIZE), ("large", 3 * SIZE), ("c, d", SIZE)):
        image, label = draw_portrait(ord(name[0]), size)
        Image.fromarray(image).save(path / f"{name}.png")
        if name == "b":
            write_label(path / "mask.png", label)
    with called.editors_loaded_once():
        yield path


def run(folder, *arguments):
    return called.run("mgpe_tf.edit", *arguments, cwd=folder)


def run_alone(folder, *arguments):
    """In an interpreter of its own, with what TensorFlow says when it is imported."""
    command = [sys.executable, "-m", "mgpe_tf.edit", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


TWO = ["--target=a.png", "--source=b.png"]
MODELS = ["--model=editor", "--parser=parser", "--aligned"]


def test_an_edit_is_marked_verified_and_made_again(folder):
    result = run_alone(
        folder,
        "transfer",
        "--target=large.png",
        "--source=a.png",
        "--component=hair,mouth",
        "--strength=0.8",
        "--output=out.png",
        *MODELS,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "out.png\n", "")
    picture, target = read_image(folder / "out.png"), read_image(folder / "large.png")
    assert picture.shape == target.shape and 0 < (picture != target).any(-1).mean() < 1
    recipe = read_marks(folder / "out.png").recipe
    assert [operation["op"] for operation in recipe.operations] == ["open", "take", "take", "keep", "carry", "render"]
    third = 1 / 3
    assert recipe.operations[0]["target"]["matrix"] == pytest.approx([third, 0, -third, 0, third, -third])
    assert [(item.role, item.file) for item in recipe.inputs] == [("target", "large.png"), ("source", "a.png")]

    verified = run(folder, "verify", "out.png", "--inputs=a.png,large.png")
    assert verified.returncode == 0 and "the marks agree with all that was checked" in verified.stdout
    changed = picture.copy()
    changed[0, 0, 0] ^= 1
    marked = Image.open(folder / "out.png")
    Image.fromarray(changed).save(folder / "changed.png", pnginfo=_texts(marked))
    assert run(folder, "verify", "changed.png").returncode == 1

    again = run(folder, "replay", "out.png", "--inputs=a.png,large.png", "--output=again.png", *MODELS[:2])
    assert again.returncode == 0 and "bit for bit the picture of the recipe" in again.stdout, again.stderr
    np.testing.assert_array_equal(read_image(folder / "again.png"), picture)


def test_a_haircut_is_colour_and_shape(folder):
    """The shape by --replace; a swap keeps the skin tone, a transfer does not."""
    flags = ["--target=a.png", "--source=b.png", "--replace=hair", *MODELS]
    for verb, tone in (("swap", 1), ("transfer", 0)):
        component = ["--component=hair"] if verb == "transfer" else []
        result = run(folder, verb, *flags, *component, "--keep_detail=0.25", f"--output={verb}_cut.png")
        assert result.returncode == 0, result.stderr
        *_, replaced, taken, kept, _, _ = read_marks(folder / f"{verb}_cut.png").recipe.operations
        assert (replaced["op"], replaced["component"], taken["op"]) == ("replace", "hair", "take")
        assert kept == {"op": "keep", "tone": tone, "detail": 0.25}
    told = run(folder, "swap", *flags, "--keep_tone=0.5", "--output=half.png")
    assert told.returncode == 0 and read_marks(folder / "half.png").recipe.operations[-3]["tone"] == 0.5
    wrong = run(folder, "swap", *flags, "--keep_tone=2", "--output=x.png")
    assert wrong.returncode == 2 and "--keep_tone" in wrong.stderr


def test_a_beard(folder, monkeypatch):
    """By its flag: refused where no chin is parsed, as here; else the recipe names it, and it is made again."""
    flags = ["--target=large.png", "--source=a.png", "--component=beard", "--output=beard.png", *MODELS]
    refused = run(folder, "transfer", *flags)
    assert refused.returncode == 2 and not (folder / "beard.png").exists()
    assert refused.stderr.count("\n") == 1 and "shows no skin about the mouth and the chin" in refused.stderr
    monkeypatch.setattr("mgpe_tf.models.face_parser.FaceParser.masks", lambda parser, image: (face_mask(), None))
    result = run(folder, "transfer", *flags)
    assert result.returncode == 0, result.stderr
    recipe = read_marks(folder / "beard.png").recipe
    assert [operation.get("component") for operation in recipe.operations][:2] == [None, "beard"]
    again = run(folder, "replay", "beard.png", "--inputs=a.png,large.png", "--output=again_beard.png", *MODELS[:2])
    assert again.returncode == 0 and "bit for bit the picture of the recipe" in again.stdout, again.stderr
    wrong = run(folder, "transfer", *TWO, "--component=bread", "--output=x.png", *MODELS)
    assert wrong.returncode == 2 and "did you mean 'beard'?" in wrong.stderr


def _texts(picture):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for name, text in picture.text.items():
        info.add_itxt(name, text)
    return info


def test_a_wholly_generated_picture_says_so(folder):
    result = run(
        folder,
        "generate",
        "--target=a.png",
        "--source=a.png,large.png",
        "--source=c, d.png",
        "--output=variety.jpg",
        *MODELS,
    )
    assert result.returncode == 0, result.stderr
    assert read_image(folder / "variety.jpg").shape == (SIZE, 3 * SIZE, 3)
    assert read_marks(folder / "variety.jpg").digital_source_type == GENERATED
    other_input = run(
        folder, "replay", "variety.jpg", "--inputs=a.png", "--inputs=c, d.png", "--output=x.jpg", *MODELS[:2]
    )
    assert other_input.returncode == 2 and "the input large.png" in other_input.stderr
    other = run(
        folder,
        "replay",
        "variety.jpg",
        "--inputs=a.png",
        "--inputs=c, d.png",
        "--inputs=large.png",
        "--output=x.jpg",
        "--model=editor",
        "--parser=editor",
    )
    assert other.returncode == 2 and other.stderr.count("\n") == 1


def test_sources_that_are_unfit_are_left_out_of_a_variety(folder):
    (folder / "text.png").write_text("no picture")
    sources = [f"--source={name}.png" for name in ("text", "b", "gone", "a")]
    result = run(folder, "generate", "--target=a.png", *sources, "--output=fit.png", *MODELS)
    assert (result.returncode, result.stdout) == (2, "fit.png\n")
    assert [line[:20] for line in result.stderr.splitlines()] == ["left out: text.png: ", "left out: gone.png: "]
    run(folder, "generate", "--target=a.png", "--source=b.png,a.png", "--output=whole.png", *MODELS)
    np.testing.assert_array_equal(read_image(folder / "fit.png"), read_image(folder / "whole.png"))
    again = run(folder, "replay", "fit.png", "--inputs=a.png,b.png", "--output=fit_again.png", *MODELS[:2])
    assert "bit for bit" in again.stdout and again.returncode == 0, again.stderr
    none = run(folder, "generate", "--target=a.png", "--source=gone.png", "--output=none.png", *MODELS)
    assert none.returncode == 2 and none.stderr.startswith("error: gone.png: ") and not (folder / "none.png").exists()


def test_a_photograph_of_several_faces_and_one_of_none(folder):
    """The others are told, by the flag that takes them, unless the user has chosen; sources, too."""
    pytest.importorskip("mtcnn")
    astronaut = pytest.importorskip("skimage.data").astronaut()[:300, 80:380]
    Image.fromarray(np.concatenate([astronaut, astronaut[:, ::-1]], axis=1)).save(folder / "two.png")
    Image.fromarray(np.full((300, 400, 3), 200, np.uint8)).save(folder / "wall.png")
    models = ["--model=editor", "--parser=parser"]
    strip = [
        "interpolate",
        "--target=two.png",
        "--source=two.png",
        "--source_face=1",
        "--steps=2",
        "--output=strip.png",
        *models,
    ]
    told = run(folder, *strip)
    assert told.returncode == 0, told.stderr
    words = r"two.png shows 2 faces; the largest, face (\d) from the left, is taken; for another: --face=(\d)\n"
    taken, other = re.search(f"^note: {words}", told.stderr, re.MULTILINE).groups()
    assert {taken, other} == {"1", "2"} and told.stdout == "strip.png\n"
    silent = run(folder, *strip, f"--face={other}", "--overwrite")
    assert silent.returncode == 0 and "faces" not in silent.stderr, silent.stderr
    source = run(folder, *strip[:3], "--face=1", "--output=source.png", *models)
    assert "--source_face=" in source.stderr and "--face=" not in source.stderr
    wall = run(folder, "crop", "--target=wall.png", "--output=x.png", *models)
    assert wall.returncode == 2 and wall.stderr.count("\n") == 1
    assert wall.stderr.startswith("error: wall.png: no face was found, whichever way up; ")


def test_an_animation_there_and_back(folder):
    result = run(
        folder,
        "interpolate",
        "--target=a.png",
        "--source=b.png",
        "--component=hair",
        "--steps=4",
        "--output=hair.gif",
        *MODELS,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "hair.gif\n", "")
    frames = decode_frames((folder / "hair.gif").read_bytes(), "hair.gif")
    assert frames.shape == (6, SIZE, SIZE, 3)
    frames = frames.astype(int)
    assert np.abs(frames[[1, 2]] - frames[[5, 4]]).mean() < 8 < np.abs(frames[0] - frames[3]).max()
    with Image.open(folder / "hair.gif") as animation:
        assert animation.info["loop"] == 0 and animation.info["duration"] == 400
    assert read_marks(folder / "hair.gif").digital_source_type == GENERATED
    verified = run(folder, "verify", "hair.gif", "--inputs=a.png,b.png")
    assert verified.returncode == 0 and "exactly those that the recipe names" in verified.stdout
    again = run(folder, "replay", "hair.gif", "--inputs=b.png,a.png", "--output=again.gif", *MODELS[:2])
    assert again.returncode == 0 and "bit for bit the picture of the recipe" in again.stdout, again.stderr
    still = run(folder, "replay", "hair.gif", "--inputs=b.png,a.png", "--output=still.png", *MODELS[:2])
    assert still.returncode == 2 and "the recipe makes an animation; allowed: .gif" in still.stderr


def test_a_mask_to_paint_on(folder):
    result = run(folder, "crop", "--target=large.png", "--output=portrait.png", *MODELS)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["portrait.png", "portrait_mask.png", "portrait_preview.png"]
    ids = read_label(folder / "portrait_mask.png")
    assert ids.shape == read_image(folder / "portrait.png").shape[:2] == (SIZE, SIZE)
    np.testing.assert_array_equal(read_label(folder / "portrait_preview.png"), ids)
    (folder / "portrait.png").unlink()
    again = run(folder, "crop", "--target=large.png", "--output=portrait.png", *MODELS)
    assert again.returncode == 2 and "portrait_mask.png is there already" in again.stderr
    given = run(folder, "mask", "--target=large.png", "--mask=portrait_preview.png", "--output=same.png", *MODELS)
    assert given.returncode == 2 and "nothing changed: the mask is the photograph's own" in given.stderr
    assert not (folder / "same.png").exists()


def test_a_mask_of_another_program(folder):
    """As a JPEG in colours and three times as large: the recipe holds what was read, and makes the picture again."""
    mask = read_label(folder / "mask.png")
    large = Image.fromarray(labels.colourise(mask)).resize((3 * SIZE, 3 * SIZE), Image.Resampling.NEAREST)
    large.save(folder / "colours.jpg", quality=75)
    result = run(folder, "mask", "--target=a.png", "--mask=colours.jpg", "--output=by_jpeg.png", *MODELS)
    assert result.returncode == 0, result.stderr
    (step,) = [step for step in read_recipe(folder / "by_jpeg.png").operations if step["op"] == "set_mask"]
    read = mask_from_json(step["mask"], "mask")
    assert (read == mask).mean() > 0.99 and set(np.unique(read)) == set(np.unique(mask))
    again = run(folder, "replay", "by_jpeg.png", "--inputs=a.png", "--output=by_jpeg_again.png", *MODELS[:2])
    assert again.returncode == 0 and "bit for bit" in again.stdout, again.stderr
    Image.new("L", (SIZE, SIZE)).save(folder / "black.png")
    result = run(folder, "mask", "--target=a.png", "--mask=black.png", "--output=none.png", *MODELS)
    assert result.returncode == 2 and "no face, where the photograph has" in result.stderr
    assert result.stderr.count("\n") == 1 and not (folder / "none.png").exists()


def test_a_full_disk_never_cuts_the_photograph_off(folder, small_disk):
    """Edited in place, by whatever word writes."""
    name = "n" * 251 + ".png"  # as long as names can be
    photo, picture = small_disk / "me.png", np.random.default_rng(0).integers(0, 256, (150, 150, 3), np.uint8)
    Image.fromarray(picture).save(photo)
    shutil.copy(photo, small_disk / name)
    before, used = photo.read_bytes(), sum(file.stat().st_size for file in small_disk.iterdir())
    (small_disk / "other").write_bytes(bytes(2**20 - used - 20_000))
    for word in ("crop", "shape"):
        more = [] if word == "crop" else ["--amounts=smile=0.5"]
        for path in (photo, small_disk / name):
            result = run(folder, word, f"--target={path}", f"--output={path}", "--overwrite", *more, *MODELS)
            assert result.returncode == 2 and path.read_bytes() == before
            expected = (
                "File name too long" if (word, path) == ("crop", small_disk / name) else "No space left on device"
            )
            assert result.stderr.startswith(f"error: {small_disk}/") and result.stderr.endswith(f": {expected}\n")
    assert sorted(os.listdir(small_disk)) == ["me.png", name, "other"]
    (small_disk / "other").unlink()
    photo.chmod(0o640)
    for path in (photo, small_disk / name):
        result = run(folder, "shape", f"--target={path}", f"--output={path}", "--overwrite", *more, *MODELS)
        assert result.returncode == 0 and read_marks(path).recipe, result.stderr
    assert photo.stat().st_mode & 0o777 == 0o640 and sorted(os.listdir(small_disk)) == ["me.png", name]


def test_a_painted_mask_without_marks(folder):
    result = run(folder, "mask", "--target=a.png", "--mask=mask.png", "--output=bare.png", "--no_provenance", *MODELS)
    assert result.returncode == 0, result.stderr
    with Image.open(folder / "bare.png") as picture:
        assert read_marks(folder / "bare.png").recipe is None and not picture.info
    assert (read_image(folder / "bare.png") != read_image(folder / "a.png")).any()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "what should be done? allowed: swap"),
        (["sawp"], "unknown word 'sawp': did you mean 'swap'?"),
        (
            ["tranfer"],
            "as in python -m mgpe_tf.edit transfer --target=me.jpg --source=friend.jpg --component=hair,mouth ",
        ),
        (
            ["smile", "--target=a.png"],
            "python -m mgpe_tf.edit shape --target=a.png --amounts=smile=0.6 --output=smile.png",
        ),
        (
            ["swap", "--output=x.png"],
            "--target is missing, as in python -m mgpe_tf.edit swap --target=me.jpg --source=",
        ),
        (
            ["swap", "--target=a.png", "--source=b.png", "--output=x.png", "--amounts=smile=0.5"],
            "--amounts is for edit shape or video; leave it out with edit swap",
        ),
        (["crop", "--target=a.png", "--output=x.png", "--nohair"], "--hair is for edit swap; leave it out"),
        (["verify", "a.png", "--output=x.png"], "leave it out with edit verify"),
        (["swap", "--target=a.png", "--source=no, x.png", "--output=x.png", *MODELS], "no, x.png: cannot be read"),
        (["swap", "--target=a.png", "--output=x.png"], "--source is missing"),
        (
            ["swap", "--target=a.png", "--source=a.png", "--source=b.png", "--output=x.png"],
            "allowed here: one photograph; generate",
        ),
        (["crop", "--target=a.png", "--output=x.jpg"], "written as .png"),
        (["swap", "b.png", "--target=a.png"], "unexpected argument 'b.png'"),
        (
            ["swap", "--target=a.png", "--source=b.png", "--output=x.webp"],
            "x.webp: pictures are written with their marks",
        ),
        (
            ["swap", "--target=a.png", "--source=b.png", "--output=x.gif"],
            "made by interpolate alone; allowed here: .png",
        ),
        (
            [
                "interpolate",
                "--target=a.png",
                "--source=b.png",
                "--output=x.gif",
                "--certificates=c",
                "--private_key=k",
            ],
            "x.gif cannot be signed; allowed: .png, .jpg",
        ),
        (["swap", "--target=a.png", "--source=b.png", "--output=a.png"], "a.png is there already"),
        (["swap", "--target=a.png", "--source=b.png", f"--output={'n' * 252}.png"], "n.png: File name too long"),
        (["swap", "--target=a.png", "--source=b.png", "--output=a.png/b.png"], "a.png/b.png: Not a directory"),
        (["swap", "--target=a.png", "--source=b.png", "--output=no/x.png"], "there is no folder no"),
        (["swap", "--target=gone.png", "--source=b.png", "--output=x.png"], "gone.png: cannot be read"),
        (
            ["swap", "--target=a.png", "--source=b.png", "--output=x.png", "--parser=p", "--model=gone"],
            "gone: there is no such editor",
        ),
        (["transfer", "--target=a.png", "--source=b.png", "--output=x.png"], "--component is missing"),
        (
            ["transfer", "--target=a.png", "--source=b.png", "--component=har", "--output=x.png"],
            "--component: 'har' is unknown: did you mean 'hair'?; allowed: left_eye",
        ),
        (
            ["interpolate", "--target=a.png", "--source=b.png", "--component=har", "--output=x.png"],
            "--component: 'har' is unknown: did you mean 'hair'?; allowed: left_eye",
        ),
        (["shape", "--target=a.png", "--output=x.png"], "shape needs --amounts"),
        (
            ["transfer", "--target=a.png", "--source=b.png", "--component=nose", "--output=x.png"],
            "edit shape --replace=nose --source=FILE; allowed: left_eye",
        ),
        (
            ["shape", "--target=a.png", "--source=b.png", "--replace=hat", "--output=x.png"],
            "error: --replace: 'hat' is unknown; allowed: eyes",
        ),
        (["shape", "--target=a.png", "--dye=blond", "--output=x.png"], "error: --dye: 'blond'; allowed: a colour as #"),
        (["crop", "--target=a.png", "--face=0", "--output=x.png"], "error: --face: '0'; allowed: \"largest\" or a num"),
        (["crop", "--target=a.png", "--output=editor"], "--output=editor is a folder: name a file in it, as editor/"),
        (["crop", "--target=gone.png", "--output=/proc/x.png"], "error: /proc/x.png: "),
        (["shape", "--target=a.png", "--amounts=smlie=1", "--output=x.png"], "error: --amounts: edit 'smlie' is unkno"),
        (["sawp", "--help"], "unknown word 'sawp': did you mean 'swap'?"),
        (["shape", "--target=a.png", "--amounts=smile", "--output=x.png"], "allowed: NAME=AMOUNT"),
        (["shape", "--target=a.png", "--amounts=smile=2", "--output=x.png"], "from -1 to 1"),
        (["mask", "--target=a.png", "--mask=gone.png", "--output=x.png"], "gone.png: there is no such file"),
        (
            ["swap", "--target=a.png", "--source=b.png", "--output=x.png", "--private_key=k"],
            "--certificates is missing",
        ),
        (["video", "--target=a.png", "--output=x.png"], "videos are written as .mp4"),
        (["video", "--target=gone.mp4", "--output=x.mp4"], "video needs --component"),
        (["video", "--target=gone.mp4", "--amounts=smile=1", "--output=x.mp4"], "gone.mp4: there is no such file"),
        (
            ["shape", "--target=a.png", "--amounts=smile=0", "--output=x.png", *MODELS],
            "error: nothing changed: all amounts are 0",
        ),
        (
            [
                "transfer",
                "--target=a.png",
                "--source=b.png",
                "--component=skin",
                "--strength=0",
                "--output=x.png",
                *MODELS,
            ],
            "error: nothing changed: the strength is 0",
        ),
        (["verify"], "verify needs FILE ..."),
        (["replay", "a.png", "b.png", "--output=x.png"], "replay a.png b.png: allowed: one picture"),
        (["verify", "gone.png"], "gone.png: cannot be read"),
        (["replay", "a.png", "--output=x.png"], "a.png: no recipe in it"),
    ],
)
def test_mistakes_are_one_line(arguments, words, folder):
    before = sorted(folder.iterdir())
    result = run(folder, *arguments)
    assert result.returncode == 2 and words in result.stderr
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_help_of_a_word_has_its_flags_alone(folder):
    words = run(folder, "--help")
    assert (words.returncode, words.stderr) == (0, "")
    assert "  crop         The aligned portrait and its mask" in words.stdout
    assert "--target" in words.stdout and "--amounts:" not in words.stdout
    assert run(folder, "-h").stdout == words.stdout
    crop = run(folder, "crop", "-h", "--target=gone.png")
    assert crop.stdout.startswith("python -m mgpe_tf.edit crop --target=me.jpg --output=portrait.png\n")
    assert (crop.returncode, crop.stderr) == (0, "")
    flags = [
        line.split(":")[0].removeprefix("--[no]").lstrip("-") for line in crop.stdout.splitlines() if line[:2] == "--"
    ]
    assert flags == ["output", "target", "aligned", "face", "model", "overwrite", "parser"]


FACE = {"input": 0, "face": "largest", "aligned": True, "matrix": None}


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        ([{"op": "opne"}], "operation 1: 'opne' is unknown: did you mean 'open'"),
        ([{"op": ["open"]}], "operation 1"),
        ([{"op": "open"}], "operation 1 .open.: the field target is missing"),
        ([{"op": "open", "target": {**FACE, "input": "0"}}], "operation 1 .open..target.input"),
        ([{"op": "open", "target": {**FACE, "face": "../etc"}}], "operation 1 .open..target.face"),
        ([{"op": "open", "target": {**FACE, "matrix": [1, 0, 0, 0, 2, 0]}}], "target.matrix: .*of a similarity"),
        ([{"op": "open", "target": {**FACE, "matrix": [0, 0, 0, 0, 0, 0]}}], "target.matrix"),
        ([{"op": "open", "target": {**FACE, "input": 5}}], "operation 1 .open.: input 5 is missing; there are 0"),
        ([{"op": "render", "blend": "feather"}], "operation 1 .render.: nothing is open yet"),
        ([{"op": "take", "component": "hair", "source": FACE, "strength": float("nan")}], "strength"),
        ([{"op": "shape", "amounts": {"smile": True}}], "amounts.smile"),
        ([{"op": "set_mask", "mask": {"mask_png": "AAAA"}}], "mask_png"),
        ([{"op": "variety", "sources": []}], "sources: .*a face or more"),
        ([], "render no picture"),
    ],
)
def test_untrusted_operations(operations, words):
    with pytest.raises(UserError, match=words):
        follow(parse(operations), Inputs(None, {}))
