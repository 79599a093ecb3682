"""An edit as pixels."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from mgpe_tf import labels
from mgpe_tf.data.picture import Picture
from mgpe_tf.editing.carry.lay import lay
from mgpe_tf.editing.carry.layers import Layer, layers
from mgpe_tf.editing.masks.beard import beard, lower_face, opposite
from mgpe_tf.editing.masks.presence import goes_beyond
from mgpe_tf.editing.pixels import beyond
from mgpe_tf.editing.pixels.both_sides import without_shadow
from mgpe_tf.editing.pixels.colours import correct, in_light, in_tone, with_tone, without_glare
from mgpe_tf.editing.pixels.details import FEATURES, fitting, times_finer, with_details
from mgpe_tf.editing.pixels.dye import change_of, faded_to_border, recolouring, wider
from mgpe_tf.editing.pixels.exposure import exposed
from mgpe_tf.editing.pixels.inpaint import bared
from mgpe_tf.editing.pixels.monochrome import toned
from mgpe_tf.editing.pixels.mouth import hidden, opened
from mgpe_tf.editing.pixels.paste import away_from_cut_edges, laid_over, soft_region
from mgpe_tf.editing.pixels.whites import with_whites
from mgpe_tf.editing.state import EditState, Taken
from mgpe_tf.geometry import REFERENCE_SIZE, component

SEEN = 0.6
"""Pixels at 256x256 by which what is moved less counts as unmoved."""

BESIDE = 6.0
"""Standard deviation in pixels at 256x256 over which the light on a beard and beside it is averaged."""

ABOVE = 0.5
"""How far skin may lie in the lower face to count as beside a beard."""

HALF = 0.5
"""Levels from which on a pixel is changed."""


class Renderer:
    """Draws edits of one face after the other; of those with the same appearances only the first decodes them."""

    def __init__(self) -> None:
        self._decoded: tuple[Mapping[str, Taken], Any] | None = None
        self._carried: tuple[EditState, list[Layer]] | None = None

    def portrait(self, state: EditState) -> np.ndarray:
        """The aligned portrait, uint8 RGB [R, R, 3], all of it generated."""
        drawn = self._drawn(state)
        return _dyed(state, _toned(state, _with_details(state, drawn, 1) if state.detail else drawn))

    def photograph(self, state: EditState, blend: str, onto: Picture | None = None) -> np.ndarray:
        """The whole photograph, as large as it came; outside the edited region bit for bit as it was.

        Args:
          state: the edit.
          blend: one of ``paste.BLENDS``.
          onto: the photograph as its file holds it; the result is as its pixels. None: as the portrait's, uint8 RGB.
        """
        onto = onto or Picture(state.target.photo)
        drawn = self._photograph(state, blend, onto)
        return _dyed_photograph(state, dataclasses.replace(onto, pixels=drawn)) if state.dyed else drawn

    def _photograph(self, state: EditState, blend: str, onto: Picture) -> np.ndarray:
        """The photograph before its hair is dyed. A beard fades out within what is laid over the photograph."""
        region = self._redrawn(state)
        if not region.any() and not state.beard.any():
            pixels: np.ndarray = onto.pixels.copy()
            return pixels
        weights = np.maximum(soft_region(region), np.minimum(2 * state.beard, 1))
        carried, alignment = self._layers(state), state.target.alignment
        if carried:
            alignment = alignment.around(weights > 0)
        drawn = self._beneath(state, region, weights)
        finer = alignment.finer(len(drawn) // len(region))
        above = finer.back(onto.from_srgb(_toned(state, drawn)))
        if carried:
            toned, mouth = functools.partial(_in_tone, state), functools.partial(_opened, state)
            above = lay(above, carried, alignment, onto, toned, mouth, state.carry)
        weights = cv2.resize(weights, drawn.shape[:2], interpolation=cv2.INTER_LINEAR)
        return onto.with_colours(laid_over(_beneath_portrait(state, carried, onto), above, weights, finer, blend))

    def _beneath(self, state: EditState, region: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The portrait where nothing is carried, uint8 RGB, R or some times R pixels a side; where that is nowhere, the
        photograph's portrait, since drawing takes time."""
        carried = self._layers(state)
        if carried and state.carry == 1 and not _generated(state, carried[0].share)[weights > 0].any():
            return state.target.image
        drawn = self._drawn(state)
        if state.detail and (region & np.isin(state.mask, [labels.HAIR, *FEATURES])).any():
            drawn = _with_details(state, drawn, times_finer(state.target.alignment.photo_pixels))
        return drawn

    def region(self, state: EditState) -> np.ndarray:
        """bool [R, R]: the pixels that the edits are about."""
        region: np.ndarray = self._redrawn(state) | state.region
        return region | (state.mask == labels.HAIR) if state.dyed else region

    def _redrawn(self, state: EditState) -> np.ndarray:
        """bool [R, R]: the pixels that are drawn or carried, but for a beard."""
        carried = self._layers(state) if state.region.any() else []
        return state.redrawn | _moved(state, carried[0]) if carried else state.redrawn

    def _layers(self, state: EditState) -> list[Layer]:
        """The layers that are carried."""
        if self._carried is None or self._carried[0] is not state:
            self._carried = state, list(layers(state)) if state.carry else []
        return self._carried[1]

    def _drawn(self, state: EditState) -> np.ndarray:
        """The aligned portrait without details."""
        if state.has_beard:
            own, whole = self._drawn(state.without(["skin"])).astype(np.float32), self._drawn_whole(state)
            return np.round(own + state.beard[..., None] * (whole - own)).astype(np.uint8)
        return self._drawn_whole(state)

    def _drawn_whole(self, state: EditState) -> np.ndarray:
        """The same with all of a skin of which only a part is taken."""
        drawn = state.target.networks.render(self._features(state), *_around(state))
        drawn = correct(drawn, state.mask, _colour_errors(state))
        return _with_tone(state, drawn) if _tone(state) and "skin" in state.taken else drawn

    def _features(self, state: EditState) -> Any:
        if self._decoded is None or self._decoded[0] is not state.taken:
            self._decoded = state.taken, state.target.networks.decode(state.embeddings)
        return self._decoded[1]


