"""Long recordings are laid in sections that join up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.aligning.lyrics import LyricPhrase, LyricWord
from ingest.aligning.outcome import PlacedPhrase
from ingest.aligning.sections import MARGIN_FRAMES, SECTION_FRAMES, in_sections

HOUR = 180_000


def spoken(count: int) -> list[LyricPhrase]:
    return [LyricPhrase(line, (LyricWord("word", (1,) * 10),)) for line in range(count)]


class Ear:
    """Finds each phrase exactly where it was said, if it is shown the phrase and the moment together."""

    def __init__(self, said: dict[int, int], strength: float = 4.0) -> None:
        self.said, self.strength = said, strength
        self.asked: list[tuple[int, int, int]] = []

    def __call__(self, start: int, end: int, phrases: Sequence[LyricPhrase]) -> list[PlacedPhrase]:
        self.asked.append((start, end, len(phrases)))
        return [
            PlacedPhrase(phrase, np.array([self.said[phrase.line]]), self.strength)
            for phrase in phrases
            if start <= self.said.get(phrase.line, -1) < end
        ]


def test_a_song_is_laid_whole() -> None:
    ear = Ear({0: 100, 1: 20_000})
    assert [item.phrase.line for item in in_sections(22_000, spoken(2), ear)] == [0, 1]
    assert ear.asked == [(0, 22_000, 2)]


def test_an_hour_is_laid_once_each_and_in_order() -> None:
    said = {line: 40 + line * 250 for line in range(700)}
    ear = Ear(said)
    found = in_sections(HOUR, spoken(700), ear)
    assert [(item.phrase.line, int(item.starts[0])) for item in found] == list(said.items())
    assert all(end - start <= SECTION_FRAMES for start, end, _ in ear.asked)
    assert all(count <= 241 for *_, count in ear.asked[:-1])


def test_a_part_that_nobody_says_is_passed_over() -> None:
    """Twenty pages of the transcript are missing from the recording, and ten minutes of silence from the transcript."""
    said = {line: 40 + line * 250 for line in range(100)} | {line: 60_000 + line * 250 for line in range(150, 300)}
    found = in_sections(HOUR, spoken(300), Ear(said))
    assert [item.phrase.line for item in found] == list(said)


def test_doubtful_places_do_not_move_the_next_section() -> None:
    ear = Ear({0: 10_000}, strength=1.0)
    in_sections(2 * SECTION_FRAMES, spoken(3), ear)
    assert [start for start, *_ in ear.asked] == [
        0,
        SECTION_FRAMES - MARGIN_FRAMES,
        2 * (SECTION_FRAMES - MARGIN_FRAMES),
    ]


def test_nothing_to_lay() -> None:
    assert in_sections(HOUR, [], Ear({})) == []
    assert in_sections(0, spoken(1), Ear({0: 0})) == []
