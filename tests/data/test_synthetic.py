"""Synthetic portraits: the same from the same seed, masks that fit the picture, and enough variety to learn from."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from mgpe_tf import geometry, labels
from mgpe_tf.config import DataConfig
from mgpe_tf.data.open import open_source
from mgpe_tf.data.portrait.canvas import Canvas, Pose, curve, ellipse, ribbon
from mgpe_tf.data.synthetic import SyntheticSource, draw_portrait

LIPS = (labels.UPPER_LIP, labels.LOWER_LIP)


@functools.cache
def portraits(resolution: int = 64, count: int = 48) -> list[tuple[np.ndarray, np.ndarray]]:
    """The first portraits, drawn once for all tests."""
    return [draw_portrait(seed, resolution) for seed in range(count)]


def columns(mask: np.ndarray, label: int) -> np.ndarray:
    """Columns of a label's pixels."""
    return np.nonzero(mask == label)[1]


def mean_colour(image: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Mean RGB of the pixels at `where`."""
    return image[where].astype(np.float64).mean(axis=0)


def test_portrait_has_the_form_of_a_source():
    image, mask = draw_portrait(5, 48)
    assert image.shape == (48, 48, 3) and image.dtype == np.uint8
    assert mask.shape == (48, 48) and mask.dtype == np.uint8
    labels.validate(mask, "helen", "portrait 5")


def test_seed_decides_everything():
    first, again, other = draw_portrait(11, 64), draw_portrait(11, 64), draw_portrait(12, 64)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert np.abs(first[0].astype(int) - other[0]).mean() > 5
    assert (first[1] != other[1]).mean() > 0.02


def test_every_class_occurs_and_components_are_sometimes_missing():
    present = np.array([np.bincount(mask.ravel(), minlength=labels.NUM_CLASSES) > 0 for _, mask in portraits()])
    share = present.mean(axis=0)
    assert (share > 0).all()
    assert share[labels.SKIN] == share[labels.NOSE] == 1.0
    assert 0.3 < share[labels.INNER_MOUTH] < 0.8
    assert share[labels.HAIR] < 1.0
    assert share[labels.LEFT_EYE] < 1.0 or share[labels.RIGHT_EYE] < 1.0


def test_left_is_left():
    for _, mask in portraits():
        for left, right in ((labels.LEFT_EYE, labels.RIGHT_EYE), (labels.LEFT_BROW, labels.RIGHT_BROW)):
            if columns(mask, left).size and columns(mask, right).size:
                assert columns(mask, left).max() < columns(mask, right).min()
        np.testing.assert_array_equal(labels.order_left_right(mask), mask)


def test_framing_is_that_of_aligned_portraits():
    centres = {"left_eye": (121, 97), "right_eye": (121, 159), "mouth": (191, 128)}
    for name, expected in centres.items():
        component = geometry.component(name)
        found = [
            geometry.component_centre(mask, component)
            for _, mask in portraits()
            if np.isin(mask, component.labels).any()
        ]
        np.testing.assert_allclose(np.median(found, axis=0) * 4, expected, atol=6)
        assert np.std(found, axis=0).max() * 4 < 10


@pytest.mark.parametrize("resolution", [32, 128])
def test_resolutions_show_the_same_portrait(resolution):
    for seed in range(6):
        image, mask = draw_portrait(seed, resolution)
        large_image, large_mask = draw_portrait(seed, 2 * resolution)
        assert (large_mask[::2, ::2] == mask).mean() > (0.97 if resolution > 100 else 0.9)
        halved = large_image.reshape(resolution, 2, resolution, 2, 3).mean(axis=(1, 3))
        assert np.abs(halved - image).mean() < 5


def test_image_and_mask_have_the_same_edges():
    """An edge of hair in the mask is an edge in the picture: far more change across it than inside the classes."""
    ratios = []
    for image, mask in portraits(128, 12):
        change = np.abs(np.diff(image.astype(float), axis=1)).sum(axis=2)
        left, right = mask[:, :-1], mask[:, 1:]
        edge = (left != right) & ((left == labels.HAIR) | (right == labels.HAIR))
        skin = (left == labels.SKIN) & (right == labels.SKIN)
        if edge.any():
            ratios.append(change[edge].mean() / change[skin].mean())
    assert len(ratios) > 8 and np.median(ratios) > 4 and min(ratios) > 1.5


def test_components_differ_from_what_surrounds_them():
    lips, hair = [], []
    for image, mask in portraits():
        skin = mean_colour(image, mask == labels.SKIN)
        lips.append(np.abs(mean_colour(image, np.isin(mask, LIPS)) - skin).max())
        if (mask == labels.HAIR).any():
            hair.append(np.abs(mean_colour(image, mask == labels.HAIR) - mean_colour(image, mask == 0)).max())
    assert np.median(lips) > 25 and np.min(lips) > 5
    assert np.median(hair) > 30


def test_eyes_show_dark_pupils_and_bright_whites():
    for image, mask in portraits(128, 12):
        for label in (labels.LEFT_EYE, labels.RIGHT_EYE):
            grey = image[mask == label].mean(axis=1)
            if grey.size > 80:
                assert grey.min() < 60 and grey.max() > 110


def test_skin_spans_pale_to_dark_and_colours_are_independent():
    means = np.array(
        [
            [mean_colour(image, np.isin(mask, ids)).mean() for ids in ((labels.SKIN,), (labels.HAIR,))]
            for image, mask in portraits()
            if (mask == labels.HAIR).any()
        ]
    )
    assert means[:, 0].min() < 80 and means[:, 0].max() > 170
    assert means[:, 1].std() > 25
    assert abs(np.corrcoef(means.T)[0, 1]) < 0.5


def test_source_counts_names_and_loads():
    source = SyntheticSource(size=3, resolution=32, first_seed=40)
    assert len(source) == 3 and len(set(source.names)) == 3 and source.resolution == 32
    for index in range(3):
        image, mask = source.load(index)
        expected_image, expected_mask = draw_portrait(40 + index, 32)
        np.testing.assert_array_equal(image, expected_image)
        np.testing.assert_array_equal(mask, expected_mask)
    with pytest.raises(IndexError):
        source.load(3)


def test_validation_portraits_are_other_portraits():
    config = DataConfig(layout="synthetic", resolution=32, synthetic_size=4, validation_size=2)
    train, validation = open_source(config, "train"), open_source(config, "validation")
    assert (len(train), len(validation)) == (4, 2)
    assert not set(train.names) & set(validation.names)
    assert (train.load(0)[0] != validation.load(0)[0]).any()


def test_curve_passes_through_its_points():
    points = np.array([(0, 0), (10, 2), (12, 9), (3, 8)], float)
    np.testing.assert_allclose(curve(points, steps=5)[::5], points)
    opened = curve(points, closed=False, steps=5)
    np.testing.assert_allclose(opened[::5], points)


@pytest.mark.parametrize("resolution", [64, 256])
def test_shapes_have_their_area_and_half_a_pixel_of_border(resolution):
    canvas = Canvas(resolution, Pose())
    pixel = 256 / canvas.size
    shapes = {"disc": (ellipse((10, 120), (40, 40), points=90), np.pi * 1600, np.pi * 80)}
    shapes["stroke"] = ribbon([(-60, 200), (60, 200)], (10, 10)), 1200, 260
    for name, (polygon, area, perimeter) in shapes.items():
        found = (canvas.mask(polygon) > 0).sum() * pixel**2
        assert area <= found <= area + 0.8 * pixel * perimeter, name


def test_pose_and_its_inverse_agree():
    pose = Pose(roll=0.1, scale=1.05, shift=(3.0, -2.0))
    u, v = pose.head_coordinates(64)
    frame = pose.to_frame(np.stack([u.ravel(), v.ravel()], 1))
    centres = (np.arange(64) + 0.5) * 4
    np.testing.assert_allclose(frame[:, 0].reshape(64, 64)[5], centres, atol=1e-3)
    np.testing.assert_allclose(frame[:, 1].reshape(64, 64)[:, 7], centres, atol=1e-3)


def test_finish_takes_the_majority():
    canvas = Canvas(1, Pose())
    for pixels, expected in (("1222", 2), ("2212", 2), ("3122", 2), ("4113", 1), ("5567", 5), ("1223", 2), ("1122", 1)):
        canvas.label[:] = np.array(list(pixels), int).reshape(2, 2)
        assert canvas.finish()[1].item() == expected


def test_blur_stays_within_the_border_and_the_given_mask():
    canvas = Canvas(64, Pose())
    half = canvas.mask(np.array([(-128, 0), (0, 0), (0, 256), (-128, 256)], float))
    corner = canvas.mask(ellipse((-125, 3), (30, 30)))
    canvas.paint(corner, (1.0, 0.5, 0.25), blur=10, within=half)
    assert canvas.image[..., 0].max() > 0.5
    assert canvas.image[half == 0].max() == 0.0
