"""What a viewer may know of, for the collections of manifests: songs that may be opened, testimonies read or heard."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.gate import Viewer
from archive.models import Song, Testimony

IN_ONE = 200
"""How many manifests one collection lists before the next page."""
KINDS = ("songs", "testimonies")
_OPEN = ("redacted_transcript", "full_transcript", "original_sound", "disguised_sound")


@dataclass(frozen=True, slots=True)
class ListedThing:
    """A song by its slug or a testimony by its id, with its titles."""

    address: str
    title_km: str
    title_en: str


def manifests_of(session: Session, viewer: Viewer, kind: str, page: int) -> tuple[list[ListedThing], bool]:
    """A page of a kind from 1, and whether there is another; nothing of a kind that there is not."""
    if kind == "songs":
        query = select(Song.slug, Song.title_km, Song.title_en).where(Song.id.in_(song_access.shown_songs(viewer)))
        query = query.order_by(Song.slug)
    elif kind == "testimonies":
        opened = or_(*(Testimony.id.in_(gate.permitted(viewer, form)) for form in _OPEN))
        query = select(Testimony.id, Testimony.title_km, Testimony.title_en)
        query = query.where(*gate.conditions(viewer, "existence"), opened).order_by(Testimony.id)
    else:
        return [], False
    rows = session.execute(query.offset((page - 1) * IN_ONE).limit(IN_ONE + 1)).all()
    return [ListedThing(address, km, en) for address, km, en in rows[:IN_ONE]], len(rows) > IN_ONE
