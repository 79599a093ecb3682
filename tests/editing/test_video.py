"""Video files in and out, with a detector that reads the face's place off the first column that is not gray."""

from __future__ import annotations

import sys
from fractions import Fraction

import editors
import numpy as np
import pytest
from PIL import Image
from small import SIZE
from test_session import MASK, X_S, coloured

from mgpe_tf.data.alignment import template_at
from mgpe_tf.data.detection import Choice, Face
from mgpe_tf.editing.portrait_editor import PortraitEditor
from mgpe_tf.editing.video import output as video_output
from mgpe_tf.editing.video.edits import edit_video
from mgpe_tf.editing.video.length import missing_bytes
from mgpe_tf.errors import UserError

pytest.importorskip("av")
import av
from clips import frames_of, pictures_of, sound_of, sound_packets_of, times_of, write_clip

PORTRAIT = coloured(MASK, 2).repeat(2, 0).repeat(2, 1)
GRAY = 60


def frame(left: int | None, height: int = 160, width: int = 240) -> np.ndarray:
    """A gray frame, and, unless `left` is None, the portrait, twice as large, `left` pixels from its left border."""
    picture = np.full((height, width, 3), GRAY, np.uint8)
    if left is not None:
        picture[16:144, left : left + 128] = PORTRAIT
    return picture


class Finder:
    """Finds the portrait by its first column that is not gray; what it has been shown last is `seen`."""

    def detect(self, image):
        """See ``Detector``."""
        self.seen = image
        columns = np.flatnonzero(np.abs(image.astype(int) - GRAY).mean(axis=(0, 2)) > 8)
        if not columns.size:
            return []
        left = columns[0]
        return [Face((left, 16, 128, 128), (template_at(SIZE) + 0.5) * 2 - 0.5 + (left, 16), 1.0)]


@pytest.fixture(scope="module")
def editor():
    return editors.by_colours(Finder())


@pytest.fixture(scope="module")
def edit(editor):
    """Takes another one's hair."""
    other = editor.read(X_S, aligned=True)

    def taken(session):
        session.take("hair", other)
        return session.render()

    return taken


HAIR = np.zeros((160, 240), bool)
HAIR[16:144, 20:148] = (MASK == 10).repeat(2, 0).repeat(2, 1)
"""Where it is when the portrait is 20 pixels from the left."""


def difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """float [H, W], in levels of 255."""
    return np.abs(one.astype(float) - other).mean(-1)


def test_times_durations_and_sound_are_kept(editor, edit, tmp_path):
    times = [0, 40, 55, 130, 500, 510]
    source = write_clip(tmp_path / "in.mp4", [frame(20 + i) for i in range(6)], times, sound="aac")
    edited = edit_video(editor, source, tmp_path / "out.mp4", edit)
    assert (edited.frames, edited.without, edited.notes) == (6, 0, ["sound copied"])
    assert times_of(tmp_path / "out.mp4") == [Fraction(time, 1000) for time in times]
    last = frames_of(tmp_path / "out.mp4")[-1]
    assert last.duration * last.time_base == Fraction(1, 25)
    np.testing.assert_array_equal(sound_of(tmp_path / "out.mp4"), sound_of(source))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_frames_are_edited_and_nothing_else_changes(editor, edit, tmp_path):
    """Without loss, what is not edited has the very numbers that were decoded."""
    source = write_clip(tmp_path / "in.mp4", [frame(20), frame(None), frame(20)])
    edited = edit_video(editor, source, tmp_path / "out.mp4", edit, crf=0)
    assert (edited.frames, edited.without) == (3, 1)
    before, after = ([one.to_ndarray() for one in frames_of(path)] for path in (source, tmp_path / "out.mp4"))
    np.testing.assert_array_equal(before[1], after[1])
    luma = before[0][:160] != after[0][:160]
    assert luma[HAIR].mean() > 0.8 and luma[:, :20].sum() == luma[:, 148:].sum() == 0
    coarse = edit_video(editor, source, tmp_path / "coarse.mp4", edit, crf=40)
    assert coarse.frames == 3
    assert (tmp_path / "coarse.mp4").stat().st_size < (tmp_path / "out.mp4").stat().st_size
    [_, empty, _] = pictures_of(tmp_path / "coarse.mp4")
    assert difference(empty, frame(None)).max() < 6


