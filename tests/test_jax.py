"""The networks, losses and objectives give the same numbers on JAX, in a process without TensorFlow."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
if importlib.util.find_spec("jax") is None:
    pytest.skip("jax is not installed", allow_module_level=True)

import jax_forward
from small import randomised

SCRIPT = Path(jax_forward.__file__)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """(outputs here, outputs on JAX) with the same weights."""
    folder = tmp_path_factory.mktemp("jax")
    built = jax_forward.build()
    for seed, network in enumerate(jax_forward.networks(built).values()):
        randomised(network, seed)
    np.savez(folder / "weights.npz", **jax_forward.weights(built))
    # Optimising every small program takes longer than running it.
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
        "XLA_FLAGS": "--xla_cpu_use_fusion_emitters=false",  # the older ones compile faster
    }
    command = [sys.executable, SCRIPT, folder / "weights.npz", folder / "outputs.npz"]
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return jax_forward.outputs(built), np.load(folder / "outputs.npz", allow_pickle=False)


def test_the_other_process_ran_jax_alone(results):
    _, there = results
    assert there["backend"] == "jax"
    assert "jax" in there["modules"]
    assert not [name for name in there["modules"] if name.startswith(("tensorflow.", "tf_keras"))]


def test_the_same_numbers(results):
    here, there = results
    assert set(here) == set(there) - {"backend", "modules"}
    for name, expected in here.items():
        assert there[name].dtype == expected.dtype and there[name].shape == expected.shape, name
        scale = max(1.0, np.abs(expected.astype(float)).max())
        np.testing.assert_allclose(there[name], expected, atol=1e-4 * scale, rtol=0, err_msg=name)
