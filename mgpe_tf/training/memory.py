"""How a training on the CPU gets its memory."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
"""Parameters of glibc's mallopt (malloc.h)."""


def keep_freed_memory() -> bool:
    """Has the process keep the memory that it frees, for what it takes next. Returns whether that can be had.

    glibc gives blocks of tens of megabytes, which activations are, back to the system as soon as they are freed, and at
    every step the system hands them out anew, page by page and cleared: four tenths of a step's time. Call it before
    other threads begin. Elsewhere than with glibc nothing is changed.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    wanted = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, -1), (_M_ARENA_MAX, 1))
    return all(library.mallopt(parameter, value) for parameter, value in wanted)
