"""python -m mgpe_tf.edit video as a user runs it: real faces, small networks with random weights."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from stored_editor import store_editor
from stored_parser import store_run
from test_edit_verb import run

import mgpe_tf
from mgpe_tf.data.images import read_image

pytest.importorskip("av")
from clips import frames_of, sound_packets_of, times_of, write_clip

EXAMPLE = Path(mgpe_tf.__file__).parent / "webapp" / "examples" / "hopper.jpg"
TIMES = [0, 40, 200]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs of an editor and a parser, a clip whose last frame shows nobody, and files that are none."""
    path = tmp_path_factory.mktemp("video")
    store_editor(path / "editor")
    store_run(path / "parser")
    photo = cv2.resize(read_image(EXAMPLE), (256, 300), interpolation=cv2.INTER_AREA)
    write_clip(path / "clip.mp4", [photo, photo, np.full_like(photo, 90)], TIMES, sound="aac")
    (path / "text.mp4").write_text("hello")
    cv2.imwrite(str(path / "me.png"), photo)
    return path


def test_a_clip(folder):
    models = ["--model=editor", "--parser=parser"]
    done = run(folder, "video", "--target=clip.mp4", "--amounts=smile=1", "--output=out.mp4", "--crf=10", *models)
    assert (done.returncode, done.stdout) == (
        0,
        "out.mp4: 3 frames, 1 of them without the face, left as it was; sound copied; no marks\n",
    )
    assert done.stderr == ""  # no bar, where there is no terminal
    assert times_of(folder / "out.mp4") == times_of(folder / "clip.mp4")
    assert sound_packets_of(folder / "out.mp4") == sound_packets_of(folder / "clip.mp4")
    before, after = (
        [one.to_ndarray().astype(int) for one in frames_of(folder / name)] for name in ("clip.mp4", "out.mp4")
    )
    assert np.abs(before[0] - after[0]).max() > 30 > 4 > np.abs(before[2] - after[2]).max()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target=gone.mp4", "--output=x.mp4"], "gone.mp4: there is no such file"),
        (["--target=text.mp4", "--output=x.mp4"], "text.mp4: no video (Invalid data"),
        (["--target=me.png", "--output=x.mp4"], "me.png: no moving picture in it; allowed: what FFmpeg reads, .mp4"),
        (["--target=clip.mp4", "--output=x.mov"], "--output=x.mov: videos are written as .mp4"),
        (["--target=clip.mp4", "--output=x.mp4", "--crf=52"], "--crf"),
        (["--target=clip.mp4", "--output=clip.mp4"], "clip.mp4 is there already"),
    ],
)
def test_mistakes_are_one_line(arguments, words, folder):
    before = sorted(folder.iterdir())
    result = run(folder, "video", "--amounts=smile=1", *arguments)
    assert result.returncode == 2 and words in result.stderr
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert sorted(folder.iterdir()) == before
