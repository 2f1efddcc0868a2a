"""Recordings: the original sound, kept byte for byte, and where everything derived from it lies.

A recording is sound and nothing more; what was said in it is a testimony, what was sung an arrangement of a song.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now

KINDS = ("testimony", "song", "revoiced")
STATES = ("waiting", "working", "ready", "needs-a-person", "failed", "cancelled")


class Recording(Base):
    """One sound file.

    Attributes:
        sha256: hash of the original's bytes; the same for two where whoever handed the second in may not know
            of the first.
        pcm_sha256: hash of the decoded samples, the same for the same sound in another container; empty until probed.
        original_name: the name of the uploaded file, which may tell who speaks: never shown beyond the band.
        original_key, listening_key, peaks_key: keys in the blob store, empty until made.
        state: one of `STATES`; `needs-a-person` means the recogniser did not understand it and says why in `reason`.
    """

    __tablename__ = "recording"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20), default="testimony")  # one of KINDS
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    pcm_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    size: Mapped[int] = mapped_column(BigInteger)
    container: Mapped[str] = mapped_column(String(40), default="")
    duration_ms: Mapped[int | None]
    original_name: Mapped[str] = mapped_column(String(255), default="")
    original_key: Mapped[str] = mapped_column(String(120), default="")
    listening_key: Mapped[str] = mapped_column(String(120), default="")
    peaks_key: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    recorded_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20), default="waiting", index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    submitted_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
