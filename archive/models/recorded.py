"""What the recorder brings beside the sound: that it has come, and the moments that were tapped while she spoke."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now

TAPS = ("matters", "speaker")


class RecorderArrival(Base):
    """A recording of the recorder has come; asked again, since the answer was lost, it is answered alike.

    Attributes:
        id: drawn by the device, 32 hexadecimal digits.
        owner: the account, or the invitation, that sent it.
        sha256: of the bytes that came.
    """

    __tablename__ = "recorder_arrival"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class TappedMoment(Base):
    """A moment that somebody tapped while a narrator spoke.

    It is nothing to anybody until a person of the band takes it up, which removes it here.

    Attributes:
        kind: `matters`, a proposed index point, or `speaker`, who speaks from here on.
        words: what was written with it, empty mostly.
    """

    __tablename__ = "tapped_moment"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    start_ms: Mapped[int]
    words: Mapped[str] = mapped_column(Text, default="")


class RecorderInvitation(Base):
    """A link with which somebody without an account sends recordings; `token_hash` is the SHA-256 of its token.

    Attributes:
        label: for whom, in a steward's words.
        group: the alliance group for which is collected.
        came: how many recordings have come with it.
    """

    __tablename__ = "recorder_invitation"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(120), default="")
    group: Mapped[str] = mapped_column(String(8), default="MB")
    made_by_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    came: Mapped[int] = mapped_column(default=0, server_default="0")
