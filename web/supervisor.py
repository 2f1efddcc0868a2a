"""Keeps the processes of one machine: those that answer, and the workers beside them.

This process answers nothing and works on nothing. It starts the others, starts anew what has ended, and ends them all
when it is told to. They end by themselves when it is gone: each holds one end of a pipe whose other end is here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from archive.errors import ArchiveError
from archive.language.messages import Message

STOP_S = 5.0
"""How long they may take to end before they are ended."""
LASTING_S = 10.0
"""What has run for so long has started well; what ends sooner is started again only after a pause."""
LONGEST_PAUSE_S = 30.0
TRIES = 4


class NotStarted(ArchiveError, RuntimeError):
    """A process of the site ends again and again as soon as it is started."""


@dataclass
class Kept:
    """A process to be kept running.

    Attributes:
        command: arguments for Python; `again` is added from the second start on.
        files: open files of this process that it inherits.
        vital: whether there is no use in going on without it.
        apart: whether it leads a group of its own, so that Ctrl-C in a terminal does not reach it.
    """

    command: Sequence[str]
    files: Sequence[int]
    again: Sequence[str] = ()
    vital: bool = False
    apart: bool = False
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    short: int = 0
    began: float = 0.0
    due: float = field(default=0.0)

    def start(self) -> None:
        more = self.again if self.starts else ()
        self.starts += 1
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *self.command, *more],
            pass_fds=self.files,
            stdin=subprocess.DEVNULL,
            start_new_session=self.apart,
        )

    def signal(self, number: int) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            if self.apart and number == signal.SIGKILL:
                os.killpg(self.process.pid, number)  # what it started as well
            else:
                self.process.send_signal(number)


class Supervisor:
    """Runs processes until SIGINT or SIGTERM; to be used on the main thread."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        self._kept = kept
        self._over = False
        self._news = threading.Event()

    def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Start all, keep them running, and end them.

        Args:
            started: called once they have been started.

        Raises:
            NotStarted: a vital one does not stay.
        """
        with self._signals():
            try:
                for one in self._kept:
                    one.start()
                started()
                while not self._over:
                    pause = self._look()
                    self._news.wait(pause)
                    self._news.clear()
            finally:
                self._end()

    def _look(self) -> float | None:
        """Start anew what has ended and is due; returns the seconds until the next is due, None when none waits."""
        pauses = []
        now = time.monotonic()
        for one in self._kept:
            if one.process is not None:
                status = one.process.poll()
                if status is None:
                    continue
                one.process = None
                one.short = 0 if status == 0 or now - one.began > LASTING_S else one.short + 1
                if one.vital and one.short >= TRIES:
                    raise NotStarted(
                        Message("The site's process ends as soon as it is started; what it said stands above.")
                    )
                one.due = now + (min(LONGEST_PAUSE_S, 2.0**one.short - 1) if one.short > 1 else 0)
            if one.due <= now:
                one.start()
            else:
                pauses.append(one.due - now)
        return min(pauses, default=None)

    def _end(self) -> None:
        for one in self._kept:
            one.signal(signal.SIGTERM)
        until = time.monotonic() + STOP_S
        for one in self._kept:
            if one.process is not None:
                try:
                    one.process.wait(max(0.0, until - time.monotonic()))
                except subprocess.TimeoutExpired:
                    one.signal(signal.SIGKILL)
                    one.process.wait()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(*_: object) -> None:
            self._over = True
            self._news.set()

        def news(*_: object) -> None:
            self._news.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, news)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
