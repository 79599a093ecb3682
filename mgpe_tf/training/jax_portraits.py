"""A training set that lies on the device and is augmented there."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from mgpe_tf.config import AugmentationConfig, Config
from mgpe_tf.data.cache import decode_all
from mgpe_tf.data.changes import FAULT_DRAWS, LATER_DRAWS, change, has_faults, has_later
from mgpe_tf.data.source import Source

_TARGET, _SOURCE, _VIEW, _NOISE, _FAULTS, _LATER = range(6)


class Portraits:
    """All portraits of a source, decoded.

    Args:
      source: the portraits.
      config: the experiment: its changes of portraits and its seed.
      noise: see ``mgpe_tf.objectives``.

    Attributes:
      arrays: images uint8 [N, R, R, 3] and masks uint8 [N, R, R] on the device.

    Raises:
      UserError: a portrait cannot be read.
    """

    def __init__(self, source: Source, config: Config, noise: tuple[int, ...] = ()):
        self.config, self.noise, self.partial = config, noise, source.partial
        self.arrays = jax.device_put(decode_all(source))

    def batch(self, arrays, indices, step, paired: bool) -> dict:
        """A step's batch (see ``mgpe_tf.objectives``), augmented as (seed, step) say. Made for ``jax.jit``.

        Args:
          arrays: ``self.arrays``, as an argument of what is compiled.
          indices: int32 [B] each, the numbers of the targets and of the sources.
          step: the step's number.
          paired: whether the sources are the targets, or views of them.
        """
        key, data = jax.random.fold_in(jax.random.key(self.config.training.seed), step), self.config.data
        targets, others = ([jnp.take(array, own, axis=0) for array in arrays] for own in indices)

        def changed(portraits, changes, role):
            return _changed(portraits, changes, self.partial, jax.random.fold_in(key, role))

        target = changed(targets, data.augmentation, _TARGET)
        source = changed(target, data.view, _VIEW) if paired else changed(others, data.augmentation, _SOURCE)
        batch = {
            "target_image": target[0],
            "target_mask": target[1],
            "source_image": source[0],
            "source_mask": source[1],
        }
        if self.noise:
            shape = (len(indices[0]), *self.noise)
            batch["noise"] = jax.random.normal(jax.random.fold_in(key, _NOISE), shape)
        return batch


def _changed(portraits, config: AugmentationConfig, partial: bool, key):
    """Images uint8 [B, R, R, 3] and masks uint8 [B, R, R], each portrait changed by draws of its own."""

    def changed(image, mask, key):
        chance, *keys = jax.random.split(key, 4)
        moves, colours, cut = (jax.random.uniform(each, (n,), minval=-1.0) for each, n in zip(keys, (4, 3, 3)))
        faults = later = None
        if has_faults(config):
            noise, chances = jax.random.split(jax.random.fold_in(key, _FAULTS))
            faults = jax.random.normal(noise, image.shape), jax.random.uniform(chances, (FAULT_DRAWS,))
        if has_later(config):
            later = jax.random.uniform(jax.random.fold_in(key, _LATER), (LATER_DRAWS,))
        return change(image, mask, config, jax.random.uniform(chance), moves, colours, cut, faults, later, partial)

    images, masks = portraits
    return jax.vmap(changed)(images, masks, jax.random.split(key, len(images)))
