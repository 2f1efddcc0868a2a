"""What the timing studio keeps besides the times: every change with what stood before it, and work that was asked for.

An edit holds times and the lengths of words, never a word: her words may have to be taken out of every song one day,
and a log of changes is the last place where anybody would look for them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, now

STEPS = ("coming", "in-step", "apart", "nothing-common", "own-time")


class StudioEdit(Base):
    """One change in the studio, made in one piece and undone in one piece.

    Attributes:
        id: drawn by whoever made it, so that the same change sent twice is one.
        number: counts the song's edits; a line's timing carries the number of the edit that set it.
        kind: `tap`, `nudge`, `machine`, `words`, …: what it is called in the history.
        entries: `{"line", "field", "arrangement", "before", "after"}`, see `archive.songs.timing_edits`.
    """

    __tablename__ = "studio_edit"
    __table_args__ = (UniqueConstraint("song_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[str | None] = mapped_column(Id)
    undoes_id: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    entries: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)


class AlignmentWish(Base):
    """Somebody wants the machine to place the lines in this arrangement; the row goes when it has been done."""

    __tablename__ = "alignment_wish"

    arrangement_id: Mapped[str] = mapped_column(ForeignKey("arrangement.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class OfferedRecording(Base):
    """A recording of a song that was handed in and is not sung to yet: first it is heard whether it is in step.

    Attributes:
        step: one of `STEPS`.
        offset_ms: what is added to its clock to stand on the song's first arrangement's.
        found: `{"drift_ppm", "spread_ms", "another_speed", "windows": [[at_ms, offset_ms], …]}`, empty until it was
            listened for; a positive drift is of a recording that runs slower than the first.
    """

    __tablename__ = "offered_recording"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[str | None] = mapped_column(Id)
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    step: Mapped[str] = mapped_column(String(20), default="coming")
    offset_ms: Mapped[int] = mapped_column(default=0)
    found: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
