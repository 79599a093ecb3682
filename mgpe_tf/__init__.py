"""Mask-guided portrait editing (Gu et al., CVPR 2019, arXiv 1905.10346) for TensorFlow and Keras 3.

Importing the package is light: TensorFlow is imported by the modules that need it, and what stands in ``_PUBLIC`` is
imported when it is first used. Command-line verbs are run as ``python -m mgpe_tf.<verb>``.
"""

from __future__ import annotations

import importlib
import typing

from mgpe_tf.version import __version__ as __version__

if typing.TYPE_CHECKING:  # what __getattr__ gives, for type checkers
    from mgpe_tf.editing.portrait_editor import PortraitEditor as PortraitEditor
    from mgpe_tf.models.face_parser import FaceParser as FaceParser

_PUBLIC = {
    "FaceParser": "mgpe_tf.models.face_parser",
    "PortraitEditor": "mgpe_tf.editing.portrait_editor",
}
"""The module of each public class."""


def __getattr__(name: str) -> typing.Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
