"""Small testimonies and songs for the tests of consent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.models import (
    Account,
    LyricLine,
    LyricVersion,
    Narrator,
    Recording,
    Redaction,
    Segment,
    Song,
    Source,
    Testimony,
    TranscriptVersion,
    new_id,
    now,
)
from archive.models.source import quote_hash
from archive.services.narrators.consent import Given
from archive.timing import Span, Word

GIVEN = Given("recorded-verbal", None, {"start_ms": 0, "end_ms": 4000}, script_version="1")
WORDS = (
    Word("ខ្ញុំ", 0, 400),
    Word("ជំពាក់", 400, 900),
    Word("ប្រាក់", 900, 1400),
    Word("លោក", 1400, 1800),
    Word("សុខា", 1800, 2300),
)


def a_testimony(session: Session, *, language: str = "km") -> Testimony:
    narrator = Narrator(community="farmer", pseudonym_km="ចាន់", pseudonym_en="Chan")
    recording = Recording(sha256=new_id(), size=1, state="ready", duration_ms=10_000)
    session.add_all([narrator, recording])
    session.flush()
    recording.original_key = f"recordings/{recording.id}/original"
    made = Testimony(recording_id=recording.id, narrator_id=narrator.id, language=language)
    session.add(made)
    session.flush()
    return made


def a_version(
    session: Session,
    testimony_id: str,
    *,
    stage: str = "approved",
    words: tuple[Word, ...] = WORDS,
    text: str | None = None,
    number: int = 1,
) -> TranscriptVersion:
    made = TranscriptVersion(testimony_id=testimony_id, number=number, language="km", stage=stage, approved_at=now())
    made.segments = [
        Segment(position=0, start_ms=0, end_ms=2300, text=text or "".join(w.text for w in words)),
        Segment(position=1, start_ms=2300, end_ms=4000, text="ដីរបស់ខ្ញុំ"),
    ]
    made.segments[0].words = words
    made.segments[1].words = (Word("ដី", 2300, 2800), Word("របស់", 2800, 3300), Word("ខ្ញុំ", 3300, 4000))
    session.add(made)
    session.flush()
    return made


def a_mark(session: Session, testimony_id: str, span: Span, *, heard: bool = False) -> Redaction:
    made = Redaction(
        testimony_id=testimony_id, start_ms=span.start_ms, end_ms=span.end_ms, heard_at=now() if heard else None
    )
    session.add(made)
    session.flush()
    return made


def a_song(
    session: Session, source: TranscriptVersion | None = None, *, relation: str = "verbatim", state: str = "published"
) -> tuple[Song, LyricLine]:
    """A song of two lines: the first draws on `source`, the second is the band's own."""
    made = Song(slug=new_id(), title_km="បំណុល", title_en="Debt", state=state)
    session.add(made)
    session.flush()
    lyric = LyricVersion(song_id=made.id, number=1)
    first = LyricLine(position=0, km="ខ្ញុំជំពាក់ប្រាក់", own=source is None)
    lyric.lines = [first, LyricLine(position=1, km="យើងច្រៀង", own=True)]
    session.add(lyric)
    session.flush()
    if source is not None:
        draw(session, first, source, relation=relation)
    return made, first


def draw(session: Session, line: LyricLine, source: TranscriptVersion, *, relation: str = "verbatim") -> Source:
    made = Source(
        line_id=line.id,
        testimony_id=source.testimony_id,
        version_id=source.id,
        segment_id=source.segments[0].id,
        start_ms=0,
        end_ms=1400,
        quote=line.km,
        quote_hash=quote_hash(line.km),
        relation=relation,
    )
    session.add(made)
    session.flush()
    return made


def an_account(session: Session, role: str = "steward", *groups: str) -> Account:
    name = new_id()
    made = Account(name=name, display_name=name, password_hash="", role=role, groups=list(groups))
    session.add(made)
    session.flush()
    return made
