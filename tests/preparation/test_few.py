"""What prepare says of a small data set."""

from __future__ import annotations

import pytest

from mgpe_tf.preparation.few import LEAST, tell_if_few


@pytest.mark.parametrize("count", [0, LEAST - 1, LEAST])
def test_too_few_portraits_to_validate_with_are_told(tmp_path, capsys, count):
    folder = tmp_path / "val" / "images"
    if count:
        folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number}.jpg").touch()
    tell_if_few(folder, 0.05)
    said = capsys.readouterr().err
    if count < LEAST:
        assert f"val holds {count} portraits" in said and "a larger --val_share than 0.05" in said
    else:
        assert not said
