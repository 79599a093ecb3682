"""Edits of videos, frame by frame.

There is no temporal model: every frame is edited by itself, so textures flicker. Only the place of the face is smoothed
over time, which keeps the edited region from trembling.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mgpe_tf.data.detection import Choice
from mgpe_tf.editing.portrait import Portrait
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.session import Session
from mgpe_tf.editing.video import input as video_input
from mgpe_tf.editing.video.follow import Follower
from mgpe_tf.editing.video.input import TimedFrame, VideoInput
from mgpe_tf.editing.video.output import CRF, VideoOutput
from mgpe_tf.editing.video.pixels import VideoPixels
from mgpe_tf.errors import UserError
from mgpe_tf.progress import progress_bar
from mgpe_tf.storage.files import replacing

Edit = Callable[[Session], np.ndarray]
"""Changes a session and renders it: uint8 RGB, as large as its photograph."""


@dataclasses.dataclass(frozen=True)
class Edited:
    """The outcome for a video.

    Attributes:
      frames: their number.
      without: how many of them do not have the face, and are not edited.
      notes: what else a user should know, in words.
      whole: whether the source was; of one that is cut off these are the frames that are left.
    """

    frames: int
    without: int
    notes: Sequence[str]
    whole: bool = True


def edit_video(
    editor: PortraitEditor,
    source: Path,
    output: Path,
    edit: Edit,
    face: str = "largest",
    crf: int = CRF,
    tell: Callable[[Choice], None] = lambda choice: None,
) -> Edited:
    """Edits a video file and writes an .mp4 file, whole or not at all.

    It has the frames of the source at their times, with their size, turn, pixel aspect and colours, and its sound.
    All frames are encoded anew, with 8 bits; sound that .mp4 takes is copied.

    Args:
      editor: finds, parses and edits faces.
      source: any video that FFmpeg reads.
      output: the file to write.
      edit: changes a session and renders it.
      face: "largest", or a number from 1, counted from left to right, in the first frame that has it. This face is
        followed (``follow.Follower``); frames without it are not edited.
      crf: quality, from 0 (best, without loss) to ``output.MAX_CRF``.
      tell: is told which face that is, once it is found.

    Raises:
      UserError: PyAV is not installed, the file is no video or damaged, or the result cannot be written.
    """
    with VideoInput(source) as video, replacing(output) as temporary:
        with open(temporary, "wb") as file:
            edited, times = _edit_into(file, str(output), Follower(editor, face, tell), video, edit, crf)
        _check_times(temporary, output, times)
    return edited


def _edit_into(
    file: BinaryIO, name: str, follower: Follower, video: VideoInput, edit: Edit, crf: int
) -> tuple[Edited, list[Fraction]]:
    """Writes the edited video; gives the times of its frames in seconds, too."""
    pixels = VideoPixels(video.first.frame, video.aspect, str(video.path))
    without, times = 0, []
    with (
        VideoOutput(file, name, video, pixels, crf) as result,
        progress_bar(total=video.length, unit=" frames") as progress,
    ):
        for one in video:
            if not isinstance(one, TimedFrame):
                result.carry_over(one)
                continue
            seen = pixels.seen(one.frame)
            portrait = follower.find(seen)
            if portrait is None:
                result.write(pixels.stored(one.frame), one)
                without += 1
            else:
                result.write(pixels.edited(one.frame, seen, edit(_session(follower.editor, portrait))), one)
            times.append(one.time * video.time_base)
            progress.update()
        result.close()
    cut = [f"{video.path} is cut off, {video.missing} bytes are missing"] if video.missing else []
    return Edited(len(times), without, [*result.notes, *cut], not cut), times


def _session(editor: PortraitEditor, portrait: Portrait) -> Session:
    """Edits of the face of a frame, whose expression changes from one to the next, and that of a face in its place."""
    state = Session(editor, portrait, strict=True).state
    return Session(editor, portrait, begun=dataclasses.replace(state, own_expression=True))


def _check_times(written: Path, output: Path, times: Sequence[Fraction]) -> None:
    """UserError unless a file has frames at exactly these times: an encoder or a player's index may have lost one."""
    found = video_input.frame_times(written)
    if found != times:
        raise UserError(
            f"{output}: cannot be written: the encoder made {len(found)} frames of {len(times)}, or moved their times"
        )
