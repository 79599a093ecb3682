"""A photograph's identity: who is on it, which part of the data set it goes into, what its faces are called.

All of it follows from the file alone. So it stays when photographs are added, and no worker needs to ask another.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import PurePosixPath

SPLITS = ("train", "val")
"""Parts of a data set, as their folders are called."""

NAME = re.compile(r".*-[0-9a-f]{10}-\d+")
"""The names that ``PhotographFile.face_name`` gives."""


@dataclasses.dataclass(frozen=True)
class PhotographFile:
    """A file among the photographs.

    Attributes:
      file: its path relative to the folder of photographs, with slashes.
      sha256: of the file, in hexadecimal.
    """

    file: str
    sha256: str

    @property
    def identity(self) -> str | None:
        """The person on it: the first folder of ``file``; None without a folder."""
        parts = PurePosixPath(self.file).parts
        return parts[0] if len(parts) > 1 else None

    def split(self, val_share: float) -> str:
        """The split: "val" for a share of all identities, "train" for the others; a photograph without one stands for
        itself."""
        return SPLITS[_fraction(self.identity or self.sha256) < val_share]

    def shard(self, shards: int) -> int:
        """One of 0 to `shards` - 1."""
        return int(_fraction(self.file) * shards)

    def face_name(self, face: int) -> str:
        """The name of a face's files: what can be read of the path in ASCII, 10 digits of the path's hash, a number."""
        readable = re.sub(r"[^A-Za-z0-9._-]+", "_", str(PurePosixPath(self.file).with_suffix("")))
        return f"{readable.strip('._-')[-60:]}-{_digest(self.file)[:10]}-{face}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _fraction(text: str) -> float:
    """A number from 0 to below 1, evenly spread, for each text another."""
    return int(_digest(text)[:13], 16) / 16**13
