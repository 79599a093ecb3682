"""A supersampled canvas that paints an image and its label map from the same shapes.

Shapes are points (u, v) in head units: u is the distance from the middle of the face to the viewer's right, v the
row, both in pixels of a 256 x 256 frame. The pose carries them into the frame, so no painter knows the resolution.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

FRAME = 256.0
SUPERSAMPLING = 2
FIELD_SIZE = 128
_PIVOT = np.array([0.0, 150.0])
_FIXED_POINT_BITS = 4


@dataclasses.dataclass(frozen=True)
class Pose:
    """Where the head is in the frame.

    Attributes:
      roll: turn in the image plane, radians.
      scale: size relative to the standard framing.
      shift: (u, v) move, frame units.
      yaw: turn to the viewer's right, -1 to 1; features and outline move against each other by it.
    """

    roll: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    yaw: float = 0.0

    def rotation(self) -> np.ndarray:
        """Returns the 2 x 2 matrix that turns and scales head units into frame units."""
        cosine, sine = self.scale * np.cos(self.roll), self.scale * np.sin(self.roll)
        return np.array([[cosine, -sine], [sine, cosine]])

    def to_frame(self, points: np.ndarray) -> np.ndarray:
        """Maps head units [N, 2] (u, v) to frame units [N, 2] (x, y), 0 to 256 inside the frame."""
        return (points - _PIVOT) @ self.rotation().T + _PIVOT + self.shift + (FRAME / 2, 0.0)

    def head_coordinates(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns u and v, each float32 [size, size], at the pixel centres of a size x size raster of the frame."""
        centres = (np.arange(size, dtype=np.float32) + 0.5) * (FRAME / size)
        x = centres[None, :] - np.float32(FRAME / 2 + self.shift[0] + _PIVOT[0])
        y = centres[:, None] - np.float32(self.shift[1] + _PIVOT[1])
        inverse = np.linalg.inv(self.rotation()).astype(np.float32)
        u = inverse[0, 0] * x + inverse[0, 1] * y + np.float32(_PIVOT[0])
        return u, inverse[1, 0] * x + inverse[1, 1] * y + np.float32(_PIVOT[1])


def curve(points, closed: bool = True, steps: int = 8) -> np.ndarray:
    """Returns a Catmull-Rom spline through ``points`` [N, 2]: float64 [M, 2], ``steps`` points a segment."""
    points = np.asarray(points, np.float64)
    padded = np.concatenate([points[-1:], points, points[:2]] if closed else [points[:1], points, points[-1:]])
    before, start, end, after = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    slope = end - before
    square = 2 * before - 5 * start + 4 * end - after
    cube = 3 * (start - end) + after - before
    spline = (start + 0.5 * t * (slope + t * (square + t * cube))).reshape(-1, 2)
    return spline if closed else np.concatenate([spline, points[-1:]])


def ellipse(centre, radii, tilt: float = 0.0, points: int = 32) -> np.ndarray:
    """Returns the polygon [points, 2] of an ellipse: centre (u, v), radii (u, v), tilt in radians."""
    angle = np.linspace(0.0, 2 * np.pi, points, endpoint=False)
    across, down = radii[0] * np.cos(angle), radii[1] * np.sin(angle)
    cosine, sine = np.cos(tilt), np.sin(tilt)
    return np.stack([cosine * across - sine * down, sine * across + cosine * down], 1) + centre


def normals(directions: np.ndarray) -> np.ndarray:
    """Returns unit vectors at right angles to ``directions``, both [N, 2]; on the left when v points down."""
    turned = np.stack([directions[:, 1], -directions[:, 0]], 1)
    return turned / np.maximum(np.linalg.norm(directions, axis=1), 1e-6)[:, None]


def ribbon(points, widths) -> np.ndarray:
    """Returns the polygon of a brush stroke along an open spline through ``points``; ``widths`` run along it."""
    line = curve(points, closed=False)
    normal = normals(np.gradient(line, axis=0))
    along = np.linspace(0.0, 1.0, len(line))
    half = 0.5 * np.interp(along, np.linspace(0.0, 1.0, len(widths)), widths)[:, None]
    return np.concatenate([line + normal * half, (line - normal * half)[::-1]])


