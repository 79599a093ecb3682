"""One portrait's pixels carried into another: where they are known, and in which tone."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from mgpe_tf import labels
from mgpe_tf.ops.carry import carry, in_tone

SIZE = 32
RNG = np.random.default_rng(0)
SOURCE, TARGET = (RNG.uniform(-0.5, 0.5, (1, SIZE, SIZE, 3)).astype(np.float32) for _ in range(2))
STILL = np.zeros((1, SIZE, SIZE, 2), np.float32)


def mask(*boxes: tuple[int, int, int, int, int]) -> np.ndarray:
    """Of (label, top, bottom, left, right)."""
    found = np.zeros((1, SIZE, SIZE), np.int32)
    for label, top, bottom, left, right in boxes:
        found[0, top:bottom, left:right] = label
    return found


HAIR = mask((labels.HAIR, 4, 28, 4, 28))


def test_what_agrees_is_carried_and_the_rest_stays():
    image, known = map(ops.convert_to_numpy, carry(SOURCE, HAIR, TARGET, HAIR, STILL, HAIR > 0))
    np.testing.assert_allclose(image[:, 8:24, 8:24], SOURCE[:, 8:24, 8:24], atol=1e-6)
    np.testing.assert_allclose(image[:, :, 30:], TARGET[:, :, 30:], atol=1e-6)
    np.testing.assert_allclose(known, 1, atol=1e-6)


def test_another_label_is_unknown_but_a_nose_is_skin():
    source = mask((labels.SKIN, 4, 28, 4, 28), (labels.NOSE, 8, 14, 8, 14))
    target = mask((labels.SKIN, 4, 28, 4, 28), (labels.LEFT_EYE, 18, 24, 18, 24))
    known = ops.convert_to_numpy(carry(SOURCE, source, TARGET, target, STILL, target > 0).known)
    assert known[0, 20:22, 20:22].max() == 0
    assert known[0, 6:16, 6:16].min() > 0.999


def test_pixels_come_from_where_the_flow_points():
    flow = STILL + np.array((3, -2), np.float32)
    taken = np.ones((1, SIZE, SIZE), bool)
    image = ops.convert_to_numpy(carry(SOURCE, HAIR, TARGET, HAIR, flow, taken).image)
    np.testing.assert_allclose(image[:, 10:20, 10:20], SOURCE[:, 8:18, 13:23], atol=1e-6)


@pytest.mark.parametrize("label", [labels.SKIN, labels.HAIR])
def test_the_face_gets_the_mean_of_the_others_skin(label):
    own, other = mask((label, 4, 28, 4, 28)), mask((labels.SKIN, 10, 20, 10, 20))
    toned = ops.convert_to_numpy(in_tone(SOURCE, own, TARGET + 0.3, other))
    change = (TARGET[0, 10:20, 10:20] + 0.3).mean((0, 1)) - SOURCE[0, 4:28, 4:28].mean((0, 1))
    within = np.s_[:, 8:24, 8:24]
    expected = SOURCE + (change if label == labels.SKIN else 0)
    np.testing.assert_allclose(toned[within], expected[within], atol=1e-5)
    np.testing.assert_allclose(toned[:, :, :2], SOURCE[:, :, :2], atol=1e-6)
