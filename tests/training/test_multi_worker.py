"""Two worker processes on one machine train as one."""

from __future__ import annotations

import json
import signal
import socket

import numpy as np
from processes import checkpoint_steps, finish, metrics, start, train, wait_for

FLAGS = [
    "--config.training.steps=60",
    "--config.training.log_every=1",
    "--config.training.validate_every=100",
    "--config.training.sample_every=100",
    "--config.parser.dropout=0",
]
"""Without dropout, whose pattern is that of a replica's share of the batch."""


def start_workers(workdir):
    """Starts worker 0, the chief, and worker 1."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    cluster = {"worker": [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]}
    for s in sockets:
        s.close()
    return [
        start(workdir, *FLAGS, TF_CONFIG=json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}}))
        for i in range(2)
    ]


def finish_workers(processes):
    """Exit codes of both; a worker that hangs is killed with its partner."""
    try:
        return [finish(process) for process in processes]
    finally:
        for process in processes:
            process.kill()


def test_workers_stop_together_fail_together_and_have_the_losses_of_one_process(tmp_path):
    workers = start_workers(tmp_path / "two")
    wait_for(lambda: checkpoint_steps(tmp_path / "two"), workers[0])
    workers[1].send_signal(signal.SIGTERM)
    results = finish_workers(workers)
    assert [code for code, _ in results] == [143, 143], results
    stopped = checkpoint_steps(tmp_path / "two")[-1]
    assert stopped == metrics(tmp_path / "two")[-1]["step"] < 60

    workers = start_workers(tmp_path / "two")
    wait_for(lambda: metrics(tmp_path / "two")[-1]["step"] > stopped, workers[0])
    workers[1].kill()
    (code, stderr), _ = finish_workers(workers)
    assert code == 2 and stderr.splitlines()[-1].startswith("error: another worker of the cluster has ended"), stderr

    results = finish_workers(start_workers(tmp_path / "two"))
    assert [code for code, _ in results] == [0, 0], results
    train(tmp_path / "one", *FLAGS)
    losses = [{line["step"]: line["L_P"] for line in metrics(tmp_path / n) if "L_P" in line} for n in ("two", "one")]
    assert list(losses[0]) == list(losses[1]) == list(range(1, 61))
    np.testing.assert_allclose(list(losses[0].values()), list(losses[1].values()), rtol=1e-5)
