"""Memory that a step has freed is kept for the next one.

A training step frees the large arrays that the one before it made. Left alone, glibc gives them back to the system,
which must find and clear each of their pages anew in the next step (docs/benchmarks.md says what that takes). The
price: what the process has held at most, it holds until it ends.
"""

from __future__ import annotations

import ctypes  # which NumPy has imported
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # of glibc's malloc.h: give back no less than so much; arrays on pages of their own


def keep_freed_memory() -> bool:
    """Ask the C library to keep what is freed; False where it is not one that knows how (glibc does)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_TRIM_THRESHOLD, 2**31 - 1) and mallopt(_MMAP_MAX, 0))