def test_which_of_several_faces_is_edited_is_told_once(editor, tmp_path):
    class Two(Finder):
        def detect(self, image):
            far = Face((148, 20, 90, 90), template_at(SIZE) * 90 / SIZE + (148, 20), 1.0)
            return [*super().detect(image), far]

    two, told = PortraitEditor(editor.networks, editor.parser, Two()), []
    source = write_clip(tmp_path / "in.mp4", [frame(20)] * 2)
    edit_video(two, source, tmp_path / "out.mp4", lambda session: session.portrait.photo, tell=told.append)
    assert told == [Choice(1, (2,))]


def test_a_face_that_is_taken_takes_on_the_expression_of_each_frame(editor, tmp_path):
    source, seen = write_clip(tmp_path / "in.mp4", [frame(20)] * 2), []

    def edit(session):
        seen.append(session.state.own_expression)
        return session.portrait.photo

    edit_video(editor, source, tmp_path / "out.mp4", edit)
    assert seen == [True, True] and not editor.open(frame(20)).state.own_expression


@pytest.mark.parametrize(("turned", "mirrored"), [(90, False), (-90, True), (180, False), (0, True)])
def test_a_turned_video_looks_the_same(turned, mirrored, editor, edit, tmp_path):
    """The face is looked for upright, and the file turns its frames as the source does."""
    upright = frame(20)
    stored = np.rot90(upright[:, ::-1] if mirrored else upright, -turned // 90)
    source = write_clip(tmp_path / "in.mp4", [stored] * 2, turned=turned, mirrored=mirrored)
    edited = edit_video(editor, source, tmp_path / "out.mp4", edit)
    assert (edited.frames, edited.without) == (2, 0)
    assert difference(editor.detector.seen, upright).mean() < 3
    matrices = [bytes(frames_of(path)[0].side_data["DISPLAYMATRIX"]) for path in (source, tmp_path / "out.mp4")]
    assert matrices[0] == matrices[1]
    after = np.rot90(pictures_of(tmp_path / "out.mp4")[0], turned // 90)
    after = after[:, ::-1] if mirrored else after
    changed = difference(after, upright) > 12
    assert changed[HAIR].mean() > 0.6 and changed[:, 160:].sum() == 0


def test_pixels_that_are_no_squares(editor, edit, tmp_path):
    """The face is looked for in square pixels, and the video keeps its own."""
    narrow = np.asarray(Image.fromarray(frame(20)).resize((180, 160), Image.Resampling.LANCZOS))
    source = write_clip(tmp_path / "in.mp4", [narrow] * 2, aspect=Fraction(4, 3))
    edited = edit_video(editor, source, tmp_path / "out.mp4", edit)
    assert (edited.frames, edited.without, editor.detector.seen.shape) == (2, 0, (160, 240, 3))
    with av.open(str(tmp_path / "out.mp4")) as container:
        [video] = container.streams.video
        assert (video.width, video.height, video.sample_aspect_ratio) == (180, 160, Fraction(4, 3))
    changed = difference(pictures_of(tmp_path / "out.mp4")[0], narrow) > 12
    assert changed[HAIR[:, ::4].repeat(3, 1)].mean() > 0.6 and changed[:, 125:].sum() == 0


TAGS = [(1, 9, 16, 9), (2, 1, 1, 1), (1, 6, 6, 6), (0, 2, 2, 2)]
"""BT.2020 with PQ, BT.709 from 0 to 255, BT.601, nothing said."""


@pytest.mark.parametrize("colours", TAGS)
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv420p10le"])
def test_colours_are_tagged_and_computed_as_they_were(pixels, colours, editor, tmp_path):
    def paint(session):
        painted = session.portrait.photo.copy()
        painted[40:80, 40:80] = (30, 160, 220)
        return painted

    picture = frame(20)
    picture[:, 200:] = (200, 30, 90)
    source = write_clip(tmp_path / "in.mp4", [picture] * 2, pixels=pixels, colours=colours)
    edit_video(editor, source, tmp_path / "out.mp4", paint)
    first = frames_of(tmp_path / "out.mp4")[0]
    assert (first.color_range, first.color_primaries, first.color_trc, first.colorspace) == colours
    assert first.format.name in ("yuv420p", "yuvj420p")
    assert difference(editor.detector.seen, picture)[:, 205:].max() < 4
    after = pictures_of(tmp_path / "out.mp4")[0]
    assert difference(after, picture)[:, 205:].max() < 5 and difference(after, picture)[:12, :12].max() < 5
    assert difference(after, np.array((30, 160, 220)))[45:75, 45:75].max() < 5


def test_colours_that_cannot_be_computed(editor, tmp_path):
    """BT.2020 with constant luminance, which hardly anybody writes."""
    source = tmp_path / "in.mp4"
    with av.open(str(source), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width = video.height = 64
        video.codec_context.colorspace = 10
        container.mux(video.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(video.encode(None))
    with pytest.raises(UserError, match=r"in.mp4: frames of format yuv420p with colours of matrix 10 .*cannot be conv"):
        edit_video(editor, source, tmp_path / "out.mp4", lambda session: session.portrait.photo)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_odd_sizes_stay(editor, edit, tmp_path):
    source = write_clip(tmp_path / "in.webm", [frame(20, 243, 321)] * 2, codec="libvpx-vp9", sound="libopus")
    edited = edit_video(editor, source, tmp_path / "out.mp4", edit)
    assert pictures_of(tmp_path / "out.mp4")[0].shape == (243, 321, 3)
    assert "odd sides" in edited.notes[1]
    assert sound_packets_of(tmp_path / "out.mp4") == sound_packets_of(source)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("in.avi", {"codec": "mpeg4", "time_base": Fraction(1, 25), "times": [0, 1, 2]}),
        ("in.ts", {"times": [5000, 5040, 5080]}),
        ("in.h264", {}),
        ("in.gif", {"codec": "gif", "pixels": "rgb8", "time_base": Fraction(1, 100), "times": [0, 4, 30]}),
        ("late.mp4", {"times": [300, 340, 380], "sound": "aac"}),
        ("in.mov", {"codec": "prores_ks", "pixels": "yuv422p10le"}),
    ],
)
def test_other_containers(name, settings, editor, tmp_path):
    source = write_clip(tmp_path / name, [frame(20), frame(21), frame(22)], **settings)
    edited = edit_video(editor, source, tmp_path / "out.mp4", lambda session: session.portrait.photo)
    assert (edited.frames, edited.without) == (3, 0)
    times = times_of(tmp_path / "out.mp4")
    expected = [Fraction(i, 25) for i in range(3)] if name == "in.h264" else times_of(source)  # it has none
    if name == "in.ts":  # its clock stands anywhere
        expected = [time - expected[0] for time in expected]
    assert times == expected
    before, after = (pictures_of(path)[2].astype(float) for path in (source, tmp_path / "out.mp4"))
    coarse = [picture.reshape(40, 4, 60, 4, 3).mean((1, 3)) for picture in (before, after)]  # GIFs are dithered
    assert difference(*coarse).mean() < 3


def test_sound_that_mp4_does_not_take_is_encoded(editor, tmp_path):
    clip = {"codec": "mpeg4", "time_base": Fraction(1, 25), "times": [0, 1, 2, 3, 4]}
    source = write_clip(tmp_path / "in.avi", [frame(None)] * 5, sound="pcm_u8", **clip)
    edited = edit_video(editor, source, tmp_path / "out.mp4", lambda session: session.portrait.photo)
    assert edited.notes == ["sound encoded as AAC"]
    before = (sound_of(source).astype(float) - 128) / 128
    after = sound_of(tmp_path / "out.mp4")[: len(before)]
    assert np.corrcoef(before[1024:-1024], after[1024:-1024])[0, 1] > 0.99


def test_without_libx264_vp9_is_written(editor, edit, tmp_path, monkeypatch):
    others = {name: options for name, options in video_output.ENCODERS.items() if name != "libx264"}
    monkeypatch.setattr(video_output, "ENCODERS", others)
    times = [0, 40, 55]
    source = write_clip(tmp_path / "in.mp4", [frame(20 + i) for i in range(3)], times)
    edit_video(editor, source, tmp_path / "out.mp4", edit)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].codec_context.name in ("vp9", "libvpx-vp9")
    assert times_of(tmp_path / "out.mp4") == [Fraction(time, 1000) for time in times]


@pytest.mark.parametrize("free", [0, 5_000, 60_000, 150_000])
def test_a_full_disk(free, editor, small_disk, tmp_path):
    """Whatever does not fit, the last bytes or the first ones: an error, and nothing is left behind."""
    noise = np.random.default_rng(0).integers(0, 255, (6, 160, 240, 3)).astype(np.uint8)
    noise[:, :, :40] = GRAY
    source = write_clip(tmp_path / "in.mp4", noise)
    (small_disk / "other").write_bytes(bytes(2**20 - free))
    with pytest.raises(UserError, match=r"out.mp4: .*No space left on device"):
        edit_video(editor, source, small_disk / "out.mp4", lambda session: session.portrait.photo, crf=0)
    assert [path.name for path in small_disk.iterdir()] == ["other"]


def test_an_encoder_that_fails(editor, tmp_path):
    """libx264 takes no side above 16384."""
    source = write_clip(tmp_path / "in.mkv", [frame(None, 32, 16_386)], codec="ffv1")
    with pytest.raises(UserError, match=r"out.mp4: cannot be written: .+"):
        edit_video(editor, source, tmp_path / "out.mp4", None)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


def broken_files(folder):
    """Files that are no video that can be edited, and what is said of them."""
    (folder / "text.mp4").write_text("hello")
    (folder / "empty.mp4").touch()
    Image.new("RGB", (64, 64)).save(folder / "picture.mp4", "PNG")
    with av.open(str(folder / "sound.m4a"), "w") as container:
        container.add_stream("aac", rate=48_000)
        container.start_encoding()
    with av.open(str(folder / "none.mkv"), "w") as container:
        container.add_stream("libx264", rate=25)
        container.start_encoding()
    noise = np.random.default_rng(0).integers(0, 255, (9, 160, 240, 3)).astype(np.uint8)
    clip = write_clip(folder / "whole.mkv", noise).read_bytes()
    damaged = bytearray(clip)
    damaged[len(clip) // 2 : len(clip) // 2 + 3000] = bytes(3000)
    (folder / "damaged.mkv").write_bytes(damaged)
    sizes = [write_clip(folder / f"{w}.h264", [frame(None, 160, w)] * 2).read_bytes() for w in (240, 320)]
    (folder / "sizes.h264").write_bytes(b"".join(sizes))
    (folder / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nwhole.mkv\n#EXT-X-ENDLIST\n")
    return {
        "gone.mp4": "there is no such file",
        ".": "there is no such file",
        "text.mp4": "no video",
        "empty.mp4": "no video",
        "picture.mp4": "no moving picture in it",
        "sound.m4a": "no (video|moving picture)",
        "none.mkv": "a video without frames|no video",
        "damaged.mkv": "damaged, cannot be decoded",
        "sizes.h264": "a frame of 320 x 160 pixels after those of 240 x 160",
        "list.m3u8": "no video",
    }


@pytest.mark.parametrize("codec", ["mkv libx264", "webm libvpx-vp9", "avi mpeg4"])
def test_a_video_that_is_cut_off_is_edited_as_far_as_it_goes_and_told(codec, editor, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (9, 160, 240, 3)).astype(np.uint8)
    ending, codec = codec.split()
    whole = write_clip(tmp_path / f"whole.{ending}", noise, range(9), Fraction(1, 25), codec)
    cut, data = tmp_path / f"cut.{ending}", whole.read_bytes()
    cut.write_bytes(data[: len(data) // 2])
    for source, expected in ((whole, True), (cut, False)):
        edited = edit_video(editor, source, tmp_path / "out.mp4", lambda session: session.portrait.photo)
        assert edited.whole == expected and (edited.frames == 9) == expected
    assert 0 < edited.frames == len(times_of(tmp_path / "out.mp4"))
    assert edited.notes[-1] == f"{cut} is cut off, {len(data) - len(data) // 2} bytes are missing"


def test_what_a_video_lacks_at_its_end(tmp_path):
    """Large boxes count, what never had a length and what follows the last box do not."""
    box, large = b"\0\0\0\x10ftyp" + bytes(8), b"\0\0\0\1mdat" + (100).to_bytes(8, "big") + bytes(84)
    endless = b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + bytes(50)
    for data, missing in (
        (box + large, 0),
        (box + large[:-30], 30),
        (box + b"\0\0\0\0mdat" + bytes(20), 0),
        (box + large + b"\xff\0\0\0junk" + bytes(20), 0),
        (endless, 0),
        (b"", 0),
    ):
        (tmp_path / "a").write_bytes(data)
        assert missing_bytes(tmp_path / "a") == missing


def test_files_that_are_no_videos(editor, tmp_path):
    for name, words in broken_files(tmp_path).items():
        before = sorted(tmp_path.iterdir())
        with pytest.raises(UserError, match=f"^{tmp_path / name}: ({words})"):
            edit_video(editor, tmp_path / name, tmp_path / "out.mp4", lambda session: session.portrait.photo)
        assert sorted(tmp_path.iterdir()) == before


def test_without_pyav(editor, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UserError, match=r"videos need PyAV: pip install 'mgpe_tf\[video\]'"):
        edit_video(editor, tmp_path / "in.mp4", tmp_path / "out.mp4", None)
