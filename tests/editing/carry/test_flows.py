"""Flows of pictures: closed forms, what composition saves, flows laid over turned photographs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from similarity import similarity_matrix

from mgpe_tf.data.alignment import Alignment, whole
from mgpe_tf.editing.carry import flows
from mgpe_tf.ops import resized_flow, stretches

RNG = np.random.default_rng(0)


def linear(size, matrix, shift=(0, 0)) -> np.ndarray:
    """The flow by which p + f(p) = matrix p + shift."""
    at = flows.positions(size)
    return (at @ np.asarray(matrix).T + shift - at).astype(np.float32)


def stretches_of(flow: np.ndarray) -> np.ndarray:
    """The larger and the smaller stretch, [2, H - 1, W - 1]."""
    return np.stack([np.asarray(each)[0] for each in stretches(flow[None])])


def waves(size: int, high: float = 1.0) -> np.ndarray:
    """A smooth flow, as high everywhere in shares of the frame."""
    x, y = np.moveaxis((flows.positions((size, size)) + 0.5) / size, -1, 0)
    return (high * size * np.stack([np.sin(5 * x + 2 * y), np.cos(4 * y - x)], -1) / 30).astype(np.float32)


def test_flows_compose_as_maps_do():
    first, second = np.array([[1.1, 0.2], [-0.1, 0.9]]), np.array([[0.95, -0.05], [0.1, 1.02]])
    found = flows.composed(linear((40, 50), first, (-1, 2)), linear((40, 50), second, (1, 0.5)))
    expected = linear((40, 50), first @ second, first @ (1, 0.5) + (-1, 2))
    np.testing.assert_allclose(found[8:-8, 8:-8], expected[8:-8, 8:-8], atol=1e-4)


def test_composition_with_nothing_changes_nothing():
    flow, nothing = waves(32), np.zeros((32, 32, 2), np.float32)
    for several in ((flow,), (flow, nothing), (nothing, flow), (nothing, flow, nothing)):
        np.testing.assert_allclose(flows.composed(*several), flow, atol=1e-6)


def test_composition_reads_a_picture_as_two_samplings_would():
    picture = waves(128)[..., 0]
    first, second = waves(128, 0.6), waves(128, -0.9)[::-1].copy()
    twice = picture
    for flow in (first, second):
        twice = flows._between(twice[..., None], flows.positions(twice.shape) + flow)[..., 0]
    once = flows._between(picture[..., None], flows.positions(picture.shape) + flows.composed(first, second))[..., 0]
    np.testing.assert_allclose(once[8:-8, 8:-8], twice[8:-8, 8:-8], atol=0.01)


@pytest.mark.parametrize("size", [(64, 64), (200, 300), (1500, 700)])
def test_an_enlarged_flow_is_the_smooth_one(size):
    x, y = np.meshgrid((np.arange(size[1]) + 0.5) / size[1], (np.arange(size[0]) + 0.5) / size[0])
    exact = np.stack([np.sin(5 * x + 2 * y), np.cos(4 * y - x)], -1) * (size[1], size[0]) / 30
    found = flows.enlarged(waves(64), size)
    assert found.dtype == np.float32 and found.shape == (*size, 2)
    wrong, edge = np.abs(found - exact) / max(size), [length // 16 for length in size]
    assert wrong.max() < 2e-4 and wrong[edge[0] : -edge[0], edge[1] : -edge[1]].max() < 1e-5
    if size[0] == size[1]:
        np.testing.assert_array_equal(found, waves(64))


def test_it_is_what_the_network_is_trained_with():
    flow = RNG.normal(size=(16, 16, 2)).astype(np.float32)
    np.testing.assert_allclose(flows.enlarged(flow, (64, 64)), np.asarray(resized_flow(flow[None], 64))[0], atol=1e-4)


def test_an_enlarged_flow_does_not_ripple():
    """A growth by a tenth is one at every pixel, which OpenCV's cubic makes a growth by 5 to 15 hundredths."""
    flow = linear((16, 16), 1.1 * np.eye(2))
    np.testing.assert_allclose(np.array(stretches_of(flows.enlarged(flow, (640, 640))))[:, 2:-2, 2:-2], 1.1, atol=2e-3)
    rippling = cv2.resize(flow, (640, 640), interpolation=cv2.INTER_CUBIC) * 40
    assert np.ptp(stretches_of(rippling)[0][160:480, 160:480]) > 0.05


def test_a_flow_of_an_upright_crop_is_enlarged_in_its_photograph():
    found = flows.in_photograph(waves(64), whole((640, 640), 64))
    np.testing.assert_allclose(found, flows.enlarged(waves(64), (640, 640)), atol=0.05)


def test_a_flow_goes_the_way_of_a_turned_crop():
    matrix = similarity_matrix(0.25, 20, (-168.5, -118.5), (200, 150))
    alignment = Alignment(matrix, 64, (300, 400))
    found = flows.in_photograph(np.full((64, 64, 2), (3.0, -1.0), np.float32), alignment)
    angle = np.radians(-20)
    turned = 4 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ (3, -1)
    np.testing.assert_allclose(found, np.broadcast_to(turned, found.shape), atol=1e-4)
    rows, columns = alignment.region
    assert found.shape[:2] == (rows.stop - rows.start, columns.stop - columns.start)


def test_a_flow_is_read_where_the_crop_lies():
    """In a turned photograph a point goes to where the crop's flow takes it."""
    alignment = Alignment(similarity_matrix(0.25, 20, (-168.5, -118.5), (200, 150)), 64, (300, 400))
    flow, (rows, columns) = waves(64), alignment.region
    found = flows.in_photograph(flow, alignment)
    for x, y in ((20, 30), (45, 12), (31, 50)):
        before, after = (alignment.inverse @ (*point, 1) for point in ((x, y), (x, y) + flow[y, x]))
        column, row = np.rint(before).astype(int)
        here = found[row - rows.start, column - columns.start]
        np.testing.assert_allclose(here, after - before, atol=0.15)


def test_a_flow_that_folds_is_smoothed_until_it_does_not():
    face = np.hypot(*np.moveaxis(flows.positions((256, 256)) - 128, -1, 0)) < 90
    torn = waves(256, 0.2)
    torn[..., 0] += 12 * np.sin(flows.positions((256, 256))[..., 0] / 6)
    assert stretches_of(torn)[1].min() < 0
    whole = flows.unfolded(torn, face)
    assert (stretches_of(whole)[1][face[:-1, :-1]] < flows.THIN).mean() <= flows.FOLDED
    assert np.abs(whole - waves(256, 0.2))[face].max() < 1.5  # what is coarse of it stays


def test_what_does_not_fold_and_what_folds_elsewhere_stays():
    face = np.zeros((256, 256), bool)
    face[:, :100] = True
    flow = waves(256, 0.2)
    flow[:, 150:, 0] += 12 * np.sin(flows.positions((256, 256))[:, 150:, 0] / 6)
    np.testing.assert_array_equal(flows.unfolded(flow, face), flow)
    np.testing.assert_array_equal(flows.unfolded(flow, np.zeros_like(face)), flow)
