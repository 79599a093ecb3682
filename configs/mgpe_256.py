"""The paper's editor at 256x256: its networks, its weights of the losses, its schedule."""

from __future__ import annotations

from mgpe_tf.config import ComponentConfig, Config, GeneratorConfig


def get_config() -> Config:
    """The experiment."""
    whole = ComponentConfig(
        encoder=(64, 128, 256, 512, 512, 512, 512),
        feature=(256, 256, 256, 256, 256),
        image=(512, 512, 512, 512, 256, 128, 64),
    )
    part = ComponentConfig(encoder=(64, 128, 256, 512), feature=(256, 256), image=(256, 128, 64, 64))
    return Config(name="mgpe_256", generator=GeneratorConfig(eye=part, mouth=part, skin=whole, hair=whole))
