"""Similarity transforms, crops of faces and their way back into the photograph."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from similarity import similarity_matrix

from mgpe_tf.data.alignment import TEMPLATE, WEIGHTS, Alignment, align, similarity, template_at, transform
from mgpe_tf.errors import UserError

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (256, 256, 3), np.uint8)


def placed(matrix: np.ndarray, height: int, width: int, resolution: int = 256) -> Alignment:
    """The alignment of a face that `matrix` put from the template (at 256) into a photograph."""
    return align(transform(matrix, TEMPLATE), (height, width), resolution)


def smooth_photo(height: int, width: int) -> np.ndarray:
    """Waves of a few pixels in length, different in each channel."""
    rows, columns = np.mgrid[:height, :width]
    waves = [np.sin(columns / a + 1) * np.cos(rows / b) for a, b in ((9, 14), (17, 8), (12, 12))]
    return np.rint(127.5 + 120 * np.stack(waves, axis=-1)).astype(np.uint8)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize(("scale", "degrees", "shift"), [(1, 0, (0, 0)), (0.3, 25, (40, -7)), (4, -130, (-900, 300))])
def test_similarity_finds_a_known_map(scale, degrees, shift, weights):
    matrix = similarity_matrix(scale, degrees, shift, (128, 128))
    np.testing.assert_allclose(similarity(TEMPLATE, transform(matrix, TEMPLATE), weights), matrix, atol=1e-9)


@pytest.mark.parametrize("weights", [(1.0,) * 5, WEIGHTS])
def test_similarity_of_noisy_points_is_the_least_squares_solution(weights):
    points = TEMPLATE * 2.5 + RANDOM.normal(0, 6, (5, 2))
    (x, y), one, zero = points.T, np.ones(5), np.zeros(5)
    system = np.concatenate([np.stack([x, -y, one, zero], -1), np.stack([y, x, zero, one], -1)])
    root = np.sqrt(np.tile(weights, 2))
    a, b, dx, dy = np.linalg.lstsq(system * root[:, None], TEMPLATE.T.ravel() * root, rcond=None)[0]
    np.testing.assert_allclose(similarity(points, TEMPLATE, weights), [(a, -b, dx), (b, a, dy)], rtol=1e-9)


def test_similarity_never_reflects():
    matrix = similarity(TEMPLATE * (-1, 1), TEMPLATE)
    assert np.linalg.det(matrix[:, :2]) > 0
    np.testing.assert_allclose(matrix[:, 0], (matrix[1, 1], -matrix[0, 1]))


def test_coinciding_landmarks_are_refused():
    with pytest.raises(UserError, match="landmarks.*differ"):
        align(np.full((5, 2), 7.0), (64, 64))


def test_an_aligned_portrait_is_its_own_crop():
    label = (NOISE[..., 0] % 11).astype(np.uint8)
    alignment = align(TEMPLATE, (256, 256))
    np.testing.assert_array_equal(alignment.crop(NOISE), NOISE)
    np.testing.assert_array_equal(alignment.crop_label(label), label)
    np.testing.assert_array_equal(alignment.back(NOISE), NOISE)
    assert alignment.region == (slice(0, 256), slice(0, 256))


def test_half_the_resolution_is_the_mean_of_two_by_two_pixels():
    alignment = align(template_at(256), (256, 256), resolution=128)
    means = NOISE.reshape(128, 2, 128, 2, 3).mean(axis=(1, 3))
    assert np.abs(alignment.crop(NOISE) - means).max() <= 0.51


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.0, 3.3])
def test_landmarks_come_to_the_template(scale):
    """Spots drawn at the landmarks of a turned face: their centres in the crop are the template's positions."""
    matrix = similarity_matrix(scale, 20, (60 * scale, 40 * scale), (0, 0))
    landmarks = transform(matrix, TEMPLATE) + (100 * scale, 0)
    size = round(420 * scale)
    rows, columns = np.mgrid[:size, :size]
    spots = [np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * (4 * scale) ** 2)) for x, y in landmarks]
    photo = np.rint(255 * np.max(spots, axis=0)).astype(np.uint8)
    crop = align(landmarks, photo.shape).crop(photo).astype(float)
    for x, y in TEMPLATE:
        top, left = int(y) - 12, int(x) - 12
        window = crop[top : top + 25, left : left + 25]
        rows, columns = np.mgrid[top : top + 25, left : left + 25]
        centre = (window * columns).sum() / window.sum(), (window * rows).sum() / window.sum()
        np.testing.assert_allclose(centre, (x, y), atol=0.15)


