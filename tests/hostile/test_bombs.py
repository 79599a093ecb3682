"""Small files that announce or unpack to gigabytes are refused by one line, in a process with little memory."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

READ_BOMBS = '''
import base64, io, resource, struct, sys, zlib
import numpy as np
from PIL import Image
from mgpe_tf.data import formats, images, masks
from mgpe_tf.errors import UserError
from mgpe_tf.provenance import kept, marks, recipe
from mgpe_tf.provenance.containers import PNG, png_chunk

SIDE = 50_000
PICTURE = images.encode_png(np.zeros((8, 8, 3), np.uint8))
GIGABYTE = zlib.compressobj(1)
GIGABYTE = b"".join(GIGABYTE.compress(bytes(2**20)) for _ in range(1024)) + GIGABYTE.flush()
LONGEST = zlib.compress(b" " * 2**22)  # a text of the allowed length: four gigabytes, if there are a thousand


def saved(format, side=8, **options):
    """A picture of 8 x 8 pixels, unless it has another side."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side)).save(buffer, format, **options)
    return buffer.getvalue()


def replaced(data, old, new):
    assert data.count(old) >= 1
    return data.replace(old, new, 1)


def png(*chunks):
    """PICTURE with chunks behind its header."""
    return PICTURE[:33] + b"".join(png_chunk(kind, content) for kind, content in chunks) + PICTURE[33:]


def png_of(width, height, colours=2):
    """A PNG that is black and packed well."""
    header = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    rows = zlib.compressobj(9)
    row = bytes(1 + width * (3 if colours == 2 else 1))
    body = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    return PNG + b"".join(png_chunk(*chunk) for chunk in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b"")))


def extents(side):
    """How HEIF and AVIF say the size of a picture."""
    return b"ispe" + struct.pack(">III", 0, side, side)


def headers():
    """Pictures whose headers say 50,000 x 50,000."""
    short, big = struct.pack("<HH", SIDE, SIDE), struct.pack(">HH", SIDE, SIDE)
    yield "png", replaced(PICTURE, struct.pack(">II", 8, 8), struct.pack(">II", SIDE, SIDE)).replace(
        PICTURE[29:33], struct.pack(">I", zlib.crc32(b"IHDR" + struct.pack(">II", SIDE, SIDE) + PICTURE[24:29])))
    yield "jpeg", replaced(saved("JPEG"), struct.pack(">HH", 8, 8), big)
    yield "gif", replaced(saved("GIF"), struct.pack("<HH", 8, 8), short)
    yield "bmp", replaced(saved("BMP"), struct.pack("<ii", 8, 8), struct.pack("<ii", SIDE, SIDE))
    yield "ppm", replaced(saved("PPM"), b"8 8", b"50000 50000")
    tiff = saved("TIFF")
    for tag in (256, 257):
        tiff = replaced(tiff, struct.pack("<HHII", tag, 4, 1, 8), struct.pack("<HHII", tag, 4, 1, SIDE))
    yield "tiff", tiff
    for format in ("HEIF", "AVIF"):
        yield format, replaced(saved(format, 64), extents(64), extents(SIDE))
    # 16383 x 16383 is the most that WebP's header can say: lossless, 14 bits each less one.
    webp = saved("WEBP", lossless=True)
    start = webp.index(b"VP8L") + 9
    yield "webp", webp[:start] + struct.pack("<I", 16382 | 16382 << 14) + webp[start + 4:]


def refused(what, read, *arguments):
    try:
        read(*arguments)
    except UserError as error:
        assert "\\n" not in str(error), error
        print("refused", what, "-", str(error)[:100])
    else:
        raise SystemExit(f"{what}: not refused")


formats.register_heif("")
noise = images.encode_png(np.random.default_rng(0).integers(0, 256, (2048, 2048, 3)).astype(np.uint8))
fast = {"HEIF": {"enc_params": {"preset": "ultrafast"}}, "AVIF": {"speed": 10}}
disguised = [replaced(saved(format, 4096, **how), extents(4096), extents(64)) for format, how in fast.items()]
large_mask = {"mask_png": base64.b64encode(png_of(4096, 4096, colours=0)).decode()}
pictures = list(headers())
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
for name, data in pictures:
    refused(f"{name} header", images.decode_image, data, name)
    refused(f"{name} header as a label", images.decode_label, data, name)
refused("HEIF of more pixels than it says", images.decode_image, disguised[0], "HEIF")
assert images.decode_image(disguised[1], "AVIF").shape == (64, 64, 3)
refused("frames", images.decode_frames, pictures[2][1], "gif")
for kind, content in ((b"zTXt", b"Comment\\0\\0" + GIGABYTE), (b"iTXt", b"Comment\\0\\1\\0\\0\\0" + GIGABYTE),
                      (b"iCCP", b"ICC\\0\\0" + GIGABYTE)):
    refused(kind.decode(), images.decode_image, png((kind, content)), kind.decode())
    refused(f"{kind.decode()} among metadata", kept.kept_from, png((kind, content)), kind.decode())
for keyword in (marks.XMP_KEYWORD, marks.RECIPE_KEYWORD):
    packed = keyword.encode() + b"\\0\\1\\0\\0\\0"
    refused(keyword, marks.read_marks, png((b"iTXt", packed + GIGABYTE)), keyword)
    refused(f"{keyword} again and again", marks.read_marks, png(*[(b"iTXt", packed + LONGEST)] * 1000), keyword)
refused("a recipe's mask", recipe.mask_from_json, large_mask, "mask")
refused("a painted mask", masks.decode_mask, png_of(8192, 8192), "mask")
refused("a mask of noise", masks.decode_mask, noise, "noise")
'''

MEMORY = 1500 * 2**20
"""Address space of the process, in bytes; Python, numpy and OpenCV reserve two thirds of it."""


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on memory")
def test_bombs():
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.run(
        [sys.executable, "-c", READ_BOMBS, str(MEMORY)], capture_output=True, text=True, timeout=300, env=environment
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.count("refused") == 33, process.stdout
