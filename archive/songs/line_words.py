"""The words of a lyric line: cut by the machine, corrected by people, and with times that outlive a correction.

Stored words are pieces of the line in order, each with the space or the mark that follows it; joined they give the line
back exactly. A cut may fall between two clusters and nowhere else, since a sign without its letter is no word.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from archive.errors import ArchiveError
from archive.language.clusters import clusters
from archive.language.messages import Message
from archive.language.romanise import spoken
from archive.language.spoken_time import moments
from archive.language.words import words
from archive.models import LyricLine
from archive.timing import Word

_OPENING = "«“‘([{"
_AROUND = " \t\u00a0\u200b\ufeff"


class CutInvalid(ArchiveError, ValueError):
    """A cut that does not fit the line; the sentence says why."""


@dataclass(frozen=True, slots=True)
class TimedPiece:
    """A piece of a line, `length` code points long with what follows it, and when it is sung."""

    length: int
    start_ms: int
    end_ms: int
    confidence: float | None = None


def text_of(line: LyricLine) -> str:
    """What is sung: the Khmer, and where a line has none its Latin letters or its English."""
    return line.km or line.romanised or line.en


def pieces(line: LyricLine) -> list[str]:
    """The line's words as people left them, or else as the machine cuts them; joined they are the line."""
    text = text_of(line)
    if line.km and any(word.strip(_AROUND) for word in line.words):
        if "".join(line.words) == text:
            return list(line.words)
        laid = _respaced([word.strip(_AROUND) for word in line.words if word.strip(_AROUND)], text)
        if laid:
            return laid
    return _cut(text)


def _respaced(stored: Sequence[str], text: str) -> list[str]:
    """Words that were stored without what stands between them, laid over the text; empty where they do not fit."""
    starts: list[int] = []
    at = 0
    for word in stored:
        found = text.find(word, at)
        if found < 0 or any(letter.isalnum() for letter in text[at:found]):
            return []
        starts.append(found)
        at = found + len(word)
    if any(letter.isalnum() for letter in text[at:]):
        return []
    borders = [0, *starts[1:], len(text)]
    return [text[start:end] for start, end in pairwise(borders)]


def _cut(text: str) -> list[str]:
    found: list[str] = []
    opening = ""
    for piece in words(text):
        if piece.is_word:
            found.append(opening + piece.text)
            opening = ""
        elif opening or not found or piece.text in _OPENING:
            opening += piece.text
        else:
            found[-1] += piece.text
    if opening and found:
        found[-1] += opening
    return found or [text]


def checked(text: str, lengths: Sequence[int]) -> list[str]:
    """The text cut into pieces of these lengths.

    Raises:
        CutInvalid: they are not the whole text, a piece holds no letter, or a cut parts a sign from its letter.
    """
    if not lengths or min(lengths) <= 0 or sum(lengths) != len(text):
        raise CutInvalid(Message("The words do not make up the line any more. Load the page again."))
    borders = [0, *accumulate(lengths)]
    allowed = {cluster.start for cluster in clusters(text)} | {len(text)}
    cut = [text[start:end] for start, end in pairwise(borders)]
    if not set(borders) <= allowed:
        raise CutInvalid(Message("A word cannot be cut inside a letter and its signs."))
    if len(cut) > 1 and any(not piece.strip(_AROUND) for piece in cut):
        raise CutInvalid(Message("A word needs a letter."))
    return cut


def relaid(text: str, lengths: Sequence[int], timed: Sequence[TimedPiece]) -> list[TimedPiece]:
    """The pieces with the times of `timed`, another cut of the same text.

    A piece that was there before keeps its times; a split one shares them out by clusters, joined ones take both.
    """
    spans = _spans([piece.length for piece in timed])
    borders = [span[1] for span in spans]
    found = []
    for start, end in _spans(lengths):
        first, last = bisect_right(borders, start), bisect_left(borders, end)
        begins = _moment(text, spans[first], timed[first], start)
        ends = _moment(text, spans[last], timed[last], end)
        sure = [piece.confidence for piece in timed[first : last + 1]]
        least = min((c for c in sure if c is not None), default=None) if None not in sure else None
        found.append(TimedPiece(end - start, begins, max(begins, ends), least))
    return found


def shared_out(text: str, lengths: Sequence[int], start_ms: int, end_ms: int) -> list[TimedPiece]:
    """The pieces over a stretch of time, by how many clusters each is long."""
    return relaid(text, lengths, [TimedPiece(len(text), start_ms, end_ms)])


def _spans(lengths: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise([0, *accumulate(lengths)]))


def _moment(text: str, span: tuple[int, int], timed: TimedPiece, at: int) -> int:
    """When the voice reaches offset `at`, which lies inside the timed piece."""
    if at <= span[0]:
        return timed.start_ms
    if at >= span[1]:
        return timed.end_ms
    return moments(text[slice(*span)], [at - span[0]], timed.start_ms, timed.end_ms)[0]


def laid_over(cut: Sequence[str], timed: Sequence[Word], start_ms: int | None, end_ms: int | None) -> list[TimedPiece]:
    """Stored word times laid over the line's words; shared out over the line where they do not fit, or have none."""
    text = "".join(cut)
    if start_ms is None or end_ms is None or not text:
        return []
    lengths = [len(piece) for piece in cut]
    stored = _respaced([word.text.strip(_AROUND) for word in timed], text) if timed else []
    if len(stored) != len(timed) or not stored:
        return shared_out(text, lengths, start_ms, end_ms)
    old = [
        TimedPiece(len(piece), word.start_ms, word.end_ms, word.confidence)
        for piece, word in zip(stored, timed, strict=True)
    ]
    return relaid(text, lengths, old)


def as_words(text: str, timed: Sequence[TimedPiece]) -> tuple[Word, ...]:
    """Timed pieces as they are stored with a line's times."""
    return tuple(_words(text, timed))


def _words(text: str, timed: Sequence[TimedPiece]) -> Iterator[Word]:
    for (start, end), piece in zip(_spans([piece.length for piece in timed]), timed, strict=True):
        yield Word(text[start:end].strip(_AROUND), piece.start_ms, piece.end_ms, piece.confidence)


def romanised(line: LyricLine) -> str:
    """How the line is read, in Latin letters, by its words as they are cut; empty where it has no Khmer."""
    if not line.km:
        return ""
    said = []
    for piece in pieces(line):
        word = piece.strip(_AROUND)
        read = "".join(spoken(word))
        said.append(read or word.strip("។៕៖,.!?«»“”\"' "))
        if read and "ៗ" in word:
            said.append(read)
    return " ".join(filter(None, said))