def _soften(mask: np.ndarray, sigma: float) -> np.ndarray:
    """Blurs a mask, uint8 [h, w]; ``sigma`` in pixels. Wide blurs work on a smaller copy: they leave no detail."""
    coarse = max(int(sigma / 2), 1)
    height, width = mask.shape
    if coarse == 1:
        return cv2.GaussianBlur(mask, (0, 0), sigma)
    small = cv2.resize(mask, (-(-width // coarse), -(-height // coarse)), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / coarse), (width, height), interpolation=cv2.INTER_LINEAR)


class Canvas:
    """Image and labels in the making, at ``SUPERSAMPLING`` times the resolution.

    Attributes:
      pose: the head's pose.
      size: canvas pixels a side.
      image: float32 [size, size, 3] RGB, 0 to 1.
      label: uint8 [size, size], Helen ids.
    """

    def __init__(self, resolution: int, pose: Pose):
        """Makes an empty canvas for portraits of ``resolution`` pixels a side."""
        self.pose = pose
        self.size = resolution * SUPERSAMPLING
        self.image = np.zeros((self.size, self.size, 3), np.float32)
        self.label = np.zeros((self.size, self.size), np.uint8)

    def mask(self, *polygons: np.ndarray) -> np.ndarray:
        """Returns the union of polygons [N, 2] in head units, border included: uint8 [size, size], 0 or 255."""
        mask = np.zeros((self.size, self.size), np.uint8)
        unit = self.size / FRAME * (1 << _FIXED_POINT_BITS)
        half = 1 << (_FIXED_POINT_BITS - 1)
        for polygon in polygons:
            fixed = np.rint(self.pose.to_frame(polygon) * unit).astype(np.int32) - half
            cv2.fillPoly(mask, [fixed], 255, shift=_FIXED_POINT_BITS)
        return mask

    def spread(self, field: np.ndarray) -> np.ndarray:
        """Enlarges a smooth raster of the frame, [n, n] or [n, n, 3], to the canvas."""
        return cv2.resize(np.asarray(field, np.float32), (self.size, self.size), interpolation=cv2.INTER_CUBIC)

    def paint(self, mask, colour, opacity=1.0, blur=0.0, within=None, label=None) -> None:
        """Lays a colour over the image where ``mask`` is set.

        Args:
          mask: uint8 [size, size], 0 to 255.
          colour: RGB, 0 to 1, one for all or float32 [size, size, 3].
          opacity: 0 to 1.
          blur: softness of the edge, standard deviation in head units.
          within: a mask [size, size] that the (blurred) mask may not leave.
          label: id written where ``mask`` is set; None leaves the labels alone.
        """
        window, alpha = self._coverage(mask, opacity, blur, within)
        colour = np.asarray(colour, np.float32)
        patch = self.image[window]
        patch += alpha * ((colour[window] if colour.ndim == 3 else colour) - patch)
        if label is not None:
            self.label[mask > 127] = label

    def tint(self, mask, factor, opacity=1.0, blur=0.0, within=None) -> None:
        """Multiplies the image by ``factor`` (RGB or one number) where ``mask`` is set; see :meth:`paint`."""
        window, alpha = self._coverage(mask, opacity, blur, within)
        self.image[window] *= 1.0 + alpha * (np.asarray(factor, np.float32) - 1.0)

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns the image, uint8 [R, R, 3] (area mean), and the labels, uint8 [R, R] (majority of each 2 x 2)."""
        resolution = self.size // SUPERSAMPLING
        image = cv2.resize(self.image, (resolution, resolution), interpolation=cv2.INTER_AREA)
        image = np.rint(np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8)
        a, b, c, d = (self.label[row::2, column::2] for row in (0, 1) for column in (0, 1))
        others = np.where((b == c) | (b == d), b, np.where(c == d, c, a))
        return image, np.where((a == b) | (a == c) | (a == d), a, others)

    def _coverage(self, mask, opacity, blur, within):
        """Returns the window that a mask touches and its opacity there, float32 [h, w, 1]."""
        sigma = blur * self.size / FRAME * self.pose.scale
        margin = int(3 * sigma + 1)
        x, y, width, height = cv2.boundingRect(mask)
        window = np.s_[max(y - margin, 0) : y + height + margin, max(x - margin, 0) : x + width + margin]
        patch = mask[window]
        if sigma > 0.2 and patch.size:
            patch = _soften(patch, sigma)
        alpha = patch.astype(np.float32) * np.float32(opacity / 255.0)
        if within is not None:
            alpha *= within[window] * np.float32(1 / 255.0)
        return window, alpha[..., None]
