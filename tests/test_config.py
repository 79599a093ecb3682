"""Configs as plain dictionaries, and the names that are suggested for mistyped ones."""

from __future__ import annotations

import json

import pytest

from mgpe_tf.config import Config, config_from_dict, config_to_dict, did_you_mean, field_names
from mgpe_tf.errors import UserError


def test_a_config_survives_json():
    config = Config(name="x")
    config.generator.mask = (1, 2)
    config.loss.local = 3.5
    config.data.augmentation.flip = 0.25
    assert config_from_dict(json.loads(json.dumps(config_to_dict(config)))) == config


def test_left_out_fields_keep_their_defaults():
    assert config_from_dict({"training": {"steps": 5}}).training.batch_size == Config().training.batch_size


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"training": {"stepz": 3}}, "training.stepz: did you mean 'training.steps'"),
        ({"lss": {}}, "lss: did you mean 'loss'"),
        ({"training": 3}, "training"),
        ({"training": {"steps": "3"}}, "training.steps = '3': expected int"),
        ({"training": {"steps": True}}, "training.steps = True: expected int"),
        ({"training": {"steps": 3.5}}, "training.steps = 3.5: expected int"),
        ({"generator": {"mask": 3}}, "generator.mask = 3"),
        ({"generator": {"mask": [1, "2"]}}, "generator.mask = '2': expected int"),
    ],
)
def test_wrong_fields_and_values_are_named(values, message):
    with pytest.raises(UserError) as error:
        config_from_dict(values)
    assert message in str(error.value)


def test_folders_that_earlier_versions_stored_with_commas_are_read():
    data = config_from_dict({"data": {"path": "a/train,b,c", "validation_path": "", "label_set": "helen"}}).data
    assert (data.path, data.validation_path, data.label_set) == (("a/train", "b", "c"), (), ("helen",))
    with pytest.raises(UserError, match="data.path = 3: expected str"):
        config_from_dict({"data": {"path": ["a", 3]}})


def test_whole_numbers_become_floats():
    assert type(config_from_dict({"loss": {"local": 2}}).loss.local) is float


def test_nothing_is_suggested_for_a_strange_name():
    assert did_you_mean("qqqq", field_names()) == ""
