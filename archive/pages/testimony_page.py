"""A testimony opened: its words with their times, its sound, what it became, and why some of it is closed.

Everything is asked of the gate by itself. What a viewer may not have is not there; where a testimony is listed, its
page says that it is closed, and why, in the words of the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, sound
from archive.access.gate import Unknown, Viewer
from archive.access.rule import Decision
from archive.catalogue.cards import TestimonyCard, card
from archive.catalogue.tagging import on_words_taken_out
from archive.consent import wording
from archive.language.words import words
from archive.lyrics import provenance
from archive.lyrics.provenance import SungMoment
from archive.models import IndexPoint, Recording, Segment, Tagging, Term, TranscriptVersion
from archive.songs import sung_words
from archive.songs.sung_words import SungWord
from archive.timing import Span, Word, joined
from archive.transcripts import readable_text, transcript_versions
from archive.transcripts.readable_text import ShownSegment


@dataclass(frozen=True, slots=True)
class PageSegment:
    """A segment as it is read.

    Attributes:
        words: in the language spoken, with times; what was taken out is a block, `▇▇▇`.
        other: the same in the other language; empty where nobody has put it there.
        flags: why a machine's text is not to be trusted.
    """

    id: str
    span: Span
    speaker: str
    words: tuple[SungWord, ...]
    text: str
    other: str
    flags: tuple[str, ...]
    sung: tuple[SungMoment, ...]


@dataclass(frozen=True, slots=True)
class PageTheme:
    """A term on the testimony; `matched` are the words that led a machine to suggest it."""

    id: str
    kind: str
    km: str
    en: str
    state: str
    matched: str


@dataclass(frozen=True, slots=True)
class TestimonyPage:
    """A testimony's page for one viewer.

    Attributes:
        draft: the words were written by a machine and nobody has approved them; only the band sees such.
        other_language: the language of the translation; empty where there is none.
        sound_form: which sound is played: `whole`, `redacted`, `disguised` or None.
        missing_ms: about how much of the recording's end is not there; 0 for a whole one, or where it may not be heard.
        taken_out: spans that are silent in this viewer's sound, or would be in others'.
        version_number: the version that is shown; `newest` is the one that holds now, where it is another.
        version_missing: another version was asked for, and is not to be had.
        closed: what may not be had, with the reason: form -> decision.
        consent: who may have what by it, as the gate answers, in the language asked for.
    """

    card: TestimonyCard
    passages: tuple[PageSegment, ...]
    draft: bool
    verdict: str
    version_number: int
    newest: int
    version_missing: bool
    language: str
    other_language: str
    sound_form: str | None
    taken_out: tuple[Span, ...]
    missing_ms: int
    points: tuple[IndexPoint, ...]
    themes: tuple[PageTheme, ...]
    sung: tuple[SungMoment, ...]
    closed: dict[str, Decision]
    consent: tuple[str, ...]


def testimony_page_of(
    session: Session, viewer: Viewer, testimony_id: str, language: str, number: int | None
) -> TestimonyPage:
    """The page of a testimony, with what is said about consent in `language`.

    Args:
        number: the version of the transcript to read; unless given, or where it may not be had, the one that holds.

    Raises:
        Unknown: there is none, or this viewer may not know of it.
    """
    shown = card(session, viewer, testimony_id)
    if shown is None:
        raise Unknown("There is no such thing here.")
    became = tuple(provenance.sung_from(session, viewer, testimony_id))
    version, segments, translation = _words(session, viewer, testimony_id, number)
    other = {one.segment_id: one.text for one in (_other(session, viewer, translation) if translation else ())}
    marks = tuple(joined(sound.redacted_spans(session, testimony_id)))
    form = gate.sound_for(session, viewer, testimony_id) if shown.recording_id else None
    return TestimonyPage(
        card=shown,
        passages=tuple(_passage(one, other.get(one.segment_id, ""), became) for one in segments),
        draft=version is not None and version.stage != "approved",
        verdict=version.verdict if version and viewer.inside else "",
        version_number=version.number if version else 0,
        newest=_newest(session, viewer, version) if version else 0,
        version_missing=number is not None and (version is None or version.number != number),
        language=version.language if version else shown.language,
        other_language=translation.language if translation and any(other.values()) else "",
        sound_form=form,
        taken_out=marks if form == "redacted" or viewer.inside else (),
        missing_ms=_missing(session, shown.recording_id) if form in ("whole", "redacted") else 0,
        points=points_shown(session, viewer, testimony_id) if segments else (),
        themes=_themes(session, viewer, testimony_id),
        sung=became,
        closed=_closed(session, viewer, testimony_id, form),
        consent=wording.decided(session, testimony_id, language, _DECIDED),
    )


def _missing(session: Session, recording_id: str | None) -> int:
    recording = session.get(Recording, recording_id) if recording_id else None
    return (recording.missing_ms or 0) if recording is not None and recording.salvaged else 0


def _words(
    session: Session, viewer: Viewer, testimony_id: str, number: int | None
) -> tuple[TranscriptVersion | None, Sequence[ShownSegment], TranscriptVersion | None]:
    version = transcript_versions.citable(session, viewer.inside, testimony_id, number) if number else None
    version = version or transcript_versions.holding(session, viewer.inside, testimony_id)
    if version is None:
        return None, (), None
    try:
        segments = readable_text.readable(session, viewer, version)
    except Unknown:
        return None, (), None
    found = transcript_versions.translations(session, version)
    allowed = {name: one for name, one in found.items() if viewer.inside or one.stage == "approved"}
    return version, segments, next(iter(allowed.values()), None)


def _newest(session: Session, viewer: Viewer, shown: TranscriptVersion) -> int:
    holding = transcript_versions.holding(session, viewer.inside, shown.testimony_id)
    return holding.number if holding is not None and holding.id != shown.id else 0


def _other(session: Session, viewer: Viewer, translation: TranscriptVersion) -> Sequence[ShownSegment]:
    try:
        return readable_text.readable(session, viewer, translation)
    except Unknown:
        return ()


def _passage(segment: ShownSegment, other: str, became: Sequence[SungMoment]) -> PageSegment:
    mine = tuple(one for one in became if one.source.span.overlaps(segment.span))
    cut = _timed(segment.text, segment.words, segment.span)
    return PageSegment(segment.segment_id, segment.span, segment.speaker, cut, segment.text, other, segment.flags, mine)


def _timed(text: str, timed: Sequence[Word], span: Span) -> tuple[SungWord, ...]:
    """The words of a text with the moments at which the timed words say that their letters are heard."""
    moments = _moments(text, timed) or _moments(text, [Word(text, span.start_ms, span.end_ms)])
    found: list[SungWord] = []
    for start, end in _pieces(text):
        inside = [moments[at] for at in range(start, end) if at in moments]
        first, last = (inside[0][0], inside[-1][1]) if inside else (None, None)
        space = text[end : end + 1].isspace()
        found.append(SungWord(text[start:end].replace(sung_words.ZWSP, ""), space, first, last))
    return tuple(found)


def _pieces(text: str) -> list[tuple[int, int]]:
    """Where each word stands, with the signs that cling to it: a line is never broken before a full stop."""
    found: list[tuple[int, int]] = []
    joined = False
    for piece in words(text):
        if not piece.text.strip().strip(sung_words.ZWSP):
            joined = False
        elif found and found[-1][1] == piece.start and (joined or not piece.is_word):
            found[-1] = (found[-1][0], piece.end)
            joined = piece.text[-1:] in _OPENING
        else:
            found.append((piece.start, piece.end))
            joined = not piece.is_word
    return found


_OPENING = frozenset("([{«“‘-’'–")


def _moments(text: str, timed: Sequence[Word]) -> dict[int, tuple[int, int]]:
    """Offset of a letter -> from when until when it is heard."""
    found: dict[int, tuple[int, int]] = {}
    at = 0
    for word in timed:
        start = text.find(word.text.strip(), at)
        length = len(word.text.strip())
        if start < 0 or not length:
            continue
        for index in range(length):
            begins = word.start_ms + (word.end_ms - word.start_ms) * index // length
            found[start + index] = begins, word.start_ms + (word.end_ms - word.start_ms) * (index + 1) // length
        at = start + length
    return found


def points_shown(session: Session, viewer: Viewer, testimony_id: str) -> tuple[IndexPoint, ...]:
    """The titled moments, for whoever may read the transcript; outside the band none that begins inside a mark."""
    marks = () if viewer.inside else joined(sound.redacted_spans(session, testimony_id))
    query = select(IndexPoint).where(IndexPoint.testimony_id == testimony_id).order_by(IndexPoint.start_ms)
    found = session.scalars(query)
    return tuple(p for p in found if not any(mark.start_ms <= p.start_ms < mark.end_ms for mark in marks))


def _themes(session: Session, viewer: Viewer, testimony_id: str) -> tuple[PageTheme, ...]:
    """Confirmed themes; for the band, suggestions and rejections too. Places are told where the place is.

    Whoever may not read every word is told none that stands on words taken out: a theme would tell of them.
    """
    query = (
        select(Tagging)
        .join(Term)
        .where(Tagging.testimony_id == testimony_id, Term.kind == "theme")
        .order_by(Tagging.state, Tagging.term_id, Tagging.id)
    )
    if not viewer.inside and not gate.may(session, viewer, testimony_id, "full_transcript"):
        query = query.outerjoin(Segment, Segment.id == Tagging.segment_id).where(~on_words_taken_out())
    found: dict[str, PageTheme] = {}
    for one in session.scalars(query):
        if one.state != "confirmed" and not viewer.inside:
            continue
        term = one.term
        theme = PageTheme(term.id, term.kind, term.label("km"), term.label("en"), one.state, one.matched)
        found.setdefault(term.id, theme)
    return tuple(found.values())


def _closed(session: Session, viewer: Viewer, testimony_id: str, sound_form: str | None) -> dict[str, Decision]:
    answers = {form: gate.may(session, viewer, testimony_id, form) for form in _FORMS}
    read = answers.pop("redacted_transcript")
    heard = [answers.pop("original_sound"), answers.pop("disguised_sound")]
    closed = {}
    if not any(heard) or (sound_form is None and heard[0].reason == "not-heard-through"):
        closed["sound"] = heard[0]
    if not read:
        closed["transcript"] = read
    return closed


_FORMS = ("original_sound", "disguised_sound", "redacted_transcript")
_DECIDED = ("original_sound", "full_transcript", "redacted_transcript", "quotation", "name")


def peaks_key(session: Session, viewer: Viewer, testimony_id: str) -> str | None:
    """The key of the peaks that belong to this viewer's sound; None where nothing may be heard."""
    listed = gate.may(session, viewer, testimony_id, "existence")
    keys = sound.keys_for(session, viewer, testimony_id) if listed else None
    return keys.peaks if keys else None
