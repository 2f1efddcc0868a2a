"""What a process does that was started beside the site: it ends with it, and works only when nobody else wants to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

NICENESS = 10
"""Low enough that a page goes first, not so low that whoever waits for a lock of ours waits for long."""


def end_with(parent: int, end: Callable[[], None]) -> None:
    """Call `end`, on a thread, when the parent process is there no more, whatever ended it.

    Args:
        parent: the reading end of a pipe whose only writing end the parent has open, and never writes to.
    """

    def watch() -> None:
        with suppress(OSError):
            while os.read(parent, 1):
                pass
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()


def end_at_once() -> None:
    """End this process and all that it started, when it leads a group of its own."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def give_way() -> None:
    """Run at low priority, this process and what it starts; the disk goes by the same number."""
    with suppress(OSError):
        os.nice(NICENESS)
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
