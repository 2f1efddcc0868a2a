"""What was changed in a description: a row for each field, with what stood there before and after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, Sequential, UtcDateTime, now

KINDS = ("page", "undo", "sheet", "import", "selection")


class DescriptionChange(Base):
    """One field of one testimony, or of its narrator, changed by one person.

    The rows hold what was written of her, so they go with her testimony when it is taken back.

    Attributes:
        seq: counts every change of the archive; the newest one of a testimony and its narrator is the version that
            somebody saw.
        act_id: what was changed in one go, of one testimony or of many, and is undone in one go.
        testimony_id, narrator_id: one of the two; community and place are the narrator's, and told with all she told.
        field: one of `archive.describing.fields`.
        before, after: as the database keeps it: a code, an id, EDTF or the text itself; empty for nothing.
        kind: one of `KINDS`, how it came about.
        undoes_id: the act that this one took back.
    """

    __tablename__ = "description_change"

    seq: Mapped[int] = mapped_column(Sequential, primary_key=True)
    act_id: Mapped[str] = mapped_column(Id, index=True)
    testimony_id: Mapped[str | None] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    narrator_id: Mapped[str | None] = mapped_column(ForeignKey("narrator.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(20), default="page")
    undoes_id: Mapped[str | None] = mapped_column(Id)
    by_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
