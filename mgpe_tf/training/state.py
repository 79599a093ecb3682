"""Everything a run changes: networks, optimisers, averaged weights and the step; and how it becomes arrays and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import keras
import numpy as np

from mgpe_tf.config import TrainingConfig
from mgpe_tf.config_check import check_field
from mgpe_tf.models.checkpoints import strict_assign
from mgpe_tf.objectives.objective import Objective


@keras.saving.register_keras_serializable("mgpe_tf")
class Decay(keras.optimizers.schedules.LearningRateSchedule):
    """A rise from zero if that is wanted, a constant rate, then a fall to zero.

    Args:
      rate: the constant rate.
      start: the update at which the fall begins.
      total: the update at which the rate is zero.
      warmup: number of updates in which it rises to the constant rate.
      curve: "linear", or "cosine" for the half wave (1 + cos(pi x)) / 2 of Loshchilov and Hutter 2017.

    Raises:
      UserError: another curve.
    """

    def __init__(self, rate: float, start: float, total: float, curve: str = "linear", warmup: int = 0):
        check_field("training.decay", curve)
        self.rate, self.start, self.total, self.curve, self.warmup = rate, start, total, curve, warmup

    def __call__(self, step):
        """Rate of update number ``step`` (0-based), float32 scalar."""
        left = (self.total - keras.ops.cast(step, "float32")) / max(self.total - self.start, 1)
        left = keras.ops.clip(left, 0.0, 1.0)
        rate = self.rate
        if self.warmup:
            rate *= keras.ops.minimum((keras.ops.cast(step, "float32") + 1) / self.warmup, 1.0)
        return rate * (left if self.curve == "linear" else (1 - keras.ops.cos(math.pi * left)) / 2)

    def get_config(self):
        """Constructor arguments."""
        return {"rate": self.rate, "start": self.start, "total": self.total, "curve": self.curve} | {
            "warmup": self.warmup
        }


def average_decay(ema: float, step):
    """Share of the old value when averaged weights move after step number ``step`` (0-based float scalar): ``ema``, and
    less in the beginning, which lets early weights be forgotten."""
    return keras.ops.minimum(ema, (1.0 + step) / (10.0 + step))


class TrainingState:
    """Networks, one optimiser for each, averaged weights, step. Create it inside the strategy's scope.

    Args:
      objective: gives the networks.
      config: the training part of the experiment.
      average: a second instance of the objective's product, which receives the moving average of its weights; None for
        no averaging.

    Attributes:
      step: number of steps done.
      optimizers: by network name.
    """

    def __init__(self, objective: Objective, config: TrainingConfig, average: keras.Model | None = None):
        self.step = 0
        self.networks = objective.networks
        self.optimizers = {}
        for name, network in self.networks.items():
            share = sum(name in objective.updates(kind) for kind in objective.kinds) / len(objective.kinds)
            rate = getattr(config, objective.rate_group(name)) or config.learning_rate
            self.optimizers[name] = _optimizer(name, network, config, rate, share * config.steps)
        self.source, self.average = self.networks[objective.product], average
        if average is not None:
            for target, value in zip(average.weights, self.source.weights, strict=True):
                target.assign(value)

    @property
    def product(self) -> keras.Model:
        """The network that users get: the averaged one where there is one."""
        return self.source if self.average is None else self.average

    def variables(self) -> dict[str, keras.Variable]:
        """Every variable by a name that is the same in every process: network/path, seed/network/index, average/path,
        optimizer/network/index_path."""
        named = {}
        for name, network in self.networks.items():
            named.update({f"network/{v.path}": v for v in network.weights})
            named.update({f"seed/{name}/{i}": v for i, v in enumerate(_seeds(network))})
        if self.average is not None:
            named.update({f"average/{v.path}": v for v in self.average.weights})
        for name, optimizer in self.optimizers.items():
            for i, v in enumerate(optimizer.variables):
                named[f"optimizer/{name}/{i:04d}_{v.path.rsplit('/', 1)[-1]}"] = v
        return named

    def arrays(self) -> dict:
        """The variables as numpy arrays, each fetched when it is read: a large editor needs no second copy."""
        return _Arrays(self.variables())

    def not_finite(self) -> str:
        """The name of the first variable that holds an infinity or no number; "" if there is none."""
        named = self.variables()
        finite = [keras.ops.all(keras.ops.isfinite(v)) for v in named.values()]
        return next((name for name, is_finite in zip(named, finite) if not is_finite), "")

    def load(self, step: int, arrays: dict) -> None:
        """Takes over a checkpoint, of whatever precision; UserError if its variables are not this run's."""
        variables = self.variables()
        strict_assign(variables, _with_loss_scales(arrays, variables))
        self.step = step


def _with_loss_scales(arrays: Mapping[str, np.ndarray], variables: Mapping[str, keras.Variable]) -> dict:
    """A checkpoint's arrays under the names of variables, of which those of an optimiser that scales the loss, in
    "mixed_float16" alone, come before the others: they are left out, or begin afresh."""
    result = dict(arrays)
    for network in {name.split("/")[1] for name in variables if name.startswith("optimizer/")}:
        (own_scale, own), (scale, found) = (_split(names, f"optimizer/{network}/") for names in (variables, arrays))
        if bool(own_scale) != bool(scale):
            result = {name: array for name, array in result.items() if name not in (*scale, *found)}
            result.update({name: np.asarray(variables[name]) for name in own_scale})
            result.update({new: arrays[old] for new, old in zip(own, found)})
    return result


def _split(names: Iterable[str], prefix: str) -> tuple[list[str], list[str]]:
    """The names of an optimiser's variables in order: those of the loss scale, and the others."""
    ordered = sorted(name for name in names if name.startswith(prefix))
    ends = [place for place, name in enumerate(ordered, start=1) if name.endswith("_dynamic_scale")]
    return ordered[: sum(ends)], ordered[sum(ends) :]


def _seeds(network: keras.Model) -> list[keras.Variable]:
    """The states of its random layers, whose paths are no names: Keras counts them over the whole process."""
    weights = {id(v) for v in network.weights}
    return [v for v in network.variables if id(v) not in weights]


class _Arrays(dict):
    """Variables by name that are read as numpy arrays; integers, whose types differ between backends, as int64."""

    def __getitem__(self, name):
        array = np.asarray(super().__getitem__(name)).copy()  # convert_to_numpy of a variable warns with NumPy 2
        return array.astype(np.int64) if array.dtype.kind in "iu" else array

    def items(self):
        return ((name, self[name]) for name in self)


def _adam() -> type[keras.optimizers.Adam]:
    """Adam as the backend does it best."""
    if keras.backend.backend() != "tensorflow":
        return keras.optimizers.Adam
    from mgpe_tf.training.adam import FusedAdam

    return FusedAdam


def _optimizer(
    name: str, network: keras.Model, config: TrainingConfig, rate: float, updates: float
) -> keras.optimizers.Optimizer:
    """Adam with a rate that decays over so many updates, built for the network's trainable variables."""
    schedule = Decay(rate, config.decay_start * updates, updates, config.decay, config.warmup)
    optimizer = _adam()(schedule, config.beta_1, config.beta_2, epsilon=1e-8, name=f"{name}_adam")
    if config.precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, name=f"{name}_scaled")
    optimizer.build(network.trainable_variables)
    return optimizer
