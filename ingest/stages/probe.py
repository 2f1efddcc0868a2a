"""Probe: is it sound, how long is it, what ails it, and what do its tags say."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import time_zone
from archive.consent import sealing
from archive.days import Day
from archive.language.normalise import tidy
from archive.models import Permission, Recording, Testimony, now
from ingest.stages.contract import StageOutcome, Tools, Work
from ingest.stages.taken_back import refuse_what_was_taken_back
from media import ffmpeg
from media.decode import probe
from media.findings import examine
from media.tags import Tags, tags_apart

NAME = "probe"
VERSION = 2
KINDS = frozenset({"testimony", "song", "revoiced"})
SHARE = 1


def run(work: Work, tools: Tools) -> StageOutcome:
    """Read the original through to its end, and its tags.

    Raises:
        ingest.stages.taken_back.TakenBack: its narrator took this very sound back, which came in another file.
        media.refused.Refused: it is no recording, is damaged, or is longer than the settings allow.
    """
    with sealing.open_original(tools.backends, work.recording_id, work.original_key) as path:
        found = probe(path, limit_ms=tools.backends.settings.max_duration_ms, salvage=work.salvaged)
        heard = examine(path, found.channels, found.rate, limit_ms=tools.backends.settings.max_duration_ms)
        tags = tags_apart(path)
    with tools.backends.database.read() as session:
        refuse_what_was_taken_back(session, found.pcm_sha256)

    def save(session: Session) -> None:
        recording = session.get_one(Recording, work.recording_id)
        recording.pcm_sha256, recording.findings = found.pcm_sha256, " ".join(heard.codes)
        recording.container, recording.duration_ms = f"{found.container}/{found.codec}"[:40], found.duration_ms
        recording.missing_ms = found.missing_ms or None
        if work.testimony_id is not None:
            _describe(session, session.get_one(Testimony, work.testimony_id), tags)

    return StageOutcome(save, ffmpeg.binary().rsplit("/", 1)[-1], f"{found.container}, {found.duration_ms} ms")


def _describe(session: Session, testimony: Testimony, tags: Tags) -> None:
    """What nobody said of the testimony, from the tags.

    A title that a telephone or a friend gave may hold a name. It is taken only while nobody outside may know of the
    testimony, for people to see and to put right; an artist, who is most likely a person, never is.
    """
    testimony.recorded_on = testimony.recorded_on or _day(tags.recorded)
    listed = select(Permission.id).where(
        Permission.testimony_id == testimony.id, Permission.form == "existence", Permission.audience != "band"
    )
    if testimony.title_km or testimony.title_en or session.scalar(listed.limit(1)) is not None:
        return
    title = tidy(tags.title.strip())[:300]
    if any("\u1780" <= letter <= "\u17ff" for letter in title):
        testimony.title_km = title
    else:
        testimony.title_en = title


def _day(text: str) -> Day | None:
    """A whole date that has been; a year alone tells no day. A moment falls on the day that clocks here showed."""
    try:
        moment = datetime.fromisoformat(text.strip()) if len(text) > len("2026-03-31") else None
        day = time_zone.day_of(moment) if moment and moment.tzinfo else date.fromisoformat(text[:10])
    except ValueError:
        return None
    return Day.on(day) if day <= time_zone.day_of(now()) else None
