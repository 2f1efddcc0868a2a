"""Composing: the songs on the desk, how far each is, and what has moved under them."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import song_access
from archive.access.gate import Viewer
from archive.catalogue.campaigns import campaigns
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.language.romanise import romanise
from archive.ledgers import audit
from archive.models import Song


class SongNeedsTitle(ArchiveError, ValueError):
    """A song without a title in any language."""


def by_slug(session: Session, viewer: Viewer, slug: str) -> Song | None:
    """The song under this slug; None when there is none, or none for this viewer."""
    return song_access.song_at(session, viewer, slug)


def begin(session: Session, viewer: Viewer, title_km: str, title_en: str, campaign_id: str, by_id: str) -> Song:
    """A new song.

    Raises:
        SongNeedsTitle: there is no title.
    """
    km, en = _titles(title_km, title_en)
    known = {one.id for one in campaigns(session, viewer)}
    song = Song(
        slug=_free_slug(session, en or romanise(km)),
        title_km=km or en,
        title_en=en,
        title_romanised=romanise(km) if km else "",
        campaign_id=campaign_id if campaign_id in known else None,
        state="draft",
    )
    session.add(song)
    session.flush()
    audit.note(session, by_id, "song.begun", f"song:{song.id}")
    return song


def rename(session: Session, song: Song, title_km: str, title_en: str, by_id: str) -> None:
    """Give a song other titles.

    Raises:
        SongNeedsTitle: there is no title.
    """
    km, en = _titles(title_km, title_en)
    song.title_km, song.title_en = km or en, en
    song.title_romanised = romanise(km) if km else ""
    session.flush()
    audit.note(session, by_id, "song.renamed", f"song:{song.id}")


def _titles(title_km: str, title_en: str) -> tuple[str, str]:
    km, en = tidy(title_km.strip()), tidy(title_en.strip())
    if not km and not en:
        raise SongNeedsTitle(Message("Give the song a name, in Khmer or English."))
    return km, en


def _free_slug(session: Session, title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = "-".join(re.findall(r"[a-z0-9]+", plain))[:80].strip("-") or "song"
    taken = set(session.scalars(select(Song.slug).where(Song.slug.startswith(base))))
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
