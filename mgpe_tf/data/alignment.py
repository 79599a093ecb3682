"""From a photograph to an aligned portrait and back (paper section 3: five landmarks, a similarity transform, a crop).

Positions are (x, y) in pixels, and pixel centres lie on integers. NumPy and OpenCV alone; the landmarks come from a
detector (``mgpe_tf.data.detection``). How ``TEMPLATE`` and ``WEIGHTS`` were measured is in
docs/explanation/alignment.md.
"""

from __future__ import annotations

import dataclasses
import math

import cv2
import numpy as np

from mgpe_tf.errors import UserError
from mgpe_tf.geometry import REFERENCE_SIZE, invert_affine

TEMPLATE = np.array([(96.0, 121.2), (159.0, 121.2), (127.5, 161.3), (99.4, 188.1), (155.6, 188.1)])
"""Where the landmarks lie in a 256x256 crop framed as CelebA-HQ's, float64 [5, 2], in the order of ``Face.landmarks``:
the viewer's left eye, right eye, nose tip, left mouth corner, right mouth corner."""

WEIGHTS = (4.0, 4.0, 0.5, 1.0, 1.0)
"""Weight of each landmark's squared error in ``align``. In CelebA-HQ's crops the eyes stay in place; the nose tip moves
with the turn of the head, the mouth with the length of the face."""


@dataclasses.dataclass(frozen=True, eq=False)
class Alignment:
    """How an aligned square crop lies in a photograph.

    Pasting an edited crop changes no pixel outside of ``region``, and none inside where the mask is 0::

        patch, weight = photo[alignment.region], alignment.back_mask(mask)[..., None]
        photo[alignment.region] = np.rint(patch + weight * (alignment.back(edited) - patch.astype(float)))

    Attributes:
      matrix: float64 [2, 3], a similarity from photo to crop positions: ``matrix @ (x, y, 1)``.
      resolution: side R of the crop in pixels.
      photo_size: (height, width) of the photograph in pixels.
      part: (top, bottom, left, right) of the crop, as shares of its side, that ``region`` encloses.
    """

    matrix: np.ndarray
    resolution: int
    photo_size: tuple[int, int]
    part: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    @property
    def inverse(self) -> np.ndarray:
        """float64 [2, 3] from crop to photo positions."""
        return invert_affine(self.matrix)

    @property
    def photo_pixels(self) -> float:
        """Pixels of the photograph along the side of one of the crop's."""
        return 1 / math.hypot(self.matrix[0, 0], self.matrix[1, 0])

    @property
    def mirrored(self) -> Alignment:
        """That of the mirrored crop in the mirrored photograph."""
        matrix, width = self.matrix * [[1, -1, -1], [-1, 1, 1]], self.photo_size[1]
        matrix[0, 2] += self.resolution - 1 - self.matrix[0, 0] * (width - 1)
        matrix[1, 2] += self.matrix[1, 0] * (width - 1)
        top, bottom, left, right = self.part
        return dataclasses.replace(self, matrix=matrix, part=(top, bottom, 1 - right, 1 - left))

    def finer(self, times: int) -> Alignment:
        """The same crop with `times` as many pixels along its side."""
        matrix = self.matrix * times
        matrix[:, 2] += (times - 1) / 2  # the middle of a pixel is the middle of its finer pixels
        return dataclasses.replace(self, matrix=matrix, resolution=self.resolution * times)

    def around(self, where: np.ndarray) -> Alignment:
        """The same with a region that encloses some pixels of the crop alone, bool [R, R] with at least one."""
        rows, columns = (np.flatnonzero(where.any(axis=axis)) for axis in (1, 0))
        ends = rows[0] - 1, rows[-1] + 2, columns[0] - 1, columns[-1] + 2
        top, bottom, left, right = (float(np.clip(end / self.resolution, 0, 1)) for end in ends)
        return dataclasses.replace(self, part=(top, bottom, left, right))

    @property
    def region(self) -> tuple[slice, slice]:
        """Rows and columns of the photograph that enclose the crop, or its part: nothing outside of them belongs to
        it."""
        top, bottom, left, right = (share * self.resolution - 0.5 for share in self.part)
        corners = transform(self.inverse, np.array([(left, top), (right, top), (left, bottom), (right, bottom)]))
        corners = corners.round(6)  # rounding errors would add a row or column
        height, width = self.photo_size
        left, top = np.clip(np.floor(corners.min(axis=0) + 0.5), 0, (width, height)).astype(int).tolist()
        right, bottom = np.clip(np.ceil(corners.max(axis=0) + 0.5), 0, (width, height)).astype(int).tolist()
        return slice(top, bottom), slice(left, right)

    def crop(self, photo: np.ndarray) -> np.ndarray:
        """The aligned crop of the photograph, uint8 [H, W, 3] -> uint8 [R, R, 3].

        Beyond the photograph's borders it is mirrored (d c b a | a b c d). UserError if the photo is of another size.
        """
        self._check_size(photo, "photo")
        return _warp(photo, self.matrix, (self.resolution, self.resolution), cv2.INTER_CUBIC, cv2.BORDER_REFLECT)

    def crop_label(self, label: np.ndarray) -> np.ndarray:
        """As ``crop`` for ids, uint8 [H, W] -> uint8 [R, R]: each pixel takes the id nearest to its centre."""
        self._check_size(label, "label")
        size = self.resolution, self.resolution
        return cv2.warpAffine(label, self.matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)

    def back(self, image: np.ndarray) -> np.ndarray:
        """A crop [R, R, ...] (uint8 or float32) in the photograph's frame, [h, w, ...] as large as ``region``.

        Where the region reaches beyond the crop its border pixels go on; there ``back_mask`` is 0.
        """
        return self._back(image, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)

    def back_mask(self, mask: np.ndarray) -> np.ndarray:
        """A soft mask of the crop, float [R, R] in 0..1, in the photograph's frame, float32 [h, w] as ``back``.

        It is 0 outside the crop. Of a mask of ones this is the share of each pixel that the crop covers.
        """
        return self._back(np.asarray(mask, np.float32), cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)

    def back_label(self, label: np.ndarray) -> np.ndarray:
        """Ids of the crop, uint8 [R, R], in the photograph's frame, uint8 [H, W]: the nearest id, 0 off the crop."""
        height, width = self.photo_size
        return cv2.warpAffine(label, self.inverse, (width, height), flags=cv2.INTER_NEAREST)

    def _back(self, array: np.ndarray, interpolation: int, border: int) -> np.ndarray:
        """`array` of the crop, warped to the region."""
        if array.shape[:2] != (self.resolution, self.resolution):
            raise ValueError(f"a crop of shape {array.shape}; allowed: [{self.resolution}, {self.resolution}, ...]")
        rows, columns = self.region
        matrix = self.inverse
        matrix[:, 2] -= columns.start, rows.start
        return _warp(array, matrix, (columns.stop - columns.start, rows.stop - rows.start), interpolation, border)

    def _check_size(self, array: np.ndarray, what: str) -> None:
        if array.shape[:2] != self.photo_size:
            height, width = self.photo_size
            raise UserError(
                f"{what}: {array.shape[1]} x {array.shape[0]} pixels; allowed: {width} x {height}, the size of the"
                " photograph in which the face was found"
            )


