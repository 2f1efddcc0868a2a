"""Stage runs: the truth about work on a recording.

They share the database's transactions with what the stages write, so a stage is done exactly when its results are
there. A queue that loses its messages loses nothing: whoever looks for recordings whose last stage is not done
finds the work again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, UtcDateTime

STATES = ("waiting", "running", "done", "failed")


class StageRun(Base):
    """One stage on one recording.

    Attributes:
        version: the stage's version; a run of an older version is done again.
        progress: 0 to 1 while running.
        lease_until: a worker that has not renewed it by then is taken for dead, and another may start.
        tool: what did the work, with its version.
    """

    __tablename__ = "stage_run"

    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    progress: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(80), default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tool: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[str] = mapped_column(Text, default="")
