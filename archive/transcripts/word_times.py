"""Times for the words of a text that a person wrote, from the words a machine heard in the same place.

A person's text and the machine's seldom agree word for word. Where they do, the machine's times are kept; between
such words the time is shared out by the length of the words in clusters, which for Khmer is closer to how long they
take to say than letters are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from archive.language.normalise import normalise
from archive.language.spoken_time import shared_out
from archive.language.words import WordSpan, words
from archive.timing import Span, Word

_MOST_COMPARED = 250_000  # pairs of words; nobody says five hundred in one segment, and matching costs their product


def carry_times(text: str, span: Span, heard: Sequence[Word] = ()) -> tuple[Word, ...]:
    """The words of `text`, timed inside `span`.

    Args:
        heard: words with times from a recogniser; those outside `span` are passed over.

    Returns:
        One Word for each word of the text, ascending and inside the span; confidence only where the machine agreed.
    """
    pieces = [piece for piece in words(text) if piece.is_word]
    inside = [word for word in heard if span.start_ms <= (word.start_ms + word.end_ms) // 2 <= span.end_ms]
    agreed = _agreed(pieces, inside)
    timed: list[Word] = []
    number = 0
    while number < len(pieces):
        if number in agreed:
            word = agreed[number]
            start = max(word.start_ms, timed[-1].end_ms if timed else span.start_ms)
            timed.append(Word(pieces[number].text, start, min(max(start, word.end_ms), span.end_ms), word.confidence))
            number += 1
            continue
        last = next((n for n in range(number, len(pieces)) if n in agreed), len(pieces))
        start = timed[-1].end_ms if timed else span.start_ms
        end = agreed[last].start_ms if last in agreed else span.end_ms
        timed.extend(_share(pieces[number:last], Span(start, max(start, min(end, span.end_ms)))))
        number = last
    return tuple(timed)


def edited(
    before: str, words_before: Sequence[Word], after: str, span: Span, marks: Sequence[Span] = ()
) -> tuple[Word, ...]:
    """The words of a text after a person changed it: what nobody touched keeps its time to the millisecond.

    Args:
        words_before: the timed words of `before`.
        span: of the segment; new words share the time between the untouched ones around them.
        marks: redactions. New words that share a time with one of them become one word: which of them the marked sound
            belongs to is a guess, and what is taken out has to be all of it.
    """
    if not words_before and before.strip():
        return ()
    kept = _kept(before, words_before, after)
    timed: list[Word] = []
    at = 0
    for number in range(len(kept) + 1):
        place, word = kept[number] if number < len(kept) else (len(after), None)
        start = timed[-1].end_ms if timed else span.start_ms
        end = word.start_ms if word else span.end_ms
        timed.extend(_between(after[at:place], Span(start, max(start, end)), marks))
        if word is not None:
            timed.append(word)
            at = place + len(word.text)
    return tuple(timed)


def fitted(text: str, timed: Sequence[Word], span: Span) -> tuple[Word, ...]:
    """Timed words as they stand in a text; words without a time are given one between their neighbours."""
    return edited(text, timed, text, span)


def placed(text: str, timed: Sequence[Word]) -> list[tuple[int, Word]]:
    """Where each timed word stands in the text; those that do not stand there in order are left out."""
    found: list[tuple[int, Word]] = []
    at = 0
    for word in timed:
        start = text.find(word.text, at) if word.text else -1
        if start >= 0:
            found.append((start, word))
            at = start + len(word.text)
    return found


def _kept(before: str, timed: Sequence[Word], after: str) -> list[tuple[int, Word]]:
    """The timed words whose letters the change left alone, with their place in the later text."""
    stretches = list(_untouched(before, after))
    found: list[tuple[int, Word]] = []
    for start, word in placed(before, timed):
        end = start + len(word.text)
        shift = next((to - at for at, to, size in stretches if at <= start and end <= at + size), None)
        if shift is not None:
            found.append((start + shift, word))
    return found


def _untouched(before: str, after: str) -> Iterator[tuple[int, int, int]]:
    """Stretches both texts share, as offset before, offset after and length; they begin and end between words."""
    cut_before, cut_after = words(before), words(after)
    matcher = SequenceMatcher(None, [p.text for p in cut_before], [p.text for p in cut_after], autojunk=False)
    for block in matcher.get_matching_blocks():
        if block.size:
            first, last = cut_before[block.a], cut_before[block.a + block.size - 1]
            yield first.start, cut_after[block.b].start, last.end - first.start


def _between(text: str, span: Span, marks: Sequence[Span]) -> list[Word]:
    pieces = [piece for piece in words(text) if piece.is_word]
    if len(pieces) > 1 and any(mark.start_ms < span.end_ms and span.start_ms < mark.end_ms for mark in marks):
        return [Word(text[pieces[0].start : pieces[-1].end], span.start_ms, span.end_ms)]
    return _share(pieces, span)


def _agreed(pieces: Sequence[WordSpan], heard: Sequence[Word]) -> dict[int, Word]:
    written = [normalise(piece.text).text for piece in pieces]
    spoken = [normalise(word.text).text.strip(" .,!?;:\"'()។៕") for word in heard]
    if len(written) * len(spoken) > _MOST_COMPARED:
        return {}
    matcher = SequenceMatcher(None, written, spoken, autojunk=False)
    return {
        block.a + step: heard[block.b + step] for block in matcher.get_matching_blocks() for step in range(block.size)
    }


def _share(pieces: Sequence[WordSpan], span: Span) -> list[Word]:
    spans = shared_out([piece.text for piece in pieces], span.start_ms, span.end_ms)
    return [Word(piece.text, start, end) for piece, (start, end) in zip(pieces, spans, strict=True)]
