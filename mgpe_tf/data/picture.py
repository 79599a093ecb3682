"""A picture as its file holds it, beside the same as it is worked on: so that what is not edited stays as it was."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from PIL import Image

from mgpe_tf.data import profiles


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """A picture, upright.

    Attributes:
      pixels: as they are stored, uint8 [H, W, C]: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. CMYK is RGB here.
      profile: the ICC profile of their colours, by ``profiles.usable``; None: they are sRGB.
    """

    pixels: np.ndarray
    profile: bytes | None = None

    @functools.cached_property
    def image(self) -> np.ndarray:
        """As it is worked on: uint8 RGB [H, W, 3] in sRGB, laid over white."""
        if self.profile is None:
            return self.over_white
        colours = self._colours[..., 0] if self._mode == "L" else self._colours
        shown = profiles.to_srgb(Image.fromarray(np.ascontiguousarray(colours)), self.profile)
        return _over_white(np.array(shown), self._alpha)

    @functools.cached_property
    def over_white(self) -> np.ndarray:
        """uint8 [H, W, 3] in the colours of the profile, laid over white."""
        colours = self._colours if self._mode == "RGB" else self._colours.repeat(3, axis=-1)
        return _over_white(colours, self._alpha)

    @property
    def is_transparent(self) -> bool:
        """Whether there is a pixel through which one sees."""
        return self._alpha is not None and bool((self._alpha < 255).any())

    def from_srgb(self, edited: np.ndarray) -> np.ndarray:
        """Edited pixels, uint8 RGB [h, w, 3] in sRGB, in the colours of the profile, uint8 [h, w, 3]."""
        if self.profile is None:
            return edited
        own = profiles.from_srgb(edited, self.profile, self._mode)
        return own if own.ndim == 3 else np.repeat(own[..., None], 3, axis=-1)

    def with_colours(self, edited: np.ndarray) -> np.ndarray:
        """The pixels that look like `edited`, uint8 [H, W, 3], where it differs from ``over_white``: uint8 [H, W, C].

        All others, and alpha, stay. What one sees through gets as much more of a change as the white hides of it.
        """
        channels = self._colours.shape[-1]
        if self._alpha is None:
            return edited[..., :channels]
        changed = (edited != self.over_white).any(axis=-1) & (self._alpha > 0)
        added = (edited[changed].astype(np.float32) - self.over_white[changed])[:, :channels]
        colours = self._colours[changed] + added * (255 / self._alpha[changed].astype(np.float32))[:, None]
        result = self.pixels.copy()
        result[changed, :channels] = np.clip(np.round(colours), 0, 255)
        return result

    @property
    def _mode(self) -> str:
        return "L" if self.pixels.shape[-1] < 3 else "RGB"

    @property
    def _colours(self) -> np.ndarray:
        return self.pixels[..., : 1 if self._mode == "L" else 3]

    @property
    def _alpha(self) -> np.ndarray | None:
        return None if self.pixels.shape[-1] in (1, 3) else self.pixels[..., -1]


def _over_white(colours: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """uint8 [H, W, 3] laid over white."""
    if alpha is None:
        return colours
    picture = Image.fromarray(np.dstack([colours, alpha]))
    white = Image.new("RGBA", picture.size, "white")
    return np.array(Image.alpha_composite(white, picture).convert("RGB"))
