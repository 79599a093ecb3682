"""The editor's steps: which terms, which networks, which masks; its validation."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import SIZE, face_mask, paper_like, portraits, randomised, small_config

from mgpe_tf import labels, losses
from mgpe_tf.objectives.editor import EditorObjective, agreement, prepared, weight_of
from mgpe_tf.objectives.parser import build_parser
from mgpe_tf.ops import enlarge_labels, one_hot_mask

tf = pytest.importorskip("tensorflow")

WEIGHTS = {"local": 3.0, "global_": 5.0, "adversarial": 0.7, "feature_matching": 11.0, "parsing": 0.3}
BATCH = {**portraits(), "noise": np.random.default_rng(1).normal(size=(2, 5, 8)).astype(np.float32)}


@pytest.fixture(scope="module")
def objective():
    return EditorObjective(small_config(paper_like(), **WEIGHTS), randomised(build_parser(small_config(task="parser"))))


@pytest.fixture(scope="module")
def steps(objective):
    """By kind of step: (totals, terms, gradients of the generator's total, of the discriminator's), and the weights
    that the forward pass moved (moving statistics)."""
    results = {}
    for kind in ("paired", "unpaired"):
        networks = {**objective.networks, "parser": objective.parser}
        before = {name: [v.numpy() for v in network.variables] for name, network in networks.items()}
        with tf.GradientTape(persistent=True) as tape:
            totals, terms = objective.losses(kind, BATCH)
        gradients = {
            name: dict(
                zip(
                    [v.path for v in networks[name].trainable_variables],
                    tape.gradient(totals[name], networks[name].trainable_variables),
                )
            )
            for name in totals
        }
        moved = {
            name: {v.path for v, old in zip(network.variables, before[name]) if not np.array_equal(v.numpy(), old)}
            for name, network in networks.items()
        }
        results[kind] = totals, {name: float(value) for name, value in terms.items()}, gradients, moved
    return results


ALWAYS = {"L_local", "L_sigmoid", "L_GP", "L_GD", "L_G", "L_D1", "L_D2"}


def test_only_paired_steps_compare_with_the_original(steps):
    assert set(steps["paired"][1]) == ALWAYS | {"L_global", "L_FM"}
    assert set(steps["unpaired"][1]) == ALWAYS
    assert all(np.isfinite(value) for kind in steps for value in steps[kind][1].values())


@pytest.mark.parametrize("kind", ["paired", "unpaired"])
def test_totals_are_the_weighted_sums(steps, kind):
    totals, terms, *_ = steps[kind]
    of_gd = terms["L_sigmoid"] + WEIGHTS["feature_matching"] * terms.get("L_FM", 0)
    of_g = (
        WEIGHTS["local"] * terms["L_local"]
        + WEIGHTS["global_"] * terms.get("L_global", 0)
        + WEIGHTS["adversarial"] * of_gd
        + WEIGHTS["parsing"] * terms["L_GP"]
    )
    assert terms["L_GD"] == pytest.approx(of_gd, rel=1e-5)
    assert terms["L_G"] == pytest.approx(of_g, rel=1e-5) == float(totals["generator"])
    assert float(totals["D" if kind == "paired" else "D2"]) == pytest.approx(terms["L_D1"] + terms["L_D2"], rel=1e-5)


@pytest.mark.parametrize(("kind", "discriminator"), [("paired", "D"), ("unpaired", "D2")])
def test_a_step_moves_its_own_networks_alone(objective, steps, kind, discriminator):
    totals, _, _, moved = steps[kind]
    assert objective.updates(kind) == ("generator", discriminator) == tuple(totals)
    assert all("/norm/moving_" in path for paths in moved.values() for path in paths)
    assert {name for name, paths in moved.items() if paths} == {"generator", discriminator}


def test_the_parser_is_frozen(objective):
    """What a step moves is tested above; here, that no optimiser will get its variables."""
    assert objective.parser.trainable_variables == []
    assert objective.parser not in objective.networks.values()


def normalised_biases(network) -> set[str]:
    """Biases that batch normalisation subtracts again: their gradient is zero up to rounding."""
    paths = {v.path for v in network.variables}
    return {p for p in paths if p.endswith("conv/bias") and p.replace("conv/bias", "norm/gamma") in paths}


@pytest.mark.parametrize("kind", ["paired", "unpaired"])
def test_every_weight_learns(objective, steps, kind):
    for name, gradients in steps[kind][2].items():
        idle = {p for p, g in gradients.items() if g is None or not np.abs(g).max() > 0}
        assert idle - normalised_biases(objective.networks[name]) == set()
        assert all(np.isfinite(g).all() for g in gradients.values())


def test_labels_are_enlarged_for_the_condition_but_not_for_crops_and_parsing(objective, monkeypatch):
    calls = {}

    def recorded(name, network):
        def call(*args, **options):
            calls.setdefault(name, []).append([ops.convert_to_numpy(a) for a in args if not isinstance(a, dict)])
            return network(*args, **options)

        return call

    generator = objective.networks["generator"]
    for name in ("auto_encode", "render"):
        monkeypatch.setattr(generator, name, recorded(name, getattr(generator, name)))
    others = {name: recorded(name, network) for name, network in objective.networks.items() if network is not generator}
    monkeypatch.setattr(objective, "networks", {"generator": generator, **others})
    enlarged = ops.convert_to_numpy(enlarge_labels(BATCH["target_mask"], 1.1))
    assert (enlarged != BATCH["target_mask"]).any()
    as_float = {k: BATCH[k] / np.float32(127.5) - 1 for k in ("source_image", "target_image")}
    for kind in ("paired", "unpaired"):
        calls.clear()
        objective.losses(kind, BATCH)
        ((x_s, m_s),), ((x_t, m_t),) = calls["auto_encode"], calls["render"]
        np.testing.assert_allclose(x_s, as_float["source_image"], atol=1e-6)
        np.testing.assert_array_equal(m_s, BATCH["source_mask"])
        np.testing.assert_allclose(x_t, as_float["target_image"], atol=1e-6)
        np.testing.assert_array_equal(m_t, enlarged)
        real, fake = calls[objective.updates(kind)[1]]
        np.testing.assert_allclose(real[1], x_t)
        assert not np.allclose(fake[1], x_t)
        for condition in (real[0], fake[0]):
            np.testing.assert_array_equal(condition, ops.convert_to_numpy(one_hot_mask(enlarged)))


def test_without_unpaired_steps_there_is_one_discriminator():
    config = small_config(paper_like())
    config.training.unpaired = False
    objective = EditorObjective(config, build_parser(small_config(task="parser")))
    assert list(objective.networks) == ["generator", "D"] and objective.kinds == ("paired",)


def test_without_an_adversary_there_is_the_generator_alone():
    parser = randomised(build_parser(small_config(task="parser")))
    changed = {**WEIGHTS, "adversarial": 0.0, "perceptual": 2.0, "structure": 3.0}
    objective = EditorObjective(small_config(paper_like(), **changed), parser)
    assert list(objective.networks) == ["generator"]
    for kind, expected in (
        ("paired", {"L_local", "L_global", "L_GP", "L_perc", "L_SSIM", "L_G"}),
        ("unpaired", {"L_local", "L_GP", "L_G"}),
    ):
        totals, terms = objective.losses(kind, BATCH)
        assert objective.updates(kind) == ("generator",) == tuple(totals)
        assert set(terms) == expected
    weighted = WEIGHTS["local"] * terms["L_local"] + WEIGHTS["parsing"] * terms["L_GP"]
    assert float(terms["L_G"]) == pytest.approx(float(weighted), rel=1e-5)


def test_with_the_local_loss_alone_no_portrait_is_drawn():
    nothing = dict.fromkeys(("global_", "adversarial", "parsing"), 0.0)
    config = small_config(paper_like(), **{**WEIGHTS, **nothing})
    alone = EditorObjective(config, build_parser(small_config(task="parser")))
    generator = alone.networks["generator"]
    with tf.GradientTape() as tape:
        totals, terms = alone.losses("paired", BATCH)
    assert set(terms) == {"L_local", "L_G"} and float(totals["generator"]) == pytest.approx(3 * float(terms["L_local"]))
    gradients = tape.gradient(totals["generator"], generator.trainable_variables)
    learning = {v.path.split("/")[1] for v, g in zip(generator.trainable_variables, gradients) if g is not None}
    parts = {network.name for network in (*generator.encoders, *generator.image_decoders)}
    assert parts <= learning <= parts | {network.name for network in generator.feature_decoders}


def test_without_parsing_a_step_does_not_read_pictures(monkeypatch):
    objective = EditorObjective(small_config(paper_like(), parsing=0.0), build_parser(small_config(task="parser")))
    monkeypatch.setattr(objective, "parser", None)
    for kind in ("paired", "unpaired"):
        assert "L_GP" not in objective.losses(kind, BATCH)[1]


def test_without_feature_matching_features_are_not_compared():
    config = small_config(paper_like(), feature_matching=0.0)
    objective = EditorObjective(config, build_parser(small_config(task="parser")))
    _, terms = objective.losses("paired", BATCH)
    assert "L_FM" not in terms and float(terms["L_GD"]) == float(terms["L_sigmoid"])


def test_the_mean_in_place_of_a_sampled_embedding_needs_no_noise():
    objective = EditorObjective(small_config(paper_like(variational=False)), build_parser(small_config(task="parser")))
    assert objective.noise == () and not [
        v.path for v in objective.networks["generator"].weights if "log_variance" in v.path
    ]
    without = {name: value for name, value in BATCH.items() if name != "noise"}
    assert np.isfinite(float(objective.losses("unpaired", without)[1]["L_G"]))


def test_the_perceptual_term_compares_maps_of_the_parser_and_the_structure_pictures():
    parser = randomised(build_parser(small_config(task="parser")))
    weights = {"perceptual": 2.0, "structure": 3.0, "face_weight": 2.0, "adversarial": 0.0}
    objective = EditorObjective(small_config(paper_like(), **weights), parser)
    batch = prepared(BATCH, 1.1)
    image = objective.networks["generator"](
        *[batch[k] for k in ("source_image", "source_mask", "target_image", "condition")],
        noise=batch["noise"],
        training=True,
    )["image"]
    maps = [[ops.convert_to_numpy(m) for m in parser.encode(x)] for x in (batch["target_image"], image)]
    expected = np.mean([np.abs(f - r).mean() / np.abs(r).mean() for r, f in zip(*maps)])
    _, terms = objective.losses("paired", BATCH)
    assert float(terms["L_perc"]) == pytest.approx(expected, rel=1e-3)
    weight = np.where(np.isin(BATCH["target_mask"], labels.FACE), 3.0, 1.0)[..., None]
    structure = float(losses.structure_loss(image, batch["target_image"], weight))
    assert float(terms["L_SSIM"]) == pytest.approx(structure, rel=1e-3)
    plain = sum(
        getattr(objective.config, field) * float(terms[name])
        for field, name in (("local", "L_local"), ("global_", "L_global"), ("parsing", "L_GP"))
    )
    assert float(terms["L_G"]) == pytest.approx(
        plain + 2 * float(terms["L_perc"]) + 3 * float(terms["L_SSIM"]), rel=1e-5
    )


def test_classes_that_count_more():
    plain, detailed = (labels.BACKGROUND, labels.SKIN, labels.HAIR), (labels.NOSE, labels.LEFT_BROW, labels.INNER_MOUTH)
    mask = np.array([[plain, detailed]])
    np.testing.assert_allclose(weight_of(labels.FEATURES, mask, 4.0)[..., 0], [[[1, 1, 1], [5, 5, 5]]])
    np.testing.assert_allclose(weight_of(labels.FACE, mask, 0.5)[..., 0], [[[1, 1.5, 1], [1.5, 1.5, 1.5]]])
    assert weight_of(labels.FACE, mask, 0.0) is None


def test_prepared_batch():
    batch = prepared(BATCH, 1.0)
    assert {k: str(ops.dtype(v)) for k, v in batch.items()} == {
        "target_image": "float32",
        "source_image": "float32",
        "target_mask": "int32",
        "source_mask": "int32",
        "condition": "int32",
        "noise": "float32",
    }
    np.testing.assert_array_equal(batch["condition"], BATCH["target_mask"])


def test_agreement_counts_the_foreground():
    mask = np.array([[[0, 1, 2, 10]]], np.int32)
    reading = 10 * np.eye(11)[np.array([[[1, 1, 2, 0]]])]
    assert float(agreement(mask, reading)) == pytest.approx(2 / 3)
    assert float(agreement(np.zeros_like(mask), reading)) == 0


def test_validation_of_a_known_case(objective, monkeypatch):
    mask = BATCH["target_mask"]
    reading = np.where(mask == labels.HAIR, labels.SKIN, mask)
    monkeypatch.setattr(objective, "parser", lambda image: 100 * np.eye(11, dtype=np.float32)[reading])
    product = objective.networks["generator"]
    scores = objective.scores(objective.validation(product, BATCH))
    target = BATCH["target_image"] / np.float32(127.5) - 1
    condition = ops.convert_to_numpy(enlarge_labels(mask.astype(np.int32), 1.1))
    image = ops.convert_to_numpy(product.generate(target, mask, target, condition))
    error = np.mean((image - target) ** 2, axis=-1)
    hair = np.mean(mask == labels.HAIR)
    expected = {
        "L_global": np.mean((image - target) ** 2) / 2,
        "psnr": np.mean(10 * np.log10(4 / error.mean((1, 2)))),
        "psnr_foreground": np.mean([10 * np.log10(4 / e[m > 0].mean()) for e, m in zip(error, mask)]),
        "L_GP": 100 * hair,
        "L_GP_swap": 100 * hair,
        "consistency": 1 - hair / np.mean(mask > 0),
        "consistency_swap": 1 - hair / np.mean(mask > 0),
    }
    crops = product(target, mask, target, condition)
    expected["L_local"] = losses.local_loss(crops["crops"], crops["reconstructions"], objective.config)
    assert set(scores) == set(expected)
    for name, value in expected.items():
        assert scores[name] == pytest.approx(float(value), rel=1e-4), name


def test_pictures_are_the_columns_of_a_grid(objective):
    pictures = objective.pictures(objective.networks["generator"], BATCH)
    assert list(pictures) == ["x_t", "m_t", "reconstruction", "x_s", "x_s on m_t"]
    assert {tuple(v.shape[:3]) for v in pictures.values()} == {(2, SIZE, SIZE)}
    assert np.abs(pictures["reconstruction"] - pictures["x_s on m_t"]).max() > 0.01


def test_a_face_at_the_border_has_losses(objective):
    corner = np.stack([face_mask(down=-27, right=-22), np.zeros((SIZE, SIZE), np.uint8)])
    batch = {**BATCH, "target_mask": corner}
    for kind in ("paired", "unpaired"):
        assert np.isfinite(float(objective.losses(kind, batch)[1]["L_G"]))
