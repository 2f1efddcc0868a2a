"""Which model wrote what: the machine's versions, counted by the model that wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.models import TranscriptVersion

MOST = 200


@dataclass(frozen=True, slots=True)
class ModelsWork:
    """What one model has written: how many versions of how many testimonies, the last one when."""

    engine: str
    engine_version: str
    model: str
    versions: int
    testimonies: int
    doubtful: int
    last: datetime


def written_by(session: Session, viewer: Viewer) -> list[ModelsWork]:
    """The models whose words the viewer may read, the one that wrote last first; at most `MOST`."""
    kept = TranscriptVersion
    useless = func.count(func.nullif(kept.verdict, "ok"))
    query = (
        select(
            kept.engine,
            kept.engine_version,
            kept.model,
            func.count(kept.id),
            func.count(kept.testimony_id.distinct()),
            useless,
            func.max(kept.made_at),
        )
        .where(kept.stage == "machine", kept.testimony_id.in_(gate.permitted(viewer, "full_transcript")))
        .group_by(kept.engine, kept.engine_version, kept.model)
        .order_by(func.max(kept.made_at).desc())
        .limit(MOST)
    )
    return [ModelsWork(*row) for row in session.execute(query)]
