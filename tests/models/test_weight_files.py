"""Files of weights: small, exact but for the rounding of kernels, and a start for other trainings."""

from __future__ import annotations

import forked
import numpy as np
import pytest
from stored_parser import lite_config, random_lite_parser, store_run

from mgpe_tf.errors import UserError
from mgpe_tf.models.arrays import arrays_of
from mgpe_tf.models.weights import holds_weights, read_weights, write_weights


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return store_run(tmp_path_factory.mktemp("weights") / "run", config=lite_config(), parser=random_lite_parser())


def test_a_run_becomes_a_file_with_which_another_begins(run, tmp_path):
    path = tmp_path / "new" / "parser.npz"
    written = forked.run("mgpe_tf.export_model", "weights", f"--model={run}", f"--output={path}")
    assert written.returncode == 0 and "parser.npz" in written.stdout, written.stderr
    stored, learnt = arrays_of(path, "parser"), arrays_of(run, "parser")
    assert stored.keys() == learnt.keys()
    for name, array in learnt.items():
        exact = array.ndim < 2
        np.testing.assert_allclose(stored[name], array, rtol=0 if exact else 1e-3, atol=0 if exact else 1e-7)
    assert path.stat().st_size < 0.6 * sum(array.nbytes for array in learnt.values())


def test_statistics_beyond_half_precision_stay(tmp_path):
    arrays = {"parser/norm/moving_variance": np.array([1e-9, 3e5], np.float32)}
    write_weights(tmp_path / "a.npz", arrays)
    name = "parser/norm/moving_variance"
    np.testing.assert_array_equal(read_weights(tmp_path / "a.npz")[name], arrays[name])


def test_other_files_are_told_apart(tmp_path):
    np.savez(tmp_path / "imagenet.npz", **{"_bn0.weight": np.ones(3)})
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 cut off")
    write_weights(tmp_path / "weights.npz", {"parser/a": np.ones(3)})
    found = [holds_weights(tmp_path / f"{name}.npz") for name in ("imagenet", "broken", "missing", "weights")]
    assert found == [False, False, False, True]
    for name in ("broken", "missing"):
        with pytest.raises(UserError, match=f"{name}.npz: no .npz file of a network's weights"):
            read_weights(tmp_path / f"{name}.npz")


def test_the_shipped_models_become_files_too(tmp_path):
    """An editor without the parser that was exported with it; a folder of anything else is refused."""
    from mgpe_tf.models.resting import generator_network
    from mgpe_tf.models.shipped import model_path
    from mgpe_tf.shipped import load_config

    path = tmp_path / "editor.npz"
    written = forked.run("mgpe_tf.export_model", "weights", f"--model={model_path('editor')}", f"--output={path}")
    assert written.returncode == 0, written.stderr
    network = generator_network(path, load_config("completion_256"))
    assert {v.path for v in network.weights} == set(read_weights(path))
    parser = tmp_path / "parser.npz"
    written = forked.run("mgpe_tf.export_model", "weights", f"--model={model_path('parser')}", f"--output={parser}")
    assert written.returncode == 0 and all(name.startswith("parser/") for name in read_weights(parser)), written.stderr
    refused = forked.run("mgpe_tf.export_model", "weights", f"--model={tmp_path}", f"--output={tmp_path / 'x.npz'}")
    assert refused.returncode == 2 and "is no run folder" in refused.stderr and len(refused.stderr.splitlines()) == 1
