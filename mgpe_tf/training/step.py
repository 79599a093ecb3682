"""One training step on every replica: losses, gradients, updates."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable

import keras
import tensorflow as tf

from mgpe_tf.config import Config
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.training.state import TrainingState, average_decay


class TrainStep:
    """Compiled steps of each kind.

    Args:
      objective: see ``mgpe_tf.objectives``.
      state: what the steps change; of the same objective.
      strategy: over whose replicas a step runs.
      config: the experiment.

    A call updates the networks of that kind of step once and returns every term, averaged over the replicas.
    """

    def __init__(self, objective: Objective, state: TrainingState, strategy: tf.distribute.Strategy, config: Config):
        self.objective, self.state, self.strategy, self.config = objective, state, strategy, config
        self._compiled: dict[str, Callable] = {}

    def __call__(self, kind: str, batch: dict) -> dict[str, tf.Tensor]:
        """Runs a step.

        Args:
          kind: "paired" or "unpaired".
          batch: per-replica values of the batch (see ``mgpe_tf.data.pipeline``).

        Returns:
          float32 scalars by the paper's symbols.
        """
        if kind not in self._compiled:
            self._compiled[kind] = tf.function(functools.partial(self._distributed, kind), autograph=False)
        terms = self._compiled[kind](batch, tf.constant(self.state.step, tf.int64))
        self.state.step += 1
        return terms

    def publish(self) -> None:
        """Brings the state's variables up to date: they always are, steps change them in place."""

    def _distributed(self, kind, batch, step):
        replica = functools.partial(self._replica, kind)
        if self.config.training.jit:
            replica = tf.function(replica, autograph=False, jit_compile=True)
        terms = self.strategy.run(replica, args=(batch, step))
        if self.state.average is not None:
            self._average(self.state.average, step)
        mean = tf.distribute.ReduceOp.MEAN
        return {name: self.strategy.reduce(mean, value, axis=None) for name, value in terms.items()}

    def _replica(self, kind, batch, step):
        context = tf.distribute.get_replica_context()
        replicas = context.num_replicas_in_sync
        if self.objective.noise:
            batch = {**batch, "noise": self._noise(tf.shape(batch["target_image"])[0], step, context)}
        names = self.objective.updates(kind)
        variables = {n: self.objective.networks[n].trainable_variables for n in names}
        # A tape goes back to whatever it watches: one for all would lead D's loss on through the generator.
        tapes = {n: tf.GradientTape(watch_accessed_variables=False) for n in names}
        with contextlib.ExitStack() as stack:
            for n in names:
                stack.enter_context(tapes[n]).watch([v.value for v in variables[n]])
            totals, terms = self.objective.losses(kind, batch)
            # Optimisers add the replicas' gradients up, so each replica contributes its share of the mean.
            scaled = {n: self.state.optimizers[n].scale_loss(totals[n] / replicas) for n in names}
        for n in names:
            gradients = tapes[n].gradient(scaled[n], variables[n])
            reached = [pair for pair in zip(gradients, variables[n]) if pair[0] is not None]
            self._apply(self.state.optimizers[n], [g for g, _ in reached], [v for _, v in reached], context)
        return terms

    def _apply(self, optimizer, gradients, variables, context) -> None:
        """Updates one network."""
        replicas = context.num_replicas_in_sync
        if self.config.training.clip_norm:
            gradients = self._clipped(optimizer, gradients, context)
        if self.config.training.precision == "mixed_float16" and replicas > 1:
            # The loss scale optimiser looks at one replica's gradients only: an overflow anywhere must show on all.
            finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(g)) for g in gradients])
            bad = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.cast(~finite, tf.float32)) > 0
            gradients = [tf.where(bad, tf.constant(float("nan"), gradients[0].dtype), gradients[0]), *gradients[1:]]
        optimizer.apply(gradients, variables)

    def _clipped(self, optimizer, gradients, context):
        """Scales the gradients so that the norm of their sum over the replicas is at most the limit."""
        if context.num_replicas_in_sync > 1:
            summed = context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
        else:
            summed = gradients
        limit = optimizer.scale_loss(tf.constant(self.config.training.clip_norm, summed[0].dtype))
        factor = limit / tf.maximum(tf.linalg.global_norm(summed), limit)
        return [g * tf.cast(factor, g.dtype) for g in gradients]

    def _average(self, average, step) -> None:
        """Moves the averaged weights towards the new ones."""
        decay = average_decay(self.config.training.ema, tf.cast(step, keras.config.floatx()))
        for target, value in zip(average.weights, self.state.source.weights, strict=True):
            share = 1.0 - decay if target.dtype.startswith("float") else None
            self.strategy.extended.update(target.value, _move, args=(value.value, share))

    def _noise(self, local_batch, step, context):
        """Standard normal [b, *noise]: this replica's part of the whole batch's noise, drawn from (seed, step)."""
        shape = (self.config.training.batch_size, *self.objective.noise)
        noise = tf.random.stateless_normal(shape, tf.stack([tf.constant(self.config.training.seed, tf.int64), step]))
        first = tf.convert_to_tensor(context.replica_id_in_sync_group) * local_batch
        return noise[first : first + local_batch]


def _move(target, value, share):
    """Moves an averaged variable towards the new value by a share of the way, or, without one, all of it."""
    return target.assign(value) if share is None else target.assign_add(share * (value - target))
