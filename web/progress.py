"""Progress in the terminal: one line for the recording and one for the stage it is in.

Written to stderr, so that stdout carries results and nothing else; where nobody watches, no bars are drawn. A command
that keeps a person waiting for minutes, and is as often run into a log, says in lines instead how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

STAGE_WORDS = {
    "receive": "keeping the original",
    "probe": "listening through",
    "derive": "making the listening file",
    "step": "hearing whether it keeps in step",
    "align": "placing lines",
    "transcribe": "transcribing",
    "tag": "finding terms",
    "link": "looking for songs",
    "index": "making it findable",
    "redact": "taking out what is marked",
}


SAY_AGAIN_AFTER = 10.0  # seconds


class Bars:
    """A Watcher that draws two bars for each recording: all its stages, and the one under way."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._begins, self._ends = 0.0, 0.0
        self._whole: TaskID = progress.add_task(name, total=1.0)
        self._stage: TaskID = progress.add_task("", total=1.0, visible=False)

    def stage(self, name: str, begins: float, ends: float) -> None:
        self._begins, self._ends = begins, ends
        self._progress.update(self._whole, completed=begins)
        self._progress.reset(self._stage, description=f"  {STAGE_WORDS.get(name, name)}", total=1.0, visible=True)

    def progress(self, fraction: float) -> None:
        self._progress.update(self._stage, completed=fraction)
        self._progress.update(self._whole, completed=self._begins + fraction * (self._ends - self._begins))

    def end(self, words: str) -> None:
        """Close the recording's bars with how it ended."""
        self._progress.update(self._whole, completed=1.0, description=words)
        self._progress.remove_task(self._stage)


class Lines:
    """A Watcher for where there is no terminal: a line when a recording begins, and one every ten seconds after."""

    def __init__(self, say: Callable[[str], None], name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._name, self._clock = say, name, clock
        self._words, self._begins, self._ends = "", 0.0, 0.0
        self._said_at = clock()
        say(name)

    def stage(self, name: str, begins: float, ends: float) -> None:
        self._words, self._begins, self._ends = STAGE_WORDS.get(name, name), begins, ends
        self.progress(0.0)

    def progress(self, fraction: float) -> None:
        if self._clock() - self._said_at >= SAY_AGAIN_AFTER:
            self._said_at = self._clock()
            whole = self._begins + fraction * (self._ends - self._begins)
            self._say(f"{self._name}: {self._words}, {whole:.0%}")


@contextmanager
def bars() -> Iterator[Progress]:
    """A place for bars, open while the work lasts."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield progress
