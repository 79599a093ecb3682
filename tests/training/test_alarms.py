"""Alarms: which values stop a run, and after how long."""

from __future__ import annotations

from mgpe_tf.objectives.adversary import ALARMS
from mgpe_tf.objectives.completion import CompletionObjective
from mgpe_tf.objectives.objective import Alarm
from mgpe_tf.training.alarms import Alarms

GAP = Alarm("gap", 1.5, 200, "too strong", "lower it")


def ringing(values: dict[int, dict[str, float]], alarm: Alarm = GAP) -> dict[int, tuple]:
    """What is told at each step at which something is, of values by step."""
    alarms = Alarms([alarm])
    found = {step: alarms.ringing(step, logged) for step, logged in values.items()}
    return {step: told for step, told in found.items() if told}


def test_what_stays_too_high_for_long_rings():
    told = ringing({step: {"gap": 1.6} for step in range(100, 500, 100)})
    assert list(told) == [300, 400]
    assert told[300] == ("gap is 1.6, above 1.5 since step 100: too strong", "lower it")


def test_a_value_in_between_begins_the_count_again():
    high, low = {"gap": 2.0}, {"gap": 1.5}
    assert list(ringing({100: high, 200: low, 300: high, 400: high, 500: high})) == [500]


def test_each_kind_of_step_counts_by_itself_and_others_do_not():
    mixed = {step: {"paired/gap": 2.0 if step % 200 else 1.0, "unpaired/gap": 2.0, "L_G": 9.0} for step in (100, 200)}
    assert not ringing(mixed)
    assert ringing({**mixed, 300: {"paired/gap": 1.0, "unpaired/gap": 2.0}})[300][0].startswith("unpaired/gap")
    assert not ringing({step: {"gap_of_others": 9.0} for step in (100, 400)})


def test_at_once_if_no_time_is_given():
    assert list(ringing({100: {"gap": 1.6}}, GAP._replace(steps=0))) == [100]


def test_the_completion_is_watched():
    assert CompletionObjective.alarms is ALARMS and {alarm.name for alarm in ALARMS} == {"gap", "grid_excess"}
