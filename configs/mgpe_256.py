"""The paper's editor at 256x256: its networks, its weights of the losses, its schedule."""

from __future__ import annotations

from mgpe_tf.config import Config
from mgpe_tf.presets import paper_generator


def get_config() -> Config:
    """The experiment."""
    return Config(name="mgpe_256", generator=paper_generator())
