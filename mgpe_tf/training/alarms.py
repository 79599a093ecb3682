"""Runs that go wrong for long, though every number is finite, stop by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mgpe_tf.objectives.objective import Alarm


class Alarms:
    """Watches the values that a run logs. After a run was stopped and continued it counts anew.

    Args:
      alarms: of the objective.
    """

    def __init__(self, alarms: Sequence[Alarm]):
        self._alarms = alarms
        self._since: dict[str, int] = {}

    def ringing(self, step: int, values: Mapping[str, float]) -> tuple[str, str] | None:
        """Why the run must stop after a step at which some values were logged, by their names, and the remedy; None if
        it need not."""
        for name, value in values.items():
            for alarm in self._alarms:
                if name.rpartition("/")[2] != alarm.name:
                    continue
                if value <= alarm.highest:
                    self._since.pop(name, None)
                elif step - self._since.setdefault(name, step) >= alarm.steps:
                    above = f"{name} is {value:.3g}, above {alarm.highest:g} since step {self._since[name]}"
                    return f"{above}: {alarm.meaning}", alarm.remedy
        return None
