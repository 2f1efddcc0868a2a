"""The other side of `media.apart`: takes its limits on, reads one file, prints JSON, and ends.

Linux bounds the address space; where a system does not (macOS), a thread looks at the memory used and ends the process.
The clock counts processor time from when everything is loaded, so that a slow disk is not held against a file.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from importlib import import_module
from pathlib import Path

from media.apart import BROKE, OUT_OF_MEMORY

_MOST_ANSWER = 64 * 1024 * 1024
_LOOK_S = 0.02
_NICER = 5


def main(told: str) -> int:
    """Read standard input as the order says; the exit status says how it went."""
    order = json.loads(told)
    module, _, function = order["reader"].partition(":")
    read = getattr(import_module(module), function)
    data = sys.stdin.buffer.read()
    _take_limits(int(order["memory"]), float(order["cpu_s"]))
    try:
        answer = json.dumps(read(data, **order["arguments"]), separators=(",", ":")).encode()
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception:
        where = traceback.extract_tb(sys.exc_info()[2])[-1]
        sys.stderr.write(f"{sys.exc_info()[0].__name__} in {where.name}, line {where.lineno}")  # type: ignore[union-attr]
        return BROKE
    if len(answer) > _MOST_ANSWER:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _take_limits(memory: int, cpu_s: float) -> None:
    with contextlib.suppress(OSError):
        os.nice(_NICER)
    for name, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(name, (value, value))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + cpu_s) + 2  # should somebody catch the finer clock's signal
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    if not _bound_address_space(memory):
        threading.Thread(target=_watch, args=(memory,), daemon=True).start()


def _bound_address_space(memory: int) -> bool:
    """What is mapped but not used, such as libraries, does not count against the reader."""
    try:
        mapped, held = (int(pages) for pages in Path("/proc/self/statm").read_text().split()[:2])
        most = memory + (mapped - held) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError):
        return False
    return True


def _watch(memory: int) -> None:
    unit = 1 if sys.platform == "darwin" else 1024
    while True:
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > memory:
            os._exit(OUT_OF_MEMORY)
        time.sleep(_LOOK_S)


if __name__ == "__main__":
    status = main(sys.argv[1])
    os._exit(status)
