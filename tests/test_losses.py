"""Every term of the losses against its closed form in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics import log_loss

from mgpe_tf import losses
from mgpe_tf.config import LossConfig
from mgpe_tf.metrics.image import ssim_map

tf = pytest.importorskip("tensorflow")

RNG = np.random.default_rng(0)
A, B = RNG.uniform(-1, 1, (2, 3, 4, 5, 3)).astype(np.float32)
REAL = [RNG.normal(size=(3, 4, 4, 1)).astype(np.float32), RNG.normal(size=(3, 2, 2, 1)).astype(np.float32)]
FAKE = [RNG.normal(size=(3, 4, 4, 1)).astype(np.float32), RNG.normal(size=(3, 2, 2, 1)).astype(np.float32)]


def close(value, expected) -> None:
    """Equal up to float32 rounding, and a float32 scalar."""
    value = ops.convert_to_numpy(value)
    assert value.dtype == np.float32 and value.shape == ()
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_distances():
    difference = A.astype(np.float64) - B
    close(losses.squared_distance(A, B), 0.5 * np.mean(difference**2))
    close(losses.absolute_distance(A, B), np.mean(abs(difference)))
    # A sum runs over the elements of a sample; over the batch the mean is taken.
    close(losses.squared_distance(A, B, "sum"), 0.5 * np.sum(difference**2) / 3)
    close(losses.absolute_distance(A, B, "sum"), np.sum(abs(difference)) / 3)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_weight_per_pixel_scales_that_pixel(reduction):
    weight = RNG.uniform(0, 5, (3, 4, 5, 1)).astype(np.float32)
    expected = np.sum(0.5 * (A - B) ** 2 * weight) / (A.size if reduction == "mean" else 3)
    close(losses.squared_distance(A, B, reduction, weight), expected)
    close(losses.global_loss(A, B, LossConfig(norm="l2", reduction=reduction), weight), expected)


def test_local_loss_sums_the_components():
    crops = {"left_eye": A[:, :2], "mouth": A}
    decoded = {"mouth": B, "left_eye": B[:, :2]}
    close(
        losses.local_loss(crops, decoded, LossConfig(norm="l1")),
        np.mean(abs(A[:, :2] - B[:, :2])) + np.mean(abs(A - B)),
    )


def test_the_norm_of_the_config_is_taken():
    close(losses.global_loss(A, B, LossConfig(norm="l1", reduction="sum")), np.sum(abs(A - B)) / 3)
    close(losses.global_loss(A, B, LossConfig(norm="l2", reduction="mean")), np.mean((A - B) ** 2) / 2)


CLOSED_FORMS = {
    # (L_D of one scale, L_sigmoid of one scale) as the docstrings state them.
    "vanilla": (
        lambda r, f: -np.mean(np.log(expit(r))) - np.mean(np.log(1 - expit(f))),
        lambda f: -np.mean(np.log(expit(f))),
    ),
    "least_squares": (lambda r, f: np.mean((r - 1) ** 2) / 2 + np.mean(f**2) / 2, lambda f: np.mean((f - 1) ** 2) / 2),
    "hinge": (lambda r, f: np.mean(np.maximum(0, 1 - r)) + np.mean(np.maximum(0, 1 + f)), lambda f: -np.mean(f)),
}


@pytest.mark.parametrize("gan", CLOSED_FORMS)
def test_adversarial_terms(gan):
    of_discriminator, of_generator = CLOSED_FORMS[gan]
    scales = losses.discriminator_loss(REAL, FAKE, gan)
    assert len(scales) == 2
    for scale, real, fake in zip(scales, REAL, FAKE):
        close(scale, of_discriminator(real.astype(np.float64), fake.astype(np.float64)))
    close(losses.adversarial_loss(FAKE, gan), sum(of_generator(fake.astype(np.float64)) for fake in FAKE))


def test_vanilla_terms_stay_finite_for_sure_scores():
    sure = [np.full((1, 1, 1, 1), 1e4, np.float32)]
    close(losses.adversarial_loss([-sure[0]]), 1e4)
    close(losses.discriminator_loss([-sure[0]], sure)[0], 2e4)
    close(losses.discriminator_loss(sure, [-sure[0]])[0], 0)


@pytest.mark.parametrize("gan", CLOSED_FORMS)
def test_descent_moves_scores_the_right_way(gan):
    real, fake = tf.Variable([[[[0.2]]]]), tf.Variable([[[[-0.3]]]])
    with tf.GradientTape(persistent=True) as tape:
        (of_discriminator,) = losses.discriminator_loss([real], [fake], gan)
        of_generator = losses.adversarial_loss([fake], gan)
    assert tape.gradient(of_discriminator, real) < 0  # descent raises D(real)
    assert tape.gradient(of_generator, fake) < 0  # G raises D(fake) ...
    if gan == "least_squares":  # ... and D moves it to 0
        assert tape.gradient(of_discriminator, fake) < 0
    else:
        assert tape.gradient(of_discriminator, fake) > 0


def test_feature_matching_holds_the_real_feature_fixed():
    real, fake = tf.Variable(A), tf.Variable(B)
    with tf.GradientTape() as tape:
        loss = losses.feature_matching_loss([real, 2 * real], [fake, fake], "sum")
    close(loss, (np.sum((A - B) ** 2) + np.sum((2 * A - B) ** 2)) / 2 / 3)
    of_real, of_fake = tape.gradient(loss, [real, fake])
    assert of_real is None
    np.testing.assert_allclose(of_fake, (2 * B - 3 * A) / 3, rtol=1e-4, atol=1e-6)


def test_parsing_loss_is_the_cross_entropy():
    mask = RNG.integers(0, 11, (2, 6, 5)).astype(np.uint8)
    logits = (5 * RNG.normal(size=(2, 6, 5, 11))).astype(np.float32)
    log_probabilities = log_softmax(logits.astype(np.float64), axis=-1)
    expected = -np.mean(np.take_along_axis(log_probabilities, mask[..., None].astype(int), axis=-1))
    close(losses.parsing_loss(mask, logits), expected)
    probabilities = np.exp(log_probabilities).reshape(-1, 11)
    close(losses.parsing_loss(mask, logits), log_loss(mask.ravel(), probabilities, labels=range(11)))
    close(losses.parsing_loss(mask, np.zeros_like(logits)), np.log(11))


def test_distillation_loss_is_the_cross_entropy_against_a_prediction():
    logits = (5 * RNG.normal(size=(2, 6, 5, 11))).astype(np.float32)
    wanted = softmax(RNG.normal(size=(2, 6, 5, 11)), axis=-1).astype(np.float32)
    close(losses.distillation_loss(wanted, logits), -np.mean(np.sum(wanted * log_softmax(logits, axis=-1), axis=-1)))
    certain = np.eye(11, dtype=np.float32)[RNG.integers(0, 11, (2, 6, 5))]
    close(losses.distillation_loss(certain, logits), losses.parsing_loss(certain.argmax(-1), logits))


def test_perceptual_loss_is_relative_to_each_map():
    real = [RNG.normal(size=(2, 4, 4, 3)).astype(np.float32), 50 * RNG.normal(size=(2, 2, 2, 5)).astype(np.float32)]
    fake = [real[0] + 0.2 * np.abs(real[0]).mean(), 0.6 * real[1]]
    close(losses.perceptual_loss(real, fake), (0.2 + 0.4) / 2)
    close(losses.perceptual_loss(real, real), 0)


def test_structure_loss_is_one_minus_the_ssim_of_the_scores():
    pictures = RNG.integers(0, 256, (2, 3, 24, 20, 3)).astype(np.uint8)
    pictures[0, 1] = pictures[1, 1] // 2 + 90  # the same structure with half of the contrast
    expected = np.mean([ssim_map(*pair) for pair in zip(*pictures)])
    as_floats = [picture / np.float32(127.5) - 1 for picture in pictures]
    close(losses.structure_loss(*as_floats), 1 - expected)
    np.testing.assert_allclose(losses.structure_loss(as_floats[0], as_floats[0]), 0, atol=1e-6)
    weight = RNG.uniform(0, 3, (3, 24, 20, 1)).astype(np.float32)
    expected = np.mean([(1 - ssim_map(*pair)) * w[..., 0] for pair, w in zip(zip(*pictures), weight)])
    close(losses.structure_loss(*as_floats, weight), expected)


def test_structure_loss_has_a_gradient_where_pictures_are_even():
    flat, image = tf.Variable(tf.fill((1, 16, 16, 3), 0.3)), tf.constant(RNG.uniform(-1, 1, (1, 16, 16, 3)), tf.float32)
    with tf.GradientTape() as tape:
        loss = losses.structure_loss(flat, image)
    gradient = tape.gradient(loss, flat)
    assert np.isfinite(gradient).all() and float(losses.structure_loss(flat - 0.1 * gradient, image)) < float(loss)


def test_features_can_be_matched_by_their_absolute_distance():
    close(
        losses.feature_matching_loss([A, B[:, 1:]], [B, A[:, 1:]], norm="l1"),
        np.mean(abs(A - B)) + np.mean(abs(A - B)[:, 1:]),
    )


def test_kl_loss_of_known_gaussians():
    close(losses.kl_loss(np.zeros((2, 4)), np.zeros((2, 4))), 0)
    # N(1, 4) and N(-2, 1/4) by the closed form log(1 / sigma) + (sigma^2 + mu^2) / 2 - 1 / 2, in one code and in two.
    first, second = np.log(0.5) + (4 + 1) / 2 - 0.5, np.log(2) + (0.25 + 4) / 2 - 0.5
    mean, log_variance = np.array([[1.0, -2.0]]), np.log([[4.0, 0.25]])
    close(losses.kl_loss(mean, log_variance), first + second)
    close(losses.kl_loss(mean.T, log_variance.T), (first + second) / 2)


def test_dice_loss_is_one_minus_the_soft_f1():
    mask = RNG.integers(0, 11, (2, 6, 5)).astype(np.uint8)
    logits = RNG.normal(size=(2, 6, 5, 11)).astype(np.float32)
    probability, label = softmax(logits.astype(np.float64), axis=-1).reshape(-1, 11), np.eye(11)[mask.ravel()]
    soft_f1 = (2 * (probability * label).sum(0) + 1) / (probability.sum(0) + label.sum(0) + 1)
    close(losses.dice_loss(mask, logits), 1 - soft_f1[1:].mean())
    close(losses.dice_loss(mask, 100 * np.eye(11, dtype=np.float32)[mask]), 0)


def plane(*rows) -> np.ndarray:
    """The flow (x, y) -> matrix (x, y), float32 [1, 5, 6, 2]."""
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(5)), -1).astype(np.float32)
    return (grid @ np.array(rows, np.float32).T)[None]


def test_end_point_loss_is_the_weighted_mean_distance():
    flow, weight = np.zeros((1, 2, 2, 2), np.float32), np.array([[[1, 0.5], [0, 0]]], np.float32)
    known = np.array([[[[3, 4], [0, 2]], [[9, 9], [9, 9]]]], np.float32)
    close(losses.end_point_loss(flow, known, weight), (5 + 0.5 * 2) / 1.5)
    close(losses.end_point_loss(flow, known, 0 * weight), 0)


def test_label_loss_weighs_classes():
    target = np.eye(3, dtype=np.float32)[np.array([[[0, 1], [2, 2]]])]
    close(losses.label_loss(target[:, ::-1], target, np.array([1, 2, 4], np.float32)), (5 + 6 + 5 + 6) / 4)
    close(losses.label_loss(target, target, np.ones(3, np.float32)), 0)


def test_bending_loss_of_parabolas_and_saddles():
    x, y = np.meshgrid(np.arange(7.0), np.arange(6.0))
    flow = np.stack([0.5 * x**2 + 2 * x * y, 0 * x], -1)[None]
    close(losses.bending_loss(flow), 1**2 + 2 * 2**2)
    flow = np.stack([0 * x, 1.5 * y**2 - x], -1)[None]
    close(losses.bending_loss(flow), 3**2)
    close(losses.bending_loss(plane((0.5, -0.25), (0.75, 0.125))), 0)


def test_strain_loss_begins_beyond_what_is_allowed():
    close(losses.strain_loss(plane((0.5, 0), (0, -0.19))), 0)
    close(losses.strain_loss(plane((0.8, 0), (0, 0))), 0.3)  # shrunk to 1 / 1.8
    close(losses.strain_loss(plane((-0.7, 0), (0, 0))), 0.1 + 0.2)  # J = 0.3, stretch 0.3
    close(losses.strain_loss(plane((-2, 0), (0, 0))), 1.4 + 1.5)  # a mirror image
    angle = np.radians(40)
    turn = np.array([[np.cos(angle) - 1, -np.sin(angle)], [np.sin(angle), np.cos(angle) - 1]])
    close(losses.strain_loss(plane(*turn)), 0)


def test_half_precision_is_summed_in_float32():
    ones, zeros = ops.ones((2, 64, 64, 3), dtype="bfloat16"), ops.zeros((2, 64, 64, 3), dtype="bfloat16")
    pixels = 64 * 64 * 3  # not representable in bfloat16 when counted one by one
    close(losses.squared_distance(ones, zeros, "sum"), pixels / 2)
    close(losses.adversarial_loss([zeros]), np.log(2))
    close(losses.discriminator_loss([zeros], [zeros])[0], 2 * np.log(2))
    close(losses.feature_matching_loss([ones], [zeros]), 0.5)
    logits = ops.zeros((2, 64, 64, 11), dtype="bfloat16")
    close(losses.parsing_loss(np.zeros((2, 64, 64), np.uint8), logits), np.log(11))
    share = (2 * 2 * 64**2 / 11 + 1) / (2 * 64**2 * 12 / 11 + 1)
    close(losses.dice_loss(np.full((2, 64, 64), 1), logits), 1 - (share + 9 / (2 * 64**2 / 11 + 1)) / 10)