def _beneath_portrait(state: EditState, carried: list[Layer], onto: Picture) -> np.ndarray:
    """The photograph, uint8 [H, W, 3], over which a portrait is laid: hair that goes on beyond the portrait goes as it
    does within, and gets the same colours (``beyond``)."""
    photo: np.ndarray = onto.over_white
    change = _change_beyond(state, carried)
    if change is None:
        return photo
    own, alignment = state.target, wider(state.target.alignment)
    region = alignment.region
    result: np.ndarray = photo.copy()
    change = alignment.back(change) * faded_to_border(alignment)[..., None]
    changed = onto.from_srgb(np.clip(np.round(own.photo[region] + change), 0, 255).astype(np.uint8))
    seen = (np.abs(change) >= HALF).any(axis=-1)
    result[region][seen] = changed[seen]
    return result


def _change_beyond(state: EditState, carried: list[Layer]) -> np.ndarray | None:
    """By what the surroundings of a portrait change, float32 [W, W, 3] of the ``dye.wider`` crop; None: by nothing."""
    own, colours = state.target, carried[0].colours if carried else None
    goes = state.carry > 0 and goes_beyond(own.mask, state.mask, own.alignment)  # recipes without stay as they were
    before, after = own.hair_colours, colours and colours.hair_colours
    if own.gain != 1 or not (goes or (before and after)):
        return None
    drawn, hair = away_from_cut_edges(own.alignment), own.mask == labels.HAIR
    crop = wider(own.alignment).crop(own.photo)
    change = np.zeros(crop.shape, np.float32)
    if before and after:
        change = recolouring(crop, own.hair_around, before, after, state.taken["hair"].strength)
        change *= beyond.not_drawn(drawn, change)[..., None]
    if goes:
        share = beyond.gone(own.hair_around, hair, state.mask == labels.HAIR, drawn)
        change += share[..., None] * (own.without_hair_around - crop.astype(np.float32) - change)
    return change


def _moved(state: EditState, layer: Layer) -> np.ndarray:
    """bool [R, R]: where the own pixels are moved by more than is seen."""
    moved: np.ndarray = np.hypot(layer.flow[..., 0], layer.flow[..., 1]) > SEEN * len(layer.flow) / REFERENCE_SIZE
    if layer.around:
        return moved
    seen: np.ndarray = moved & ((state.mask != labels.BACKGROUND) | (state.target.mask != labels.BACKGROUND))
    return seen


def _around(state: EditState) -> tuple[np.ndarray, np.ndarray, Any]:
    """The portrait whose background surrounds the mask, the mask, and E_b's feature of that background."""
    own = state.target
    bare = bared(own.mask, state.mask)
    if not bare.any():
        return own.image, state.mask, own.background
    portrait = np.where(bare[..., None], own.without_face, own.image)
    return portrait, state.mask, own.networks.encode_background(portrait)


def _colour_errors(state: EditState) -> np.ndarray:
    """The colour errors of each class's appearance, the target's or a donor's (``colours.colour_errors``)."""
    errors: np.ndarray = state.target.colour_errors.copy()
    for name, taken in state.taken.items():
        classes = list(component(name).labels)
        errors[classes] += taken.strength * (taken.donor.colour_errors[classes] - errors[classes])
    return errors


def _with_tone(state: EditState, drawn: np.ndarray) -> np.ndarray:
    """Drawn with as much of the own tone as is kept (``colours.with_tone``)."""
    classes = {label for name in state.taken if name != "hair" for label in component(name).labels}
    own, lit = state.target, np.where(_lit(state, state.target.mask), labels.SKIN, labels.BACKGROUND)
    return with_tone(drawn, state.mask, own.image, lit, sorted(classes), _tone(state))


