"""Publishing: a song goes out when every line may, and else it is said, line by line, what is missing.

Somebody is named for the words; every line is sourced or the band's own; every source may be sung to everyone, stands
in an approved transcript as it was quoted, and is not taken out. Nothing is published that falls short, whoever asks.
Narrators are named without being asked for, as they chose (`credits`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, reasons
from archive.access.gate import PUBLIC, SUNG_FOR
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.lyrics import sources
from archive.lyrics.current_words import current_lyric
from archive.models import Arrangement, LyricLine, LyricVersion, Song, Source, TranscriptVersion, now

WROTE = frozenset({"words", "lyrics"})
WORDS = {
    "no-credit": Message("Nobody is named as having written the words."),
    "no-version": Message("No version has been kept yet."),
    "no-words": Message("It has no words."),
    "unsourced": Message("It does not say where it came from. Give it a source, or say that it is the band's own."),
    "held": Message("It is held, since consent has changed. Rewrite it, or take it up again if it is allowed."),
    "review": Message("The transcript was corrected and no longer says the words quoted. Look at the source again."),
    "not-approved": Message("Nobody has approved the transcript that this source quotes."),
    "taken-out": Message("The words quoted are taken out of the testimony."),
}


class SongNotReady(ArchiveError, ValueError):
    """A song may not go out as it is; `readiness` says what is missing."""

    def __init__(self, readiness: Readiness) -> None:
        self.readiness = readiness
        super().__init__(Message("It cannot go out yet: something is missing."))


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing; `source` is the source it is missing at, if it is at one."""

    code: str
    words: Message
    source: str = ""


@dataclass(frozen=True, slots=True)
class LineReadiness:
    line: LyricLine
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a song may go out, and what is missing of the song as a whole and of each line."""

    version: LyricVersion | None
    lines: tuple[LineReadiness, ...]
    lacks: tuple[Lack, ...]

    @property
    def ready(self) -> bool:
        return not self.lacks and not any(one.lacks for one in self.lines)

    @property
    def missing(self) -> int:
        return len(self.lacks) + sum(bool(one.lacks) for one in self.lines)


def readiness(session: Session, song: Song) -> Readiness:
    """What stands between the song's newest version and the public."""
    lyric = current_lyric(session, song.id)
    if lyric is None or not lyric.lines:
        return Readiness(lyric, (), (_lack("no-version"),))
    lines = tuple(LineReadiness(line, tuple(_of_line(session, line))) for line in lyric.lines)
    return Readiness(lyric, lines, () if _words_credited(song) else (_lack("no-credit"),))


def publish(session: Session, song: Song, by_id: str | None) -> None:
    """Let the song out.

    Raises:
        NotReady: something is missing.
    """
    session.get(Song, song.id, with_for_update=True, populate_existing=True)
    found = readiness(session, song)
    if not found.ready:
        raise SongNotReady(found)
    song.state = "published"
    song.published_at = song.published_at or now()
    session.flush()
    assert found.version is not None
    audit.note(session, by_id, "song.published", f"song:{song.id}", {"version": found.version.number})


def take_back(session: Session, song: Song, by_id: str | None, *, retire: bool = False) -> None:
    """Take the song off the site: to work on it, or for good."""
    song.state = "retired" if retire else "draft"
    session.flush()
    audit.note(session, by_id, "song.retired" if retire else "song.unpublished", f"song:{song.id}")


def _words_credited(song: Song) -> bool:
    """Somebody is named for the words: the band, or whoever of it wrote them."""
    return any(one.get("role") in WROTE and (one.get("km") or one.get("en")) for one in song.credits)


def _lack(code: str, source: str = "") -> Lack:
    return Lack(code, WORDS[code], source)


def _of_line(session: Session, line: LyricLine) -> Iterator[Lack]:
    if not (line.km or line.en):
        yield _lack("no-words")
    if line.held:
        yield _lack("held")
    if not line.sources and not line.own:
        yield _lack("unsourced")
    for source in line.sources:
        yield from _of_source(session, source)


def _of_source(session: Session, source: Source) -> Iterator[Lack]:
    if source.state == "review":
        yield _lack("review", source.id)
    version = session.get(TranscriptVersion, source.version_id)
    if version is None or version.stage != "approved":
        yield _lack("not-approved", source.id)
    if sources.taken_out(session, source.testimony_id, source.span):
        yield _lack("taken-out", source.id)
    form = gate.FORM_OF_RELATION[source.relation]
    decision = gate.may(session, PUBLIC, source.testimony_id, form, purpose=SUNG_FOR)
    if not decision:
        yield Lack("consent", reasons.WORDS[decision.reason], source.id)


def has_sound(session: Session, song: Song) -> bool:
    """Whether the song has a recording; it may go out without one, to be read."""
    return session.scalar(select(Arrangement.id).where(Arrangement.song_id == song.id).limit(1)) is not None