def align(landmarks: np.ndarray, photo_size: tuple[int, int], resolution: int = REFERENCE_SIZE) -> Alignment:
    """The alignment that brings landmarks to the template.

    Args:
      landmarks: float [5, 2], positions in the photograph in the order of ``TEMPLATE``.
      photo_size: (height, width) of the photograph.
      resolution: side of the crop.
    """
    height, width = photo_size
    return Alignment(similarity(landmarks, template_at(resolution), WEIGHTS), resolution, (height, width))


def whole(photo_size: tuple[int, int], resolution: int, name: str = "portrait") -> Alignment:
    """The alignment of a photograph that is an aligned portrait already; UserError naming it if it is not square."""
    height, width = photo_size
    if height != width or not height:
        raise UserError(f"{name}: {width} x {height} pixels; allowed for an aligned portrait: squares")
    scale = resolution / height
    shift = (scale - 1) / 2  # pixel centres lie on integers
    return Alignment(np.array([(scale, 0, shift), (0, scale, shift)]), resolution, (height, width))


def template_at(resolution: int) -> np.ndarray:
    """``TEMPLATE`` in a crop of another side, float64 [5, 2]; pixel centres lie on integers there, too."""
    return (TEMPLATE + 0.5) * (resolution / REFERENCE_SIZE) - 0.5


def similarity(points: np.ndarray, template: np.ndarray, weights: tuple[float, ...] | None = None) -> np.ndarray:
    """The rotation, scale and shift with the least squared distance of the moved points from a template.

    With positions as complex numbers it is z -> a z + b, a regression in one unknown; a reflection has no such form.

    Args:
      points, template: float [N, 2], N >= 2.
      weights: weight of each point's squared distance; None: all alike.

    Returns:
      float64 [2, 3], from points to template. Raises UserError if all points coincide.
    """
    source, target = (np.asarray(positions, np.float64) @ (1, 1j) for positions in (points, template))
    source_mean, target_mean = np.average(source, weights=weights), np.average(target, weights=weights)
    centred = source - source_mean
    spread = np.average(abs(centred) ** 2, weights=weights)
    if not spread > 0:
        raise UserError(f"landmarks: {np.asarray(points).tolist()}; allowed: positions that differ")
    a = np.average(centred.conj() * (target - target_mean), weights=weights) / spread
    b = target_mean - a * source_mean
    return np.array([(a.real, -a.imag, b.real), (a.imag, a.real, b.imag)])


def transform(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Positions [N, 2] moved by an affine map [2, 3], float64 [N, 2]."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def _warp(pixels: np.ndarray, matrix: np.ndarray, size: tuple[int, int], interpolation: int, border: int) -> np.ndarray:
    """`pixels` moved by `matrix` (from input to output) into a frame of `size` (width, height), without aliasing.

    warpAffine reads a few pixels around one position for each output pixel and skips all others when it shrinks. So it
    is given a whole number of positions per output pixel and axis, about one input pixel apart, and takes their mean.
    """
    scale = math.hypot(matrix[0, 0], matrix[1, 0])
    finer = max(1, math.ceil(1 / scale - 0.1))  # less than a tenth too far apart is not seen
    matrix = matrix * finer
    matrix[:, 2] += (finer - 1) / 2  # the middle of an output pixel is the middle of its finer pixels
    width, height = size
    warped = cv2.warpAffine(pixels, matrix, (width * finer, height * finer), flags=interpolation, borderMode=border)
    return warped if finer == 1 else cv2.resize(warped, size, interpolation=cv2.INTER_AREA)
