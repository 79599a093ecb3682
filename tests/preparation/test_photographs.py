"""Names and parts follow from the file alone."""

from __future__ import annotations

import pytest

from mgpe_tf.preparation.photographs import NAME, PhotographFile


def photographs(count: int, folder: str = "") -> list[PhotographFile]:
    return [PhotographFile(f"{folder}{i}.jpg", f"{i:064x}") for i in range(count)]


def test_a_person_is_in_one_part():
    for person in range(50):
        assert len({photo.split(0.5) for photo in photographs(20, f"n{person}/more/")}) == 1


@pytest.mark.parametrize("identity", [True, False])
def test_the_share_of_val(identity):
    found = [PhotographFile(f"n{i}/1.jpg" if identity else "1.jpg", f"{i:064x}").split(0.2) for i in range(4000)]
    assert 0.17 < found.count("val") / 4000 < 0.23
    assert {photo.split(0.0) for photo in photographs(99)} == {"train"}
    assert {photo.split(1.0) for photo in photographs(99)} == {"val"}


def test_a_larger_share_keeps_what_was_in_val():
    assert all(photo.split(0.3) == "val" for photo in photographs(500) if photo.split(0.1) == "val")


def test_without_a_folder_the_content_decides_and_not_the_name():
    assert {PhotographFile(name, "a" * 64).split(0.5) for name in "abcdefgh"} == {
        PhotographFile("x", "a" * 64).split(0.5)
    }


def test_names():
    assert PhotographFile("n01/0 1.jpg", "").face_name(2).startswith("n01_0_1-") and NAME.fullmatch(
        PhotographFile("n01/0 1.jpg", "").face_name(2)
    )
    odd = ["a/b.jpg", "a_b.jpg", "a/b.png", "A/b.jpg", "é.jpg", "\udcff.jpg", "x" * 300 + ".jpg", "..x.jpg", "雪.jpg"]
    names = [PhotographFile(file, "").face_name(1) for file in odd]
    assert len(set(names)) == len(odd)
    assert all(NAME.fullmatch(name) and name.isascii() and len(name) < 100 and "/" not in name for name in names)
    assert not any(name.startswith(".") for name in names)


def test_shards_are_of_nearly_one_size():
    counts = [0] * 8
    for photo in photographs(4000):
        counts[photo.shard(8)] += 1
    assert min(counts) > 420 and max(counts) < 580
