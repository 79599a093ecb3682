"""A small editor with random weights, the portraits that it draws, and what is measured of them."""

from __future__ import annotations

import pytest
from small import SIZE, randomised, small_config
from stored_parser import random_parser

from mgpe_tf.data.synthetic import SyntheticSource


@pytest.fixture(scope="session")
def source():
    """Five synthetic portraits."""
    return SyntheticSource(5, SIZE)


@pytest.fixture(scope="session")
def generator():
    """G of ``small_config``."""
    from mgpe_tf.objectives.editor import build_generator

    return randomised(build_generator(small_config()))


@pytest.fixture(scope="session")
def networks(generator):
    """``generator`` as an editor."""
    from mgpe_tf.models.editor_networks import EditorNetworks

    return EditorNetworks.of(generator, small_config())


@pytest.fixture(scope="session")
def parser():
    """A parser with features."""
    from mgpe_tf.models.face_parser import FaceParser

    return FaceParser.of(random_parser(), SIZE)


@pytest.fixture(scope="session")
def portraits(networks, source):
    """The portraits of ``source`` as ``networks`` draws them."""
    from mgpe_tf.evaluation.measure.portraits import GeneratedPortraits

    return GeneratedPortraits(networks, source, batch_size=2)


@pytest.fixture(scope="session")
def evaluation(portraits, parser):
    """What is measured of them."""
    from mgpe_tf.evaluation.measure.editor_evaluation import evaluate_editor

    return evaluate_editor(portraits, parser, {"parser": parser})
