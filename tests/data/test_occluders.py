"""Hands and things before a face: what they hide is background, they come by their chance, hands look like skin."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from mgpe_tf.config import AugmentationConfig
from mgpe_tf.data.augment import augment
from mgpe_tf.data.occluders import DRAWS, HAND, occlude
from mgpe_tf.data.synthetic import draw_portrait
from mgpe_tf.labels import BACKGROUND, PARTIAL_HELEN, SKIN, to_partial

SIZE = 64
IMAGE, MASK = draw_portrait(1, SIZE)


def occluded(seed: int, mask=MASK, image=IMAGE, kind=None):
    draws = np.random.default_rng(seed).random(DRAWS).astype(np.float32)
    if kind is not None:
        draws[3] = kind
    found, without = occlude(tf.constant(image), tf.constant(mask), tf.constant(draws))
    return np.asarray(found), np.asarray(without)


@pytest.mark.parametrize("kind", [0.2, 0.6, 0.9])
def test_what_is_hidden_is_background(kind):
    shares = []
    for seed in range(12):
        image, mask = occluded(seed, np.full_like(MASK, SKIN), kind=kind)
        hidden = mask == BACKGROUND
        assert image.dtype == mask.dtype == np.uint8 and set(np.unique(mask)) <= {BACKGROUND, SKIN}
        changed = (image != IMAGE).any(-1)
        assert changed[hidden].mean() > 0.99
        near = np.asarray(tf.nn.max_pool2d(hidden[None, :, :, None].astype("float32"), 5, 1, "SAME"))[0, :, :, 0] > 0
        assert not (changed & ~near).any()  # soft over a pixel and a half
        shares.append(hidden.mean())
    assert 0.01 < np.mean(shares) < 0.4 and max(shares) < 0.7


def test_hands_have_the_colour_of_the_skin():
    image = np.where((MASK == SKIN)[..., None], (180, 120, 90), (0, 0, 255)).astype(np.uint8)
    for mask in (MASK, to_partial(MASK, "helen")):
        for seed in range(6):
            found, without = occluded(seed, mask, image, kind=HAND / 2)
            hand = np.median(found[without == BACKGROUND][mask[without == BACKGROUND] != BACKGROUND], axis=0)
            np.testing.assert_allclose(hand / hand.sum(), np.array((180, 120, 90)) / 390, atol=0.02)


def test_a_portrait_without_skin_gets_a_hand_too():
    image, mask = occluded(0, np.full_like(MASK, PARTIAL_HELEN), kind=0.1)
    assert (image != IMAGE).any() and (mask == BACKGROUND).any()


def test_hands_come_from_below_or_aside():
    for seed in range(12):
        _, mask = occluded(seed, np.full_like(MASK, SKIN), kind=0.1)
        hidden = mask == BACKGROUND
        assert hidden[-1].any() or hidden[:, 0].any() or hidden[:, -1].any()


def test_they_come_by_their_chance():
    config = AugmentationConfig(flip=0.0, occlusion=0.3)
    found = [augment(tf.constant(IMAGE), tf.constant(MASK), config, [seed, 1]) for seed in range(60)]
    hidden = [(np.asarray(image) != IMAGE).any() for image, _ in found]
    assert 8 < sum(hidden) < 30
    for (_, mask), own in zip(found, hidden):
        assert own or (np.asarray(mask) == MASK).all()
