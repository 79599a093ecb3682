"""The networks give the reference networks' outputs when they hold the reference networks' weights."""

from __future__ import annotations

import json
import pathlib
import zlib

import keras
import numpy as np
import pytest
from keras import ops

from configs.mgpe_256 import get_config
from mgpe_tf.networks import official
from mgpe_tf.networks.discriminator import MultiScaleDiscriminator
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.networks.unet_parser import Parser
from mgpe_tf.ops.one_hot import one_hot_mask

HERE = pathlib.Path(__file__).parent
SHAPES = json.loads((HERE / "official_state_dict_shapes.json").read_text())
TOLERANCE = 1e-3


def official_array(network: str, key: str) -> np.ndarray:
    """The rule by which the reference networks' weights were drawn."""
    shape = SHAPES[network][key]
    rng = np.random.default_rng(zlib.crc32(f"{network}/{key}".encode()))
    if key.endswith("running_mean"):
        value = 0.1 * rng.standard_normal(shape)
    elif key.endswith("running_var"):
        value = rng.uniform(0.5, 1.5, shape)
    elif len(shape) == 1:
        value = (1 if key.endswith("weight") else 0) + 0.1 * rng.standard_normal(shape)
    else:
        value = rng.standard_normal(shape) * np.sqrt(1 / np.prod(shape[1:]))
    return value.astype(np.float32)


def fill(entries, networks: set[str]) -> None:
    """Assigns the random weights and checks that every key of the state dicts is used, none is invented."""
    used = official.assign(list(entries), official_array)
    expected = {(n, k) for n in networks for k in SHAPES[n] if not k.endswith("num_batches_tracked")}
    assert used == expected


def as_input(image: np.ndarray):
    return ops.convert_to_tensor(image[None] / 127.5 - 1, dtype="float32")


@pytest.fixture(scope="module")
def golden():
    arrays = np.load(HERE / "official_forward.npz", allow_pickle=False)
    return arrays, json.loads(str(arrays["strides_json"]))


def check(golden, name: str, value) -> None:
    """Compares one output, subsampled as the golden file is."""
    arrays, strides = golden
    value = ops.convert_to_numpy(value)[0]
    stride = strides[name]
    if stride > 1:
        value = value[::stride, ::stride]
    expected = arrays[f"expected/{name}"]
    assert value.shape == expected.shape, name
    np.testing.assert_allclose(value, expected, atol=TOLERANCE, rtol=0, err_msg=name)


@pytest.fixture(scope="module")
def generator():
    config = get_config()
    model = PortraitGenerator(config.generator, config.data.resolution)
    image, mask = keras.KerasTensor((1, 256, 256, 3)), keras.KerasTensor((1, 256, 256), dtype="int32")
    model(image, mask, image, mask)
    fill(official.generator_entries(model), {n for n in SHAPES if n not in ("P", "D", "D2")})
    return model


def test_component_networks(golden, generator):
    arrays, _ = golden
    crops = generator.crops(as_input(arrays["source_image"]), arrays["source_label"][None].astype("int32"))
    for network in generator.components:
        mean, log_variance = network.encode(crops[network.name])
        feature = network.decode(mean)
        check(golden, f"{network.name}/mean", mean)
        check(golden, f"{network.name}/log_variance", log_variance)
        check(golden, f"{network.name}/feature", feature)
        check(golden, f"{network.name}/reconstruction", network.reconstruct(mean, feature))


def test_generated_image(golden, generator):
    arrays, _ = golden
    source, target = as_input(arrays["source_image"]), as_input(arrays["target_image"])
    source_mask, target_mask = (arrays[f"{k}_label"][None].astype("int32") for k in ("source", "target"))
    features = generator.decode(generator.embed(generator.crops(source, source_mask)))
    maps = [generator.mask_maps(target_mask)[-1], *generator.placed(features, target_mask)]
    check(golden, "mask_feature", maps[0])
    foreground = generator.foreground(maps)
    check(golden, "foreground_feature", foreground)
    outside = ops.cast(target_mask == 0, "float32")[..., None]
    check(golden, "background_feature", generator.background_encoder(target, outside))
    check(golden, "image", generator.fuse(foreground, target, target_mask))
    check(golden, "image", generator.generate(source, source_mask, target, target_mask))


def test_generator_side_parameter_count(generator):
    """12.1M in the official "G" (E_m, G_m, E_b, G_b), and all trainable ones of the component networks."""
    trained = {
        n: sum(int(np.prod(s)) for k, s in keys.items() if "running" not in k and s) for n, keys in SHAPES.items()
    }
    ours = sum(int(np.prod(v.shape)) for v in generator.trainable_variables)
    assert ours == sum(count for n, count in trained.items() if n not in ("P", "D", "D2"))
    assert round(trained["G"] / 1e6, 1) == 12.1


def test_parser(golden):
    arrays, _ = golden
    parser = Parser(tanh=True)
    parser(keras.KerasTensor((1, 256, 256, 3)))
    fill(official.parser_entries(parser), {"P"})
    check(golden, "parser_probs", ops.softmax(parser(as_input(arrays["source_image"]))))


@pytest.mark.parametrize("name", ["D", "D2"])
def test_discriminators(golden, name):
    arrays, _ = golden
    discriminator = MultiScaleDiscriminator(name=name)
    mask = one_hot_mask(arrays["target_label"][None].astype("int32"))
    image = ops.convert_to_tensor(arrays["expected/image"][None])
    discriminator(mask, image)
    fill(official.discriminator_entries(discriminator, name), {name})
    for scale, (feature, score) in enumerate(discriminator(mask, image)):
        check(golden, f"{name}/scale{scale}/feature", feature)
        check(golden, f"{name}/scale{scale}/score", score)


def test_a_wrong_shape_is_named():
    discriminator = MultiScaleDiscriminator(filters=(8, 16, 32, 64), name="D")
    image = ops.zeros((1, 64, 64, 3))
    discriminator(ops.zeros((1, 64, 64, 11)), image)
    entries = list(official.discriminator_entries(discriminator, "D"))
    with pytest.raises(ValueError, match=r"D: scale0_layer0.0.weight has shape \(4, 4, 14, 64\)"):
        official.assign(entries, official_array)
