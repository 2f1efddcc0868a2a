"""How the C library keeps house in a process that recognises speech.

CTranslate2 asks for tens of megabytes at each layer and gives them back at once. As they come, glibc takes such pieces
from the kernel, which clears every page, and returns them: a fifth of the time of encoding. Here they are kept for the
next layer, and given back when a recording is done.
"""

from __future__ import annotations

import ctypes
from typing import Any

# mallopt(3); the values are those of glibc's <malloc.h>.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_NEVER_TRIMMED = 2**31 - 1


def one_for_all_threads() -> None:
    """Let all threads share one heap: one of their own cannot hold pieces this large, and asks the kernel after all.

    To be called before there is a second thread. Does nothing where the C library is another.
    """
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def keep_for_reuse() -> None:
    """From now on keep what is freed; does nothing where the C library is another."""
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, _NEVER_TRIMMED)


def give_back() -> None:
    """Return to the kernel what is free, down to single pages; does nothing where the C library is another."""
    trim = _of_libc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_libc(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # no such thing as the process itself as a library: Windows
        return None
