"""A testimony with an approved text, its translation, and a song whose lines come from it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from archive.access.rule import Grant
from archive.consent import decisions
from archive.models import LyricLine, Song, Testimony, TranscriptVersion
from archive.timing import Utterance, Word
from archive.transcripts import transcript_versions
from tests import factories

TOLD = (
    Utterance(0, 4000, "I walked to the factory before the sun."),
    Utterance(4500, 9000, "The debt was larger than the field."),
    Utterance(9500, 14000, "We said it again: the debt was larger."),
)
TOLD_KM = ("ខ្ញុំដើរទៅរោងចក្រមុនថ្ងៃរះ", "បំណុលធំជាងស្រែ", "យើងនិយាយម្តងទៀតថាបំណុលធំជាង")

EVERYTHING = (
    *(Grant(form, "public") for form in ("existence", "original_sound", "full_transcript", "quotation", "paraphrase")),
    *(Grant(form, "band") for form in ("existence", "original_sound", "full_transcript", "quotation", "paraphrase")),
)


def timed(utterance: Utterance) -> Utterance:
    """The utterance with its words spread evenly over it."""
    said = utterance.text.split()
    step = (utterance.end_ms - utterance.start_ms) // len(said)
    words = tuple(
        Word(word, utterance.start_ms + step * n, utterance.start_ms + step * (n + 1)) for n, word in enumerate(said)
    )
    return Utterance(utterance.start_ms, utterance.end_ms, utterance.text, words=words)


def add_told(session: Session, grants: tuple[Grant, ...] = EVERYTHING) -> tuple[Testimony, TranscriptVersion]:
    """A testimony in English with an approved transcript and a Khmer translation."""
    narrator_id = factories.narrator(session, pseudonym_en="Invented").id
    recording_id = factories.recording(session, duration_ms=14000).id
    testimony = factories.testimony(
        session, recording_id=recording_id, narrator_id=narrator_id, language="en", title_en="Invented"
    )
    if grants:
        decisions.grant(session, testimony.id, grants, decisions.ConsentGiven("signed", None))
    version = transcript_versions.add_version(
        session, testimony.id, "en", [timed(one) for one in TOLD], stage="reviewed"
    )
    transcript_versions.approve(session, version, None)
    texts = {segment.id: text for segment, text in zip(version.segments, TOLD_KM, strict=True)}
    transcript_versions.add_translation(session, version, "km", texts, stage="approved")
    return testimony, version


def add_song(session: Session, lines: int = 3, state: str = "published") -> tuple[Song, list[LyricLine]]:
    """A song of so many lines, none of them tied to anything yet."""
    song = factories.song(session, state=state)
    written = [LyricLine(km=f"បន្ទាត់ទី{n}", en=f"Line {n}") for n in range(lines)]
    return song, list(factories.lyric_version(session, song.id, written).lines)
