"""What holds for any values, tried by hypothesis: inverses are inverses, and checks raise nothing but UserError."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import operator
import sys
import typing

import numpy as np
import pytest
from absl import flags
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from ml_collections import config_flags
from processes import TINY
from tiny import tiny_config

from mgpe_tf import cli, labels
from mgpe_tf.config import Config, config_from_dict, config_to_dict, field_names
from mgpe_tf.config_check import check
from mgpe_tf.data import images
from mgpe_tf.data.snapping import snap
from mgpe_tf.errors import UserError
from mgpe_tf.ops import crop, place
from mgpe_tf.provenance import fields
from mgpe_tf.webapp.painting import from_runs, to_runs

settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True)
settings.load_profile("quick")

HELEN = arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 10))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def windows(draw):
    """Sizes of a frame and of a window, and a centre for which the window lies inside of the frame."""
    frame = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    size = tuple(draw(st.integers(1, side)) for side in frame)
    centre = tuple(draw(st.integers(part // 2, side - part + part // 2)) for part, side in zip(size, frame))
    return frame, size, centre


@given(windows())
def test_what_is_placed_inside_the_frame_is_cropped_again(window):
    frame, size, centre = window
    feature = np.random.default_rng(0).normal(size=(1, *size, 2)).astype(np.float32)
    centres = np.array([centre], np.int32)
    placed = place(feature, centres, frame)
    np.testing.assert_array_equal(crop(placed, centres, size), feature)
    assert np.count_nonzero(placed) == feature.size


@given(windows())
def test_what_is_cropped_inside_the_frame_is_put_back(window):
    frame, size, centre = window
    image = np.random.default_rng(0).normal(size=(1, *frame, 2)).astype(np.float32)
    centres = np.array([centre], np.int32)
    restored = np.array(place(crop(image, centres, size), centres, frame))
    top, left = centre[0] - size[0] // 2, centre[1] - size[1] // 2
    inside = np.zeros(frame, bool)
    inside[top : top + size[0], left : left + size[1]] = True
    np.testing.assert_array_equal(restored, np.where(inside[..., None], image, 0))


@given(HELEN)
def test_masks_keep_their_ids(mask):
    """Mirrored twice, in other orders of the same classes, in colours and as a file."""
    np.testing.assert_array_equal(labels.mirrored(labels.mirrored(mask)), mask)
    ordered = labels.order_left_right(mask)
    np.testing.assert_array_equal(labels.order_left_right(ordered), ordered)
    for name in ("helen", "lapa"):
        np.testing.assert_array_equal(labels.to_helen(mask, name), mask)
    np.testing.assert_array_equal(snap(labels.colourise(mask), labels.PALETTE).ids, mask)
    np.testing.assert_array_equal(images.decode_label(images.encode_png(mask), "mask"), mask)


@given(arrays.arrays(np.uint8, (4, 4), elements=st.integers(0, 18)))
def test_the_two_sets_of_nineteen_ids_are_one_in_two_orders(label):
    order = [labels.BISENET_NAMES.index(name) for name in labels.CELEBAMASK_HQ_NAMES]
    assert sorted(order) == list(range(19))
    other = np.array(order)[label]
    np.testing.assert_array_equal(labels.to_helen(other, "bisenet"), labels.to_helen(label, "celebamask_hq"))


@given(arrays.arrays(np.uint8, (8, 8), elements=st.integers(0, 10)))
def test_runs_are_the_mask(mask):
    np.testing.assert_array_equal(from_runs(json.loads(json.dumps(to_runs(mask))), 8), mask)


def leaf_types(kind: type = Config, prefix: str = "") -> dict:
    """The types of the fields of a config that are no parts, by dotted name."""
    found = {}
    for name, inner in typing.get_type_hints(kind).items():
        is_part = dataclasses.is_dataclass(inner)
        found.update(leaf_types(inner, f"{prefix}{name}.") if is_part else {prefix + name: inner})
    return found


def values_of(kind):
    """Any value of a config field's type; no empty list, no comma in a list of names and none of one empty name, which
    the command line cannot write."""
    if kind == tuple[str, ...]:
        names = st.text(st.characters(exclude_characters=",", codec="utf-8"), max_size=8)
        return st.lists(names, min_size=1, max_size=3).filter(lambda found: found != [""]).map(tuple)
    if typing.get_origin(kind) is tuple:
        return st.lists(values_of(typing.get_args(kind)[0]), min_size=1, max_size=3).map(tuple)
    return {
        bool: st.booleans(),
        int: st.integers(-(2**53), 2**53),
        str: st.text(max_size=8),
        float: st.floats(allow_nan=False),
    }[kind]


FIELDS = leaf_types()
CHANGES = st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: values_of(FIELDS[name]) for name in names})
)
"""Values of some fields by dotted name."""


def changed(config: Config, changes: dict) -> Config:
    """The config with other values in these fields."""
    for name, value in changes.items():
        part, _, field = name.rpartition(".")
        setattr(operator.attrgetter(part)(config) if part else config, field, value)
    return config


@given(CHANGES)
def test_a_config_survives_its_file(changes):
    config = changed(Config(), changes)
    assert config_from_dict(json.loads(json.dumps(config_to_dict(config)))) == config


@given(CHANGES)
def test_a_config_survives_its_flags(changes):
    """As "--config.training.steps=7"."""
    texts = {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else str(value) for name, value in changes.items()
    }
    command = ["train", f"--config={TINY}", *(f"--config.{name}={text}" for name, text in texts.items())]
    flag_values = flags.FlagValues()
    holder = config_flags.DEFINE_config_file("config", flag_values=flag_values)
    flag_values["config"].parser = cli._ConfigFileParser(flag_values["config"].parser)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command)  # where the --config flag looks for its overrides
        flag_values(command)
    assert config_from_dict(config_to_dict(holder.value)) == changed(tiny_config(), changes)


@contextlib.contextmanager
def one_line():
    """Nothing but a UserError of one line comes out of the block, and is no failure."""
    try:
        yield
    except UserError as error:
        assert "\n" not in str(error)


@given(JSON)
def test_any_json_as_a_config(value):
    with one_line():
        check(config_from_dict(value))


@given(st.sampled_from(field_names()), JSON)
def test_any_json_as_a_field_of_a_config(name, value):
    for part in reversed(name.split(".")):
        value = {part: value}
    with one_line():
        check(config_from_dict(value))


DTYPES = st.one_of(arrays.scalar_dtypes(), st.just(np.dtype(object)))


@given(
    arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, min_side=0)), st.sampled_from([*labels.LABEL_SETS, "none"])
)
def test_any_array_as_a_label(label, label_set):
    with one_line():
        labels.to_helen(label, label_set, "mask.png")


@given(JSON)
def test_any_json_as_a_mask_of_the_page(value):
    with one_line():
        from_runs(value, 8)


CHECKS = (
    fields.SHA256,
    fields.LABEL,
    fields.NAME,
    fields.file_name,
    fields.utc_time,
    fields.json_value,
    fields.Whole(0, 9),
    fields.several(fields.NAME, 3),
)


@pytest.mark.parametrize("check", CHECKS)
@given(JSON)
def test_any_json_as_a_field_of_a_recipe(check, value):
    with one_line():
        check(value, "recipe.field")


@given(st.text(max_size=300))
def test_any_name_becomes_one_without_folders(name):
    safe = fields.safe_name(name)
    assert fields.file_name(safe, "file") == safe and "/" not in safe and safe not in ("", ".", "..")


@given(st.lists(JSON, max_size=3))
def test_any_json_as_operations(values):
    operations = pytest.importorskip("mgpe_tf.editing.operations")
    with one_line():
        operations.parse([{"op": "take", **value} for value in values if isinstance(value, dict)])
