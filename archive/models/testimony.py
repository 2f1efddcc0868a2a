"""Testimonies: what a narrator told in a recording, described for the catalogue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.days import Day, EdtfDay
from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.models.narrator import Narrator
from archive.models.recording import Recording
from archive.models.titles import SortedByTitle


class Testimony(SortedByTitle, Base):
    """One narrator's account; its consent events alone decide who may have what of it.

    Attributes:
        language: what is spoken, BCP 47 (`km`, `en`).
        setting: where and how it was told, in a few words.
        collected_by: the alliance group whose members recorded it.
        whole, part_number: a word that the parts of one telling share, among their narrator's testimonies, and which of
            them this is; empty and None for a testimony that stands alone.
        heard_through_at: when somebody of the band said that they had listened to the recording until its end; before
            that the narrator's voice does not leave the band.
        transcript_wants: what its transcript wants of somebody, kept by triggers of the database: `person`, `drafts`,
            `reviewed`, `machine`, `done`; empty while the recording is on its way. Never written from here.
        withdrawn_at: set in the transaction that withdraws it, so that every query can leave it out at once.
    """

    __tablename__ = "testimony"
    __table_args__ = (Index("ix_testimony_transcript_wants", "transcript_wants", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), unique=True)
    narrator_id: Mapped[str] = mapped_column(ForeignKey("narrator.id"), index=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    title_km: Mapped[str] = mapped_column(String(300), default="")
    title_en: Mapped[str] = mapped_column(String(300), default="")
    synopsis_km: Mapped[str] = mapped_column(Text, default="")
    synopsis_en: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    recorded_on: Mapped[Day | None] = mapped_column(EdtfDay, index=True)
    setting: Mapped[str] = mapped_column(String(300), default="")
    collected_by: Mapped[str] = mapped_column(String(8), default="MB")
    sample: Mapped[bool] = mapped_column(default=False)
    whole: Mapped[str] = mapped_column(String(20), default="", server_default="")
    part_number: Mapped[int | None]
    heard_through_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heard_through_by_id: Mapped[str | None] = mapped_column(Id)
    transcript_wants: Mapped[str] = mapped_column(String(10), server_default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)

    recording: Mapped[Recording] = relationship(lazy="joined")
    narrator: Mapped[Narrator] = relationship(lazy="joined")


class IndexPoint(Base):
    """A titled moment in a testimony, as in an oral-history index; `terms` are ids of the thesaurus."""

    __tablename__ = "index_point"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    start_ms: Mapped[int]
    title_km: Mapped[str] = mapped_column(String(300), default="")
    title_en: Mapped[str] = mapped_column(String(300), default="")
    synopsis_km: Mapped[str] = mapped_column(Text, default="")
    synopsis_en: Mapped[str] = mapped_column(Text, default="")
    terms: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
