"""Reading videos by PyAV, which brings FFmpeg's libraries.

A video comes from anywhere. It is read from an open file, and no other file or address that it names is opened.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mgpe_tf.data.images import MAX_PIXELS
from mgpe_tf.editing.video.length import missing_bytes
from mgpe_tf.errors import UserError

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer

ALLOWED = "allowed: what FFmpeg reads, .mp4, .mov, .mkv, .webm, .avi and others"


class TimedFrame(NamedTuple):
    """A picture of a video and when it is shown.

    Attributes:
      frame: as it was decoded; the decoder may still need its pixels.
      time: in units of ``VideoInput.time_base``.
      duration: in the same units; 0 where the file does not say.
    """

    frame: av.VideoFrame
    time: int
    duration: int


def import_av() -> types.ModuleType:
    """PyAV. Raises UserError if it is not installed."""
    try:
        import av
    except ImportError as error:
        raise UserError("videos need PyAV: pip install 'mgpe_tf[video]'") from error
    return av


class VideoInput:
    """A video file that is being read: its first moving picture and all of its sounds. Use it in a ``with``.

    Args:
      path: the file.

    Attributes:
      path: as above.
      time_base: seconds of one unit of the frames' times.
      rate: frames a second, on average.
      aspect: width of a pixel by its height.
      length: about how many frames there are; None where the file does not say.
      sounds: the sound streams.
      missing: bytes that the file lacks at its end (``length``).
      first: the first frame.

    Raises:
      UserError: there is no such file, it is no video, it has no frame, or its frames are too large.
    """

    def __init__(self, path: Path):
        self.path, self._av = path, import_av()
        with contextlib.ExitStack() as stack:
            self._container = self._open(stack)
            self.missing = missing_bytes(path)
            self._video = self._moving_picture()
            self.sounds = list(self._container.streams.audio)
            self.rate = self._video.average_rate or self._video.guessed_rate or Fraction(25)
            self.time_base = self._video.time_base or 1 / self.rate
            self.aspect = self._video.sample_aspect_ratio or Fraction(1)
            self.length = self._video.frames or round((self._container.duration or 0) / 1e6 * self.rate) or None
            # Clocks of broadcasts and discs stand anywhere at the beginning.
            adrift = self._container.format.flags & self._av.format.Flags.ts_discont.value
            self._origin = Fraction(self._container.start_time or 0, 10**6) if adrift else Fraction(0)
            self._rest = self._timed()
            self._begun: list[TimedFrame | av.Packet[AudioStream]] = []
            self.first = self._up_to_first_frame()
            self._stack = stack.pop_all()

    def __enter__(self) -> VideoInput:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[TimedFrame | av.Packet[AudioStream]]:
        """Frames in the order in which they are shown, and packets of sound between them; once.

        Raises UserError for what cannot be decoded, and for a frame that does not come after the one before.
        """
        yield from self._begun
        yield from self._rest

    def _up_to_first_frame(self) -> TimedFrame:
        """The first frame; what comes before it is kept for ``__iter__``."""
        for one in self._rest:
            self._begun.append(one)
            if isinstance(one, TimedFrame):
                return one
        raise UserError(f"{self.path}: a video without frames; {ALLOWED}")

    def _timed(self) -> Iterator[TimedFrame | av.Packet[AudioStream]]:
        """See ``__iter__``."""
        count, last, step = 0, None, max(1, round(1 / (self.rate * self.time_base)))
        origin = round(self._origin / self.time_base)
        for found in self._decoded():
            if not isinstance(found, self._av.VideoFrame):
                yield self._moved(found)
                continue
            if found.is_corrupt:  # FFmpeg has made something up
                if self.missing:
                    return
                raise UserError(f"{self.path}: damaged, cannot be decoded further (frame {count + 1})")
            time = 0 if last is None else last + step  # for raw streams, which hold no times
            if found.pts is not None:
                time = found.pts - origin
            if last is not None and time <= last:
                at = float(time * self.time_base)
                raise UserError(f"{self.path}: frame {count + 1}, at {at:.3f} s, does not come after the one before it")
            yield TimedFrame(found, time, found.duration or 0)
            count, last = count + 1, time

    def _open(self, stack: contextlib.ExitStack) -> InputContainer:
        """The container; `stack` closes it."""
        try:
            file = stack.enter_context(self.path.open("rb"))
            # A list of videos names files or addresses: the whitelist keeps FFmpeg from opening them.
            opened: InputContainer = self._av.open(file, options={"protocol_whitelist": "none"})
            stack.enter_context(opened)
            return opened
        except (FileNotFoundError, IsADirectoryError) as error:
            raise UserError(f"{self.path}: there is no such file") from error
        except (self._av.FFmpegError, OSError) as error:
            raise UserError(f"{self.path}: no video ({error.strerror or error}); {ALLOWED}") from error

    def _moving_picture(self) -> av.VideoStream:
        """The first stream of frames that is no cover of a piece of music. UserError if there is none to edit."""
        cover = self._av.stream.Disposition.attached_pic
        moving = [video for video in self._container.streams.video if not video.disposition & cover]
        if not moving or self._container.format.name.endswith(("_pipe", "image2")):
            raise UserError(f"{self.path}: no moving picture in it; {ALLOWED}")
        width, height = moving[0].width, moving[0].height
        if width * height > MAX_PIXELS:  # before anything is decoded
            raise UserError(f"{self.path}: {width} x {height} pixels; allowed: {MAX_PIXELS} in all; scale it down")
        return moving[0]

    def _decoded(self) -> Iterator[Any]:
        """The frames and the packets of sound, as they come."""
        try:
            for packet in self._container.demux(self._video, *self.sounds):
                if packet.stream is self._video:
                    yield from packet.decode()
                elif packet.dts is not None:
                    yield packet
        except (self._av.FFmpegError, OSError) as error:
            raise UserError(f"{self.path}: damaged, cannot be decoded further ({error.strerror or error})") from error

    def _moved(self, packet: av.Packet[AudioStream]) -> av.Packet[AudioStream]:
        """A packet of sound with its times counted as those of the frames."""
        origin = round(self._origin / packet.time_base)
        packet.dts = None if packet.dts is None else packet.dts - origin
        packet.pts = None if packet.pts is None else packet.pts - origin
        return packet


def frame_times(path: Path) -> list[Fraction]:
    """When the frames of a video file are shown, in seconds, without decoding them."""
    with import_av().open(f"file:{path}") as container:
        [video] = container.streams.video
        packets = [packet for packet in container.demux(video) if packet.pts is not None]
        return sorted(packet.pts * packet.time_base for packet in packets)
