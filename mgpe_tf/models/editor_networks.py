"""A trained editor's networks as functions on numpy arrays, whatever the format in which they are stored."""

from __future__ import annotations

import os

import numpy as np
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.models.behind_hair import WithoutHair
from mgpe_tf.models.editor_functions import TensorFunctions, compiled, read_editor
from mgpe_tf.models.inner_mouth import OpenedMouths
from mgpe_tf.models.registrations import Registrations
from mgpe_tf.models.shipped import model_path
from mgpe_tf.networks.baseline import Baseline
from mgpe_tf.networks.carrying import Carrying
from mgpe_tf.networks.generator import PortraitGenerator
from mgpe_tf.ops.tensor import Tensor


class EditorNetworks:
    """E_local, the feature decoders, and what draws a portrait from their features, each compiled.

    Portraits are uint8 RGB [R, R, 3], masks uint8 [R, R] Helen ids; embeddings are float32 [E] by component name.
    Features and backgrounds are tensors that only ``render`` reads. Those of a baseline have the same functions, but
    embeddings by other names or none, and draw a background of their own: for comparisons, not for edits.

    Args:
      functions: compiled ones.
      resolution: R.
      registering: finds the flows along which pixels are carried; None: all is drawn.
      behind_hair: tells of masks of nineteen classes what hair hides, and what that looks like; None: nothing does.
      opened_mouths: tells what is seen in mouths that are opened; None: the editor generates it.

    Attributes:
      resolution, registering, behind_hair, opened_mouths: as above.
    """

    def __init__(
        self,
        functions: TensorFunctions,
        resolution: int,
        registering: Registrations | None = None,
        behind_hair: WithoutHair | None = None,
        opened_mouths: OpenedMouths | None = None,
    ):
        self._functions, self.resolution = functions, resolution
        self.registering, self.behind_hair, self.opened_mouths = registering, behind_hair, opened_mouths

    @classmethod
    def load(
        cls, path: str | os.PathLike | None = None, num_threads: int | None = None, baselines: bool = False
    ) -> EditorNetworks:
        """The editor stored at `path`: a run folder, a SavedModel, a folder of ``export_model`` or a .tflite file.

        It carries by the registration networks of the package, and shows what no photograph does by those for that.

        Args:
          path: the folder or file; None for the one that comes with the package.
          num_threads: threads of a .tflite file's interpreter; None for its own choice.
          baselines: whether a baseline's run folder, or what was exported of it, is welcome too.

        Raises:
          UserError: names the path, if there is no editor.
        """
        functions, resolution = read_editor(model_path("editor", path), num_threads, baselines)
        return cls(
            functions,
            resolution,
            Registrations(model_path("registration")),
            WithoutHair(model_path("behind_hair")),
            OpenedMouths(model_path("inner_mouth")),
        )

    @classmethod
    def of(
        cls,
        generator: PortraitGenerator | Baseline,
        config: Config,
        registering: Registrations | None = None,
        carrying: Carrying | None = None,
    ) -> EditorNetworks:
        """The networks of an experiment."""
        return cls(compiled(generator, config, carrying), config.data.resolution, registering)

    @property
    def carries(self) -> bool:
        """Whether ``edit`` keeps photographs' own pixels."""
        return self._functions.complete is not None

    def generating(self) -> EditorNetworks:
        """The same networks, of whose edits all is generated, as in the paper."""
        parts = self.registering, self.behind_hair, self.opened_mouths
        return EditorNetworks(self._functions._replace(complete=None), self.resolution, *parts)

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
        """The part of E_b's feature of a portrait that holds for any mask, to be kept; None where it depends on the
        mask."""
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

    def edit(
        self, source: np.ndarray, source_mask: np.ndarray, target: np.ndarray, target_mask: np.ndarray
    ) -> np.ndarray:
        """G(x_s, m_s, x_t, m_t), with photographs' own pixels where the editor carries (``Carrying``)."""
        return self.edit_batch(source[None], source_mask[None], target[None], target_mask[None])[0]

    def edit_batch(
        self, sources: np.ndarray, source_masks: np.ndarray, targets: np.ndarray, target_masks: np.ndarray
    ) -> np.ndarray:
        """``edit`` of portraits [B, R, R, 3] with masks [B, R, R] at once."""
        portraits = _floats(sources), _ids(source_masks), _floats(targets), _ids(target_masks)
        return _levels(self._functions.edit(*portraits))

    def _draw(
        self, features: dict[str, Tensor], portraits: np.ndarray, masks: np.ndarray, background: Tensor | None
    ) -> np.ndarray:
        return _levels(self._functions.draw(features, _floats(portraits), _ids(masks), background))


def _levels(images: Tensor) -> np.ndarray:
    """float32 [B, R, R, 3] in [-1, 1] -> uint8 [B, R, R, 3]."""
    levels: np.ndarray = np.round(np.clip((images.numpy() + 1) * 127.5, 0, 255)).astype(np.uint8)
    return levels


def _floats(portraits: np.ndarray) -> tf.Tensor:
    """uint8 [B, R, R, 3] -> float32 [B, R, R, 3] in [-1, 1]."""
    return tf.constant(portraits.astype(np.float32) / 127.5 - 1)


def _ids(masks: np.ndarray) -> tf.Tensor:
    """uint8 [B, R, R] -> int32 [B, R, R]."""
    return tf.constant(masks.astype(np.int32))
