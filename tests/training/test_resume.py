"""A run that was killed or stopped ends, once resumed, with the very weights of one that was not."""

from __future__ import annotations

import shutil
import signal
import time

import pytest
from processes import checkpoint_steps, digest, finish, metrics, start, train, wait_for

from mgpe_tf.models.checkpoints import CheckpointStore, weights_sha256


def steps_of(lines):
    """(steps with terms, steps with validation scores, steps with a hash)."""

    def having(text):
        return [line["step"] for line in lines if any(text in name for name in line)]

    return having("images_per_second"), having("validation/"), having("weights_sha256")


def stop(workdir, number, flags, way="", after=2):
    """Starts a run, sends it a signal when a checkpoint later than ``after`` appears; returns exit code and stderr."""
    process = start(workdir, *flags, way=way)
    wait_for(lambda: any(step >= after for step in checkpoint_steps(workdir)), process)
    process.send_signal(number)
    return finish(process)


def assert_continues(killed, whole, flags):
    """The killed run, continued, must end as that which was not."""
    step = checkpoint_steps(killed)[-1]
    assert step < 6
    assert f"continues from {killed}/checkpoints/step-{step:08d} at step {step} of 6" in train(killed, *flags)
    assert digest(killed) == digest(whole)
    for workdir in (whole, killed):
        assert steps_of(metrics(workdir)) == ([2, 4, 6], [4, 6], [6])
        assert checkpoint_steps(workdir) == [4, 6]


def test_a_killed_run_continues_bit_for_bit(tmp_path):
    flags = ["--config.task=parser"]
    train(tmp_path / "whole", *flags)
    assert stop(tmp_path / "killed", signal.SIGKILL, flags)[0] == -signal.SIGKILL
    assert_continues(tmp_path / "killed", tmp_path / "whole", flags)


@pytest.mark.parametrize("task", ["editor", "bicyclegan", "registration"])
def test_what_a_kill_leaves_of_any_task_continues_bit_for_bit(tmp_path, parser_run, task):
    """One run stands still while its folder is copied as a kill would leave it, then goes on to its end."""
    flags = [f"--config.task={task}", f"--config.parser_path={parser_run if task == 'editor' else ''}"]
    process = start(tmp_path / "whole", *flags)
    wait_for(lambda: any(step >= 2 for step in checkpoint_steps(tmp_path / "whole")), process)
    process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(0.05)  # until it stands
        shutil.copytree(tmp_path / "whole", tmp_path / "killed")
    finally:
        process.send_signal(signal.SIGCONT)
    code, stderr = finish(process)
    assert code == 0, stderr
    assert_continues(tmp_path / "killed", tmp_path / "whole", flags)


def test_stopped_runs_on_two_devices_continue_bit_for_bit(tmp_path):
    """Two stops in one run: SIGTERM, then SIGINT."""
    flags = ["--config.training.steps=40", "--config.training.log_every=40"]
    flags += [f"--config.training.{event}_every=1000" for event in ("sample", "validate")]
    train(tmp_path / "whole", *flags, way="two_devices")
    step = 0
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        found, stderr = stop(tmp_path / "stopped", number, flags, way="two_devices", after=step + 1)
        assert found == code and "\nstopping after this step ...\n" in stderr, stderr
        last = metrics(tmp_path / "stopped")[-1]
        assert step < last["step"] == checkpoint_steps(tmp_path / "stopped")[-1] < 40
        step = last["step"]
        arrays = CheckpointStore(tmp_path / "stopped" / "checkpoints").restore_latest().arrays
        assert weights_sha256(arrays) == last["weights_sha256"]
    train(tmp_path / "stopped", *flags, way="two_devices")
    assert digest(tmp_path / "stopped") == digest(tmp_path / "whole")
    before = {path: path.read_bytes() for path in sorted((tmp_path / "stopped").rglob("*")) if path.is_file()}
    assert "is done: 40 steps" in train(tmp_path / "stopped", *flags, way="two_devices")
    assert {path: path.read_bytes() for path in sorted((tmp_path / "stopped").rglob("*")) if path.is_file()} == before
