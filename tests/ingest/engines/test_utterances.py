"""Tokens become words in the right place, in a script with spaces and in one without."""

from __future__ import annotations

import numpy as np

from archive.timing import Span
from ingest.engines.utterances import utterances
from ingest.engines.window import Heard, TokenTimes, Window, WindowPiece


def heard(tokens: list[bytes], starts_ms: list[int], *, language: str = "en", window: Window | None = None) -> Heard:
    sound = window or Window(np.zeros(16 * 30_000, dtype=np.float32), 100_000, 130_000)
    times = TokenTimes(starts_ms, [0.9] * len(tokens))
    return Heard(sound, language, language, 0.95, tokens, times, -0.1, 0.01, False)


def test_words_take_their_punctuation_and_the_recordings_time() -> None:
    [said] = utterances(heard([b" We", b" had", b" no", b" ri", b"ce", b","], [0, 200, 400, 600, 700, 900, 1000]))
    assert [word.text for word in said.words] == ["We", "had", "no", "rice,"]
    assert (said.words[3].start_ms, said.words[3].end_ms) == (100_600, 101_000)
    assert (said.text, said.start_ms, said.end_ms) == ("We had no rice,", 100_000, 101_000)
    assert said.confidence == 0.9


def test_khmer_is_cut_into_its_words_though_tokens_cut_its_letters() -> None:
    text = "ខ្ញុំធ្វើស្រែ"
    data = text.encode()
    tokens = [data[at : at + 2] for at in range(0, len(data), 2)]  # never on a letter's edge but by chance
    starts = [20 * index for index in range(len(tokens) + 1)]
    [said] = utterances(heard(tokens, starts, language="km"))
    assert [word.text for word in said.words] == ["ខ្ញុំ", "ធ្វើ", "ស្រែ"]
    assert said.text == text
    for before, after in zip(said.words, said.words[1:], strict=False):
        assert before.start_ms < before.end_ms <= after.start_ms
    share = len("ខ្ញុំ".encode()) / len(data)
    assert abs(said.words[0].end_ms - 100_000 - share * starts[-1]) <= 20


def test_a_letter_cut_in_half_at_the_end_is_dropped() -> None:
    [said] = utterances(heard(["ស្រែ".encode(), "ក".encode()[:2]], [0, 500, 600], language="km"))
    assert said.text == "ស្រែ"


def test_a_word_does_not_run_on_through_a_pause() -> None:
    window = Window(
        np.zeros(16 * 5_000, dtype=np.float32), 0, 5_000, speech=(Span(0, 900), Span(3_000, 4_000)), voices=(0.9, 0.9)
    )
    first, second = utterances(heard([b" Home.", b" Then"], [300, 3_000, 3_900], window=window))
    assert (first.words[0].start_ms, first.words[0].end_ms) == (300, 900)
    assert second.words[0].start_ms == 3_000


def test_silence_that_was_left_out_is_put_back_between_words() -> None:
    pieces = (WindowPiece(0, 10_000, 11_000), WindowPiece(1_000, 70_000, 71_000))
    window = Window(np.zeros(16 * 2_000, dtype=np.float32), 10_000, 71_000, pieces)
    first, second = utterances(heard([b" Home", b" Then"], [0, 1_000, 1_800], window=window))
    assert (first.end_ms, second.start_ms, second.end_ms) == (11_000, 70_000, 70_800)


def test_sentences_are_utterances_but_a_pause_alone_cuts_no_phrase() -> None:
    tokens = [b" It", b" rained.", b" Nobody", b" came."]
    first, second = utterances(heard(tokens, [0, 700, 1_500, 2_500, 3_300]))
    assert (first.text, second.text) == ("It rained.", "Nobody came.")
    [one] = utterances(heard([b" Ask", b" not"], [0, 300, 600]))
    assert one.text == "Ask not"


def test_an_empty_window_has_no_utterances() -> None:
    assert utterances(heard([], [0])) == []
    assert utterances(heard([b" "], [0, 100])) == []
