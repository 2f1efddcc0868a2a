"""A lyric line's words with the moment each is sung.

The words come from the lyric, as people cut and corrected them; the times come from an arrangement, whose words may
be cut differently or be older than the last correction. The two are laid over each other by their letters, so that a
corrected cut keeps its time; where the letters differ the line's time is shared out among all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.songs import line_words
from archive.songs.line_words import TimedPiece
from archive.timing import Word

ZWSP = "\u200b"


@dataclass(frozen=True, slots=True)
class SungWord:
    """One word on the page.

    Attributes:
        space: a space follows; otherwise the next word follows at a place where the line may be broken.
        start_ms, end_ms: when it is sung; None in a line that has no time.
    """

    text: str
    space: bool = False
    start_ms: int | None = None
    end_ms: int | None = None


def cut(words: Sequence[str], text: str) -> list[SungWord]:
    """The words of a line in order, without times.

    Args:
        words: the stored words, in which spaces are words of their own or cling to one; may be empty.
        text: the whole line, used where no words are stored.
    """
    pieces: Iterable[str] = words if any(word.strip() for word in words) else _at_spaces(text.replace(ZWSP, ""))
    found: list[SungWord] = []
    for piece in pieces:
        clean = piece.replace(ZWSP, "")
        if found and (clean.startswith(" ") or not clean.strip()):
            found[-1] = SungWord(found[-1].text, space=True)
        if clean.strip():
            found.append(SungWord(clean.strip(), space=clean.endswith(" ")))
    if found and found[-1].space:
        found[-1] = SungWord(found[-1].text)
    return found


def _at_spaces(text: str) -> Iterator[str]:
    for word in text.split():
        yield word + " "


def with_times(
    words: Sequence[SungWord], timed: Sequence[Word], start_ms: int | None, end_ms: int | None
) -> tuple[SungWord, ...]:
    """The words with times from `timed`, or shared out over `start_ms` to `end_ms`, or without any."""
    lengths = [len(_letters(word.text)) for word in words]
    letters = "".join(_letters(word.text) for word in words)
    if not timed or letters != "".join(_letters(word.text) for word in timed):
        if start_ms is None or end_ms is None or not letters:
            return tuple(words)
        timed = [Word(letters, start_ms, end_ms)]
    known = [TimedPiece(len(_letters(word.text)), word.start_ms, word.end_ms) for word in timed if _letters(word.text)]
    laid = line_words.relaid(letters, lengths, known)
    return tuple(
        SungWord(word.text, word.space, piece.start_ms, piece.end_ms) for word, piece in zip(words, laid, strict=True)
    )


def _letters(text: str) -> str:
    return "".join(text.replace(ZWSP, "").split())
