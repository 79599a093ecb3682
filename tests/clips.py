"""Small videos that tests write, and what is in a video."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48000
"""Samples a second of the sound."""


def write_clip(
    path: Path,
    frames: Sequence[np.ndarray],
    times: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 1000),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    aspect: Fraction | None = None,
    colours: tuple[int, int, int, int] | None = None,
    turned: float | None = None,
    mirrored: bool = False,
    sound: str | None = None,
) -> Path:
    """Writes frames, uint8 RGB [H, W, 3], without loss where the codec can.

    Args:
      path: its ending is the container.
      frames: all of one size.
      times: when they are shown, in units of `time_base`; None for 25 a second.
      codec, pixels, aspect: encoder, pixel format and pixel aspect.
      colours: numbers of range, primaries, transfer and matrix (H.273).
      turned, mirrored: degrees and mirror of the display matrix.
      sound: encoder of a sine of 440 Hz beside the frames.
    """
    times = [i * 40 for i in range(len(frames))] if times is None else times
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=25, options={"crf": "0"} if codec == "libx264" else {})
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt, video.time_base = pixels, time_base
        context = video.codec_context
        context.time_base = time_base
        if aspect:
            context.sample_aspect_ratio = aspect
        if colours:
            context.color_range, context.color_primaries, context.color_trc, context.colorspace = colours
        if turned is not None:
            video.set_display_rotation(turned, hflip=mirrored)
        track = container.add_stream(sound, rate=RATE, layout="mono") if sound else None
        container.start_encoding()
        for picture, time in zip(frames, times):
            rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            rgb.colorspace = colours[3] if colours else rgb.colorspace
            frame = rgb.reformat(format=pixels, dst_color_range=colours[0] if colours else None)
            frame.pts, frame.time_base, frame.duration = time, time_base, int(Fraction(1, 25) / time_base)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if track:
            _write_sine(container, track, float(times[-1] * time_base) + 0.1)
    return path


def _write_sine(container, track, seconds: float) -> None:
    samples = np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE) * 0.3
    frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16)[None], "s16", "mono")
    frame.sample_rate, frame.pts = RATE, 0
    size = track.codec_context.frame_size or None
    resampler = av.AudioResampler(track.codec_context.format.name, "mono", RATE, frame_size=size)
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(track.encode(part))
    container.mux(track.encode(None))


def frames_of(path: Path) -> list[av.VideoFrame]:
    """The decoded frames."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def pictures_of(path: Path) -> list[np.ndarray]:
    """The frames as they are stored, uint8 RGB [H, W, 3]."""
    return [frame.to_ndarray(format="rgb24", interpolation=0x42004) for frame in frames_of(path)]


def times_of(path: Path) -> list[Fraction]:
    """When frames are shown, in seconds."""
    return [frame.pts * frame.time_base for frame in frames_of(path)]


def sound_of(path: Path) -> np.ndarray:
    """The samples of the sound, as they are decoded."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])


def sound_packets_of(path: Path) -> list[bytes]:
    """The sound as it is stored."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]
