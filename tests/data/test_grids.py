"""Sample grids: sizes, colours, headers, files."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mgpe_tf.data.grids import HEADER, picture_grid, save_picture
from mgpe_tf.labels import PALETTE

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-1, 1, (3, 40, 40, 3)).astype(np.float32)
MASKS = RNG.integers(0, 11, (3, 40, 40))


def cell(grid: np.ndarray, row: int, column: int, size: int) -> np.ndarray:
    """One picture out of a grid."""
    return grid[HEADER + row * size :, column * size :][:size, :size]


@pytest.mark.parametrize(("smallest", "size"), [(1, 40), (40, 40), (41, 80), (128, 160)])
def test_cells_are_enlarged_by_a_whole_factor(smallest, size):
    grid = picture_grid({"x": IMAGES, "m": MASKS}, smallest)
    assert grid.dtype == np.uint8 and grid.shape == (HEADER + 3 * size, 2 * size, 3)
    factor = size // 40
    for row in range(3):
        picture = cell(grid, row, 0, size)
        np.testing.assert_array_equal(picture, picture[::factor, ::factor].repeat(factor, 0).repeat(factor, 1))
        np.testing.assert_allclose(picture[::factor, ::factor], (IMAGES[row] + 1) * 127.5, atol=0.51)
        np.testing.assert_array_equal(cell(grid, row, 1, size)[::factor, ::factor], PALETTE[MASKS[row]])


def test_values_out_of_range_are_clipped():
    image = np.stack([np.full((8, 8, 3), value) for value in (-3.0, -1.0, 0.0, 1.0, 3.0)])
    grid = picture_grid({"x": image.astype(np.float16)}, smallest=1)
    assert [int(cell(grid, row, 0, 8)[0, 0, 0]) for row in range(5)] == [0, 0, 128, 255, 255]


def test_every_column_has_its_name_above():
    grid = picture_grid({"x": IMAGES, "": MASKS, "a longer name": IMAGES}, smallest=128)
    header = [grid[:HEADER, column * 160 : (column + 1) * 160] for column in range(3)]
    assert [bool((part < 128).any()) for part in header] == [True, False, True]
    assert (header[2] < 128).sum() > 3 * (header[0] < 128).sum()
    assert all((part[0] == 255).all() for part in header)


def test_a_saved_picture_is_read_as_it_was(tmp_path):
    grid = picture_grid({"x": IMAGES, "m": MASKS})
    save_picture(tmp_path / "last.png", grid)
    save_picture(tmp_path / "last.png", grid[:50])  # the next one replaces it
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "last.png")), grid[:50])
    assert [path.name for path in tmp_path.iterdir()] == ["last.png"]
