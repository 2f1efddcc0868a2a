"""Recordings: the original sound, kept byte for byte, and where everything derived from it lies.

A recording is sound and nothing more; what was said in it is a testimony, what was sung an arrangement of a song.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from archive.days import Day, EdtfDay
from archive.models.base import Base, Id, UtcDateTime, new_id, now

KINDS = ("testimony", "song", "revoiced")
STATES = ("waiting", "working", "ready", "needs-a-person", "failed", "cancelled")


class Recording(Base):
    """One sound file.

    Attributes:
        sha256: hash of the original's bytes; the same for two where whoever handed the second in may not know
            of the first.
        pcm_sha256: hash of the decoded samples, the same for the same sound in another container; empty until
            probed, and of silence.
        original_name: the name of the uploaded file, which may tell who speaks: never shown beyond the band.
        missing_ms: about how much longer its own header says it is than what can be read; None for a whole recording.
        salvaged: somebody chose to take in what is there of it.
        original_key, listening_key, peaks_key: keys in the blob store, empty until made.
        recipe: how its listening file was made, `media.derive.RECIPE` of that day; 0 for those of before.
        findings: what ails the sound, as codes of `media.findings` with spaces between; empty where nothing does.
        state: one of `STATES`; `needs-a-person` means the recogniser did not understand it and says why in `reason`.
    """

    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_state_created_at", "state", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20), default="testimony")  # one of KINDS
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    pcm_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    size: Mapped[int] = mapped_column(BigInteger)
    container: Mapped[str] = mapped_column(String(40), default="")
    duration_ms: Mapped[int | None]
    missing_ms: Mapped[int | None]
    salvaged: Mapped[bool] = mapped_column(default=False, server_default=false())
    original_name: Mapped[str] = mapped_column(String(255), default="")
    original_key: Mapped[str] = mapped_column(String(120), default="")
    listening_key: Mapped[str] = mapped_column(String(120), default="")
    peaks_key: Mapped[str] = mapped_column(String(120), default="")
    recipe: Mapped[int] = mapped_column(default=0, server_default="0")
    language: Mapped[str] = mapped_column(String(8), default="")
    recorded_on: Mapped[Day | None] = mapped_column(EdtfDay)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    findings: Mapped[str] = mapped_column(String(120), default="", server_default="")
    submitted_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
