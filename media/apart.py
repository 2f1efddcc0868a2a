"""Files from outside are read in a process of their own: short-lived, bounded, and without anything to lose.

A reader of ours may be wrong, and a library of somebody else's more so. In here it has two seconds of processor time,
300 MB and no right to write a file; it gets bytes and hands back plain JSON. Whatever it does, the site goes on, and
whoever brought the file reads one sentence. What it costs and why it is one process a file: docs/decisions/0019.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from archive.errors import ArchiveError
from archive.language.messages import Message

MEMORY = 300 * 1024 * 1024
CPU_S = 2.0
DEADLINE_S = 30.0
"""From start to end by the wall's clock, for a machine that is busy with other things."""
AT_ONCE = 2

OUT_OF_MEMORY, BROKE = 3, 4
_TIMES_UP = {-signal.SIGPROF, -signal.SIGXCPU, -signal.SIGKILL}
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
_places = threading.BoundedSemaphore(AT_ONCE)

log = logging.getLogger(__name__)


class Overrun(ArchiveError, ValueError):
    """A file could not be read within what any file of its kind needs."""


def read_apart(
    reader: str, data: bytes = b"", *, memory: int = MEMORY, cpu_s: float = CPU_S, **arguments: str | int | None
) -> Any:
    """What a reader of ours makes of bytes from outside.

    Args:
        reader: `module:function`, never from outside; the function takes the bytes and the arguments, and returns what
            JSON can hold.
        memory: bytes the process may take in all.
        cpu_s: processor time for the reading itself, in seconds.

    Raises:
        Overrun: it took too long, wanted too much memory, or broke.
    """
    told = json.dumps({"reader": reader, "memory": memory, "cpu_s": cpu_s, "arguments": arguments})
    command = [sys.executable, "-S", "-m", "media.apart_child", told]
    if not _places.acquire(timeout=DEADLINE_S):
        raise Overrun(Message("Too many files are being read at this moment; try again in a minute."))
    try:
        status, answer, complaint = _run(command, data)
    finally:
        _places.release()
    if status == 0:
        return json.loads(answer)
    if status == OUT_OF_MEMORY:
        raise Overrun(Message("The file wants more memory than any such file should; it is not taken."))
    if status in _TIMES_UP:
        raise Overrun(Message("The file takes longer to read than any such file should; it is not taken."))
    log.error("the reader %s broke with status %s: %s", reader, status, complaint)
    raise Overrun(Message("The file cannot be read; it is damaged, or not what its name says."))


def _run(command: list[str], data: bytes) -> tuple[int, bytes, str]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as child:
        try:
            answer, complaint = child.communicate(data, timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
        except BaseException:
            child.kill()
            raise
        else:
            return child.returncode, answer, complaint.decode("utf-8", "replace")[-200:].strip()
    return -signal.SIGKILL, b"", ""
