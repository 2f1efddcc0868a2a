"""Tracebacks are for us: on the command line they go to a file in the data folder, and a person reads one sentence.

Kept are the places and the kinds of error and not their messages: these may quote what somebody told, and no withdrawal
looks into that file.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.settings import SettingError, read_settings

if TYPE_CHECKING:
    from ingest.jobs.pipeline import StageFailed

LOG = "errors.log"
LONGEST = 2_000_000
"""Bytes that the log and the one before it take at most, but for the last traceback."""


def keep(error: BaseException) -> str:
    """Write a traceback down; returns where it lies, as the end of a sentence."""
    return _keep("".join(_places(traceback.TracebackException.from_exception(error))))


def told(failed: StageFailed) -> str:
    """The sentence of a stage that failed; what nobody expected is kept."""
    if failed.unexpected is None:
        return str(failed)
    return f"{failed}, which should not have happened{keep(failed.unexpected)}."


def _places(error: traceback.TracebackException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _places(before)
    yield "Traceback (most recent call last):\n"
    yield from error.stack.format()
    yield f"{_name(error)}\n\n"


def _name(error: traceback.TracebackException) -> str:
    """What was raised; since Python 3.13 its name alone is kept."""
    if hasattr(error, "exc_type_str"):
        return str(error.exc_type_str).rpartition(".")[2]
    return error.exc_type.__qualname__ if error.exc_type else "error"


def _keep(text: str) -> str:
    try:
        folder = read_settings().data
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _cut(folder / LOG)
        kept = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(kept, "a", encoding="utf-8") as log:
            log.write(text)
    except (OSError, SettingError):
        return "; set MESSENGER_DEBUG=1 to see where"
    return f"; where is written in {folder / LOG}"


def _cut(log: Path) -> None:
    """Once it is long, it is put aside in the place of an earlier one: the two together stay within a bound."""
    if log.exists() and log.stat().st_size > LONGEST // 2:
        log.replace(log.with_name(f"{LOG}.1"))


class OneSentence(logging.Handler):
    """What is logged while a command runs that has set up no log of its own: its line, and the traceback put away."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        where = ""
        if record.exc_info and record.exc_info[1] is not None:
            where = keep(record.exc_info[1])
        sys.stderr.write(f"messenger: {' '.join(record.getMessage().split())}{where}.\n")


def on_the_command_line() -> None:
    """From here on, what no log takes is told in one line each."""
    logging.lastResort = OneSentence()
