"""A face that was found in a photograph, and what is computed of it once."""

from __future__ import annotations

import dataclasses
import functools
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.alignment import Alignment
from mgpe_tf.data.detection import Choice
from mgpe_tf.editing.masks.presence import looks_away
from mgpe_tf.editing.masks.scene import EARS, Scene
from mgpe_tf.editing.pixels import beyond, colourised, inpaint, uncover
from mgpe_tf.editing.pixels.colours import colour_errors
from mgpe_tf.editing.pixels.details import Details, details_of
from mgpe_tf.editing.pixels.dye import wider, with_hair_around
from mgpe_tf.editing.pixels.exposure import exposed
from mgpe_tf.editing.pixels.hair_colours import HairColours, hair_colours
from mgpe_tf.editing.pixels.hair_rim import without_halo
from mgpe_tf.editing.pixels.matte import matte
from mgpe_tf.editing.pixels.monochrome import toned, tones_of
from mgpe_tf.editing.pixels.strays import strays

if TYPE_CHECKING:
    from mgpe_tf.editing.photograph import Photograph
    from mgpe_tf.models.editor_networks import EditorNetworks


@dataclasses.dataclass(frozen=True, eq=False)
class Portrait:
    """A face that was found in a photograph.

    Attributes:
      networks: those that embedded it.
      photo: uint8 RGB [H, W, 3].
      alignment: of the face in the photograph.
      image: the aligned crop, uint8 RGB [R, R, 3], brightened if it is very dark.
      mask: uint8 [R, R] Helen ids.
      embeddings: its appearance, float32 [E] by component name.
      parts: uint8 [R, R] of CelebAMask-HQ's ids, from a parser that knows them.
      gain: by how much it is brightened (``exposure``).
      choice: which face of the photograph it is; None if that was known.
      face: how it was asked for: "largest", or a number from 1, counted from left to right.
      aligned: whether the photograph is an aligned portrait.
      file: the photograph's file, where it has one; recipes need it.
    """

    networks: EditorNetworks
    photo: np.ndarray
    alignment: Alignment
    image: np.ndarray
    mask: np.ndarray
    embeddings: dict[str, np.ndarray]
    parts: np.ndarray | None = None
    gain: float = 1.0
    choice: Choice | None = None
    face: str = "largest"
    aligned: bool = False
    file: Photograph | None = None

    @functools.cached_property
    def colour_errors(self) -> np.ndarray:
        """The error of its colours when the networks reconstruct it (``colours.colour_errors``)."""
        drawn = self.networks.render(self.networks.decode(self.embeddings), self.image, self.mask)
        return colour_errors(self.image, drawn, self.mask)

    @functools.cached_property
    def background(self) -> Any:
        """E_b's feature of it (``EditorNetworks.encode_background``)."""
        return self.networks.encode_background(self.image)

    @functools.cached_property
    def without_face(self) -> np.ndarray:
        """The portrait without its face and hair (``inpaint.without_face``)."""
        return inpaint.without_face(self.image, self.mask)

    @functools.cached_property
    def hair_colours(self) -> HairColours | None:
        """The colours of its hair; None if there is next to none."""
        return hair_colours(self.image, self.mask == labels.HAIR)

    @functools.cached_property
    def without_halo(self) -> np.ndarray:
        """The portrait with the rim of its hair in the hair's colours (``hair_rim.without_halo``)."""
        beyond = self.mask == labels.BACKGROUND
        if self.parts is not None:
            beyond &= ~np.isin(self.parts, (*EARS, labels.PARTS["hat"]))
        return without_halo(self.image, self.mask == labels.HAIR, beyond)

    @functools.cached_property
    def hair_matte(self) -> np.ndarray:
        """How far each pixel is hair, or the hat on it: float32 [R, R] in [0, 1] (``matte.matte``)."""
        hair = self.mask == labels.HAIR
        return matte(self.image, hair if self.scene is None else hair | self.scene.hat)

    @functools.cached_property
    def hair_around(self) -> np.ndarray:
        """Its hair, beyond the portrait, too: bool [W, W] of the ``dye.wider`` crop."""
        return with_hair_around(wider(self.alignment).crop(self.photo), self.mask == labels.HAIR)

    @functools.cached_property
    def without_hair_around(self) -> np.ndarray:
        """It and what is around it without hair: uint8 RGB [W, W, 3] of the ``dye.wider`` crop."""
        image, face = wider(self.alignment).crop(self.photo), np.isin(self.mask, labels.FACE)
        return beyond.without_hair(image, self.without_hair, self.hair_around, face)

    @functools.cached_property
    def scene(self) -> Scene | None:
        """What eleven classes do not tell; None without a parser or a network that does."""
        behind_hair = self.networks.behind_hair
        return None if self.parts is None or behind_hair is None else Scene(self.parts, behind_hair.parts(self.parts))

    def giving_hair(self, receiver: Portrait) -> np.ndarray:
        """Its mask as its hair is given, uint8 [R, R] Helen ids: with a hat as hair, unless the other wears one."""
        if self.scene is None or (receiver.scene and receiver.scene.wears_hat):
            return self.mask
        return np.where(self.scene.hat, np.uint8(labels.HAIR), self.mask)

    @functools.cached_property
    def uncovered(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The portrait with skin and features in the place of its hair, and where that is (``uncover.with_skin``); None
        where nothing tells them."""
        if self.scene is None or self.networks.behind_hair is None:
            return None
        picture, hidden = uncover.with_skin(self.image, self.scene, self.networks.behind_hair.pixels)
        if self.tones is not None:  # which the network does not know
            picture = np.where(hidden[..., None], toned(picture, self.tones), picture)
        return picture, hidden

    @functools.cached_property
    def bald(self) -> np.ndarray:
        """Its mask without any hair, uint8 [R, R] Helen ids; as it is where nothing tells what is behind hair."""
        return self.mask if self.scene is None else np.where(self.mask == labels.HAIR, self.scene.bald, self.mask)

    @functools.cached_property
    def strays(self) -> np.ndarray:
        """Strands and shadows of its hair on the background beyond the fringe, bool [R, R] (``strays.strays``)."""
        beyond = self.mask == labels.BACKGROUND if self.parts is None else self.parts == labels.PARTS["background"]
        return strays(self.image, self.mask == labels.HAIR, beyond)

    @property
    def face_alone(self) -> np.ndarray:
        """The portrait without the hair before its face, uint8 RGB [R, R, 3]; as it is where nothing tells it."""
        return self.uncovered[0] if self.uncovered else self.image

    @functools.cached_property
    def without_hair(self) -> np.ndarray:
        """The portrait without its hair, with background in the place of what it hides of the face
        (``inpaint.without_hair``, ``uncover.beside_face``)."""
        if self.scene is None or self.uncovered is None:
            return inpaint.without_hair(self.image, self.mask)
        return uncover.beside_face(self.image, self.scene, self.uncovered[0], self.strays)

    @functools.cached_property
    def mirrored(self) -> Portrait:
        """Its mirror image, left for right; its networks' embeddings stay the same."""
        return dataclasses.replace(
            self,
            photo=np.ascontiguousarray(self.photo[:, ::-1]),
            alignment=self.alignment.mirrored,
            image=np.ascontiguousarray(self.image[:, ::-1]),
            mask=labels.mirrored(self.mask),
            parts=None if self.parts is None else labels.mirrored_parts(self.parts),
        )

    def facing(self, other: Portrait) -> Portrait:
        """It, or its mirror image if that looks more as another face does: what is taken then fits better."""
        return self.mirrored if looks_away(other.mask, self.mask) else self

    @functools.cached_property
    def tones(self) -> np.ndarray | None:
        """The tones of a black-and-white or toned photograph (``monochrome.tones_of``); None of a coloured one."""
        return tones_of(self.image if self.gain == 1 else self.alignment.crop(self.photo))

    def in_colours_of(self, other: Portrait) -> Portrait:
        """It, or, if it is black and white or toned and the other is not, it in the other's colours
        (``colourised``)."""
        if self.tones is None or other.tones is not None:
            return self
        if other not in self._colourised:
            chromas = colourised.chroma(other.image, other.mask)
            share = colourised.shares(colourised.kinds(self.mask, self.parts))
            photo, region = self.photo.copy(), self.alignment.region
            in_photo = np.dstack([self.alignment.back_mask(each) for each in np.moveaxis(share, -1, 0)])
            photo[region] = colourised.coloured(photo[region], in_photo, chromas)
            image = colourised.coloured(self.image, share, chromas)
            self._colourised[other] = dataclasses.replace(self, photo=photo, image=image)
        return self._colourised[other]

    @functools.cached_property
    def _colourised(self) -> weakref.WeakKeyDictionary[Portrait, Portrait]:
        return weakref.WeakKeyDictionary()

    def details(self, times: int = 1) -> Details:
        """Its fine details, with `times` the pixels along the side that the networks draw."""
        if times not in self._details:
            image = self.image
            if times > 1:
                image = exposed(self.alignment.finer(times).crop(self.photo), self.gain)
            self._details[times] = details_of(image, self.mask)
        return self._details[times]

    @functools.cached_property
    def _details(self) -> dict[int, Details]:
        return {}
