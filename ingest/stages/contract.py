"""What a stage is given and what it hands back.

A stage does its heavy work outside any transaction and hands back how to write the result; the runner writes it in
the same transaction that marks the stage as done. So a stage is done exactly when its results are there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from archive.backends import Backends


class Stopped(Exception):
    """The work is no longer wanted: it was cancelled, the testimony was withdrawn, or another worker took it over."""


@dataclass(frozen=True, slots=True)
class Work:
    """The recording that a stage works on, as it stood when the stage began.

    Attributes:
        kind: `testimony` or `song`.
        testimony_id: None for a song's recording.
        language: what the recording is said to be in; empty when nobody said.
        salvaged: it may end before its header says; somebody chose to take what is there.
    """

    recording_id: str
    kind: str
    testimony_id: str | None
    sha256: str
    original_key: str
    listening_key: str
    language: str
    duration_ms: int
    salvaged: bool = False


@dataclass(frozen=True, slots=True)
class Tools:
    """What a stage may use.

    Attributes:
        folder: a folder of this run's own on this machine; it goes when the stage ends, however that is.
        progress: to be called with a fraction, 0 to 1; raises Stopped when the work is no longer wanted.
        writing: opens a transaction for what has to outlive a kill; raises Stopped likewise.
    """

    backends: Backends
    folder: Path
    progress: Callable[[float], None]
    writing: Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """What a stage did.

    Attributes:
        save: writes the results into the session; must be repeatable (it replaces what an earlier run wrote).
        tool: what did the work, with its version.
        note: one line for the record, never a word of what was said.
        after: called once the results are committed and before the stage counts as done, for what lies outside the
            database; must be repeatable.
    """

    save: Callable[[Session], None]
    tool: str
    note: str = ""
    after: Callable[[], None] | None = None


class Stage(Protocol):
    """A module of `ingest.stages`.

    Attributes:
        NAME: as in the stage rows.
        VERSION: raised when its results change, so that it is done again.
        KINDS: the kinds of recording it works on.
        SHARE: about how long it takes beside the others, so that progress over all of them goes evenly.
    """

    NAME: str
    VERSION: int
    KINDS: frozenset[str]
    SHARE: int

    def run(self, work: Work, tools: Tools) -> StageOutcome: ...


class Watcher(Protocol):
    """Somebody who looks on: a terminal's progress bars, a test.

    A stage takes the work from `begins` to `ends`, 0 to 1 of the whole; `progress` is told in fractions of the stage.
    """

    def stage(self, name: str, begins: float, ends: float) -> None: ...

    def progress(self, fraction: float) -> None: ...


class Nobody:
    """A watcher that looks away."""

    def stage(self, name: str, begins: float, ends: float) -> None:
        pass

    def progress(self, fraction: float) -> None:
        pass
