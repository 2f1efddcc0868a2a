"""Narrators: who speaks, under the name they chose.

What is shown is a pseudonym. A legal name, if it is kept at all, lies encrypted in `vault_entry`, which has no
relationship on the model side, so that no query, export or join reaches it by accident.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now

COMMUNITIES = ("farmer", "sex-worker", "garment-worker", "landless")


class Narrator(Base):
    """A person who told something; `code_hash` is the Argon2 hash of the code by which she can withdraw."""

    __tablename__ = "narrator"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    pseudonym_km: Mapped[str] = mapped_column(String(120), default="")
    pseudonym_en: Mapped[str] = mapped_column(String(120), default="")
    community: Mapped[str] = mapped_column(String(40), index=True)
    province: Mapped[str | None] = mapped_column(String(8))
    district: Mapped[str | None] = mapped_column(String(8))
    code_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class VaultEntry(Base):
    """Something only a steward with the vault's key can read: a legal name, the evidence of a consent."""

    __tablename__ = "vault_entry"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    narrator_id: Mapped[str] = mapped_column(ForeignKey("narrator.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
