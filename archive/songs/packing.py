"""Which songs go into a pack that is carried to computers without a connection, and until when it may be used.

A pack cannot be called back. It holds what is open to everybody today and will be on its last day, whoever makes it;
after that day it is brought back and exchanged, so that what was taken back meanwhile leaves the sticks as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.gate import Unknown, Viewer
from archive.catalogue import campaigns
from archive.language.messages import Message
from archive.models import Song
from archive.songs import set_entries, song_export
from archive.songs.song_export import ExportSheet

MONTHS = 6
ALL = "all"
TITLE = Message("Songs of the Messenger Band")
ANYBODY = Viewer(role="steward")
"""Finds every song there is; what goes into a pack is asked for the public, whoever makes it."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A song that was asked for and may not be carried: `why` as in `song_export.not_carried`."""

    slug: str
    title_km: str
    title_en: str
    why: str


@dataclass(frozen=True, slots=True)
class PackPlan:
    """What a pack holds, as plain values; `until` is the last day on which it may be used."""

    of: str
    title_km: str
    title_en: str
    until: date
    songs: tuple[ExportSheet, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def id(self) -> str:
        """The same for every pack of the same choice."""
        return hashlib.sha256(self.of.encode()).hexdigest()[:20]

    @property
    def fingerprint(self) -> str:
        """The same for as long as everything in the pack is."""
        said = [self.title_km, self.title_en, self.until.isoformat(), *(one.fingerprint for one in self.songs)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:16]

    @property
    def seconds(self) -> int:
        """How long its recordings are together."""
        tracks = [track for one in self.songs for track in (*one.tracks[:1], one.instrumental)]
        return sum((track.duration_ms or 0) // 1000 for track in tracks if track)


def last_day(today: date) -> date:
    """The last day of a pack that is made today: that of a month, so that one made tomorrow is the same."""
    months = today.year * 12 + today.month + MONTHS
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def plan(session: Session, viewer: Viewer, of: str, today: date) -> PackPlan:
    """What a pack of these songs would hold.

    Args:
        of: `all`, `set:ID`, `campaign:ADDRESS`, or `songs:SLUG,SLUG`.

    Raises:
        Unknown: there is no such set, campaign or song, or not for this viewer.
    """
    title_km, title_en, songs = _chosen(session, viewer, of)
    until = last_day(today)
    end_of_it = datetime.combine(until, time(23, 59, 59), UTC)
    taken: list[ExportSheet] = []
    left: list[LeftOut] = []
    for song in songs:
        sheet = song_export.sheet_of(session, song)
        why = song_export.not_carried(session, sheet, end_of_it)
        if why:
            left.append(LeftOut(song.slug, song.title_km, song.title_en, why))
        else:
            taken.append(sheet)
    return PackPlan(of, title_km, title_en, until, tuple(taken), tuple(left))


def _chosen(session: Session, viewer: Viewer, of: str) -> tuple[str, str, Sequence[Song]]:
    kind, _colon, name = of.partition(":")
    title_km, title_en = TITLE.said("km"), TITLE.text
    visible = select(Song).where(Song.id.in_(gate.visible_songs(viewer)))
    in_order = Song.year.desc().nulls_last(), Song.slug
    if kind == "set":
        found = set_entries.set_at(session, name)
        songs = [entry.song for entry in set_entries.songs_of(session, viewer, name)]
        return found.title, "", list(dict.fromkeys(songs))
    if kind == "campaign":
        campaign = campaigns.campaign_at(session, viewer, name)
        mine = visible.where(Song.campaign_id == campaign.id)
        return campaign.name_km, campaign.name_en, session.scalars(mine.order_by(*in_order)).all()
    if kind == "songs":
        return title_km, title_en, _named(session, viewer, name.split(","))
    if of != ALL:
        raise Unknown("There is no such thing here.")
    everything = visible.where(Song.id.in_(gate.visible_songs(gate.PUBLIC)))
    return title_km, title_en, session.scalars(everything.order_by(*in_order)).all()


def _named(session: Session, viewer: Viewer, slugs: Sequence[str]) -> list[Song]:
    songs = []
    for slug in dict.fromkeys(one.strip() for one in slugs if one.strip()):
        song = song_access.song_at(session, viewer, slug)
        if song is None:
            raise Unknown("There is no such thing here.")
        songs.append(song)
    return songs


def note(session: Session, viewer: Viewer, taken: PackPlan, form: str, to: str) -> None:
    """Write in the ledger, song by song, that the pack left: in which form, until when, and who got it."""
    said = ", ".join(filter(None, (f"{form} {taken.until.isoformat()}", to.strip())))
    for sheet in taken.songs:
        song_export.note(session, viewer, sheet, said, "carried")
