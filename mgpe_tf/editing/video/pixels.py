"""A video's frames as a person sees them, and back into the format in which they are stored."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from mgpe_tf.data.images import MAX_PIXELS
from mgpe_tf.errors import UserError

if TYPE_CHECKING:
    import av

ACCURATE = 0x4 | 0x2000 | 0x40000
"""libswscale's flags of bicubic, full chroma and accurate rounding. Without them colours come out 1 of 255 darker."""

BT709, UNSPECIFIED, BT601 = 1, 2, 5
"""Numbers of matrices between RGB and YUV (H.273)."""

LARGE = 576
"""Videos of more lines whose matrix is not said are taken for BT.709, as players do; others for BT.601."""

LIMITED, FULL = 1, 2
"""Numbers of ranges: luma from 16 to 235, or from 0 to 255."""


class VideoPixels:
    """How one video's frames are seen and stored, all alike.

    Args:
      first: its first frame.
      aspect: width of a pixel by its height.
      name: the video, for errors.

    Attributes:
      width, height: as stored.
      format: in which frames are encoded: yuv420p, or yuv444p if a side is odd.
      matrix: FFmpeg's display matrix, nine numbers; None without one.
      colours: numbers of range, primaries, transfer and matrix (H.273), as the frames are tagged.
    """

    def __init__(self, first: av.VideoFrame, aspect: Fraction, name: str):
        self._name = name
        self.width, self.height = first.width, first.height
        self.format = "yuv444p" if self.width % 2 or self.height % 2 else "yuv420p"
        self.matrix = _display_matrix(first)
        self._turns, self._square = _turns(self.matrix), self._square_size(aspect)
        rgb = _is_rgb(first)
        matrix = BT709 if rgb else first.colorspace
        by_size = BT709 if self.height > LARGE else BT601
        self._matrix, self._range = by_size if matrix == UNSPECIFIED else matrix, LIMITED
        tag = LIMITED if rgb else first.color_range
        if not rgb and (tag == FULL or first.format.name.startswith("yuvj")):
            self._range = tag = FULL
        self.colours = (tag, first.color_primaries, first.color_trc, matrix)

    def seen(self, frame: av.VideoFrame) -> np.ndarray:
        """The frame upright, of square pixels, uint8 RGB [H', W', 3]. Raises UserError if it is unlike the first."""
        self._check(frame)
        rgb: np.ndarray = self._converted(frame, format="rgb24").to_ndarray()
        if self._square != (self.width, self.height):
            rgb = cv2.resize(rgb, self._square, interpolation=cv2.INTER_CUBIC)
        return np.ascontiguousarray(self._turned(rgb))

    def stored(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame as it is encoded when it is not edited."""
        self._check(frame)
        return self._as_encoded(frame)

    def edited(self, frame: av.VideoFrame, before: np.ndarray, after: np.ndarray) -> av.VideoFrame:
        """The frame as it is encoded when ``seen`` gave `before` and an edit made `after` of it.

        Where they agree, it has the pixels of ``stored``.
        """
        from av import VideoFrame

        changed = self._back((before != after).any(-1).astype(np.uint8) * 255) > 0
        drawn = VideoFrame.from_ndarray(np.ascontiguousarray(self._back(after)), "rgb24")
        new, old = (self._as_encoded(one).to_ndarray() for one in (drawn, frame))
        result = VideoFrame.from_ndarray(np.where(self._of_planes(changed, new.shape), new, old), self.format)
        self._tag(result)
        return result

    def _as_encoded(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame in ``format``, tagged; the very same one if it has it already."""
        result = self._converted(frame, format=self.format, dst_colorspace=self._matrix, dst_color_range=self._range)
        self._tag(result)
        return result

    def _converted(self, frame: av.VideoFrame, **wanted: Any) -> av.VideoFrame:
        """The frame by ``reformat``, which is told how the frame's numbers are colours."""
        source: dict[str, Any] = {"src_colorspace": self._matrix, "src_color_range": self._range}
        if _is_rgb(frame):
            frame.colorspace, source = self._matrix, {}  # of what it becomes; PyAV 17 knows no BT.2020 otherwise
        try:
            return frame.reformat(interpolation=ACCURATE, **source, **wanted)
        except OSError as error:
            raise UserError(
                f"{self._name}: frames of format {frame.format.name} with colours of matrix {frame.colorspace} (H.273) "
                f"cannot be converted: {error.strerror or error}"
            ) from error

    def _tag(self, frame: av.VideoFrame) -> None:
        frame.color_range, frame.color_primaries, frame.color_trc, frame.colorspace = self.colours

    def _of_planes(self, changed: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """bool [H, W] of pixels, for the planes of ``format`` as PyAV gives them."""
        if self.format == "yuv444p":
            return np.broadcast_to(changed, shape)
        chroma = changed.reshape(self.height // 2, 2, self.width // 2, 2).any((1, 3)).ravel()
        return np.concatenate([changed.ravel(), chroma, chroma]).reshape(shape)

    def _check(self, frame: av.VideoFrame) -> None:
        if (frame.width, frame.height) != (self.width, self.height):
            raise UserError(
                f"{self._name}: a frame of {frame.width} x {frame.height} pixels after those of {self.width} x "
                f"{self.height}; allowed: one size"
            )

    def _square_size(self, aspect: Fraction) -> tuple[int, int]:
        """(width, height) of a frame as it is stored, stretched to square pixels; as it is for absurd ones."""
        width, height = round(self.width * max(aspect, Fraction(1))), round(self.height / min(aspect, Fraction(1)))
        absurd = not 0.25 <= aspect <= 4 or width * height > MAX_PIXELS
        return (self.width, self.height) if absurd else (width, height)

    def _turned(self, picture: np.ndarray) -> np.ndarray:
        """Upright, as a player turns and mirrors it."""
        across, down, right = self._turns
        return (picture.swapaxes(0, 1) if across else picture)[::down, ::right]

    def _back(self, picture: np.ndarray) -> np.ndarray:
        """The inverse of ``seen``: pixels as they are stored."""
        across, down, right = self._turns
        picture = picture[::down, ::right]
        picture = np.ascontiguousarray(picture.swapaxes(0, 1) if across else picture)
        if self._square == (self.width, self.height):
            return picture
        return cv2.resize(picture, (self.width, self.height), interpolation=cv2.INTER_AREA)


def _turns(matrix: tuple[int, ...] | None) -> tuple[bool, int, int]:
    """Whether rows become columns, and in which direction rows and columns run then (1 or -1).

    Only quarter turns and mirrors are looked at; a frame turned otherwise is edited as it is stored.
    """
    if matrix is None:
        return False, 1, 1
    a, b, _, c, d = matrix[:5]  # (x, y) is shown at (a x + c y, b x + d y)
    if not a and not d:
        return True, -1 if b < 0 else 1, -1 if c < 0 else 1
    if not b and not c:
        return False, -1 if d < 0 else 1, -1 if a < 0 else 1
    return False, 1, 1


def _is_rgb(frame: av.VideoFrame) -> bool:
    """Whether its numbers are RGB, of a palette or not."""
    return frame.format.is_rgb or frame.format.has_palette


def _display_matrix(frame: av.VideoFrame) -> tuple[int, ...] | None:
    """The nine numbers that say how a player turns the frame; None if it does not."""
    found: Any = frame.side_data  # by name; PyAV declares it otherwise
    matrix = found.get("DISPLAYMATRIX")
    return None if matrix is None else tuple(np.frombuffer(bytes(matrix), np.int32).tolist())
