"""Flows: enlargement, warps, random flows and stretches against closed forms and other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from small import face_mask

from mgpe_tf.ops import class_shares, cubic_enlarge, flow_warp, one_hot_mask, random_flow, resized_flow, stretches
from mgpe_tf.ops.cubic import between
from mgpe_tf.ops.flow import NUMBERS, SIMILARITY, WAVES, end_points

RNG = np.random.default_rng(0)


def numbers(values) -> np.ndarray:
    return ops.convert_to_numpy(values)


def positions(size: int) -> np.ndarray:
    """(x, y) of each pixel, float32 [1, size, size, 2]."""
    return np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1)[None].astype(np.float32)


def test_enlargement_keeps_lines_up_to_the_borders_and_parabolas_within():
    def centres(length, size=48):
        return (np.arange(length, dtype=np.float32) + 0.5) * size / length - 0.5

    line = 2 * centres(6)[:, None] - 3 * centres(8)[None] + 1
    expected = 2 * np.arange(48)[:, None] - 3 * np.arange(48)[None] + 1
    np.testing.assert_allclose(numbers(cubic_enlarge(line[None, ..., None], (48, 48)))[0, ..., 0], expected, atol=1e-4)
    parabola = np.broadcast_to(centres(8) ** 2, (2, 8)).astype(np.float32)[None, ..., None]
    within = slice(12, 36)  # Keys's kernel takes two nodes on each side
    found = numbers(cubic_enlarge(parabola, (4, 48)))[0, 0, within, 0]
    np.testing.assert_allclose(found, np.arange(48)[within] ** 2, rtol=1e-5)


def test_enlargement_by_one_changes_nothing():
    maps = RNG.normal(size=(2, 5, 7, 3)).astype(np.float32)
    np.testing.assert_array_equal(numbers(cubic_enlarge(maps, (5, 7))), maps)


def test_between_values_lie_those_of_the_cubic():
    """Lines up to the borders and beyond the last one, parabolas within, and the values themselves."""
    maps = RNG.normal(size=(2, 5, 7, 3)).astype(np.float32)
    np.testing.assert_array_equal(numbers(between(maps))[:, ::2, ::2], maps)
    line = (2 * np.arange(6)[:, None] - 3 * np.arange(8)[None] + 1).astype(np.float32)
    expected = 2 * np.arange(12)[:, None] / 2 - 3 * np.arange(16)[None] / 2 + 1
    np.testing.assert_allclose(numbers(between(line[None, ..., None]))[0, ..., 0], expected, atol=1e-5)
    parabola = np.broadcast_to(np.arange(8.0)[:, None] ** 2, (8, 4)).astype(np.float32)
    found = numbers(between(parabola[None, ..., None]))[0, 2:12, 0, 0]
    np.testing.assert_allclose(found, (np.arange(2, 12) / 2) ** 2, rtol=1e-5)


def test_a_cubic_warp_keeps_what_lies_between_pixels():
    """Half a pixel off, where a bilinear one blurs; none off it changes nothing."""
    image = np.sin(np.arange(32) * 0.9)[None, None, :, None].repeat(32, 1).astype(np.float32)
    half = np.full((1, 32, 32, 2), (0.5, 0), np.float32)
    wanted, within = np.sin((np.arange(32) + 0.5) * 0.9), slice(4, 28)
    errors = {
        kind: np.abs(numbers(flow_warp(image, half, kind))[0, 5, within, 0] - wanted[within]).max()
        for kind in ("cubic", "bilinear")
    }
    assert errors["cubic"] < errors["bilinear"] / 3
    np.testing.assert_array_equal(numbers(flow_warp(image, 0 * half, "cubic")), image)


def test_a_resized_flow_goes_as_far():
    flow = np.full((1, 8, 8, 2), (1.0, -2.0), np.float32)
    np.testing.assert_allclose(numbers(resized_flow(flow, 32)), np.full((1, 32, 32, 2), (4.0, -8.0)), rtol=1e-6)


def test_flow_warp_reads_what_lies_where_the_flow_points():
    images = RNG.uniform(size=(1, 12, 12, 3)).astype(np.float32)
    flow = RNG.integers(-5, 6, (1, 12, 12, 2)).astype(np.float32)
    x, y = np.moveaxis(positions(12) + flow, -1, 0).astype(int)
    mirrored = np.pad(images[0], ((6, 6), (6, 6), (0, 0)), mode="symmetric")
    for interpolation in ("bilinear", "nearest"):
        np.testing.assert_array_equal(numbers(flow_warp(images, flow, interpolation)), mirrored[y + 6, x + 6])
    between = numbers(flow_warp(images, np.full_like(flow, (0.25, 0)), "bilinear"))
    np.testing.assert_allclose(between[:, :, 3], 0.75 * images[:, :, 3] + 0.25 * images[:, :, 4], rtol=1e-5)


def test_flow_warp_has_a_gradient_in_the_flow():
    tf = pytest.importorskip("tensorflow")
    ramp, flow = 3 * positions(8)[..., :1], tf.constant(RNG.uniform(-0.4, 0.4, (1, 8, 8, 2)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(flow)
        total = tf.reduce_sum(flow_warp(ramp, flow)[:, :, 1:-1])
    inside = tape.gradient(total, flow).numpy()[:, :, 1:-1]
    np.testing.assert_allclose(inside, np.broadcast_to((3.0, 0.0), inside.shape), atol=1e-4)


@pytest.mark.parametrize("cells", [16, 64])
def test_a_random_flow_is_a_similarity_and_waves(cells):
    noise = np.zeros((1, NUMBERS), np.float32)
    np.testing.assert_array_equal(numbers(random_flow(noise, cells)), np.zeros((1, cells, cells, 2)))
    noise[0, :5] = -0.5, 1.5, -1.0, 0.5, 2.0
    angle, growth, right, down = noise[0, 1:5] * SIMILARITY
    centred = positions(cells)[0] - (cells - 1) / 2
    turn = np.exp(growth) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = centred @ turn.T + np.array((right, down)) * cells / 64 - centred
    np.testing.assert_allclose(numbers(random_flow(noise, cells))[0], 0.5 * expected, atol=1e-4)
    noise[0, 0] = 2.5
    np.testing.assert_allclose(numbers(random_flow(noise, cells))[0], expected, atol=1e-4)


def test_the_waves_of_a_random_flow_are_as_high_as_said():
    noise = RNG.normal(size=(64, NUMBERS)).astype(np.float32)
    noise[:, :5] = 2, 0, 0, 0, 0
    flow = numbers(random_flow(noise, 64))
    highest = sum(sigma**2 for _, sigma in WAVES) ** 0.5
    for part in (flow, flow[:, :4, :4]):
        assert 0.7 * highest < part.std() < highest  # between nodes waves are lower


def test_stretches_are_the_singular_values():
    for matrix in RNG.normal(size=(5, 2, 2)):
        flow = (positions(4) @ (matrix - np.eye(2)).T).astype(np.float32)
        most, least = (numbers(s) for s in stretches(flow))
        values = np.linalg.svd(matrix, compute_uv=False)
        np.testing.assert_allclose(most, np.full((1, 3, 3), values[0]), rtol=1e-4)
        np.testing.assert_allclose(most * least, np.full((1, 3, 3), np.linalg.det(matrix)), rtol=1e-3, atol=1e-4)


def test_the_gradient_of_a_flow_that_is_right_is_finite():
    tf = pytest.importorskip("tensorflow")
    flow = tf.Variable(tf.zeros((1, 4, 4, 2)))
    with tf.GradientTape() as tape:
        total = sum(map(tf.reduce_sum, (*stretches(flow), end_points(flow, tf.zeros((1, 4, 4, 2))))))
    assert np.isfinite(tape.gradient(total, flow)).all()


def test_shares_are_the_means_of_one_hot_masks():
    masks = np.stack([face_mask(), RNG.integers(0, 13, (64, 64))]).astype(np.uint8)
    expected = numbers(one_hot_mask(masks)).reshape(2, 16, 4, 16, 4, 11).mean((2, 4))
    np.testing.assert_allclose(numbers(class_shares(masks, 16)), expected, atol=1e-6)
    np.testing.assert_array_equal(numbers(class_shares(masks, 64, 3)), numbers(one_hot_mask(masks))[..., :3])
