"""Themes suggested again where a testimony says a name that a theme has only now.

New transcripts go by the names that hold when they are made. For those that are there, a steward's new name would wait
for their next approval; so those that say it are gone through once more, beside the site. Whoever ends the site in the
middle loses some suggestions and nothing else: the next approval or change brings them.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from archive.catalogue import tagging
from archive.db import Database
from archive.models import Segment, TranscriptVersion
from archive.transcripts import transcript_versions


def testimonies_saying(session: Session, names: Collection[str]) -> list[str]:
    """Ids of the testimonies some version of which has one of these names in its text, as written."""
    if not names:
        return []
    said = or_(*(Segment.text.icontains(name, autoescape=True) for name in names))
    found = select(TranscriptVersion.testimony_id).join(Segment, Segment.version_id == TranscriptVersion.id).where(said)
    return sorted(set(session.scalars(found)))


def suggest_again(database: Database, names: Collection[str]) -> int:
    """Suggest themes anew for every testimony that says one of these names; returns how many those are."""
    with database.read() as session:
        ids = testimonies_saying(session, names)
    for testimony_id in ids:
        with database.write() as session:
            version = transcript_versions.current(session, testimony_id, approved_only=False)
            if version is not None:
                tagging.suggest(session, version)
    return len(ids)
