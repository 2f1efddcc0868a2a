"""What has been recognised so far, in the database: whichever worker takes a recording over goes on where it stood.

Each window is written in a transaction that first makes sure that the work is still wanted and still this worker's, so
that a worker which slept through a withdrawal, or through its own lease, writes no word any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.models import RecognisedWindow, RecognitionCheckpoint
from archive.timing import Utterance
from ingest.recognition.checkpoints import plain, utterance_of

Writing = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction in which the work is known to be wanted, or raises what stops it."""


class StoredCheckpoints:
    """The checkpoint of one recording in the database."""

    def __init__(self, recording_id: str, writing: Writing) -> None:
        self._recording_id, self._writing = recording_id, writing

    def open(self, key: str) -> StoredCheckpoint:
        """What there is under this key; what was done under another is forgotten."""
        return StoredCheckpoint(self._recording_id, key, self._writing)

    def discard(self, key: str) -> None:
        """Forget all of it."""
        with self._writing() as session:
            forget(session, self._recording_id)

    def prompt(self, language: str, choose: Callable[[Session], str]) -> str:
        """The hints it was begun with, chosen the first time: others would void the windows that are done."""
        with self._writing() as session:
            row = session.get(RecognitionCheckpoint, self._recording_id)
            if row is None or row.prompt_language != language:
                forget(session, self._recording_id)
                session.add(
                    row := RecognitionCheckpoint(
                        recording_id=self._recording_id, prompt=choose(session), prompt_language=language
                    )
                )
            return row.prompt


class StoredCheckpoint:
    """One piece of work in progress; see `ingest.recognition.checkpoints.Checkpoint`."""

    def __init__(self, recording_id: str, key: str, writing: Writing) -> None:
        self._recording_id, self._key, self._writing = recording_id, key, writing
        self.language: str | None = None
        self.done: list[list[Utterance]] = []
        with writing() as session:
            row = session.get(RecognitionCheckpoint, recording_id)
            self.begun = row is not None and row.key == key
            if row is None or not self.begun:
                session.execute(delete(RecognisedWindow).where(RecognisedWindow.recording_id == recording_id))
                return
            self.language = row.language
            mine = select(RecognisedWindow).where(RecognisedWindow.recording_id == recording_id)
            for window in session.scalars(mine.order_by(RecognisedWindow.number)):
                self.done.append([utterance_of(one) for one in window.utterances])

    def begin(self, language: str | None) -> None:
        """Write down what holds for the whole recording."""
        with self._writing() as session:
            row = session.get(RecognitionCheckpoint, self._recording_id)
            if row is None:
                session.add(row := RecognitionCheckpoint(recording_id=self._recording_id))
            row.key, row.language = self._key, language
        self.language, self.begun = language, True

    def keep(self, windows: int) -> None:
        """Drop all but the first `windows`, so that the next batch is the one it would have been."""
        if windows < len(self.done):
            del self.done[windows:]
            mine = RecognisedWindow.recording_id == self._recording_id
            with self._writing() as session:
                session.execute(delete(RecognisedWindow).where(mine, RecognisedWindow.number >= windows))

    def add(self, utterances: Sequence[Utterance]) -> None:
        """Keep one more window's utterances."""
        said = [plain(one) for one in utterances]
        with self._writing() as session:
            session.merge(RecognisedWindow(recording_id=self._recording_id, number=len(self.done), utterances=said))
        self.done.append(list(utterances))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held: the claim on the stage keeps others away."""


def forget(session: Session, *recording_ids: str) -> int:
    """Remove what was recognised so far of these recordings; returns of how many there was something."""
    session.execute(delete(RecognisedWindow).where(RecognisedWindow.recording_id.in_(recording_ids)))
    there = list(
        session.scalars(select(RecognitionCheckpoint).where(RecognitionCheckpoint.recording_id.in_(recording_ids)))
    )
    for row in there:
        session.delete(row)
    session.flush()
    return len(there)
