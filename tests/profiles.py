"""ICC profiles (ICC.1:2001, version 2) of colour spaces with three primaries, D65 or D50 white and a power law."""

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
    primaries, white, gamma = PRIMARIES[name]
    matrix, white_xyz = np.stack([_xyz(*each) for each in primaries], axis=1), _xyz(*white)
    matrix = matrix * np.linalg.solve(matrix, white_xyz)
    adapt = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ D50) / (_BRADFORD @ white_xyz)) @ _BRADFORD
    columns = (adapt @ matrix).T
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    tags = {b"wtpt": _xyz_tag(D50), **{b"%cXYZ" % c: _xyz_tag(v) for c, v in zip(b"rgb", columns)}}
    tags |= {b"%cTRC" % c: curve for c in b"rgb"}
    return assembled(b"RGB ", tags)


def gray_profile(gamma: float) -> bytes:
    """Of gray that is black to white by a power law."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    return assembled(b"GRAY", {b"wtpt": _xyz_tag(D50), b"kTRC": curve})


def assembled(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """The file of some tags."""
    tags = {b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78), **tags}
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += content
    size = offset + len(body)
    header = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, b"mntr", space, b"XYZ ") + bytes(12) + b"acsp"
    header += bytes(28) + struct.pack(">3i", *(round(v * 65536) for v in D50))
    return header + bytes(128 - len(header)) + struct.pack(">I", len(tags)) + table + body


def _xyz(x: float, y: float) -> np.ndarray:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _xyz_tag(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))
