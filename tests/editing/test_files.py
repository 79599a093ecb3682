"""Edits from files to a file: what of the photograph's file is kept."""

from __future__ import annotations

import dataclasses
import io
import sys
from pathlib import Path

import editors
import numpy as np
import pytest
from astronaut import LANDMARKS
from PIL import Image
from profiles import gray_profile, matrix_profile
from red_parser import by_red, picture
from small import SIZE

from mgpe_tf import labels
from mgpe_tf.data import profiles
from mgpe_tf.data.alignment import align
from mgpe_tf.data.images import decode_picture
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.editing import files
from mgpe_tf.editing.operations import FaceOf, Open, Operation, Render, Shape, Take, parse, with_faces
from mgpe_tf.editing.photograph import Photograph
from mgpe_tf.editing.pixels.paste import BLENDS
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.errors import UserError
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.provenance.encoding import decode_pixels
from mgpe_tf.provenance.hashes import sha256_of_pixels
from mgpe_tf.provenance.recipe import Model

sys.path.insert(0, str(Path(__file__).parents[1] / "webapp"))
from drawn_studio import drawn_editor

IMAGE, OTHER = 40 + draw_portrait(1, SIZE)[0] // 2, 40 + draw_portrait(2, SIZE)[0] // 2
ALPHA = np.clip(np.hypot(*(np.indices((SIZE, SIZE)) - SIZE / 2)) * -16 + 540, 0, 255).astype(np.uint8)[..., None]
MODELS = [Model(role, "drawn", "0" * 64) for role in ("editor", "parser")]
P3, GRAY = matrix_profile("p3"), gray_profile(1.8)


@pytest.fixture(scope="module")
def editor():
    return drawn_editor()


def photograph(path: Path, pixels: np.ndarray, **options) -> Photograph:
    """A file with these pixels."""
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(path, **options)
    return Photograph.read(path, "target")


def swapped(blend: str = "feather", component: str = "all") -> list[Operation]:
    """The operations of a swap."""
    target, source = (FaceOf(i, "1", aligned=True) for i in (0, 1))
    return [Open(target), Take(component, source), Render(blend)]


def test_why_a_whole_photograph_that_is_called_aligned_stays_as_it_is(editor, tmp_path):
    reading = PortraitEditor(editor.networks, FaceParser(by_red, SIZE))
    photos = [photograph(tmp_path / "skin.png", picture(np.full((SIZE, SIZE), labels.SKIN)))]
    steps = [Open(FaceOf(0, aligned=True)), Shape({"smile": 0.5}), Render()]
    with pytest.raises(UserError, match="nothing changed: smile: the photograph shows no mouth; with --aligned the fa"):
        files.make(reading, MODELS, photos, steps, "PNG", notices=[])


@pytest.mark.parametrize("blend", BLENDS)
@pytest.mark.parametrize(
    ("pixels", "profile"),
    [
        (IMAGE[..., :1], None),
        (IMAGE[..., :1], GRAY),
        (np.dstack([IMAGE[..., :1], ALPHA]), None),
        (np.dstack([IMAGE, ALPHA]), None),
        (np.dstack([IMAGE, ALPHA]), P3),
        (IMAGE, P3),
    ],
)
def test_mode_alpha_profile_and_all_that_is_not_edited_stay(editor, tmp_path, pixels, profile, blend):
    target = photograph(tmp_path / "a.png", pixels, icc_profile=profile)
    source = photograph(tmp_path / "b.png", OTHER)
    made = files.make(editor, MODELS, [target, source], swapped(blend, "mouth"), "PNG")
    with Image.open(io.BytesIO(made.data)) as picture:
        assert picture.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[pixels.shape[-1]]
        assert picture.info.get("icc_profile") == profile
    found = decode_pixels(made.data, "a")
    assert made.recipe.output.sha256 == sha256_of_pixels(found)
    changed = (found != pixels).any(axis=-1)
    assert 0 < changed.mean() < 0.95  # the parser's weights are random: it sees mouths everywhere
    if pixels.shape[-1] in (2, 4):
        np.testing.assert_array_equal(found[..., -1:], ALPHA)
        assert not changed[ALPHA[..., 0] == 0].any() and (ALPHA == 0).any()
    again = files.make(editor, MODELS, [target, source], parse(made.recipe.operations), "PNG")
    assert again.recipe.output == made.recipe.output


@pytest.mark.parametrize("role", ["target", "source"])
def test_one_picture_in_several_colour_spaces_gives_one_edit(tmp_path, role):
    """A swap by the editor that comes with the package, of the astronaut and her in another light."""
    image = pytest.importorskip("skimage.data").astronaut()[:256, 96:352]
    image = 40 + image // 2  # inside of all of the spaces
    matrix = align(LANDMARKS - (96, 0), image.shape[:2]).matrix.ravel().tolist()
    operations = [with_faces(one, lambda face: dataclasses.replace(face, matrix=tuple(matrix))) for one in swapped()]
    pictures = {"target": image, "source": np.round(image * (1, 0.8, 0.6)).astype(np.uint8)}
    loaded, results = editors.shipped(), {}
    for name in (None, "p3", "adobe", "prophoto"):
        photos = {each: photograph(tmp_path / f"{each}.png", pixels) for each, pixels in pictures.items()}
        if name:
            profile = matrix_profile(name)
            pixels = profiles.from_srgb(pictures[role], profile, "RGB")
            photos[role] = photograph(tmp_path / f"{name}.png", pixels, icc_profile=profile)
        made = files.make(loaded, MODELS, [photos["target"], photos["source"]], operations, "PNG")
        results[name] = decode_picture(made.data, "a").image.astype(int)
    edited = (results[None] != image).any(axis=-1)
    for name in ("p3", "adobe", "prophoto"):
        assert np.abs(results[name] - results[None])[edited].mean() < 3


def test_a_transparent_photograph_is_no_jpeg(editor, tmp_path):
    source = photograph(tmp_path / "b.png", OTHER)
    cut_out = photograph(tmp_path / "a.png", np.dstack([IMAGE, ALPHA]))
    with pytest.raises(UserError, match="a.png is transparent, which a JPEG cannot be; allowed for the output: .png"):
        files.make(editor, MODELS, [cut_out, source], swapped(), "JPEG")
    opaque = photograph(tmp_path / "o.png", np.dstack([IMAGE, np.full_like(ALPHA, 255)]))
    made = files.make(editor, MODELS, [opaque, source], swapped(), "JPEG")
    assert decode_pixels(made.data, "o").shape == (SIZE, SIZE, 3)


def test_an_edited_gray_jpeg_is_gray(editor, tmp_path):
    target = photograph(tmp_path / "a.jpg", IMAGE[..., :1], icc_profile=GRAY)
    made = files.make(editor, MODELS, [target, photograph(tmp_path / "b.png", OTHER)], swapped(), "JPEG")
    picture = decode_picture(made.data, "a")
    assert picture.pixels.shape == (SIZE, SIZE, 1) and picture.profile == GRAY
    assert np.ptp(picture.image, axis=-1).max() <= 1


def test_a_recipe_without_operations_is_refused(editor, tmp_path):
    with pytest.raises(UserError, match="render no picture"):
        files.make(editor, MODELS, [photograph(tmp_path / "a.png", IMAGE)], [], "PNG")
