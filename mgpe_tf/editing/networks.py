"""A trained editor's networks as functions on numpy arrays, whatever the form in which they are stored."""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.editing.carry.registration import Registrations
from mgpe_tf.errors import UserError
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.networks.folding import fold
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.objectives.tasks import BASELINES
from mgpe_tf.ops.enlarge import enlarge_labels
from mgpe_tf.ops.tensor import Tensor
from mgpe_tf.parsing import metadata
from mgpe_tf.shipped import REGISTRATION, SAVED_MODEL, shipped
from mgpe_tf.training.restore import load_product


class TensorFunctions(NamedTuple):
    """The parts of an editor on batches: images float32 [B, R, R, 3] in [-1, 1], masks int32 [B, R, R].

    Attributes:
      embed: (images, masks) -> embeddings, float32 [B, E] by component name.
      decode: embeddings -> features by component name.
      draw: (features, images, masks, background or None) -> images.
      encode_background: images -> what E_b makes of them whatever the mask; None where it hangs on the mask.
    """

    embed: Callable
    decode: Callable
    draw: Callable
    encode_background: Callable


def tensor_functions(generator: PortraitGenerator | Baseline, config: Config) -> TensorFunctions:
    """Those of a trained G; masks are enlarged as they were in its training."""
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

    return TensorFunctions(embed, generator.decode, draw, generator.encode_background)


def _of_baseline(embed: Callable, render: Callable) -> TensorFunctions:
    """Those of a baseline, which draws all of a portrait, its background too, of its mask and maybe an appearance.

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


class EditorNetworks:
    """E_local, the feature decoders, and what draws a portrait from their features, each compiled.

    Portraits are uint8 RGB [R, R, 3], masks uint8 [R, R] Helen ids; embeddings are float32 [E] by component name.
    Features and backgrounds are tensors that only ``render`` reads. Those of a baseline have the same functions, but
    embeddings by other names or none, and draw a background of their own: for comparisons, not for edits.

    Args:
      functions: compiled ones.
      resolution: R.
      registering: finds the flows along which pixels are carried; None: all is drawn.

    Attributes:
      resolution, registering: as above.
    """

    def __init__(self, functions: TensorFunctions, resolution: int, registering: Registrations | None = None):
        self._functions, self.resolution, self.registering = functions, resolution, registering

    @classmethod
    def load(cls, path: str | os.PathLike, num_threads: int | None = None, baselines: bool = False) -> EditorNetworks:
        """The editor stored at `path`: a run folder, a SavedModel, a folder of ``export_model`` or a .tflite file.

        It carries by the registration networks of the package.

        Args:
          path: the folder or file.
          num_threads: threads of a .tflite file's interpreter; None for its own choice.
          baselines: whether a baseline's run folder, or what was exported of it, is welcome too.

        Raises:
          UserError: names the path, if there is no editor.
        """
        registering = Registrations(shipped(REGISTRATION))
        if Path(path).is_file():
            return cls(*_tflite(Path(path), num_threads), registering)
        for folder in (Path(path), Path(path) / SAVED_MODEL):
            if (folder / "saved_model.pb").is_file():
                return cls(*_saved_model(folder, baselines), registering)
        config, generator = load_product(path, "editor", *(BASELINES if baselines else ()))
        return cls.of(fold(generator), config, registering)

    @classmethod
    def of(
        cls, generator: PortraitGenerator | Baseline, config: Config, registering: Registrations | None = None
    ) -> EditorNetworks:
        """The networks of an experiment."""
        functions = TensorFunctions(*(tf.function(one, autograph=False) for one in tensor_functions(generator, config)))
        return cls(functions, config.data.resolution, registering)

    def embed(self, portrait: np.ndarray, mask: np.ndarray) -> dict[str, np.ndarray]:
        """Appearance by component name, of a portrait with its mask."""
        return {name: vectors[0] for name, vectors in self.embed_batch(portrait[None], mask[None]).items()}

    def embed_batch(self, portraits: np.ndarray, masks: np.ndarray) -> dict[str, np.ndarray]:
        """``embed`` of portraits [B, R, R, 3] with masks [B, R, R] at once: float32 [B, E] by component name."""
        found = self._functions.embed(_floats(portraits), _ids(masks))
        return {name: vectors.numpy() for name, vectors in found.items()}

    def decode(self, embeddings: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
        """Features of the five components."""
        return self._functions.decode({name: tf.constant(vector[None]) for name, vector in embeddings.items()})

    def encode_background(self, portrait: np.ndarray) -> tf.Tensor | None:
        """What E_b makes of a portrait whatever its mask, to be kept; None where it hangs on the mask."""
        return self._functions.encode_background(_floats(portrait[None]))

    def render(
        self,
        features: dict[str, tf.Tensor],
        portrait: np.ndarray,
        mask: np.ndarray,
        background: tf.Tensor | None = None,
    ) -> np.ndarray:
        """The portrait of some features on a mask, with the background of `portrait`."""
        return self._draw(features, portrait[None], mask[None], background)[0]

    def render_batch(self, embeddings: dict[str, np.ndarray], portraits: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """``decode`` and ``render`` of embeddings [B, E] on masks [B, R, R] and backgrounds [B, R, R, 3] at once."""
        features = self._functions.decode({name: tf.constant(vectors) for name, vectors in embeddings.items()})
        return self._draw(features, portraits, masks, None)

    def _draw(
        self, features: dict[str, Tensor], portraits: np.ndarray, masks: np.ndarray, background: Tensor | None
    ) -> np.ndarray:
        drawn = self._functions.draw(features, _floats(portraits), _ids(masks), background).numpy()
        return np.round(np.clip((drawn + 1) * 127.5, 0, 255)).astype(np.uint8)


def _saved_model(path: Path, baselines: bool) -> tuple[TensorFunctions, int]:
    """The functions of a SavedModel that ``export.editor`` or, if it may be, ``export.baseline`` wrote, and its
    resolution."""
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

    return TensorFunctions(
        embed=lambda images, masks: run("embed", images=images, masks=masks),
        decode=lambda embeddings: run("decode", **embeddings),
        draw=draw,
        encode_background=encode_background,
    )


def _baseline_by_signatures(run: Callable, signatures: Container[str]) -> TensorFunctions:
    """The same of an exported baseline."""
    return _of_baseline(
        embed=lambda images: run("embed", images=images) if "embed" in signatures else {},
        render=lambda features, masks: run("generate", masks=masks, **features)["images"],
    )


def _floats(portraits: np.ndarray) -> tf.Tensor:
    """uint8 [B, R, R, 3] -> float32 [B, R, R, 3] in [-1, 1]."""
    return tf.constant(portraits.astype(np.float32) / 127.5 - 1)


def _ids(masks: np.ndarray) -> tf.Tensor:
    """uint8 [B, R, R] -> int32 [B, R, R]."""
    return tf.constant(masks.astype(np.int32))
