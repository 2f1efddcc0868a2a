"""Words that a recogniser has written of a recording whose transcript is not whole yet.

They lie in the database and not on the machine of the worker: whichever worker takes the recording over goes on behind
them, and a withdrawal finds them wherever it is carried out. They go in the transaction that keeps the transcript.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base


class RecognitionCheckpoint(Base):
    """What holds for all of one recording's recognition.

    Attributes:
        prompt, prompt_language: the hints it was begun with, and the language they were chosen for.
        key: names everything that decides the outcome; under another key its windows are void. Empty until it begins.
        language: what the recording is usually in, ISO 639; None where every window tells its own.
    """

    __tablename__ = "recognition_checkpoint"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    prompt: Mapped[str] = mapped_column(Text, default="")
    prompt_language: Mapped[str] = mapped_column(String(8), default="")
    key: Mapped[str] = mapped_column(String(32), default="")
    language: Mapped[str | None] = mapped_column(String(8))


class RecognisedWindow(Base):
    """One finished window: its utterances, as `ingest.recognition.checkpoints` writes them."""

    __tablename__ = "recognised_window"

    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recognition_checkpoint.recording_id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    utterances: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
