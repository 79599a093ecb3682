"""Videos, with a detector that reads the face's place off a marked pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from small import SIZE, randomised, small_config
from test_session import MASK, X_S, by_palette, coloured

from mgpe_tf.data.alignment import template_at
from mgpe_tf.data.detection import Face
from mgpe_tf.editing.networks import EditorNetworks
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.video import SMOOTHING, edit_frames, edit_video, smoothed
from mgpe_tf.errors import UserError
from mgpe_tf.objectives.editor import build_generator
from mgpe_tf.parsing.face_parser import FaceParser

PORTRAIT = coloured(MASK, 2).repeat(2, 0).repeat(2, 1)


def frame(left: int) -> np.ndarray:
    """A gray frame with the portrait, twice as large, `left` pixels from its left border."""
    picture = np.full((160, 240, 3), 60, np.uint8)
    picture[16:144, left : left + 128] = PORTRAIT
    return picture


def landmarks(left: float) -> np.ndarray:
    return (template_at(SIZE) + 0.5) * 2 - 0.5 + (left, 16)


class Finder:
    """Finds the portrait by the first column that is not gray."""

    def detect(self, image):
        """See ``Detector``."""
        columns = np.flatnonzero(np.abs(image.astype(int) - 60).mean(axis=(0, 2)) > 8)
        return [Face((columns[0], 16, 128, 128), landmarks(columns[0]), 1.0)] if columns.size else []


@pytest.fixture(scope="module")
def editor():
    config = small_config()
    networks = EditorNetworks.of(randomised(build_generator(config)), config)
    return PortraitEditor(networks, FaceParser(by_palette, SIZE), Finder())


def test_frames_are_edited_and_those_without_a_face_stay(editor):
    empty = np.full((160, 240, 3), 60, np.uint8)
    other = editor.read(X_S, aligned=True)

    def edit(session):
        session.take("hair", other)
        return session.render()

    frames = [frame(20), empty, frame(80)]
    found = list(edit_frames(editor, frames, edit))
    assert [has_face for _, has_face in found] == [True, False, True]
    np.testing.assert_array_equal(found[1][0], empty)
    for before, (after, _), left in zip(frames[::2], found[::2], (20, 80)):
        changed = (before != after).any(-1)
        hair = np.zeros(changed.shape, bool)
        hair[16:144, left : left + 128] = (MASK == 10).repeat(2, 0).repeat(2, 1)
        assert changed[hair].mean() > 0.8 and changed[:, :left].sum() == changed[:, left + 128 :].sum() == 0


def test_landmarks_follow_slowly_but_not_to_another_face():
    start, near, far = (Face((0, 0, 9, 9), landmarks(left), 1.0) for left in (50, 52, 90))
    np.testing.assert_array_equal(smoothed(None, start), start.landmarks)
    np.testing.assert_allclose(smoothed(start.landmarks, near), landmarks(50 + 2 * (1 - SMOOTHING)))
    np.testing.assert_array_equal(smoothed(start.landmarks, far), far.landmarks)


def test_a_video_file(editor, tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "in.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (240, 160))
    for left in (20, 22, 24):
        writer.write(frame(left)[..., ::-1])
    writer.release()
    counted = edit_video(editor, tmp_path / "in.mp4", tmp_path / "out.mp4", lambda session: session.portrait.photo)
    assert counted == (3, 0)
    read = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    frames = [read.read()[1][..., ::-1] for _ in range(3)]
    assert not read.read()[0] and read.get(cv2.CAP_PROP_FPS) == 10
    assert np.abs(frames[2].astype(int) - frame(24)).mean() < 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]
    (tmp_path / "text.mp4").write_text("hello")
    with pytest.raises(UserError, match="text.mp4: no video"):
        edit_video(editor, tmp_path / "text.mp4", tmp_path / "x.mp4", None)
