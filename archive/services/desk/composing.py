"""Composing: the songs on the desk, how far each is, and what has moved under them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.language.normalise import tidy
from archive.language.romanise import romanise
from archive.models import Account, Campaign, Draft, LyricLine, LyricVersion, Song, Source, Testimony
from archive.services import access, audit
from archive.services.access import Viewer
from archive.services.desk import drafting

STATE_ORDER = ("held", "draft", "published", "retired")


class SongNeedsTitle(ValueError):
    """A song without a title in any language."""


@dataclass(frozen=True, slots=True)
class OnDesk:
    """A song as the desk lists it.

    Attributes:
        versions: how many were kept; `lines` and `told` are of the newest: all, and those that draw on a testimony.
        held: lines that wait for a decision; `moved`: sources whose words are no longer there as quoted.
        changed_at, changed_by: of the draft; None and empty where there is none.
    """

    song: Song
    versions: int
    lines: int
    told: int
    held: int
    moved: int
    changed_at: datetime | None
    changed_by: str
    here: tuple[str, ...]

    @property
    def needs(self) -> int:
        return self.held + self.moved


def by_slug(session: Session, viewer: Viewer, slug: str) -> Song | None:
    """The song under this slug; None when there is none, or none for this viewer."""
    return access.song_at(session, viewer, slug)


def on_the_desk(session: Session, viewer: Viewer) -> list[OnDesk]:
    """Every song this viewer may work at: those that wait for a decision first, then the last changed."""
    songs = session.scalars(select(Song).where(Song.id.in_(access.visible_songs(viewer)))).all()
    found = [_on_desk(session, song) for song in songs]
    found.sort(key=lambda one: one.song.slug)
    found.sort(key=lambda one: one.changed_at or one.song.created_at, reverse=True)
    return sorted(found, key=lambda one: (not one.needs, STATE_ORDER.index(one.song.state)))


def trouble(session: Session, song: Song) -> tuple[int, int]:
    """How many lines of the song's newest words are held, and how many of its sources have moved."""
    newest = select(func.max(LyricVersion.number)).where(LyricVersion.song_id == song.id).scalar_subquery()
    current = select(LyricVersion.id).where(LyricVersion.song_id == song.id, LyricVersion.number == newest)
    lines = select(func.count()).select_from(LyricLine).where(LyricLine.version_id.in_(current))
    sources = select(func.count()).select_from(Source).join(LyricLine, LyricLine.id == Source.line_id)
    held = session.scalar(lines.where(LyricLine.held.is_(True))) or 0
    moved = session.scalar(sources.where(LyricLine.version_id.in_(current), Source.state == "review")) or 0
    return held, moved


def _on_desk(session: Session, song: Song) -> OnDesk:
    newest = session.scalar(select(func.max(LyricVersion.number)).where(LyricVersion.song_id == song.id)) or 0
    current = select(LyricLine.id).join(LyricVersion).where(
        LyricVersion.song_id == song.id, LyricVersion.number == newest
    )  # fmt: skip
    lines = session.scalars(current).all()
    told = session.scalar(select(func.count(func.distinct(Source.line_id))).where(Source.line_id.in_(lines))) or 0
    draft = session.get(Draft, song.id)
    who = session.get(Account, draft.changed_by_id) if draft and draft.changed_by_id else None
    held, moved = trouble(session, song)
    return OnDesk(
        song=song,
        versions=newest,
        lines=len(lines),
        told=told,
        held=held,
        moved=moved,
        changed_at=draft.changed_at if draft else None,
        changed_by=who.display_name if who else "",
        here=tuple(dict.fromkeys(one.name for one in drafting.here(session, song.id, ""))),
    )


def campaigns(session: Session, viewer: Viewer) -> list[Campaign]:
    """Campaigns that something belongs to which this viewer may know of."""
    told = select(Testimony.campaign_id).where(Testimony.id.in_(access.permitted(viewer, "existence")))
    sung = select(Song.campaign_id).where(Song.id.in_(access.visible_songs(viewer)))
    query = select(Campaign).where(
        Campaign.id.in_(told.where(Testimony.campaign_id.is_not(None))) | Campaign.id.in_(sung)
    )
    return list(session.scalars(query.order_by(Campaign.name_km, Campaign.name_en, Campaign.id)))


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
        raise SongNeedsTitle("A song needs a title.")
    return km, en


def _free_slug(session: Session, title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = "-".join(re.findall(r"[a-z0-9]+", plain))[:80].strip("-") or "song"
    taken = set(session.scalars(select(Song.slug).where(Song.slug.startswith(base))))
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
