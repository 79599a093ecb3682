"""Lists of JSON lines."""

from __future__ import annotations

import pytest

from mgpe_tf.errors import WriteError
from mgpe_tf.storage.files import write_text
from mgpe_tf.storage.lines import append_lines, read_lines, write_lines


@pytest.mark.parametrize("torn", ["", '{"file": "a.pn', '{"file": "a.png"}', "\x00\x00\n", "\xff\n"])
def test_a_torn_line_is_dropped_and_does_not_run_into_the_next(tmp_path, torn):
    path = tmp_path / "list"
    assert read_lines(path) == []
    append_lines(path, [{"file": "ä.png"}, {"file": "b.png"}])
    with path.open("a") as file:
        file.write(torn)
    lines = read_lines(path)
    write_lines(path, lines)
    append_lines(path, [{"n": 1.5}])
    assert read_lines(path) == [{"file": "ä.png"}, {"file": "b.png"}, {"n": 1.5}] and "ä" in path.read_text()


def test_a_full_disk_adds_all_or_nothing(small_disk):
    path = small_disk / "list"
    append_lines(path, [{"n": 1}])
    with pytest.raises(WriteError, match="list: No space left on device"):
        append_lines(path, [{"n": "x" * 2**20}])
    append_lines(path, [{"n": 2}])
    assert read_lines(path) == [{"n": 1}, {"n": 2}]


def test_names_that_are_no_unicode(tmp_path):
    """As Linux allows them: escaped in JSON, and in a plain list the very bytes."""
    name = b"portr\xe4t.jpg".decode(errors="surrogateescape")
    append_lines(tmp_path / "list", [{"file": name}])
    assert read_lines(tmp_path / "list") == [{"file": name}]
    write_text(tmp_path / "names", f"{name}\n")
    assert (tmp_path / "names").read_bytes() == b"portr\xe4t.jpg\n"