@pytest.mark.parametrize(("scale", "degrees"), [(2, 0), (5.3, 13), (12, -40)])
def test_a_fine_checkerboard_shrinks_to_gray(scale, degrees):
    rows, columns = np.mgrid[:1024, :1024]
    photo = np.repeat(((rows + columns) % 2 * 255).astype(np.uint8)[..., None], 3, axis=-1)
    matrix = similarity_matrix(scale, degrees, (512, 512), (0, 0)) @ np.array([(1, 0, -128), (0, 1, -128), (0, 0, 1)])
    crop = placed(matrix, 1024, 1024).crop(photo).astype(float)
    assert np.abs(crop - 127.5).max() < 24 and crop.std() < 8


def test_beyond_the_border_the_photograph_is_mirrored():
    photo = smooth_photo(256, 300)
    crop = align(TEMPLATE - (100, 60), (256, 300)).crop(photo)  # the face stands at the upper left edge
    np.testing.assert_array_equal(crop[60:, 100:], photo[:196, :156])
    np.testing.assert_array_equal(crop[:60, 100:], photo[59::-1, :156])
    np.testing.assert_array_equal(crop[60:, :100], photo[:196, 99::-1])


def test_label_and_image_stay_together():
    rows, columns = np.mgrid[:500, :600]
    label = np.where((columns - 330) ** 2 + (rows - 260) ** 2 < 90**2, 10, 3).astype(np.uint8)
    alignment = placed(similarity_matrix(1.7, 25, (90, -20), (128, 128)), 500, 600)
    ids, image = alignment.crop_label(label), alignment.crop(np.repeat(label[..., None], 3, axis=-1))
    assert set(np.unique(ids)) == {3, 10}
    assert ((ids == 10) != (image[..., 0] > 6)).mean() < 0.003


@pytest.mark.parametrize("scale", [0.5, 0.95, 1.6])
def test_round_trip_into_the_photograph(scale):
    photo = cv2.GaussianBlur(smooth_photo(460, 520), (0, 0), 2)
    alignment = placed(similarity_matrix(scale, 15, (120, 90), (128, 128)), 460, 520)
    returned, weight = alignment.back(alignment.crop(photo)), alignment.back_mask(np.ones((256, 256)))
    difference = np.abs(returned.astype(float) - photo[alignment.region])[weight == 1]
    assert difference.mean() < 1.5 and np.percentile(difference, 99) < 6


def test_pasting_changes_what_the_crop_covers_and_nothing_else():
    photo = np.full((400, 400, 3), 90, np.uint8)
    alignment = placed(similarity_matrix(0.8, 30, (60, 40), (128, 128)), 400, 400)
    weight = alignment.back_mask(np.ones((256, 256)))
    assert weight.dtype == np.float32 and weight.min() >= 0 and weight.max() <= 1
    np.testing.assert_allclose(weight.sum(), (256 * 0.8) ** 2, rtol=0.01)  # the crop's area in the photograph
    for border in (weight[:2], weight[-2:], weight[:, :2], weight[:, -2:]):
        assert border.any()  # the region is no larger than needed
    mask = np.zeros((256, 256))
    mask[100:150, 100:150] = 0.5
    weight, patch = alignment.back_mask(mask)[..., None], photo[alignment.region]
    edited = np.full((256, 256, 3), 200, np.uint8)
    photo[alignment.region] = np.rint(patch + weight * (alignment.back(edited) - patch.astype(float)))
    x, y = transform(alignment.inverse, np.array([(124.5, 124.5)])).round().astype(int)[0]
    assert (photo[y, x] == 145).all() and set(np.unique(photo)) <= set(range(90, 146))
    np.testing.assert_allclose((photo[..., 0] > 90).sum(), (50 * 0.8) ** 2, rtol=0.1)


