"""Which objective each task has."""

from __future__ import annotations

from mgpe_tf.config_check import check_field
from mgpe_tf.objectives.baseline import BaselineObjective
from mgpe_tf.objectives.behind_hair import BehindHairObjective
from mgpe_tf.objectives.bicyclegan import BicycleGANObjective
from mgpe_tf.objectives.completion import CompletionObjective
from mgpe_tf.objectives.editor import EditorObjective
from mgpe_tf.objectives.inner_mouth import InnerMouthObjective
from mgpe_tf.objectives.objective import Objective
from mgpe_tf.objectives.parser import ParserObjective
from mgpe_tf.objectives.pix2pixhd import Pix2PixHDObjective
from mgpe_tf.objectives.registration import RegistrationObjective
from mgpe_tf.objectives.uncovering import UncoveringObjective

OBJECTIVES: dict[str, type[Objective]] = {
    "editor": EditorObjective,
    "parser": ParserObjective,
    "pix2pixhd": Pix2PixHDObjective,
    "bicyclegan": BicycleGANObjective,
    "registration": RegistrationObjective,
    "behind_hair": BehindHairObjective,
    "uncovering": UncoveringObjective,
    "inner_mouth": InnerMouthObjective,
    "completion": CompletionObjective,
}
"""By ``Config.task``."""

BASELINES = tuple(task for task, objective in OBJECTIVES.items() if issubclass(objective, BaselineObjective))
"""The tasks that are methods which the paper compares with."""


def objective_of(task: str) -> type[Objective]:
    """The class of a task's objective; UserError for a task that there is not."""
    check_field("task", task)
    return OBJECTIVES[task]
