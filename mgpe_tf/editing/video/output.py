"""Writing videos as .mp4 by PyAV: H.264, or VP9 where FFmpeg was built without libx264, and the sound of another."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from mgpe_tf.editing.video.input import TimedFrame, VideoInput, import_av
from mgpe_tf.editing.video.pixels import VideoPixels
from mgpe_tf.errors import UserError

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream

CRF = 18
"""Quality unless told otherwise: losses that are hardly seen."""

MAX_CRF = 51
"""Worst quality that libx264 knows; 0 is without loss."""

ENCODERS = {
    "libx264": lambda crf: {"crf": str(crf), "bf": "0"},  # frames stored in their order keep their times in all players
    "libvpx-vp9": lambda crf: {"crf": str(round(crf * 63 / MAX_CRF)), "b:v": "0", "row-mt": "1", "cpu-used": "4"},
}
"""Encoders by preference, and their options for a quality from 0 to ``MAX_CRF``."""

AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
"""Samples a second that AAC has; sound of another rate gets 48,000."""

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
"""Layouts of AAC by the number of channels; sound of other numbers is mixed to stereo."""


class VideoOutput:
    """An .mp4 file that is being written. Use it in a ``with``; it is whole after ``close``.

    Args:
      file: open for writing, seekable.
      name: the file, for errors.
      source: whose sounds, times and pixel aspect it gets.
      pixels: size, format, colours and display matrix of its frames.
      crf: quality of the frames, from 0 (best) to ``MAX_CRF``.

    Attributes:
      notes: what a user should know of the file, in words.

    Raises:
      UserError: here and in all methods, if the file cannot be written or the encoder fails.
    """

    def __init__(self, file: BinaryIO, name: str, source: VideoInput, pixels: VideoPixels, crf: int):
        self._name, self._pixels, self._time_base = name, pixels, source.time_base
        self._av = import_av()
        self._stack = contextlib.ExitStack()
        self._durations: dict[int, int] = {}
        self.notes: list[str] = []
        with self._errors():
            # In its ticks the file says how much later than the others a stream begins.
            ticks = math.lcm(1000, source.time_base.denominator)
            options = {"movie_timescale": str(ticks)} if ticks < 2**31 else {}
            self._container = self._av.open(file, "w", format="mp4", container_options=options)
            self._stack.callback(self._give_up)
            self._video = self._add_video(self._encoder(), source, crf)
            self._sounds = {sound.index: self._add_sound(sound) for sound in source.sounds}
            self._container.start_encoding()
        self._note_kept()

    def __enter__(self) -> VideoOutput:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, frame: av.VideoFrame, timed: TimedFrame) -> None:
        """Encodes `frame` at the time of another one, of the source."""
        frame.pts, frame.time_base, frame.duration = timed.time, self._time_base, timed.duration
        frame.pict_type = 0  # the encoder's choice, not what the frame was in the source
        self._durations[timed.time] = timed.duration
        with self._errors():
            self._mux_video(self._video.encode(frame))

    def carry_over(self, packet: av.Packet[AudioStream]) -> None:
        """Takes a packet of the source's sound."""
        sound = self._sounds.get(packet.stream.index)
        if sound is not None:
            with self._errors():
                self._container.mux(sound.take(packet))

    def close(self) -> None:
        """Writes what encoders hold back, and the index."""
        with self._errors():
            self._mux_video(self._video.encode(None))
            for sound in self._sounds.values():
                if sound is not None:
                    self._container.mux(sound.rest())
            self._container.close()

    def _mux_video(self, packets: Sequence[av.Packet[av.VideoStream]]) -> None:
        """Writes encoded frames, with the durations that the encoder has forgotten."""
        for packet in packets:
            packet.duration = self._durations.pop(packet.pts or 0) or packet.duration
            self._container.mux(packet)

    def _encoder(self) -> str:
        """The first of ``ENCODERS`` that PyAV has."""
        for encoder in ENCODERS:
            if encoder in self._av.codecs_available:
                return encoder
        raise UserError(f"PyAV has no encoder of {', '.join(ENCODERS)}; install PyAV from PyPI, which has")

    def _add_video(self, encoder: str, source: VideoInput, crf: int) -> av.VideoStream:
        """The stream of frames."""
        pixels = self._pixels
        video: av.VideoStream = self._container.add_stream(encoder, rate=source.rate, options=ENCODERS[encoder](crf))
        video.width, video.height, video.pix_fmt = pixels.width, pixels.height, pixels.format
        video.time_base = video.codec_context.time_base = self._time_base
        video.codec_context.sample_aspect_ratio = source.aspect
        context = video.codec_context
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = pixels.colours
        if pixels.matrix is not None:
            video.set_display_matrix(pixels.matrix)
        return video

    def _add_sound(self, sound: AudioStream) -> _Copied | _Encoded | None:
        """The writer of a sound; None if there is none for it."""
        kinds = (_Copied, _Encoded) if sound.codec_context is not None else ()
        for kind in kinds:
            with contextlib.suppress(ValueError):  # .mp4 does not take it
                carried = kind(self._container, sound)
                carried.stream.metadata.update({k: v for k, v in sound.metadata.items() if k in ("language", "title")})
                carried.stream.disposition = sound.disposition
                return carried
        return None

    def _note_kept(self) -> None:
        """Says what became of the sound, and what players may not show."""
        for number, sound in enumerate(self._sounds.values(), start=1):
            which = f"sound {number}" if len(self._sounds) > 1 else "sound"
            self.notes.append(f"{which} {sound.NOTE if sound else 'of unknown kind left out'}")
        if not self._sounds:
            self.notes.append("no sound")
        if self._pixels.format == "yuv444p":
            self.notes.append("odd sides, so colours in 4:4:4, which some players do not show")
        if self._video.codec_context.name == "libvpx-vp9":
            self.notes.append("VP9, since PyAV has no libx264")

    def _give_up(self) -> None:
        """Lets the container go; after ``close`` there is nothing left to do."""
        with contextlib.suppress(self._av.FFmpegError, OSError):
            self._container.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Failures of encoders and of the disk in one line."""
        try:
            yield
        except (self._av.FFmpegError, OSError) as error:
            raise UserError(f"{self._name}: cannot be written: {error.strerror or error}") from error


class _Copied:
    """A sound whose packets are taken as they are."""

    NOTE = "copied"

    def __init__(self, container: av.container.OutputContainer, sound: AudioStream):
        """ValueError if the container does not take its codec."""
        self.stream = container.add_stream_from_template(sound)

    def take(self, packet: av.Packet[AudioStream]) -> Sequence[av.Packet[AudioStream]]:
        """The packets to write for one of the source."""
        packet.stream = self.stream
        return [packet]

    def rest(self) -> Sequence[av.Packet[AudioStream]]:
        """Nothing is held back."""
        return []


class _Encoded:
    """A sound that is decoded and encoded as AAC."""

    NOTE = "encoded as AAC"

    def __init__(self, container: av.container.OutputContainer, sound: AudioStream):
        from av.audio.resampler import AudioResampler

        rate = sound.rate if sound.rate in AAC_RATES else 48000
        layout = LAYOUTS.get(sound.layout.nb_channels, "stereo")
        self.stream = container.add_stream("aac", rate=rate, layout=layout, bit_rate=192_000)
        self._decoder: av.AudioCodecContext = sound.codec_context
        self._resampler = AudioResampler(self.stream.format, self.stream.layout, rate)

    def take(self, packet: av.Packet[AudioStream]) -> Sequence[av.Packet[AudioStream]]:
        """See ``_Copied.take``."""
        return self._encoded(self._decoder.decode(packet))

    def rest(self) -> Sequence[av.Packet[AudioStream]]:
        """The packets that decoder, resampler and encoder hold back."""
        return [*self._encoded([*self._decoder.decode(None), None]), *self.stream.encode(None)]

    def _encoded(self, frames: Sequence[av.AudioFrame | None]) -> Sequence[av.Packet[AudioStream]]:
        resampled = [one for frame in frames for one in self._resampler.resample(frame)]
        return [packet for frame in resampled for packet in self.stream.encode(frame)]
