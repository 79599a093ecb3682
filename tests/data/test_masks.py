"""Masks of other programs: ids and colours of every kind, smooth borders, other sizes, and what cannot be meant."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from small import face_mask

from mgpe_tf import labels
from mgpe_tf.data import images, masks, snapping
from mgpe_tf.errors import UserError

SIZE = 128
MASK = face_mask(SIZE)
COLOURS = labels.colourise(MASK)
GRAY = [(level, level, level) for level in range(256)]


def rounded(size: int = SIZE, times: int = 8) -> np.ndarray:
    """A face of ellipses, uint8 RGB [size, size, 3], as brushes with smooth borders paint it."""
    side = size * times
    picture = np.zeros((side, side, 3), np.uint8)
    shapes = (
        (labels.HAIR, 0.5, 0.45, 0.33, 0.38), (labels.SKIN, 0.5, 0.56, 0.26, 0.36),
        (labels.LEFT_BROW, 0.39, 0.42, 0.09, 0.02), (labels.RIGHT_BROW, 0.61, 0.42, 0.09, 0.02),
        (labels.LEFT_EYE, 0.39, 0.49, 0.06, 0.03), (labels.RIGHT_EYE, 0.61, 0.49, 0.06, 0.03),
        (labels.NOSE, 0.5, 0.6, 0.04, 0.09), (labels.UPPER_LIP, 0.5, 0.74, 0.1, 0.03),
        (labels.LOWER_LIP, 0.5, 0.79, 0.1, 0.04), (labels.INNER_MOUTH, 0.5, 0.765, 0.08, 0.02),
    )  # fmt: skip
    for label, x, y, width, height in shapes:
        colour = labels.PALETTE[label].tolist()
        cv2.ellipse(picture, ((x * side, y * side), (2 * width * side, 2 * height * side), 0), colour, -1)
    return picture


TRUE = snapping.snap(np.ascontiguousarray(rounded()[4::8, 4::8]), labels.PALETTE).ids


def saved(picture: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def with_palette(ids: np.ndarray, colours) -> bytes:
    picture = Image.fromarray(ids.astype(np.uint8))
    picture.putpalette(np.array(colours, np.uint8).tobytes())
    return saved(picture)


def reordered(ids: np.ndarray, colours: np.ndarray, seed: int = 1) -> bytes:
    """A palette PNG as an editor leaves it: the same colours, other indices."""
    order = np.random.default_rng(seed).permutation(len(colours))
    return with_palette(np.argsort(order)[ids], np.array(colours)[order])


def with_alpha(channels: np.ndarray, alpha: np.ndarray) -> bytes:
    return saved(Image.fromarray(np.dstack([channels, alpha]).astype(np.uint8)))


OPAQUE = np.full(MASK.shape, 255)
FILES = {
    "gray": images.encode_png(MASK),
    "gray as RGB": images.encode_png(np.dstack([MASK] * 3)),
    "gray with alpha": with_alpha(MASK, OPAQUE),
    "gray as RGBA": with_alpha(np.dstack([MASK] * 3), OPAQUE),
    "gray of 16 bits": saved(Image.fromarray(MASK.astype(np.uint16))),
    "gray spread over 16 bits": saved(Image.fromarray(MASK.astype(np.uint16) * 257)),
    "gray palette": with_palette(MASK, GRAY),
    "gray palette in another order": reordered(MASK, GRAY),
    "gray palette made visible": with_palette(MASK, [(25 * level,) * 3 for level in range(11)]),
    "legend's palette": with_palette(MASK, labels.PALETTE),
    "legend's palette in another order": reordered(MASK, labels.PALETTE),
    "colours": images.encode_png(COLOURS),
    "colours with alpha": with_alpha(COLOURS, OPAQUE),
    "background erased": with_alpha(np.where(MASK[..., None] > 0, COLOURS, 255), np.where(MASK > 0, 255, 0)),
    "ids erased": with_alpha(np.where(MASK > 0, MASK, 9), np.where(MASK > 0, 255, 0)),
    "BMP": saved(Image.fromarray(COLOURS), "BMP"),
}


@pytest.mark.parametrize("kind", FILES)
def test_masks_of_every_kind_are_read_exactly(tmp_path, kind):
    (tmp_path / "mask.png").write_bytes(FILES[kind])
    found = masks.read_mask(tmp_path / "mask.png")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, MASK)
    np.testing.assert_array_equal(masks.decode_mask(FILES[kind], "mask"), MASK)


def check_borders(found: np.ndarray, true: np.ndarray = TRUE) -> None:
    """Only pixels at borders differ, of classes within two pixels; but for six of 128 x 128, since JPEG is rough."""
    square = np.ones((3, 3), np.uint8)
    border = cv2.dilate(true, square) != cv2.erode(true, square)
    assert ((found != true) & ~border).sum() <= 6
    for label in np.unique(found):
        near = cv2.dilate((true == label).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        assert (~near[found == label]).sum() <= 6, labels.HELEN_NAMES[label]
    assert set(np.unique(found)) == set(np.unique(true))


def test_what_nearest_colours_make_of_a_smooth_border():
    """That the pictures here are hard enough: the chin gets a rim of hair and brows."""
    smooth = cv2.resize(rounded(), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    nearest = np.square(smooth[..., None, :].astype(int) - labels.PALETTE).sum(-1).argmin(-1).astype(np.uint8)
    with pytest.raises(AssertionError):
        check_borders(nearest)


@pytest.mark.parametrize("quality", [75, 90])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_jpeg_grows_no_rims(quality, subsampling):
    for picture in (labels.colourise(TRUE), cv2.resize(rounded(), (SIZE, SIZE), interpolation=cv2.INTER_AREA)):
        check_borders(
            masks.decode_mask(saved(Image.fromarray(picture), "JPEG", quality=quality, subsampling=subsampling), "m")
        )


def test_a_smooth_brush_grows_no_rims():
    smooth = cv2.resize(rounded(), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    check_borders(masks.decode_mask(images.encode_png(smooth), "m"))
    few = Image.fromarray(smooth).quantize(64)  # a palette of which most is no class
    check_borders(masks.decode_mask(saved(few), "m"))


@pytest.mark.parametrize("method", [cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4, cv2.INTER_AREA])
@pytest.mark.parametrize("side", [100, 150, 256, 1024])
def test_a_mask_resized_with_smoothing_grows_no_rims(method, side):
    resized = cv2.resize(labels.colourise(TRUE), (side, side), interpolation=method)
    found = masks.decode_mask(images.encode_png(resized), "m")
    true = cv2.resize(TRUE, (side, side), interpolation=cv2.INTER_NEAREST_EXACT)
    grown = np.ones((2 * max(1, side // SIZE) + 1,) * 2, np.uint8)
    border = cv2.dilate(true, grown) != cv2.erode(true, grown)
    assert not ((found != true) & ~border).any() and set(np.unique(found)) == set(np.unique(true))
    for label in (labels.LEFT_BROW, labels.RIGHT_BROW, labels.HAIR):  # the colours of rims
        assert (found == label).sum() < 1.15 * (true == label).sum()


def test_bands_do_not_show(monkeypatch):
    smooth = cv2.GaussianBlur(COLOURS, (0, 0), 1.0)
    whole = snapping.snap(smooth, labels.PALETTE)
    monkeypatch.setattr(snapping, "BAND", 20)
    for one, other in zip(whole, snapping.snap(smooth, labels.PALETTE), strict=True):
        np.testing.assert_array_equal(one, other)


def test_lines_of_one_pixel_are_kept():
    painted = MASK.copy()
    painted[60, 10:100] = labels.NOSE
    np.testing.assert_array_equal(masks.decode_mask(images.encode_png(labels.colourise(painted)), "m"), painted)


def test_another_legend():
    legend = np.random.default_rng(5).integers(0, 256, (19, 3)).astype(np.uint8)
    legend[0] = 0
    ids = (np.arange(SIZE)[:, None] // 32 * 4 + np.arange(SIZE) // 32 + 3).astype(np.uint8)  # 3 to 18
    np.testing.assert_array_equal(masks.decode_mask(images.encode_png(legend[ids]), "m", legend), ids)
    np.testing.assert_array_equal(masks.decode_mask(images.encode_png(ids), "m", legend), ids)
    with pytest.raises(
        UserError, match=r"m: label values 19 \(1 px\); allowed: ids 0 to 18".replace("values", "value")
    ):
        masks.decode_mask(
            images.encode_png(np.where(np.arange(SIZE * SIZE).reshape(ids.shape) == 7, 19, ids).astype(np.uint8)),
            "m",
            legend,
        )


def painted(colour, box=np.s_[60:66, 40:50]) -> np.ndarray:
    picture = COLOURS.copy()
    picture[box] = colour
    return picture


PHOTO = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
REFUSED = {
    "black and white": (
        images.encode_png((MASK > 0) * np.uint8(255)),
        r"255 .*allowed: ids 0 to 10; a black-and-white",
    ),
    "black and white of 1 bit": (saved(Image.fromarray(MASK > 0)), "a black-and-white"),
    "black and white RGB": (images.encode_png(np.dstack([(MASK > 0) * np.uint8(255)] * 3)), "a black-and-white"),
    "black and white palette": (with_palette(MASK > 0, [(0, 0, 0), (255, 255, 255)]), "a black-and-white"),
    "one part in another red": (
        images.encode_png(painted((255, 0, 0))),
        r"such as \(255, 0, 0\); allowed: 0 \(0, 0, 0\), 1",
    ),
    "half transparent paint": (
        images.encode_png(painted(COLOURS[64, 64] // 2, np.s_[20:60, 20:60])),
        "far from the legend",
    ),
    "a photograph": (
        images.encode_png(cv2.resize(PHOTO, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)),
        "far from the leg",
    ),
    "noise": (images.encode_png(np.random.default_rng(0).integers(0, 256, COLOURS.shape).astype(np.uint8)), "far from"),
    "BGR": (images.encode_png(COLOURS[..., ::-1]), "far from the legend's"),
    "another palette": (reordered(MASK, np.random.default_rng(3).integers(0, 256, (11, 3))), "far from the legend's"),
    "grays in disorder": (reordered(MASK, [(25 * level,) * 3 for level in range(11)]), "25 .*allowed: ids 0 to 10"),
    "ids beyond": (images.encode_png(MASK + np.uint8(2)), r"label values 11 \(\d+ px\), 12 .*; allowed: ids 0 to 10"),
    "ids in a JPEG": (saved(Image.fromarray(MASK), "JPEG"), "a gray JPEG; it alters class ids"),
    "text": (b"no picture", "not an image"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_meant(kind):
    data, words = REFUSED[kind]
    with pytest.raises(UserError, match=f"^m.png: .*{words}") as error:
        masks.decode_mask(data, "m.png")
    assert "\n" not in str(error.value)


def test_a_larger_mask_is_voted_on_and_a_smaller_one_enlarged():
    large = MASK.repeat(3, 0).repeat(3, 1)
    large[::3, ::3], large[1::3, 2::3] = 9, 8  # strays: two of nine in each cell
    np.testing.assert_array_equal(masks.fitted(large, SIZE, "m"), MASK)
    np.testing.assert_array_equal(masks.fitted(MASK.repeat(2, 0).repeat(2, 1), SIZE, "m"), MASK)
    np.testing.assert_array_equal(masks.fitted(MASK, SIZE, "m"), MASK)
    np.testing.assert_array_equal(masks.fitted(MASK, 2 * SIZE, "m"), MASK.repeat(2, 0).repeat(2, 1))
    cell = np.array([[1, 1, 0], [1, 5, 0], [0, 1, 5]], np.uint8)
    assert masks.fitted(cell, 1, "m") == 1
    halves = np.zeros((8, 8), np.uint8)
    halves[:, 3:] = 1  # in the second column of cells both have two of four
    assert (masks.fitted(halves, 4, "m").sum(0) == [0, 4, 4, 4]).all()
    check_borders(masks.fitted(cv2.resize(TRUE, (300, 300), interpolation=cv2.INTER_NEAREST_EXACT), SIZE, "m"))
    with pytest.raises(UserError, match="m: 128 x 127 pixels; allowed: squares, framed as the aligned portrait"):
        masks.fitted(MASK[1:], SIZE, "m")


def test_labels_of_data_sets(tmp_path):
    """Indices of another palette are ids there, and ids are not checked; the legend's colours count where there are."""

    def read(data):
        (tmp_path / "a.png").write_bytes(data)
        return masks.read_label(tmp_path / "a.png", labels.PALETTE)

    other = np.random.default_rng(3).integers(0, 256, (19, 3))
    for data in (with_palette(MASK, other), FILES["gray as RGB"], FILES["gray of 16 bits"], images.encode_png(MASK)):
        np.testing.assert_array_equal(read(data), MASK)
    np.testing.assert_array_equal(read(FILES["legend's palette in another order"]), MASK)
    np.testing.assert_array_equal(read(FILES["colours"]), MASK)
    np.testing.assert_array_equal(read(images.encode_png(MASK + np.uint8(200))), MASK + 200)
    with pytest.raises(UserError, match="a.png: label values from 0 to 1000; allowed: 0 to 255"):
        read(saved(Image.fromarray(MASK.astype(np.uint16) * 100)))
