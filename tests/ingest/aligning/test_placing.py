"""The global placing, on evidence made by hand: frames are 20 ms, a peak is where a word truly begins."""

from __future__ import annotations

import time

import numpy as np
import pytest

from ingest.aligning.placing import Bid, Costs, Evidence, place

ABSENT = -3.0
PRESENT = 3.0


def bid(frames: int, *words: list[int], shortest: int = 2) -> Bid:
    """A phrase whose words are heard at the given frames, fading over the frames around them."""
    evidence: Evidence = np.full((len(words), frames), ABSENT, np.float32)
    for row, peaks in zip(evidence, words, strict=True):
        for peak in peaks:
            for near in range(max(0, peak - 2), min(frames, peak + 3)):
                row[near] = max(row[near], PRESENT - abs(near - peak))
    return Bid(evidence, [shortest] * len(words))


def starts(bids: list[Bid], costs: Costs | None = None) -> list[list[int] | None]:
    return [None if found is None else found.tolist() for found in place(bids, costs or Costs())]


def test_words_go_where_they_are_heard() -> None:
    assert starts([bid(200, [20], [35], [60]), bid(200, [100], [130])]) == [[20, 35, 60], [100, 130]]


def test_repeated_chorus_takes_its_turn() -> None:
    """Three identical lines, each heard at all three places, are told apart by their order alone."""
    places = [50, 400, 900]
    chorus = [bid(1000, places, [place + 10 for place in places]) for _ in places]
    assert starts(chorus) == [[50, 60], [400, 410], [900, 910]]


def test_verse_between_repeats_pins_them_down() -> None:
    chorus = bid(1000, [50, 900], [60, 910])
    verse = bid(1000, [500], [520])
    assert starts([verse, chorus]) == [[500, 520], [900, 910]]
    assert starts([chorus, verse]) == [[50, 60], [500, 520]]


def test_long_instrumental_costs_nothing() -> None:
    assert starts([bid(15_000, [10], [20]), bid(15_000, [14_000], [14_010])]) == [[10, 20], [14_000, 14_010]]


def test_line_that_is_not_sung_is_left_out_and_moves_nothing() -> None:
    heard = [bid(600, [20], [40]), bid(600, [300], [320])]
    missing = bid(600, [], [])
    assert starts([heard[0], missing, heard[1]]) == [[20, 40], None, [300, 320]]


def test_line_out_of_order_does_not_drag_its_neighbours() -> None:
    """The middle line is only heard before the first: one line is given up, not everything after it."""
    found = starts([bid(600, [100], [120]), bid(600, [10], [30]), bid(600, [300], [320]), bid(600, [500], [520])])
    assert found == [[100, 120], None, [300, 320], [500, 520]]


def test_word_that_is_not_heard_is_kept_with_its_line() -> None:
    found = starts([bid(400, [50], [], [90], [110])])[0]
    assert found is not None
    assert found[0] == 50
    assert found[2:] == [90, 110]
    assert 52 <= found[1] <= 88


def test_words_of_a_line_stay_together() -> None:
    """A word heard both near its line and far after it is taken near."""
    assert starts([bid(2000, [100], [120, 1900])]) == [[100, 120]]


def test_words_never_come_faster_than_they_can_be_said() -> None:
    """The last word is heard too early to follow the others; it waits its turn rather than overlap them."""
    found = starts([bid(300, [100], [110], [114], [140], [160], [180], shortest=10)])[0]
    assert found is not None
    assert np.diff(found).min() >= 10
    assert found[3:] == [140, 160, 180]


def test_phrase_longer_than_the_recording_is_left_out() -> None:
    assert starts([bid(20, [1], [5], [9], shortest=30)]) == [None]


def test_nothing_to_place() -> None:
    assert place([], Costs()) == []


@pytest.mark.parametrize("seed", range(20))
def test_best_of_all_placings_is_found(seed: int) -> None:
    """Against trying every placing of two two-word phrases on a few frames."""
    random = np.random.default_rng(seed)
    frames, costs = 9, Costs(waiting=0.3, threshold=0.4)
    bids = [Bid(random.normal(0, 2, (2, frames)).astype(np.float32), [1, 2]) for _ in range(2)]

    def worth(chosen: Bid, first: int, second: int) -> float:
        lasted = second - first - chosen.shortest[0]
        gained = float(chosen.evidence[0, first] + chosen.evidence[1, second]) - 2 * costs.threshold
        return gained - costs.waiting * lasted

    options: list[list[tuple[int, int] | None]] = [
        [None, *((a, b) for a in range(frames) for b in range(a + 1, frames - 2))] for _ in bids
    ]
    best = 0.0
    for first in options[0]:
        for second in options[1]:
            if first and second and second[0] < first[1] + 2:
                continue
            best = max(best, sum(worth(own, *put) for own, put in zip(bids, (first, second), strict=True) if put))
    found = place(bids, costs)
    reached = sum(worth(own, int(put[0]), int(put[1])) for own, put in zip(bids, found, strict=True) if put is not None)
    assert reached == pytest.approx(best, abs=1e-4)


def test_a_song_is_placed_in_well_under_a_second() -> None:
    """Sixty lines of eight words over five minutes."""
    lines = [bid(15_000, *([200 * line + 20 * word] for word in range(8))) for line in range(60)]
    began = time.process_time()
    found = starts(lines)
    assert time.process_time() - began < 2.0
    assert found[59] == [11_800 + 20 * word for word in range(8)]
