"""Edits of videos, frame by frame.

There is no temporal model: every frame is drawn by itself, so textures flicker. Only the place of the face is smoothed
over time, which keeps the edited region from trembling. Sound is not kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mgpe_tf.data.alignment import align
from mgpe_tf.data.detection import Face, choose
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.session import Session
from mgpe_tf.errors import UserError

SMOOTHING = 0.6
"""Share of the landmarks that comes from the frames before; 0 takes every frame's as they are."""

LOST = 0.5
"""A face whose landmarks jump by more than this share of its eye distance is taken for another one and not smoothed."""


def edit_frames(
    editor: PortraitEditor, frames: Iterable[np.ndarray], edit: Callable[[Session], np.ndarray], face: str = "largest"
) -> Iterator[tuple[np.ndarray, bool]]:
    """Edits the frames of a video.

    Args:
      editor: finds, reads and draws.
      frames: uint8 RGB [H, W, 3], one size.
      edit: changes a session and renders it.
      face: "largest", or a number from 1, counted from left to right.

    Yields:
      Each frame, and whether it has a fit face; one without stays as it is.
    """
    landmarks = None
    for frame in frames:
        try:
            [found] = choose(editor.detector.detect(frame), face, "frame").values()
        except UserError:
            landmarks = None
            yield frame, False
            continue
        landmarks = smoothed(landmarks, found)
        alignment = align(landmarks, frame.shape[:2], editor.resolution)
        yield edit(Session(editor, editor.read(frame, alignment=alignment))), True


def smoothed(before: np.ndarray | None, face: Face) -> np.ndarray:
    """The landmarks float [5, 2] of a face, drawn towards those of the frame before."""
    if before is None or np.abs(before - face.landmarks).max() > LOST * face.eye_distance:
        return face.landmarks
    return SMOOTHING * before + (1 - SMOOTHING) * face.landmarks


def edit_video(
    editor: PortraitEditor, source: Path, output: Path, edit: Callable[[Session], np.ndarray], face: str = "largest"
) -> tuple[int, int]:
    """Edits a video file and writes an .mp4 file (MPEG-4 part 2, without sound).

    Args:
      editor, edit, face: see ``edit_frames``.
      source: any video that OpenCV reads.
      output: the file to write.

    Returns:
      The number of frames, and of those without a fit face.

    Raises:
      UserError: the file is no video, or cannot be written.
    """
    with contextlib.closing(_Reader(source)) as reader:
        temporary = output.with_name(f".{output.stem}.part.mp4")
        writer = cv2.VideoWriter(str(temporary), cv2.VideoWriter.fourcc(*"mp4v"), reader.rate, reader.size)
        if not writer.isOpened():
            raise UserError(f"{output}: cannot be written as a video")
        count = lost = 0
        try:
            with tqdm(total=reader.length, unit=" frames") as progress:
                for frame, has_face in edit_frames(editor, reader, edit, face):
                    writer.write(frame[..., ::-1])
                    count, lost = count + 1, lost + (not has_face)
                    progress.update()
        finally:
            writer.release()
        if not count:
            temporary.unlink(missing_ok=True)
            raise UserError(f"{source}: no video, or one without frames; allowed: what FFmpeg reads")
        temporary.replace(output)
    return count, lost


class _Reader:
    """The frames of a video file, uint8 RGB."""

    def __init__(self, path: Path):
        self._capture = cv2.VideoCapture(str(path))
        if not self._capture.isOpened():
            raise UserError(f"{path}: no video, or there is no such file; allowed: what FFmpeg reads")
        self.rate = self._capture.get(cv2.CAP_PROP_FPS) or 25.0
        self.length = max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))) or None
        self.size = tuple(int(self._capture.get(key)) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))

    def __iter__(self) -> Iterator[np.ndarray]:
        while True:
            read, frame = self._capture.read()
            if not read:
                return
            yield np.ascontiguousarray(frame[..., ::-1])

    def close(self) -> None:
        """Lets the file go."""
        self._capture.release()
