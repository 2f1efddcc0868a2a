"""Small testimonies and songs for the tests of consent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.consent.decisions import ConsentGiven
from archive.models import Account, LyricLine, Redaction, Song, Source, Testimony, TranscriptVersion, now
from archive.timing import Span, Word
from tests import factories

GIVEN = ConsentGiven("recorded-verbal", None, {"start_ms": 0, "end_ms": 4000}, script_version="1")
WORDS = (
    Word("ខ្ញុំ", 0, 400),
    Word("ជំពាក់", 400, 900),
    Word("ប្រាក់", 900, 1400),
    Word("លោក", 1400, 1800),
    Word("សុខា", 1800, 2300),
)


def a_testimony(session: Session, *, language: str = "km", heard: bool = True) -> Testimony:
    made = factories.testimony(session, language=language, heard_through_at=now() if heard else None)
    made.recording.listening_key = f"recordings/{made.recording_id}/listening.m4a"
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
    told = factories.segment(text or "".join(w.text for w in words), 0, 2300, words=words)
    mine = (Word("ដី", 2300, 2800), Word("របស់", 2800, 3300), Word("ខ្ញុំ", 3300, 4000))
    land = factories.segment("ដីរបស់ខ្ញុំ", 2300, 4000, words=mine)
    kept = {"number": number, "stage": stage, "approved_at": now()}
    return factories.transcript_version(session, testimony_id, [told, land], **kept)


def a_mark(session: Session, testimony_id: str, span: Span, *, heard: bool = False) -> Redaction:
    when = now() if heard else None
    return factories.redaction(session, testimony_id, start_ms=span.start_ms, end_ms=span.end_ms, heard_at=when)


def a_song(
    session: Session, source: TranscriptVersion | None = None, *, relation: str = "verbatim", state: str = "published"
) -> tuple[Song, LyricLine]:
    """A song of two lines: the first draws on `source`, the second is the band's own."""
    made = factories.song(session, title_km="បំណុល", title_en="Debt", state=state)
    first = LyricLine(km="ខ្ញុំជំពាក់ប្រាក់", own=source is None)
    factories.lyric_version(session, made.id, [first, LyricLine(km="យើងច្រៀង", own=True)])
    if source is not None:
        draw(session, first, source, relation=relation)
    return made, first


def draw(session: Session, line: LyricLine, source: TranscriptVersion, *, relation: str = "verbatim") -> Source:
    return factories.source(session, line, source, relation=relation)


def an_account(session: Session, role: str = "steward", *groups: str) -> Account:
    return factories.account(session, role=role, groups=list(groups))
