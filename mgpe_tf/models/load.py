"""Trained networks ready for use, whatever they are and however they are stored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, overload

from mgpe_tf.models.shipped import model_path

if TYPE_CHECKING:  # each is imported when one of its kind is loaded: a parser in a .tflite file needs no TensorFlow
    from mgpe_tf.models.behind_hair import WithoutHair
    from mgpe_tf.models.editor_networks import EditorNetworks
    from mgpe_tf.models.face_parser import FaceParser
    from mgpe_tf.models.inner_mouth import OpenedMouths
    from mgpe_tf.models.registrations import Registrations
    from mgpe_tf.networks.completion import Completion

    Network = FaceParser | EditorNetworks | Registrations | WithoutHair | OpenedMouths | Completion


@overload
def load(kind: Literal["parser"], path: str | os.PathLike | None = None, **options: Any) -> FaceParser: ...
@overload
def load(kind: Literal["editor"], path: str | os.PathLike | None = None, **options: Any) -> EditorNetworks: ...
@overload
def load(kind: Literal["registration"], path: str | os.PathLike | None = None) -> Registrations: ...
@overload
def load(kind: Literal["behind_hair"], path: str | os.PathLike | None = None) -> WithoutHair: ...
@overload
def load(kind: Literal["inner_mouth"], path: str | os.PathLike | None = None) -> OpenedMouths: ...
@overload
def load(kind: Literal["completion"], path: str | os.PathLike | None = None) -> Completion: ...
def load(kind: str, path: str | os.PathLike | None = None, **options: Any) -> Network:
    """The trained network of a kind.

    Args:
      kind: "parser", "editor", "registration", "behind_hair", "inner_mouth" or "completion".
      path: where it lies; None for the one that comes with the package.
      **options: those of ``FaceParser.load`` or ``EditorNetworks.load``.

    Raises:
      UserError: another kind, or nothing of this kind at `path`.
    """
    path = model_path(kind, path)
    if kind == "parser":
        from mgpe_tf.models.face_parser import FaceParser

        return FaceParser.load(path, **options)
    if kind == "editor":
        from mgpe_tf.models.editor_networks import EditorNetworks

        return EditorNetworks.load(path, **options)
    if kind == "behind_hair":
        from mgpe_tf.models.behind_hair import WithoutHair

        return WithoutHair(path)
    if kind == "inner_mouth":
        from mgpe_tf.models.inner_mouth import OpenedMouths

        return OpenedMouths(path)
    if kind == "completion":
        from mgpe_tf.models.carrying import FILE, completion_network

        return completion_network(path / FILE)
    from mgpe_tf.models.registrations import Registrations

    return Registrations(path)
