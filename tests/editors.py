"""Editors of many tests, each made once in a process: their networks are compiled when they are first used."""

from __future__ import annotations

import functools

from small import SIZE, by_palette, randomised, small_config

from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.models.editor_networks import EditorNetworks
from mgpe_tf.models.face_parser import FaceParser
from mgpe_tf.objectives.editor import build_generator


@functools.cache
def shipped() -> PortraitEditor:
    """The bundled one."""
    return PortraitEditor.load()


@functools.cache
def small_networks() -> EditorNetworks:
    """Of 64 pixels, with random weights; they carry nothing."""
    config = small_config()
    return EditorNetworks.of(randomised(build_generator(config)), config)


def by_colours(detector=None) -> PortraitEditor:
    """Small networks, and ``small.by_palette`` as the parser."""
    return PortraitEditor(small_networks(), FaceParser(by_palette, SIZE), detector)
