"""Sessions end: in number and in age."""

from __future__ import annotations

import pytest
from drawn_studio import draw, drawn_editor, drawn_studio

from mgpe_tf.errors import UserError
from mgpe_tf.webapp.store import Desk, Store


@pytest.fixture(scope="module")
def editor():
    return drawn_editor()


@pytest.fixture
def photo(tmp_path):
    return draw(tmp_path / "a.png", 0)


def test_no_more_sessions_than_allowed(editor, photo, tmp_path):
    studio = drawn_studio(editor, tmp_path / "made", max_sessions=2)
    (tmp_path / "made").mkdir()
    studio.open("a", photo, aligned=True)
    studio.open("b", photo, aligned=True)
    with pytest.raises(UserError, match="2 portraits are being edited, as many as this server takes"):
        studio.open("c", photo, aligned=True)
    studio.open("a", photo, aligned=True)  # in the place of the own one
    assert len(studio.store) == 2 == len(list((tmp_path / "made").iterdir()))
    studio.store.close("b")
    studio.open("c", photo, aligned=True)


def test_sessions_end_without_use(editor, photo, tmp_path):
    now = [0.0]
    studio = drawn_studio(editor, tmp_path, session_minutes=10)
    studio.store = Store(studio.limits, tmp_path, lambda: now[0])
    studio.open("a", photo, aligned=True)
    desk = studio.open("b", photo, aligned=True)
    now[0] = 599
    studio.draw("a")
    now[0] = 601
    studio.store.expire()
    assert "a" in studio.store and "b" not in studio.store and not desk.folder.exists()
    with pytest.raises(UserError, match="not used for 10 minutes; open one"):
        studio.draw("b")


def test_of_long_names_the_end_stays(tmp_path):
    """A recipe of a stranger may call its input so."""
    path = Desk(None, {}, tmp_path, 0.0).new_file("ä" * 255 + "_edited.png")
    path.write_bytes(b"")
    assert path.name.endswith("ä_edited.png")
