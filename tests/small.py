"""Narrow networks and hand-made portraits for tests of networks and objectives."""

from __future__ import annotations

import dataclasses

import numpy as np

from mgpe_tf import config as c
from mgpe_tf import labels

SIZE = 64
"""Pixels of a portrait, unless a test asks for another size."""

BOXES = (
    (labels.HAIR, 4, 44, 12, 52),
    (labels.SKIN, 12, 58, 16, 48),
    (labels.LEFT_BROW, 22, 24, 20, 28),
    (labels.RIGHT_BROW, 22, 24, 36, 44),
    (labels.LEFT_EYE, 26, 30, 20, 28),
    (labels.RIGHT_EYE, 26, 30, 36, 44),
    (labels.NOSE, 28, 40, 30, 34),
    (labels.UPPER_LIP, 44, 46, 24, 40),
    (labels.INNER_MOUTH, 46, 48, 26, 38),
    (labels.LOWER_LIP, 48, 51, 24, 40),
)
"""(label, top, bottom, left, right) of an angular face in a frame of 64 pixels, painted in this order."""


def face_mask(size: int = SIZE, down: int = 0, right: int = 0) -> np.ndarray:
    """uint8 [size, size]: the angular face, shifted by some pixels of the 64-pixel frame."""
    mask = np.zeros((size, size), np.uint8)
    for label, *box in BOXES:
        top, bottom, left, right_edge = np.clip(np.add(box, (down, down, right, right)), 0, SIZE) * size // SIZE
        mask[top:bottom, left:right_edge] = label
    return mask


def coloured(mask: np.ndarray, seed: int = 0) -> np.ndarray:
    """A portrait that ``by_palette`` reads as `mask`, with a little noise."""
    noise = np.random.default_rng(seed).integers(-4, 5, (*mask.shape, 3))
    return np.clip(labels.colourise(mask).astype(int) + noise, 0, 255).astype(np.uint8)


def by_palette(images: np.ndarray) -> np.ndarray:
    """A parser that takes every pixel for the class of the nearest colour."""
    levels = (images[..., None, :] + 1) * 127.5 - labels.PALETTE.astype(np.float32)
    return np.eye(labels.NUM_CLASSES, dtype=np.float32)[np.square(levels).sum(-1).argmin(-1)]


def portraits(size: int = SIZE, count: int = 2, seed: int = 0) -> dict[str, np.ndarray]:
    """A batch as the objectives read it; sources lie a little off the targets, pixels are random."""
    rng = np.random.default_rng(seed)
    target_mask = np.stack([face_mask(size, i, -i) for i in range(count)])
    source_mask = np.stack([face_mask(size, -2, 3 * i) for i in range(count)])
    images = rng.integers(0, 256, (2, count, size, size, 3)).astype(np.uint8)
    return {
        "target_image": images[0],
        "target_mask": target_mask,
        "source_image": images[1],
        "source_mask": source_mask,
    }


def as_inputs(batch: dict) -> tuple[np.ndarray, ...]:
    """(x_s, m_s, x_t, m_t) of a batch as the generator reads them."""
    source, target = (batch[f"{k}_image"].astype(np.float32) / 127.5 - 1 for k in ("source", "target"))
    return source, batch["source_mask"].astype(np.int32), target, batch["target_mask"].astype(np.int32)


def paper_like(**changes) -> c.GeneratorConfig:
    """The paper's generator at a few filters: sampled embeddings, decoders of their own, fusion at full size."""
    part = c.ComponentConfig(encoder=(4, 8), image=(4, 4))
    whole = c.ComponentConfig(encoder=(4, 4, 8), feature=(6, 6), image=(4, 4, 4))
    config = c.GeneratorConfig(
        embedding_dim=8,
        head_units=8,
        component_momentum=0.9,
        eye=part,
        mouth=part,
        skin=whole,
        hair=whole,
        mask=(4, 6, 8),
        width=8,
        blocks=1,
        foreground=(8, 6),
        background=4,
    )
    return dataclasses.replace(config, **changes)


def compact(**changes) -> c.GeneratorConfig:
    """The compact generator at a few filters: stem, shared decoder, pixel shuffles, fusion at half size."""
    part = c.ComponentConfig(encoder=(4, 8), image=(6,))
    whole = c.ComponentConfig(encoder=(4, 4, 8), feature=(6, 6), image=(6,))
    config = c.GeneratorConfig(
        stem=2,
        grid=4,
        embedding_dim=8,
        head_units=0,
        variational=False,
        unit_latents=True,
        component_momentum=0.9,
        shared_decoder=True,
        eye=part,
        mouth=part,
        skin=whole,
        hair=whole,
        mask=(4, 8),
        width=8,
        blocks=1,
        upsampling="subpixel",
        foreground=(8,),
        background=4,
        fusion_scale=2,
        fusion_kernel=3,
    )
    return dataclasses.replace(config, **changes)


VARIANTS = {
    "paper": paper_like,
    "compact": compact,
    "subpixel": lambda: paper_like(upsampling="subpixel"),
    "skips": lambda: compact(skips=True),
    "stem": lambda: paper_like(stem=4, mask=(8,)),
    "shared decoder": lambda: compact(stem=1, mask=(4, 6, 8), upsampling="transposed"),
    "means on a fine grid": lambda: paper_like(variational=False, head_units=0, grid=2, mask=(4, 8), foreground=(8,)),
}
"""Ways to compose a generator, by name."""


def small_config(generator: c.GeneratorConfig | None = None, task: str = "editor", **loss) -> c.Config:
    """An experiment at 64 pixels; ``loss`` holds fields of ``LossConfig``."""
    return c.Config(
        name="small",
        task=task,
        generator=generator or compact(),
        discriminator=c.DiscriminatorConfig(filters=(4, 8, 8)),
        baseline=c.BaselineConfig(filters=(4, 6, 8), blocks=1, encoder=(4, 6, 8), code_dim=3),
        parser=c.ParserConfig(filters=(8, 8, 8)),
        completion=c.CompletionConfig(filters=(4, 6), blocks=(1, 1)),
        registration=c.RegistrationConfig(cells=16, filters=(8, 8, 8)),
        inner_mouth=c.InnerMouthConfig(filters=(8, 8, 8), maps=(0, 1, 2)),
        uncovering=c.UncoveringConfig(filters=(8, 8, 8)),
        data=c.DataConfig(resolution=SIZE),
        loss=c.LossConfig(**loss),
    )


def randomised(network, seed: int = 0):
    """The network with every weight drawn anew, moving statistics too, so that nothing is left at 0 or 1."""
    rng = np.random.default_rng(seed)
    for variable in network.variables:
        if variable.dtype == "float32":
            value = rng.uniform(0.5, 1.5, variable.shape) if _is_scale(variable) else rng.normal(0, 0.2, variable.shape)
            variable.assign(value.astype(np.float32))
    return network


def _is_scale(variable) -> bool:
    return variable.path.endswith(("gamma", "moving_variance"))
