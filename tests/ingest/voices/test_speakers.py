"""Voices told apart: never one person in two, never a guess where the evidence is thin, never a failure of the job."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from archive.timing import Utterance
from ingest.engines.window import SAMPLE_RATE, Audio, Window
from ingest.voices import speakers, voiceprints
from ingest.voices.speakers import VoiceListener, labels_of
from ingest.voices.voiceprints import SIZE, NoVoiceModel, Prints, VoicePrinter, printer
from media.decode import read_mono
from tests.conftest import DATA


def voice(number: int, turned: float = 0.0) -> np.ndarray:
    """A direction of its own for each number; `turned` brings it that much nearer to voice 0."""
    found = np.zeros(SIZE, dtype=np.float32)
    found[10 * number], found[0] = np.sqrt(1 - turned**2), max(turned, float(number == 0))
    return found / np.linalg.norm(found)


def prints_of(*people: np.ndarray) -> list[Prints]:
    """Four prints for each segment, scattered a little about the voice of whoever speaks it."""
    rng = np.random.default_rng(7)
    scattered = [one + 0.02 * rng.normal(size=(4, SIZE)).astype(np.float32) for one in people]
    return [each / np.linalg.norm(each, axis=1, keepdims=True) for each in scattered]


def labels(prints: Sequence[Prints], lengths: int = 4000, backgrounds: Sequence[float] | None = None) -> str:
    found = labels_of(prints, [lengths] * len(prints), backgrounds or [-50.0] * len(prints))
    return "".join((label or "-").removeprefix("S") for label in found)


A, B, C = voice(1), voice(2), voice(3)


def test_voices_are_numbered_as_they_are_first_heard() -> None:
    assert labels(prints_of(B, A, A, B, A, B, A)) == "1221212"
    assert labels(prints_of(A, B, A, C, B, A, C, B, C)) == "121321323"


def test_one_voice_has_no_label() -> None:
    assert labels(prints_of(*[A] * 12)) == "-" * 12
    assert labels([]) == ""


def test_voices_nearly_alike_are_left_alone() -> None:
    near = voice(2, 0.93)
    assert labels(prints_of(voice(0), near, voice(0), near, voice(0), near)) == "------"
    far = voice(2, 0.6)
    assert labels(prints_of(voice(0), far, voice(0), far, voice(0), far)) == "121212"


def test_a_change_that_comes_once_may_be_a_moved_microphone() -> None:
    assert labels(prints_of(A, A, A, A, B, B, B, B)) == "--------"


def test_a_laugh_or_a_cough_is_nobody() -> None:
    assert labels(prints_of(A, A, B, A, A, A, B, A)) == "--------", "two segments are no voice yet"
    assert labels(prints_of(A, B, A, B, A, B), lengths=3000) == "------", "nor is so little time"


def test_noise_that_comes_and_goes_is_no_second_voice() -> None:
    found = prints_of(A, B, A, B, A, B)
    assert labels(found, backgrounds=[-55, -40, -54, -41, -55, -40]) == "------"
    assert labels(found, backgrounds=[-55, -51, -54, -50, -55, -50]) == "121212"


def test_a_segment_of_two_people_has_no_label() -> None:
    found = prints_of(A, B, A, B, A, B, A)
    found[3][2:] = found[2][2:]
    assert labels(found) == "121-121"


def test_a_short_segment_is_labelled_though_it_had_no_say() -> None:
    found = prints_of(A, B, A, B, A, B, A)
    lengths = [4000] * 6 + [600]
    assert labels_of(found, lengths, [-50.0] * 7)[-1] == "S1"


class Ear(VoicePrinter):
    """Keeps what it is given, and hears in every sound whoever its first sample names."""

    def __init__(self) -> None:
        self.heard: list[Audio] = []

    def prints(self, sounds: Iterable[Audio]) -> list[Prints]:
        self.heard = list(sounds)
        return prints_of(*(A if sound[0] > 0 else B for sound in self.heard))


def conversation(turns: int = 8, turn_ms: int = 4000, gap_ms: int = 500) -> tuple[Audio, list[Utterance]]:
    sound = np.zeros(turns * (turn_ms + gap_ms) * 16, dtype=np.float32)
    said = []
    for turn in range(turns):
        start = turn * (turn_ms + gap_ms)
        said.append(Utterance(start, start + turn_ms, f"turn {turn}"))
        sound[start * 16 : (start + turn_ms) * 16] = 0.1 if turn % 2 else -0.1
    return sound, said


def labelled(
    sound: Audio, said: Sequence[Utterance], at_once: int = 3
) -> tuple[list[str | None], tuple[Utterance, ...], str]:
    """What a listener makes of a recording whose windows hold `at_once` utterances each."""
    with VoiceListener() as voices:
        for first in range(0, len(said), at_once):
            some = said[first : first + at_once]
            start, end = some[0].start_ms, some[-1].end_ms
            voices.hear(Window(sound[start * 16 : end * 16], start, end), some)
        found, notice = voices.labelled(said)
    return [one.speaker for one in found], found, notice


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    ear = Ear()
    monkeypatch.setattr(speakers, "printer", lambda: ear)
    return ear


def test_every_segment_is_heard_whole_while_its_window_is_there(ear: Ear) -> None:
    sound, said = conversation()
    for at_once in (1, 3, 8):
        assert labelled(sound, said, at_once)[0] == ["S1", "S2"] * 4
        assert [len(each) for each in ear.heard] == [64_000] * 8
        assert all(np.ptp(each) == 0 and each[0] != 0 for each in ear.heard)


def test_what_is_no_voice_is_not_listened_to(ear: Ear) -> None:
    sound, said = conversation()
    said[3] = Utterance(said[3].start_ms, said[3].end_ms, "la la", flags=("music",))
    said[4] = Utterance(said[4].start_ms, said[4].end_ms, "nonsense", flags=("script",))
    assert labelled(sound, said)[0] == ["S1", "S2", "S1", None, "S1", "S2", "S1", "S2"]


def test_a_segment_without_a_sound_has_no_label(ear: Ear) -> None:
    sound, said = conversation()
    assert labelled(sound[: 7 * 72_000], said)[0] == ["S1", "S2", "S1", "S2", "S1", "S2", "S1", None]


def test_without_the_model_segments_stay_as_they_are_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come after it is known: nobody may be left waiting for a listener that is gone."""
    sound, said = conversation()
    many = said * 200
    printer.cache_clear()
    monkeypatch.setattr(voiceprints, "find_spec", lambda _: None)
    _, found, notice = labelled(sound, many, 8)
    assert (list(found), notice) == (many, "Speakers were not told apart: the voice model is not installed.")


