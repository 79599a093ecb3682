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
