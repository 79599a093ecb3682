"""The formats in which an editor is stored, each as functions on tensors."""

from __future__ import annotations

from collections.abc import Callable, Container
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.errors import UserError
from mgpe_tf.models import metadata
from mgpe_tf.models.carrying import carrying_network
from mgpe_tf.models.files import saved_model_in
from mgpe_tf.models.runs import load_product
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.networks.carrying import Carrying
from mgpe_tf.networks.folding import fold
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.objectives.tasks import BASELINES
from mgpe_tf.ops.enlarge import enlarge_labels
from mgpe_tf.ops.tensor import Tensor


class TensorFunctions(NamedTuple):
    """The parts of an editor on batches: images float32 [B, R, R, 3] in [-1, 1], masks int32 [B, R, R].

    Attributes:
      embed: (images, masks) -> embeddings, float32 [B, E] by component name.
      decode: embeddings -> features by component name.
      draw: (features, images, masks, background or None) -> images.
      encode_background: images -> what E_b makes of them whatever the mask; None where it depends on the mask.
      complete: (what ``draw`` gave, x_s, m_s, x_t, m_t) -> images that keep the photographs' own pixels (``Carrying``);
        None: all is generated.
    """

    embed: Callable
    decode: Callable
    draw: Callable
    encode_background: Callable
    complete: Callable | None = None

    def wrapped(self, wrapper: Callable[[Callable], Callable]) -> TensorFunctions:
        """The same functions, each of them wrapped."""
        return self._replace(**{name: wrapper(one) for name, one in self._asdict().items() if one})

    def edit(self, source_images: Tensor, source_masks: Tensor, images: Tensor, masks: Tensor) -> Tensor:
        """The appearance of x_s on m_t in front of x_t's background -> images."""
        generated = self.draw(self.decode(self.embed(source_images, source_masks)), images, masks)
        if self.complete is None:
            return generated
        return self.complete(generated, source_images, source_masks, images, masks)


def tensor_functions(
    generator: PortraitGenerator | Baseline, config: Config, carrying: Carrying | None = None
) -> TensorFunctions:
    """The functions of a trained G; masks are enlarged as they were in its training. With `carrying` photographs' own
    pixels are kept."""
    if isinstance(generator, Baseline):
        return _of_baseline(
            generator.embed,
            lambda features, masks: generator.render(features, enlarge_labels(masks, config.loss.label_enlargement)),
        )

    def embed(images: Tensor, masks: Tensor) -> dict[str, Tensor]:
        embeddings = generator.embed(generator.crops(images, masks))
        return {name: tf.cast(vector, tf.float32) for name, vector in embeddings.items()}

    def draw(features: dict[str, Tensor], images: Tensor, masks: Tensor, background: Tensor | None = None) -> Tensor:
        condition = enlarge_labels(masks, config.loss.label_enlargement)
        return generator.render(features, images, condition, background=background)

    return TensorFunctions(embed, generator.decode, draw, generator.encode_background, carrying)


def _of_baseline(embed: Callable, render: Callable) -> TensorFunctions:
    """The functions of a baseline, which generates all of a portrait from its mask and maybe an appearance.

    Args:
      embed: images -> appearance by name, {} where there is none.
      render: (appearance, masks) -> images.
    """
    return TensorFunctions(
        embed=lambda images, masks: embed(images),
        decode=lambda embeddings: embeddings,
        draw=lambda features, images, masks, background=None: render(features, masks),
        encode_background=lambda images: None,
    )


def compiled(
    generator: PortraitGenerator | Baseline, config: Config, carrying: Carrying | None = None
) -> TensorFunctions:
    """``tensor_functions``, each traced when it is first called."""
    return tensor_functions(generator, config, carrying).wrapped(lambda one: tf.function(one, autograph=False))


def read_editor(path: Path, num_threads: int | None = None, baselines: bool = False) -> tuple[TensorFunctions, int]:
    """The functions of the editor stored at `path` and its resolution, see ``EditorNetworks.load``."""
    if path.is_file():
        return _tflite(path, num_threads)
    if folder := saved_model_in(path):
        return _saved_model(folder, baselines)
    config, generator = load_product(path, "editor", *(BASELINES if baselines else ()))
    resolution = config.data.resolution
    carrying = None if isinstance(generator, Baseline) else carrying_network(resolution)
    return compiled(fold(generator), config, carrying), resolution


def _saved_model(path: Path, baselines: bool) -> tuple[TensorFunctions, int]:
    """The functions of a SavedModel that ``export.editor_folder`` or, if it may be, ``export.baseline_folder`` wrote,
    and its resolution."""
    try:
        model = tf.saved_model.load(path)  # the functions hold it: a signature alone does not keep its variables
        of_baseline = baselines and "generate" in model.signatures
        draw = model.signatures["generate" if of_baseline else "draw"]
        resolution = draw.structured_outputs["images"].shape[1]
    except (OSError, ValueError, KeyError, IndexError, tf.errors.OpError) as error:
        raise UserError(f"{path}: no SavedModel of an editor; write it by python -m mgpe_tf.export_model") from error

    def run(signature: str, **inputs: Tensor) -> dict[str, Tensor]:
        return model.signatures[signature](**inputs)

    by_signatures = _baseline_by_signatures if of_baseline else _by_signatures
    return by_signatures(run, model.signatures), resolution


def _tflite(path: Path, num_threads: int | None) -> tuple[TensorFunctions, int]:
    """The functions of a .tflite file, which takes one portrait at a time, and its resolution."""
    interpreter, facts = metadata.interpreter(path, "editor", num_threads)
    runners = {name: interpreter.get_signature_runner(name) for name in interpreter.get_signature_list()}

    def run(signature: str, **inputs: Tensor) -> dict[str, Tensor]:
        batches = {name: np.asarray(values) for name, values in inputs.items()}
        rows = zip(*(values[:, None] for values in batches.values()))
        found = [runners[signature](**dict(zip(batches, row))) for row in rows]
        return {name: tf.concat([one[name] for one in found], axis=0) for name in found[0]}

    return _by_signatures(run, runners), facts["resolution"]


def _by_signatures(run: Callable, signatures: Container[str]) -> TensorFunctions:
    """The functions of an exported editor; `run` takes a signature and its inputs by name, and gives its outputs."""

    def encode_background(images: Tensor) -> Tensor | None:
        return run("encode_background", images=images)["background"] if "encode_background" in signatures else None

    def draw(features: dict[str, Tensor], images: Tensor, masks: Tensor, background: Tensor | None = None) -> Tensor:
        background = encode_background(images) if background is None else background
        extra = {} if background is None else {"background": background}
        return run("draw", **features, images=images, masks=masks, **extra)["images"]

    def complete(
        generated: Tensor, source_images: Tensor, source_masks: Tensor, images: Tensor, masks: Tensor
    ) -> Tensor:
        portraits = {"source_images": source_images, "source_masks": source_masks, "images": images, "masks": masks}
        return run("complete", generated=generated, **portraits)["images"]

    return TensorFunctions(
        embed=lambda images, masks: run("embed", images=images, masks=masks),
        decode=lambda embeddings: run("decode", **embeddings),
        draw=draw,
        encode_background=encode_background,
        complete=complete if "complete" in signatures else None,
    )


def _baseline_by_signatures(run: Callable, signatures: Container[str]) -> TensorFunctions:
    """The same of an exported baseline."""
    return _of_baseline(
        embed=lambda images: run("embed", images=images) if "embed" in signatures else {},
        render=lambda features, masks: run("generate", masks=masks, **features)["images"],
    )
