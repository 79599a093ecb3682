"""The steps of pix2pixHD and BicycleGAN: terms by hand, and who learns of what."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import portraits, randomised, small_config

from mgpe_tf.errors import UserError
from mgpe_tf.objectives.bicyclegan import BicycleGANObjective, held_fixed
from mgpe_tf.objectives.editor import EditorObjective, prepared
from mgpe_tf.objectives.pix2pixhd import Pix2PixHDObjective
from mgpe_tf.objectives.tasks import BASELINES, OBJECTIVES, objective_of
from mgpe_tf.ops import one_hot_mask

tf = pytest.importorskip("tensorflow")

WEIGHTS = dict(
    global_=3.0,
    adversarial=0.7,
    feature_matching=5.0,
    kl=0.2,
    latent=0.4,
    gan="least_squares",
    norm="l1",
    label_enlargement=1.2,
)
NOISE = np.random.default_rng(1).normal(size=(2, 2, 3)).astype(np.float32)
BATCH = {**portraits(), "noise": NOISE}
READY = prepared(BATCH, 1.2)


def made(objective, **weights):
    built = objective(small_config(**{**WEIGHTS, **weights}))
    for seed, network in enumerate(built.networks.values()):
        randomised(network, seed)
    return built


@pytest.fixture(scope="module")
def pix2pixhd():
    return made(Pix2PixHDObjective)


@pytest.fixture(scope="module")
def bicyclegan():
    return made(BicycleGANObjective)


def numpy_of(tree):
    return [ops.convert_to_numpy(x).astype(np.float64) for x in tree]


def scores(objective, name, image):
    """The scores of a discriminator by scale."""
    return numpy_of(s for _, s in objective.networks[name](one_hot_mask(READY["condition"]), image, training=True))


def test_terms_of_pix2pixhd(pix2pixhd):
    totals, terms = pix2pixhd.losses("paired", BATCH)
    image = pix2pixhd.networks["generator"](READY["condition"], training=True)
    discriminator, condition = pix2pixhd.networks["D"], one_hot_mask(READY["condition"])
    real, fake = (discriminator.maps(condition, x, training=True) for x in (READY["target_image"], image))
    assert [len(maps) for maps in real] == [4, 4]  # of three stages and the scores, at two scales
    pairs = [(numpy_of(r[:-1]), numpy_of(f[:-1])) for r, f in zip(real, fake)]
    matching = sum(np.abs(a - b).mean() for r, f in pairs for a, b in zip(r, f))
    judged_real, judged_fake = scores(pix2pixhd, "D", READY["target_image"]), scores(pix2pixhd, "D", image)
    expected = {
        "L_GAN": sum(np.mean((s - 1) ** 2) / 2 for s in judged_fake),
        "L_FM": matching,
        "L_global": np.abs(numpy_of([image])[0] - READY["target_image"]).mean(),
        **{
            f"L_D{i}": np.mean((r - 1) ** 2) / 2 + np.mean(f**2) / 2
            for i, (r, f) in enumerate(zip(judged_real, judged_fake), start=1)
        },
    }
    expected["L_G"] = 0.7 * (expected["L_GAN"] + 5 * matching) + 3 * expected["L_global"]
    assert {name: float(value) for name, value in terms.items()} == pytest.approx(expected, rel=1e-4)
    assert float(totals["generator"]) == float(terms["L_G"])
    assert float(totals["D"]) == pytest.approx(expected["L_D1"] + expected["L_D2"], rel=1e-4)


def test_terms_of_pix2pixhd_without_weight_are_left_out():
    _, terms = made(Pix2PixHDObjective, feature_matching=0.0, global_=0.0).losses("paired", BATCH)
    assert set(terms) == {"L_GAN", "L_D1", "L_D2", "L_G"}
    assert float(terms["L_G"]) == pytest.approx(0.7 * float(terms["L_GAN"]))


def test_terms_of_bicyclegan(bicyclegan):
    totals, terms = bicyclegan.losses("paired", BATCH)
    generator = bicyclegan.networks["generator"]
    encoded = generator(READY["condition"], READY["target_image"], NOISE[:, 0], training=True)
    drawn = generator.draw(READY["condition"], NOISE[:, 1], training=True)
    mean, log_variance = numpy_of([encoded["mean"], encoded["log_variance"]])
    found = numpy_of(generator.encoder(drawn, training=True))[0]
    expected = {
        "L_1_VAE": np.abs(numpy_of([encoded["image"]])[0] - READY["target_image"]).mean(),
        "L_KL": np.mean(np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance, axis=1)) / 2,
        "L_1_latent": np.abs(found - NOISE[:, 1]).mean(),
    }
    for name, symbol, image in (("D", "VAE", encoded["image"]), ("D2", "LR", drawn)):
        real, fake = scores(bicyclegan, name, READY["target_image"]), scores(bicyclegan, name, image)
        expected[f"L_GAN_{symbol}"] = sum(np.mean((s - 1) ** 2) / 2 for s in fake)
        expected[f"L_D_{symbol}"] = sum(np.mean((r - 1) ** 2) / 2 + np.mean(f**2) / 2 for r, f in zip(real, fake))
        assert float(totals[name]) == pytest.approx(expected[f"L_D_{symbol}"], rel=1e-4)
    expected["L_G"] = (
        0.7 * (expected["L_GAN_VAE"] + expected["L_GAN_LR"])
        + 3 * expected["L_1_VAE"]
        + 0.4 * expected["L_1_latent"]
        + 0.2 * expected["L_KL"]
    )
    assert {name: float(value) for name, value in terms.items()} == pytest.approx(expected, rel=1e-4)
    assert float(totals["generator"]) == float(terms["L_G"])


def test_the_encoder_learns_nothing_of_codes_found_again(bicyclegan):
    """But G does, and E of all the rest."""
    generator = bicyclegan.networks["generator"]
    with tf.GradientTape(persistent=True) as tape:
        totals, terms = bicyclegan.losses("paired", BATCH)
    for total, learns in ((terms["L_1_latent"], False), (totals["generator"], True)):
        gradients = tape.gradient(total, generator.encoder.trainable_variables)
        assert any(g is not None and np.abs(g).max() > 0 for g in gradients) == learns
    heads = tape.gradient(terms["L_1_latent"], generator.head.trainable_variables)
    assert all(np.abs(g).max() > 0 for g in heads)


def test_an_encoder_that_is_held_fixed_keeps_its_statistics(bicyclegan):
    encoder = bicyclegan.networks["generator"].encoder
    before = [v.numpy() for v in encoder.variables]
    fixed = held_fixed(encoder, READY["target_image"])
    assert all(np.array_equal(v.numpy(), old) for v, old in zip(encoder.variables, before))
    np.testing.assert_allclose(fixed[0], encoder(READY["target_image"], training=True)[0], rtol=1e-5)
    assert not all(np.array_equal(v.numpy(), old) for v, old in zip(encoder.variables, before))


@pytest.mark.parametrize("task", BASELINES)
def test_what_the_loop_asks_of_a_baseline(task):
    objective = made(objective_of(task))
    totals, _ = objective.losses("paired", BATCH)
    assert objective.updates("paired") == tuple(objective.networks) == tuple(totals)
    assert objective.kinds == ("paired",) and objective.noise == {"pix2pixhd": (), "bicyclegan": (2, 3)}[task]
    product = objective.networks[objective.product]
    found = objective.scores(objective.validation(product, BATCH))
    image = numpy_of([product.generate(READY["target_image"], None, None, READY["condition"])])[0]
    error = np.mean((image - READY["target_image"]) ** 2, axis=-1)
    foreground = [10 * np.log10(4 / e[m > 0].mean()) for e, m in zip(error, BATCH["target_mask"])]
    assert found == pytest.approx(
        {
            "L_global": np.abs(image - READY["target_image"]).mean(),
            "psnr_foreground": np.mean(foreground),
            "psnr": np.mean(10 * np.log10(4 / error.mean((1, 2)))),
        },
        rel=1e-4,
    )
    pictures = objective.pictures(product, BATCH)
    assert list(pictures) == ["x_t", "m_t", "reconstruction", "x_s", "x_s on m_t"]
    swapped = np.abs(pictures["reconstruction"] - pictures["x_s on m_t"]).max()
    assert swapped > 0.01 if task == "bicyclegan" else swapped == 0


@pytest.mark.parametrize(("task", "size", "multiple"), [("pix2pixhd", 66, 4), ("bicyclegan", 68, 16)])
def test_sizes_that_do_not_fit_are_named(task, size, multiple):
    config = small_config(task=task)
    config.data.resolution, config.baseline.encoder = size, (4, 4, 4, 4)
    with pytest.raises(UserError, match=rf"data.resolution is {size}: baseline.filters .* a multiple of {multiple}"):
        objective_of(task).build(config)


def test_the_table_of_tasks():
    assert BASELINES == ("pix2pixhd", "bicyclegan")
    readers = [task for task in OBJECTIVES if objective_of(task).reads(small_config(task=task))]
    assert readers == ["editor", "inner_mouth", "completion"]
    assert objective_of("editor") is EditorObjective
    with pytest.raises(UserError, match="task is 'pix2pix'; allowed: editor, .*: did you mean 'pix2pixhd'"):
        objective_of("pix2pix")