def _tone(state: EditState) -> float:
    """How much of the own tone and light another's skin has: a beard all of it, since own skin lies beside it."""
    return 1.0 if state.has_beard else state.tone


def _lit(state: EditState, mask: np.ndarray) -> np.ndarray:
    """bool [R, R]: the skin of a mask that tells tone and light: beside beards, if one is taken or taken away."""
    skin: np.ndarray = mask == labels.SKIN
    return skin & (lower_face(mask) < ABOVE) if state.has_beard else skin


def _in_tone(state: EditState, carried: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Another's carried face, whose mask is `theirs`, in the own tone and light (``colours.in_tone``, ``in_light``,
    ``without_glare``; ``whites``)."""
    own, shown = state.target, _lit(state, state.mask) & (theirs == labels.SKIN)
    wanted = shown, own.image, _lit(state, own.mask)
    if ((own.mask == labels.HAIR) & (state.mask != labels.HAIR)).any():  # its shadow goes, too, and beneath is skin
        wanted = shown, own.face_alone, _lit(state, own.bald)
    toned = with_whites(in_tone(carried, *wanted), carried, theirs, own.image, own.mask)
    lit = in_light(toned, *wanted)
    if state.has_beard:
        lit = without_shadow(lit, state.beard > 0, own.image, beard(own.mask) > 0, opposite(own.mask))
        lit = in_light(lit, *wanted, shade=BESIDE)
    return without_glare(lit, carried, *wanted)


def _with_details(state: EditState, drawn: np.ndarray, times: int) -> np.ndarray:
    """Drawn with `times` as many pixels along the side, and the details that fit (``details.fitting``)."""
    donors = {name: (taken.donor.details(times), taken.strength) for name, taken in state.taken.items()}
    finer = cv2.resize(drawn, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC) if times > 1 else drawn
    return with_details(finer, state.mask, fitting(state.mask, state.target.details(times), donors), state.detail)


def _generated(state: EditState, share: np.ndarray) -> np.ndarray:
    """bool [R, R]: where more is seen than the own pixels, as far as they are shown, and the inside of a mouth."""
    rest: np.ndarray = share < 1
    return rest & ~hidden(state.mask, share) if state.target.networks.opened_mouths else rest


def _opened(state: EditState, portrait: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """What is seen in a mouth that is opened further than the photographs show (``mouth.opened``)."""
    mouths = state.target.networks.opened_mouths
    return opened(portrait, state.mask, shown, mouths.completed) if mouths else None


def _dyed(state: EditState, portrait: np.ndarray) -> np.ndarray:
    """An aligned portrait, uint8 RGB [R, R, 3], with its hair dyed."""
    return (
        np.clip(np.round(portrait + _dyeing(state, portrait, state.mask == labels.HAIR)), 0, 255).astype(np.uint8)
        if state.dyed
        else portrait
    )


def _dyed_photograph(state: EditState, picture: Picture) -> np.ndarray:
    """The pixels of an edited photograph, uint8 [H, W, C], with its hair dyed, beyond the portrait, too; all others
    stay."""
    alignment, image = wider(state.target.alignment), picture.image
    crop = alignment.crop(image)
    hair = state.target.hair_around.copy()
    pad = (len(hair) - len(state.mask)) // 2
    hair[pad:-pad, pad:-pad] = state.mask == labels.HAIR
    change, region = alignment.back(_dyeing(state, crop, hair)), alignment.region
    change = change * faded_to_border(alignment)[..., None]
    result, seen = picture.over_white.copy(), (np.abs(change) >= HALF).any(axis=-1)
    dyed = picture.from_srgb(np.clip(np.round(image[region] + change), 0, 255).astype(np.uint8))
    result[region][seen] = dyed[seen]
    return picture.with_colours(result)


def _dyeing(state: EditState, image: np.ndarray, hair: np.ndarray) -> np.ndarray:
    """By what dyeing hair, bool [R, R], changes an aligned image as it is shown, float32 [R, R, 3]."""
    assert state.dyed
    bright = exposed(image, state.target.gain)
    change = change_of(bright, hair, state.dyed)
    changed = np.clip(np.round(bright + change), 0, 255).astype(np.uint8)
    return np.where(change.any(axis=-1, keepdims=True), _toned(state, changed).astype(np.float32) - image, 0)


def _toned(state: EditState, drawn: np.ndarray) -> np.ndarray:
    """Drawn as dark as the photograph, if it is very dark (``exposure``), and in its colours, if it is black and white
    or toned (``monochrome``)."""
    own = state.target
    drawn = exposed(drawn, 1 / own.gain)
    return drawn if own.tones is None else toned(drawn, own.tones)