def test_a_face_at_the_border_of_the_photograph():
    alignment = align(TEMPLATE - (100, 60), (256, 300))
    assert alignment.region == (slice(0, 196), slice(0, 156))
    np.testing.assert_array_equal(alignment.back(NOISE), NOISE[60:, 100:])
    np.testing.assert_array_equal(alignment.back_mask(np.ones((256, 256))), np.ones((196, 156)))


def test_arrays_of_another_size_are_refused():
    alignment = align(TEMPLATE, (256, 300))
    with pytest.raises(UserError, match="label: 256 x 256 pixels; allowed: 300 x 256"):
        alignment.crop_label(np.zeros((256, 256), np.uint8))
    with pytest.raises(ValueError, match="allowed: .256, 256"):
        alignment.back(np.zeros((256, 300, 3), np.uint8))


def test_a_finer_crop_is_the_same_crop():
    photo = np.random.default_rng(0).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    alignment = Alignment(np.array([(0.4, 0.1, 3.0), (-0.1, 0.4, 8.0)]), 32, (90, 120))
    finer = alignment.finer(3)
    assert finer.resolution == 96 and finer.region == alignment.region
    assert alignment.photo_pixels == pytest.approx(1 / np.hypot(0.4, 0.1)) == pytest.approx(3 * finer.photo_pixels)
    corners = np.array([(0, 0), (31, 5)])
    np.testing.assert_allclose(
        transform(finer.inverse, 3 * corners + 1), transform(alignment.inverse, corners), atol=1e-9
    )
    shrunk = cv2.resize(finer.crop(photo), (32, 32), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(shrunk - alignment.crop(photo)).mean() < 12


def test_a_part_of_a_crop_is_laid_where_all_of_it_is():
    """Its region is smaller and holds the same pixels."""
    landmarks = template_at(64) * 1.7 @ np.array([(0.96, 0.28), (-0.28, 0.96)]) + (60, 20)
    alignment = align(landmarks, (200, 220), 64)
    where = np.zeros((64, 64), bool)
    where[20:30, 35:50] = True
    part = alignment.around(where)
    (rows, columns), (all_rows, all_columns) = part.region, alignment.region
    assert all_rows.start < rows.start < rows.stop < all_rows.stop
    assert all_columns.start < columns.start < columns.stop < all_columns.stop
    inside = np.zeros((200, 220), bool)
    inside[part.region] = True
    covered = np.zeros((200, 220), np.float32)
    covered[alignment.region] = alignment.back_mask(where.astype(np.float32))
    assert not covered[~inside].any()
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    whole = np.zeros((200, 220, 3), np.uint8)
    whole[alignment.region] = alignment.back(image)
    difference = np.abs(part.back(image).astype(int) - whole[part.region])
    assert difference.max() <= 12 and difference.mean() < 1  # OpenCV rounds positions to a 32nd of a pixel
    assert part.finer(3).region == part.region


def test_a_mirrored_crop_is_that_of_the_mirrored_photograph():
    photo = np.random.default_rng(0).integers(0, 256, (70, 90, 3)).astype(np.uint8)
    alignment = Alignment(similarity_matrix(0.6, 20, (-28.7, -21.2), (40.0, 33.0)), 32, (70, 90), (0.1, 0.9, 0.2, 0.5))
    mirrored = alignment.mirrored.crop(np.ascontiguousarray(photo[:, ::-1]))
    assert np.abs(mirrored[:, ::-1].astype(int) - alignment.crop(photo)).max() <= 1
    rows, columns = alignment.mirrored.region
    assert rows == alignment.region[0]
    assert (90 - columns.stop, 90 - columns.start) == (alignment.region[1].start, alignment.region[1].stop)
