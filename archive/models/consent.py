"""The consent ledger: what narrators allowed, narrowed, suspended, took back and confirmed again.

Events are appended and never edited. Each carries the hash of the one before it in the whole ledger, so a changed
or a missing row shows. What holds now is computed from the events; `permission` is that computation kept as rows,
rewritten in the same transaction as the event, so that SQL can filter by the same rule the gate applies.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, Sequential, UtcDateTime, new_id, now

KINDS = ("grant", "narrow", "suspend", "withdraw", "reconfirm", "readmit")
METHODS = ("recorded-verbal", "thumbprint", "signed", "witnessed")
FORMS = (
    "existence",
    "original_sound",
    "disguised_sound",
    "full_transcript",
    "redacted_transcript",
    "quotation",
    "paraphrase",
    "pseudonym",
    "name",
    "place",
)
AUDIENCES = ("band", "MB", "WNU", "WIC", "SAC", "researcher", "public")


class ConsentEvent(Base):
    """One event of the ledger.

    Attributes:
        seq: place in the ledger, counted from 1 without gaps.
        grants: list of `{"form", "audience", "purpose", "start", "end", "level"}`; times ISO 8601 or null.
        evidence: a span of the recording (`{"start_ms", "end_ms"}`) or a blob key, in the most restricted class.
        hash: SHA-256 over the row's canonical JSON and `previous_hash`.
    """

    __tablename__ = "consent_event"

    seq: Mapped[int] = mapped_column(Sequential, primary_key=True, autoincrement=False)
    testimony_id: Mapped[str] = mapped_column(Id, index=True)  # no foreign key: the ledger outlives what was destroyed
    kind: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(20))
    grants: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    evidence: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    script_version: Mapped[str] = mapped_column(String(20), default="")
    script_language: Mapped[str] = mapped_column(String(8), default="km")
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_by_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Permission(Base):
    """One thing one audience may have of a testimony from `start` until `end`, as computed from its events."""

    __tablename__ = "permission"
    __table_args__ = (
        Index("ix_permission_form_audience", "form", "audience", "testimony_id"),
        Index("ix_permission_testimony_id_form", "testimony_id", "form", "audience", "purpose"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"))
    form: Mapped[str] = mapped_column(String(30))
    audience: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[str] = mapped_column(String(20), default="")
    start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tombstone(Base):
    """A testimony that was withdrawn: its random id and the date, replayed after a backup is restored.

    Attributes:
        recordings: ids of its recordings, hers and a reading; what is written of them too late is known by these.
        sealed: those that had a key of their own when it was withdrawn.
        keys_waiting: those whose key could not be destroyed yet, since what holds it is not here.
        sounds: marks by which its sound is known again; see `archive.withdrawal.withdrawn_sound`.
        troubles: step of the purge -> why it could not be done yet; a code, never a word of hers.
        left: what may hold near copies of her words, `KIND:ID` -> `open`, `kept` or `blanked`; `left_open`: how many
            of them are open.
    """

    __tablename__ = "tombstone"

    testimony_id: Mapped[str] = mapped_column(Id, primary_key=True)
    mode: Mapped[str] = mapped_column(String(20), default="restrict")  # restrict or destroy
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recordings: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    sealed: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    keys_waiting: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    sounds: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    troubles: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    left: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    left_open: Mapped[int] = mapped_column(default=0, server_default="0", index=True)


class SoundMarkKey(Base):
    """The secret with which sounds are marked, one for an archive; a mark without it tells nobody which sound it is."""

    __tablename__ = "sound_mark_key"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    key: Mapped[str] = mapped_column(String(64))