def test_weights_that_are_none_are_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pretrained.pt").write_bytes(b"nothing of the kind")
    printer.cache_clear()
    spec = ModuleSpec("resemblyzer", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(voiceprints, "find_spec", lambda _: spec)
    with pytest.raises(NoVoiceModel, match="cannot be read"):
        printer()
    sound, said = conversation()
    assert labelled(sound, said)[1] == tuple(said)


def test_an_error_while_listening_is_told_to_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Ear):
        def prints(self, sounds: Iterable[Audio]) -> list[Prints]:
            next(iter(sounds))
            raise MemoryError("too much")

    monkeypatch.setattr(speakers, "printer", Broken)
    sound, said = conversation()
    with pytest.raises(MemoryError, match="too much"):
        labelled(sound, said * 100, 8)


def test_a_listener_that_is_left_stops(monkeypatch: pytest.MonkeyPatch, ear: Ear) -> None:
    sound, said = conversation()

    def stopped() -> None:
        with VoiceListener() as voices:
            for _ in range(20):
                voices.hear(Window(sound, 0, len(sound) // 16), said)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not [thread for thread in threading.enumerate() if thread.name == "voices"]


def test_where_too_little_is_said_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> Iterator[Audio]:
        raise AssertionError("nobody should listen")

    monkeypatch.setattr(speakers, "printer", never)
    sound, said = conversation(turns=4)
    assert labelled(sound, said)[1:] == (tuple(said), "")


def vowels(pitch: float, formants: tuple[float, ...], seconds: float = 3.0) -> Audio:
    """A throat that buzzes at `pitch` Hz, in a mouth that moves between two vowels around its `formants` in Hz."""
    from scipy.signal import lfilter

    glide = pitch * (1 + 0.06 * np.sin(np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE * 2 * np.pi * 1.3))
    sound = np.diff(np.floor(np.cumsum(glide) / SAMPLE_RATE), prepend=0.0)
    for formant in formants:
        radius, angle = 0.97, 2 * np.pi * formant / SAMPLE_RATE
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], sound)
    level = 0.08 / np.sqrt(np.mean(sound**2))
    return np.asarray(
        sound * level + 0.001 * np.random.default_rng(int(pitch)).normal(size=len(sound)), dtype=np.float32
    )


def spliced(turns: Sequence[Audio], room: float, gap_ms: int = 400) -> tuple[Audio, list[Utterance]]:
    """Turns one after the other in a room that hisses at `room` of full scale, and a segment for each."""
    pieces, said, at = [], [], 0
    for turn in turns:
        said.append(Utterance(at // 16, (at + len(turn)) // 16, "words"))
        pieces += [turn, np.zeros(gap_ms * 16, dtype=np.float32)]
        at += len(turn) + gap_ms * 16
    noise = room * np.random.default_rng(3).normal(size=at)
    return np.asarray(np.concatenate(pieces) + noise, dtype=np.float32), said


def speakers_in(turns: Sequence[Audio], room: float = 0.001) -> list[str | None]:
    found, _, notice = labelled(*spliced(turns, room))
    assert not notice
    return found


def test_made_up_throats_are_told_apart_and_one_throat_stays_one() -> None:
    printer.cache_clear()
    low = [vowels(105 + 3 * number, (600 + 20 * number, 1100, 2400)) for number in range(8)]
    high = [vowels(225 + 4 * number, (850 - 20 * number, 1900, 3100)) for number in range(4)]
    assert speakers_in([low[0], high[0], low[1], high[1], low[2], high[2], low[3], high[3]]) == ["S1", "S2"] * 4
    assert speakers_in(low) == [None] * 8


@pytest.mark.data
def test_two_people_really_speaking() -> None:
    english, khmer = read_mono(DATA / "speech/jfk.flac"), read_mono(DATA / "speech/khm_1161_1980987674.wav")
    first = [
        english[int(a * SAMPLE_RATE) : int(b * SAMPLE_RATE)] for a, b in ((0.2, 2.3), (3.2, 5), (5.3, 7.7), (8.1, 10.6))
    ]
    half = len(khmer) // 2
    second = [khmer[:half], khmer[half:], khmer[:half]]
    level = np.sqrt(np.mean(english**2) / np.mean(khmer**2))
    turns = [first[0], second[0] * level, first[1], second[1] * level, first[2], second[2] * level, first[3]]
    assert speakers_in(turns * 2, room=0.01) == ["S1", "S2", "S1", "S2", "S1", "S2", "S1"] * 2


@pytest.mark.data
def test_one_person_really_speaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven seconds would be too short to be judged at all, so the limits of time are taken away."""
    monkeypatch.setattr(speakers, "LEAST_MS", 2000)
    english = read_mono(DATA / "speech/jfk.flac")
    pieces = np.array_split(english, 7)
    assert speakers_in(pieces, room=0.01) == [None] * 7
