"""One training step on JAX: losses, gradients, updates, in one compiled function."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import keras
import numpy as np

from mgpe_tf.config import Config
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.training.state import TrainingState, average_decay


class JaxStep:
    """Steps of each kind, compiled at once. What they change stays on the device until ``publish``.

    Args:
      objective: see ``mgpe_tf.objectives``.
      state: what the steps change; of the same objective.
      portraits: the training set, which gives the batches (see ``jax_portraits.Portraits``).
      config: the experiment.

    Attributes:
      operations: floating-point operations of a step, a multiplication and an addition being two, as XLA counts them;
        the mean over the kinds of steps.
    """

    def __init__(self, objective: Objective, state: TrainingState, portraits, config: Config):
        self.objective, self.state, self.portraits, self.config = objective, state, portraits, config
        self._variables = state.variables()
        self._names = {id(v): name for name, v in self._variables.items()}
        # Copies: what a step is given is its own to overwrite, and averaged weights start as the same arrays.
        self._values = {name: jnp.array(v.value) for name, v in self._variables.items()}
        self._frozen = frozen_variables(objective)
        self._fixed = [v.value for v in self._frozen]
        self._changing = {kind: self._changing_names(kind) for kind in objective.kinds}
        lowered = {kind: self._lowered(kind) for kind in objective.kinds}
        costs = [program.cost_analysis() or {} for program in lowered.values()]  # a backend need not tell
        self.operations = sum(cost.get("flops", math.nan) for cost in costs) / len(costs)
        self._compiled = {kind: program.compile() for kind, program in lowered.items()}

    def __call__(self, kind: str, indices: tuple[np.ndarray, np.ndarray]) -> dict[str, jax.Array]:
        """Runs a step.

        Args:
          kind: "paired" or "unpaired".
          indices: int32 [B] each, the numbers of the targets and of the sources.

        Returns:
          float32 scalars by the paper's symbols, which the device may still be computing.
        """
        changed, terms = self._compiled[kind](*self._arguments(kind, indices))
        self._values.update(changed)
        self.state.step += 1
        return terms

    def publish(self) -> None:
        """Brings the state's variables up to date."""
        for name, variable in self._variables.items():
            variable.assign(self._values[name])

    def _lowered(self, kind: str) -> jax.stages.Lowered:
        """The program of a step of this kind, which may overwrite the values that it changes."""
        nobody = (np.zeros(self.config.training.batch_size, np.int32),) * 2
        return jax.jit(functools.partial(self._advance, kind), donate_argnums=0).lower(*self._arguments(kind, nobody))

    def _arguments(self, kind, indices):
        """The arguments of ``_advance``: the values that change, those that do not, the data and the step's number."""
        changing = {name: self._values[name] for name in self._changing[kind]}
        return changing, self._fixed, self.portraits.arrays, indices, np.asarray(self.state.step, np.int32)

    def _changing_names(self, kind: str) -> list[str]:
        """The names of the variables that a step of this kind changes."""
        variables = []
        for n in self.objective.updates(kind):
            variables += [*self.state.networks[n].variables, *self.state.optimizers[n].variables]
        if self.state.average is not None:
            variables += self.state.average.weights
        return self._names_of(variables)

    def _names_of(self, variables) -> list[str]:
        return [self._names[id(v)] for v in variables]

    def _advance(self, kind, values, fixed, arrays, indices, step):
        """The new values and the terms, as functions of everything else."""
        batch = self.portraits.batch(arrays, indices, step, paired=kind == "paired")
        updated = self.objective.updates(kind)
        names = {n: self._names_of(self.state.networks[n].trainable_variables) for n in updated}
        weights = {n: [values[name] for name in names[n]] for n in updated}

        def losses(weights):
            current = dict(values)
            for n in updated:
                current.update(zip(names[n], weights[n]))
            return self._losses(kind, batch, current, fixed)

        totals, pull_back, (terms, values) = jax.vjp(losses, weights, has_aux=True)
        for n in updated:
            # Each network follows its own total; XLA drops what this leaves unused.
            share = {m: jnp.asarray(m == n, total.dtype) for m, total in totals.items()}
            gradients = self._clipped(pull_back(share)[0][n])
            values.update(self._updated(self.state.optimizers[n], names[n], gradients, values))
        if self.state.average is not None:
            values.update(self._averaged(self.state.average, values, step))
        return values, terms

    def _losses(self, kind, batch, values, fixed):
        """The totals, and besides the terms and the values after the pass, which moves batch statistics on."""
        mapping = [(self._variables[name], value) for name, value in values.items()]
        with keras.StatelessScope([*mapping, *zip(self._frozen, fixed)]) as scope:
            totals, terms = self.objective.losses(kind, batch)
        return totals, (terms, {name: scope.get_current_value(self._variables[name]) for name in values})

    def _clipped(self, gradients: list) -> list:
        """Scales the gradients so that their norm is at most the limit."""
        limit = self.config.training.clip_norm
        if not limit:
            return gradients
        norm = jnp.sqrt(sum(jnp.sum(jnp.square(g)) for g in gradients))
        return [g * (limit / jnp.maximum(norm, limit)) for g in gradients]

    def _updated(self, optimizer, names: list[str], gradients: list, values: dict) -> dict:
        """A network's new weights and its optimiser's new state, by name."""
        own = self._names_of(optimizer.variables)
        weights, state = optimizer.stateless_apply(
            [values[name] for name in own], gradients, [values[name] for name in names]
        )
        return dict(zip([*names, *own], [*weights, *state]))

    def _averaged(self, average: keras.Model, values: dict, step) -> dict:
        """The averaged weights, moved towards the new ones, by name."""
        decay = average_decay(self.config.training.ema, jnp.asarray(step, "float32"))
        pairs = zip(self._names_of(average.weights), self._names_of(self.state.source.weights), strict=True)
        return {target: values[target] + (1.0 - decay) * (values[source] - values[target]) for target, source in pairs}


def frozen_variables(objective: Objective) -> list[keras.Variable]:
    """The variables of the networks that an objective reads and does not train, e.g. an editor's P_F."""
    return [v for network in objective.frozen for v in network.variables]


def compiled(function, variables: list[keras.Variable]):
    """A fast function of one that reads a batch by networks with these variables, at their values of the call."""

    @jax.jit
    def pure(values, batch):
        with keras.StatelessScope(list(zip(variables, values))):
            return function(batch)

    return lambda batch: pure([v.value for v in variables], batch)
