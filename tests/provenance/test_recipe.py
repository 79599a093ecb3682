"""Edit recipes as JSON, and hashes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import subprocess

import numpy as np
import pytest

import mgpe_tf
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import fields, hashes, recipe
from mgpe_tf.provenance.recipe import Input, Model, Output, Recipe
from mgpe_tf.storage import hashes as stored

MASK = (np.arange(32 * 32).reshape(32, 32) % 11).astype(np.uint8)
PHOTO = np.zeros((20, 30, 3), np.uint8)
RECIPE = Recipe(
    models=(Model("editor", "demo", "ab" * 32), Model("parser", "parser_float16.tflite", "cd" * 32)),
    inputs=(Input.of("target", "Zoë's face.jpg", b"file", PHOTO),),
    operations=(
        {"op": "take", "component": "hair", "amount": 0.5, "flip": False, "at": [1, 2]},
        {"op": "set_mask", "mask": recipe.mask_to_json(MASK)},
    ),
    seed=2**62,
    output=Output("12" * 32, 30, 20, "PNG"),
    created="2026-05-01T12:30:00Z",
)


def changed(**parts) -> str:
    """The document with some of its fields replaced."""
    return json.dumps({**json.loads(RECIPE.to_json()), **parts})


def test_round_trip():
    document = RECIPE.to_json()
    assert document.isascii() and "\n" not in document
    assert recipe.from_json(document, "r.json") == RECIPE
    assert recipe.from_json(document.encode(), "r.json") == RECIPE
    mask = recipe.from_json(document, "r.json").operations[1]["mask"]
    np.testing.assert_array_equal(recipe.mask_from_json(mask, "mask"), MASK)


def test_document_is_plain_json_with_versions():
    value = json.loads(RECIPE.to_json())
    assert (value["version"], value["mgpe_tf"]) == (1, mgpe_tf.__version__)
    assert value["inputs"] == [
        {
            "role": "target",
            "file": "Zoë's face.jpg",
            "width": 30,
            "height": 20,
            "sha256": hashlib.sha256(b"file").hexdigest(),
        }
    ]
    fresh = Recipe((), (), (), seed=1)
    assert fields.utc_time(fresh.created, "created") == fresh.created


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"version": 2}, "recipe.version: 2; allowed: 1"),
        ({"version": True}, "recipe.version: True"),
        ({"surprise": 1}, "unknown field: 'surprise'; allowed: models, inputs"),
        ({"seed": "7"}, "recipe.seed: '7'; allowed: a whole number"),
        ({"seed": 7.0}, "recipe.seed: 7.0"),
        ({"seed": True}, "recipe.seed: True"),
        ({"seed": -1}, "recipe.seed: -1"),
        ({"seed": 2**63}, "recipe.seed"),
        ({"created": "yesterday"}, "recipe.created: 'yesterday'"),
        ({"created": "2026-13-01T00:00:00Z"}, "recipe.created"),
        ({"created": ["2026"]}, "recipe.created"),
        ({"models": {}}, "recipe.models: {}; allowed: a list of at most 16"),
        ({"models": [None]}, r"recipe.models\[0\]: None; allowed: an object with the fields role"),
        ({"models": [{"role": "editor", "name": "x"}]}, r"models\[0\]: the field sha256 is missing"),
        ({"models": [{"role": "editor", "name": "x", "sha256": "AB" * 32}]}, r"models\[0\].sha256.*lower case"),
        ({"operations": [{}]}, r"operations\[0\]: {}; allowed: an object with \"op\""),
        ({"operations": [{"op": 1}]}, r"operations\[0\].op: 1"),
        ({"operations": [{"op": "take", "../x": 1}]}, r"operations\[0\]: '../x'"),
        ({"operations": [{"op": "take", "n": 2**60}]}, r"operations\[0\].n: 1152921504606846976"),
        ({"operations": [{"op": "take", "text": "\ud800"}]}, r"operations\[0\].text"),
        ({"operations": [{"op": "take"}] * 1001}, "recipe.operations: .*at most 1000"),
        ({"output": None}, "recipe.output: None"),
        ({"output": {"sha256": "0" * 64, "width": 0, "height": 1, "format": "PNG"}}, "output.width: 0"),
        ({"output": {"sha256": "0" * 64, "width": 1, "height": 1, "format": "BMP"}}, "output.format: 'BMP'"),
        ({"mgpe_tf": "1.0\x1b[2J"}, r"recipe.mgpe_tf: '1.0\\x1b\[2J'"),
    ],
)
def test_wrong_fields_are_named(parts, words):
    with pytest.raises(UserError, match=f"r.json: recipe.*{words}|r.json: {words}"):
        recipe.from_json(changed(**parts), "r.json")


@pytest.mark.parametrize(
    "name",
    ["../a.png", "/etc/passwd", "a\\b.png", "C:a.png", "..", ".", "", "a\0.png", "a\u202e.png", "x" * 256, 5, None],
)
def test_file_names_cannot_lead_elsewhere(name):
    with pytest.raises(UserError, match=r"inputs\[0\].file.*without folders"):
        recipe.from_json(changed(inputs=[{**dataclasses.asdict(RECIPE.inputs[0]), "file": name}]), "r.json")


@pytest.mark.parametrize("name", ["../a.png", "Bild 1.jpg", "a\u202eb.png", "", "..", "x" * 300, "名前.png"])
def test_safe_names_are_taken(name):
    assert fields.file_name(fields.safe_name(name), "file") == fields.safe_name(name)
    assert fields.safe_name("Bild 1 名前.jpg") == "Bild 1 名前.jpg"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "not a JSON document"),
        ("[]", "an object with the fields"),
        (b"\xff\xfe", "not a JSON document"),
        ('{"seed": 1, "seed": 2}', "a key is given twice"),
        (changed(seed=math.nan), "NaN is not a number"),
        (changed(operations=[{"op": "take", "x": 0}]).replace('"x": 0', '"x": 1e999'), "operations.0..x: inf"),
        ('{"seed": ' + "9" * 5000 + "}", "not a JSON document|allowed"),
        ("[" * 100_000, "nested too deeply|not a JSON"),
        (changed(operations=[{"op": "take", "x": [[[[[[[[[]]]]]]]]]}]), "less nesting"),
        ('{"operations": ' + "[" * 500 + "]" * 500 + "}", "unknown|missing|allowed"),
        ('["' + "x" * 2**20 + '"]', "1048580 bytes beside masks; allowed: 1048576"),
        (changed(operations=[{"op": "set", "mask": {"mask_png": "A" * (2**22 + 1)}}]), "masks of 4194305 bytes"),
        (changed(operations=[{"op": "set", "mask": {"mask_png": "A" * 2**22}}] * 5), "16777216 in all"),
    ],
)
def test_hostile_documents(document, words):
    with pytest.raises(UserError, match=f"r.json: recipe.*({words})"):
        recipe.from_json(document, "r.json")


def test_large_masks_fit_beside_the_limit_for_json():
    operations = ({"op": "set_mask", "mask": {"mask_png": "A" * 2**21}},)
    assert recipe.from_json(dataclasses.replace(RECIPE, operations=operations).to_json(), "r").operations == operations


@pytest.mark.parametrize(
    "value",
    [None, {}, {"mask_png": 3}, {"mask_png": "AA", "x": 1}, {"mask_png": "%"}, {"mask_png": "é"}, {"mask_png": "QUJD"}],
)
def test_broken_masks(value):
    with pytest.raises(UserError, match=r"operations\[3\].mask"):
        recipe.mask_from_json(value, "operations[3].mask")


@pytest.mark.parametrize("argument", [np.float32(1), {1, 2}, math.nan, b"x"])
def test_writing_refuses_what_reading_would(argument):
    with pytest.raises(UserError, match="recipe"):
        dataclasses.replace(RECIPE, operations=({"op": "take", "x": argument},)).to_json()
    with pytest.raises(UserError, match="models.0..name"):
        dataclasses.replace(RECIPE, models=(Model("editor", "runs/demo", "ab" * 32),)).to_json()
    with pytest.raises(UserError, match="recipe.output"):
        dataclasses.replace(RECIPE, output=None).to_json()


def test_pixel_hash_binds_type_shape_and_every_value():
    array = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    expected = hashlib.sha256(b"uint8 2x4x3\n" + bytes(range(24))).hexdigest()
    assert hashes.sha256_of_pixels(array) == expected
    assert hashes.sha256_of_pixels(np.repeat(array, 2, axis=0)[::2]) == expected, "memory layout does not matter"
    others = [array.reshape(4, 2, 3), array.view(np.int8), array ^ (np.arange(24).reshape(2, 4, 3) == 23)]
    assert len({expected, *map(hashes.sha256_of_pixels, others)}) == 4
    wide = np.arange(4, dtype=np.uint16)
    assert hashes.sha256_of_pixels(wide) == hashes.sha256_of_pixels(wide.astype(">u2"))


def test_file_hashes_are_those_of_sha256sum(tmp_path):
    for name in ("b.bin", "a.bin"):
        (tmp_path / name).write_bytes(name.encode() * 1000)
    listing = subprocess.run(["sha256sum", "a.bin", "b.bin"], cwd=tmp_path, capture_output=True, check=True).stdout
    by_name = {name: stored.sha256_of_file(tmp_path / name) for name in ("b.bin", "a.bin")}
    assert f"{by_name['a.bin']}  a.bin\n{by_name['b.bin']}  b.bin\n" == listing.decode()
    assert stored.sha256_of_files(by_name) == hashlib.sha256(listing).hexdigest()
    with pytest.raises(UserError, match="c.bin: cannot be read"):
        stored.sha256_of_file(tmp_path / "c.bin")
