"""ICC profiles (ICC.1:2001, version 2) of colour spaces with three primaries, D65 or D50 white and a power law; of
gray; and of inks."""

from __future__ import annotations

import struct

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])
PRIMARIES = {
    "srgb": (((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), (0.3127, 0.3290), 2.2),
    "p3": (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), (0.3127, 0.3290), 2.2),
    "adobe": (((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), (0.3127, 0.3290), 2.19921875),
    "prophoto": (((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), (0.3457, 0.3585), 1.8),
}
"""Chromaticities of red, green, blue and white, and the exponent."""

_BRADFORD = np.array([(0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296)])


def matrix_profile(name: str) -> bytes:
    """The profile of one of ``PRIMARIES``."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(PRIMARIES[name][2] * 256))
    tags = {b"wtpt": _xyz_tag(D50), **{b"%cXYZ" % c: _xyz_tag(v) for c, v in zip(b"rgb", _adapted(name).T)}}
    tags |= {b"%cTRC" % c: curve for c in b"rgb"}
    return assembled(b"RGB ", tags)


def _adapted(name: str) -> np.ndarray:
    """Linear red, green and blue of one of ``PRIMARIES`` to XYZ with a D50 white, [3, 3]."""
    primaries, white, _ = PRIMARIES[name]
    matrix, white_xyz = np.stack([_xyz(*each) for each in primaries], axis=1), _xyz(*white)
    matrix = matrix * np.linalg.solve(matrix, white_xyz)
    adapt = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ D50) / (_BRADFORD @ white_xyz)) @ _BRADFORD
    return adapt @ matrix


def gray_profile(gamma: float) -> bytes:
    """Of gray that is black to white by a power law."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    return assembled(b"GRAY", {b"wtpt": _xyz_tag(D50), b"kTRC": curve})


def ink_profile() -> bytes:
    """Of CMYK, by a table of the colours (``INKS``) of none and all of each ink, linear between them."""
    grid = np.stack(np.meshgrid(*[(0, 1)] * 4, indexing="ij"), axis=-1).reshape(16, 4)
    table = np.round(lab_of_inks(grid) * [255 / 100, 1, 1] + [0, 128, 128]).astype(np.uint8)
    identity = struct.pack(">9i", *(np.eye(3, dtype=int).ravel() * 65536).tolist())
    ramp = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + 4 * ramp + table.tobytes() + 3 * ramp
    return assembled(b"CMYK", {b"wtpt": _xyz_tag(D50), b"A2B0": lut}, b"prtr", b"Lab ")


INKS = np.array([(-35, -20, -20), (-40, 30, 0), (-8, 0, 50)])
"""By how much all of cyan, magenta and yellow changes the CIELAB of white paper; black makes all of it nothing."""


def lab_of_inks(inks: np.ndarray) -> np.ndarray:
    """CIELAB (D50) float [..., 3] of shares of inks [..., 4]."""
    return ((100, 0, 0) + inks[..., :3] @ INKS) * (1 - inks[..., 3:])


def srgb_of_lab(lab: np.ndarray) -> np.ndarray:
    """sRGB levels float [..., 3] of CIELAB (D50) [..., 3] (IEC 61966-2-1)."""
    f = (lab[..., :1] + 16) / 116 + lab[..., 1:2] * (1 / 500, 0, 0) - lab[..., 2:] * (0, 0, 1 / 200)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * D50
    linear = xyz @ np.linalg.inv(_adapted("srgb")).T
    return 255 * np.where(linear > 0.0031308, 1.055 * linear.clip(1e-9) ** (1 / 2.4) - 0.055, 12.92 * linear)


def assembled(space: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """The file of some tags; `connection` is the space to which they lead."""
    tags = {b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78), **tags}
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += content
    size = offset + len(body)
    header = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, kind, space, connection) + bytes(12) + b"acsp"
    header += bytes(28) + struct.pack(">3i", *(round(v * 65536) for v in D50))
    return header + bytes(128 - len(header)) + struct.pack(">I", len(tags)) + table + body


def _xyz(x: float, y: float) -> np.ndarray:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _xyz_tag(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))
