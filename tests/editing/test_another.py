"""Another's face keeps its proportions and expression where it is shown alone, and is edited as the own one."""

from __future__ import annotations

import dataclasses

import cv2
import editors
import numpy as np
import pytest
from small import SIZE
from test_session import MASK, Finder, by_palette, coloured
from test_shapes import BALD, drawn

from mgpe_tf import labels
from mgpe_tf.editing.carry.another import WEIGHTS, proportional, whole
from mgpe_tf.editing.carry.layers import layers
from mgpe_tf.editing.carry.sampling import moved_mask
from mgpe_tf.editing.masks import edits
from mgpe_tf.editing.masks.regions import box_of
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.session import Session
from mgpe_tf.editing.state import APPEARANCES, EditState, Taken
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser

OWN = drawn(BALD)


class Still:
    """What finds no flow."""

    def flow(self, source, target, stiff):
        return np.zeros((*source.shape, 2), np.float32)


def with_mask(mask):
    """A portrait that has it."""
    networks = EditorNetworks(editors.small_networks()._functions, SIZE, Still())
    portrait = PortraitEditor(networks, FaceParser(by_palette, SIZE), Finder()).read(coloured(MASK, 1), aligned=True)
    return dataclasses.replace(portrait, mask=mask)


def swapped(own, strength=1.0):
    """An edit that takes somebody's face."""
    target = with_mask(own)
    state = EditState(target, own, 1.0, 0.0, carry=1.0)
    return state.taking(APPEARANCES["face"], Taken(target, strength))


def placed(scale, angle, right, down):
    """The matrix of a similarity about the middle of the picture, and OWN moved by it."""
    matrix = cv2.getRotationMatrix2D((127.5, 127.5), angle, scale)
    matrix[:, 2] += right, down
    return matrix, cv2.warpAffine(OWN, matrix, (256, 256), flags=cv2.INTER_NEAREST)


def narrow(mask):
    """A face whose eyes are nearer to each other."""
    eyes = np.roll(np.where(mask == labels.LEFT_EYE, mask, 0), 8, 1) + np.roll(
        np.where(mask == labels.RIGHT_EYE, mask, 0), -8, 1
    )
    bare = np.where(np.isin(mask, [labels.LEFT_EYE, labels.RIGHT_EYE]), labels.SKIN, mask)
    return np.where(eyes > 0, eyes, bare).astype(np.uint8)


def centre(mask, ids):
    return np.array(box_of(mask, ids).centre)


def between_eyes(mask):
    return float(np.hypot(*(centre(mask, (labels.LEFT_EYE,)) - centre(mask, (labels.RIGHT_EYE,)))))


def test_a_face_that_is_the_same_is_laid_on_it():
    matrix, other = placed(0.8, 12, 9, -5)
    flow = proportional(other, OWN)
    rows, columns = np.nonzero(np.isin(OWN, labels.FACE))
    at = np.stack([columns, rows], axis=-1)
    np.testing.assert_allclose(at + flow[rows, columns], at @ matrix[:, :2].T + matrix[:, 2], atol=2.5)


def test_it_keeps_its_proportions():
    """The distance of its eyes by that of its eyes and mouth, as nearly as pixels have it."""
    other = narrow(OWN)
    laid = moved_mask(other, proportional(other, OWN))

    def proportions(mask):
        return between_eyes(mask) / float(centre(mask, labels.MOUTH)[0] - centre(mask, (labels.LEFT_EYE,))[0])

    assert proportions(laid) == pytest.approx(proportions(other), rel=0.04)
    assert proportions(OWN) > 1.3 * proportions(other)


def test_faces_that_show_few_features_are_not_laid():
    few = np.where(np.isin(OWN, [ids[0] for ids in WEIGHTS][:4]), labels.SKIN, OWN).astype(np.uint8)
    assert proportional(few, OWN) is None and proportional(OWN, few) is None
    flow = whole(swapped(OWN), Still(), few).flow
    assert np.isfinite(flow).all()


def test_where_the_own_face_shines_through_features_lie_on_its():
    """Otherwise one would see four eyes."""
    other = narrow(OWN)
    distances = [between_eyes(whole(swapped(OWN, strength), Still(), other).mask) for strength in (0.2, 0.9, 1.0)]
    assert distances[0] == pytest.approx(between_eyes(OWN), abs=2.5)
    assert distances[0] > distances[1] > distances[2]


@pytest.mark.parametrize("name", ["smile", "raise_brows", "eye_size", "nose_size"])
def test_it_is_edited_where_its_own_features_are(name):
    """A shape that an edit has given the own face, another's gets, too: as if it had been edited first."""
    other = narrow(OWN)
    plain = whole(swapped(OWN), Still(), other)
    amounts = {name: 0.8}
    state = swapped(OWN).shaped(edits.apply(OWN, amounts), amounts)
    np.testing.assert_array_equal(whole(state, Still(), other).mask, edits.apply(plain.mask, amounts))


def test_it_keeps_its_expression_unless_it_is_to_have_the_own_one():
    """Its mouth stays closed where the own one is open; in a video it opens."""
    closed = np.where(OWN == labels.INNER_MOUTH, labels.UPPER_LIP, OWN).astype(np.uint8)
    donor = with_mask(closed)
    session = Session(None, with_mask(edits.apply(closed, {"open_mouth": 1.0})))
    session.take("face", donor)
    state = session.state
    still, moving = (
        [each for each in layers(dataclasses.replace(state, own_expression=own)) if each.portrait is donor]
        for own in (False, True)
    )
    inner = cv2.erode((state.mask == labels.INNER_MOUTH).astype(np.uint8), np.ones((5, 5))) > 0
    assert still[0].share[inner].min() > 0.999 and moving[0].share[inner].min() < 0.1


def test_a_mouth_that_is_opened_later_shows_a_gap():
    closed = np.where(OWN == labels.INNER_MOUTH, labels.UPPER_LIP, OWN).astype(np.uint8)
    amounts = {"open_mouth": 0.6}
    state = swapped(closed).shaped(edits.apply(closed, amounts), amounts)
    carried = whole(state, Still(), closed)
    inner = cv2.erode((carried.mask == labels.INNER_MOUTH).astype(np.uint8), np.ones((5, 5))) > 0
    assert inner.any() and carried.shows[inner].max() < 0.2 and carried.shows[OWN == labels.NOSE].min() == 1
    assert whole(swapped(closed), Still(), closed).shows.min() == 1


def test_it_follows_a_painted_mask():
    """By what the network finds between the own masks."""

    class Shifting(Still):
        def flow(self, source, target, stiff):
            return np.full((*source.shape, 2), 0 if stiff else -3, np.float32)

    painted = np.roll(OWN, (3, 3), (0, 1))
    state = swapped(OWN).with_mask(painted)
    other = narrow(OWN)
    before, after = (whole(each, Shifting(), other).mask for each in (swapped(OWN), state))
    assert centre(after, labels.MOUTH) == pytest.approx(centre(before, labels.MOUTH) + 3, abs=1)
