"""What has been recognised so far, in a folder: a killed process starts again where it was, not at the beginning.

One file per piece of work, one line per window, each line on the disk before the next window is begun. The file's name
is made of everything that decides the outcome (the sound, the engine, the model, the language, the prompt, the
settings), so a changed question never gets an old answer. The lines hold testimony: the file is readable by its owner
only, and whoever asked for the work throws it away once the transcript is safe.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

from archive.timing import Utterance, Word


class CheckpointInUse(Protocol):
    """One piece of work in progress, wherever it is kept.

    Attributes:
        language: the recording's usual language, once it was found.
        done: the utterances of each finished window, in order.
        begun: whether `begin` was called for it, in this process or in one before.
    """

    language: str | None
    done: list[list[Utterance]]

    @property
    def begun(self) -> bool: ...

    def begin(self, language: str | None) -> None:
        """Write down what holds for the whole recording."""

    def keep(self, windows: int) -> None:
        """Drop all but the first `windows`, so that the next batch is the one it would have been."""

    def add(self, utterances: Sequence[Utterance]) -> None:
        """Keep one more window's utterances, safe from a kill."""


class CheckpointPlace(Protocol):
    """Where checkpoints are kept: a folder, or the database."""

    def open(self, key: str) -> AbstractContextManager[CheckpointInUse]:
        """The checkpoint of one piece of work."""

    def discard(self, key: str) -> None:
        """Forget a piece of work; nothing of it is left."""


class AlreadyRunning(RuntimeError):
    """Another process is doing exactly this piece of work now."""


class Checkpoints:
    """A folder of checkpoints, made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, key: str) -> Checkpoint:
        """The checkpoint of one piece of work, held by this process alone.

        Raises:
            AlreadyRunning: another process holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Checkpoint(self._path(key))

    def discard(self, key: str) -> None:
        """Forget a piece of work; nothing of it is left."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.jsonl"


class Checkpoint:
    """One piece of work in progress.

    Attributes:
        language: the recording's usual language, once it was found.
        done: the utterances of each finished window, in order.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise AlreadyRunning("This recording is being transcribed by another process.") from None
        self.language: str | None = None
        self.done: list[list[Utterance]] = []
        self._ends: list[int] = []
        self._read()

    def begin(self, language: str | None) -> None:
        """Write down what holds for the whole recording."""
        self.language = language
        self._append({"language": language})
        self._begun = self._file.tell()

    @property
    def begun(self) -> bool:
        return self._begun > 0

    def keep(self, windows: int) -> None:
        """Drop all but the first `windows`, so that the next batch is the one it would have been."""
        if windows < len(self.done):
            del self.done[windows:], self._ends[windows:]
            self._file.truncate(self._ends[-1] if self._ends else self._begun)
            self._file.seek(0, os.SEEK_END)

    def add(self, utterances: Sequence[Utterance]) -> None:
        """Put one more window's utterances on the disk."""
        self._append({"utterances": [plain(utterance) for utterance in utterances]})
        self.done.append(list(utterances))
        self._ends.append(self._file.tell())

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        """Read whole lines; a line cut off by a kill goes."""
        self._begun = 0
        good = 0
        for line in self._file:
            try:
                record = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                record = None
            if record is None:
                break
            good += len(line)
            if "utterances" in record:
                self.done.append([utterance_of(plain) for plain in record["utterances"]])
                self._ends.append(good)
            else:
                self.language, self._begun = record["language"], good
        self._file.truncate(good)
        self._file.seek(good)

    def _append(self, record: dict[str, Any]) -> None:
        self._file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def plain(utterance: Utterance) -> dict[str, Any]:
    return {
        "start_ms": utterance.start_ms,
        "end_ms": utterance.end_ms,
        "text": utterance.text,
        "flags": list(utterance.flags),
        "confidence": utterance.confidence,
        "speaker": utterance.speaker,
        "language": utterance.language,
        "words": [[word.text, word.start_ms, word.end_ms, word.confidence] for word in utterance.words],
    }


def utterance_of(plain: dict[str, Any]) -> Utterance:
    rest = {name: plain[name] for name in ("start_ms", "end_ms", "text", "confidence", "speaker", "language")}
    return Utterance(**rest, flags=tuple(plain["flags"]), words=tuple(Word(*word) for word in plain["words"]))
