"""Two versions of a transcript side by side, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy.orm import Session

from archive.language.words import words
from archive.models import Segment, TranscriptVersion
from archive.transcripts import transcript_versions

_TOGETHER_MS = 30_000  # passages are compared in stretches of about this length, cut where both versions pause


@dataclass(frozen=True, slots=True)
class TranscriptDiff:
    """A run of words: `same`, `gone` (only in the earlier version) or `new`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the recording with what became of its words; `changed` says that they are not all the same."""

    start_ms: int
    pieces: tuple[TranscriptDiff, ...]

    @property
    def changed(self) -> bool:
        return any(piece.kind != "same" for piece in self.pieces)


def compared(session: Session, earlier: TranscriptVersion, later: TranscriptVersion) -> tuple[Stretch, ...]:
    """What a person, or a machine, changed from one version to the other."""
    one, two = _lines(session, earlier), _lines(session, later)
    return tuple(
        Stretch(start, tuple(pieces(before, after)))
        for start, before, after in _stretches(one, two)
        if before.strip() or after.strip()
    )


def pieces(before: str, after: str) -> Iterator[TranscriptDiff]:
    """The words of two texts in one row, in reading order."""
    old, new = ([piece.text for piece in words(text)] for text in (before, after))
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield TranscriptDiff("same", "".join(old[a1:a2]))
            continue
        if a2 > a1:
            yield TranscriptDiff("gone", "".join(old[a1:a2]))
        if b2 > b1:
            yield TranscriptDiff("new", "".join(new[b1:b2]))


_Line = tuple[int, int, str]


def _lines(session: Session, version: TranscriptVersion) -> list[_Line]:
    if version.translates_id is None:
        return [(one.start_ms, one.end_ms, one.text) for one in version.segments]
    texts = transcript_versions.translated_texts(session, version)
    original: Sequence[Segment] = session.get_one(TranscriptVersion, version.translates_id).segments
    return [(one.start_ms, one.end_ms, texts[one.id]) for one in original if one.id in texts]


def _stretches(one: Sequence[_Line], two: Sequence[_Line]) -> Iterator[tuple[int, str, str]]:
    """Both versions cut at the same moments, where neither has a segment running."""
    every = sorted([*one, *two])
    start, reached = (every[0][0] if every else 0), 0
    borders = [start]
    for begins, ends, _ in every:
        if begins >= reached and begins - start >= _TOGETHER_MS:
            borders.append(begins)
            start = begins
        reached = max(reached, ends)
    for number, border in enumerate(borders):
        until = borders[number + 1] if number + 1 < len(borders) else None
        before, after = (
            " ".join(text for begins, _, text in lines if begins >= border and (until is None or begins < until))
            for lines in (one, two)
        )
        yield border, before, after
