"""A song performed: romanised syllables laid on the notes of a melody, over the instruments of `band.py`.

A line has eight beats. Its syllables take six, seven or eight of the places in `PLACES`; the last is held. Each
syllable is spoken once by the voice, taken apart, its vowel drawn out to the length of the note, its pitch replaced by
the melody, and put together again. So the place of every word is known to the frame of five milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from archive.timing import Span
from ingest.samples import band
from ingest.samples.romanised import syllable_phonemes, syllables
from ingest.samples.voice import FRAME_MS, Analysis, Sound, SyntheticVoice

BEATS = 8
PLACES: Mapping[int, tuple[tuple[float, int], ...]] = {
    # (beat, which of the melody's eight notes), by the number of syllables
    6: ((0, 0), (1, 1), (2, 3), (4, 5), (5, 6), (6, 7)),
    7: ((0, 0), (1, 1), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7)),
    8: ((0, 0), (1, 1), (1.5, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7)),
}
LAST_BEAT = 7.6
INTRO_LINES = 2
INTERLUDE_BEFORE = "verse 3"
ATTACK_FRAMES = 10
RELEASE_FRAMES = 14
LOUDNESS = 1e-3


@dataclass(frozen=True, slots=True)
class Score:
    """How a song goes: beats a minute, the tonic, the scale in semitones, the singer, melodies by kind of section."""

    tempo: float
    tonic_hz: float
    scale: tuple[int, ...]
    formant: float
    pace: float
    melodies: Mapping[str, Sequence[Sequence[int]]]

    @property
    def beat_ms(self) -> float:
        return 60_000 / self.tempo

    def hertz(self, degree: int) -> float:
        """The pitch of a degree of the scale, 0 the tonic, counting on through the octaves."""
        octave, step = divmod(degree, len(self.scale))
        return self.tonic_hz * math.exp2(octave + self.scale[step] / 12)


@dataclass(frozen=True, slots=True)
class Performance:
    """What was sung: both mixes (two columns, -1 to 1, `rate` a second) and, line by line, the span of every word."""

    rate: int
    studio: Sound
    instrumental: Sound
    words: tuple[tuple[Span, ...], ...]


def sing_song(lines: Sequence[tuple[str, str]], score: Score, voice: SyntheticVoice) -> Performance:
    """Perform `lines`, each a section and its romanised text."""
    places = _line_places(lines)
    melodies = _line_melodies(lines, score)
    total = round((places[-1] + 2) * BEATS * score.beat_ms)
    lead = np.zeros(total * voice.rate // 1000)
    harmony = np.zeros_like(lead)
    words: list[tuple[Span, ...]] = []
    for (section, text), place, melody in zip(lines, places, melodies, strict=True):
        start_ms = place * BEATS * score.beat_ms
        parts, spans = _sing_line(text, melody, start_ms, score, voice)
        at = spans[0].start_ms * voice.rate // 1000
        _lay(lead, voice.synthesise(parts, score.formant), at)
        if section == "chorus":
            below = Analysis(parts.pitch * 0.75, parts.envelope, parts.noise)
            _lay(harmony, voice.synthesise(below, score.formant * 0.94), at + voice.rate // 80)
        words.append(spans)
    arrangement = [
        (place, melody, lines[index][0] == "chorus")
        for index, (place, melody) in enumerate(zip(places, melodies, strict=True))
    ]
    arrangement += _interludes(lines, places, score)
    played = band.play(arrangement, score.hertz, score.beat_ms, BEATS, total)
    studio, instrumental = band.mix(played, lead, harmony, voice.rate)
    return Performance(band.RATE, studio, instrumental, tuple(words))


def _line_places(lines: Sequence[tuple[str, str]]) -> list[int]:
    """For each line, how many lines of music come before it, with the introduction and the interlude."""
    places, at = [], INTRO_LINES
    for index, (section, _) in enumerate(lines):
        if section == INTERLUDE_BEFORE and lines[index - 1][0] != section:
            at += 1
        places.append(at)
        at += 1
    return places


def _line_melodies(lines: Sequence[tuple[str, str]], score: Score) -> list[Sequence[int]]:
    melodies, within = [], 0
    for index, (section, _) in enumerate(lines):
        within = within + 1 if index and lines[index - 1][0] == section else 0
        melodies.append(score.melodies[section.split()[0]][within])
    return melodies


def _interludes(
    lines: Sequence[tuple[str, str]], places: Sequence[int], score: Score
) -> list[tuple[int, Sequence[int], bool]]:
    verse, chorus = score.melodies["verse"], score.melodies["chorus"]
    filled = [(place, verse[at]) for place, at in zip(range(INTRO_LINES), (0, 3), strict=True)]
    filled += [(place, chorus[3]) for place in range(INTRO_LINES, places[-1]) if place not in places]
    filled.append((places[-1] + 1, chorus[3]))
    return [(place, melody, False) for place, melody in filled]


def _sing_line(
    text: str, melody: Sequence[int], start_ms: float, score: Score, voice: SyntheticVoice
) -> tuple[Analysis, tuple[Span, ...]]:
    sung = [[syllable_phonemes(part) for part in syllables(word)] for word in text.split()]
    notes = PLACES[sum(len(word) for word in sung)]
    beats = [beat for beat, _ in notes] + [LAST_BEAT]
    edges = [round((start_ms + beat * score.beat_ms) / FRAME_MS) for beat in beats]
    pitches = [score.hertz(melody[note]) for _, note in notes]
    parts, spans, at = [], [], 0
    for word in sung:
        first = edges[at]
        for phonemes in word:
            previous = pitches[at - 1] if at else pitches[0] * 0.94
            length = edges[at + 1] - edges[at]
            parts.append(_sing_syllable(voice.syllable(phonemes, score.pace), pitches[at], previous, length))
            at += 1
        spans.append(Span(round(first * FRAME_MS), round(edges[at] * FRAME_MS)))
    return (
        Analysis(
            np.concatenate([part.pitch for part in parts]),
            np.concatenate([part.envelope for part in parts]),
            np.concatenate([part.noise for part in parts]),
        ),
        tuple(spans),
    )


def _sing_syllable(spoken: Analysis, hertz: float, previous: float, length: int) -> Analysis:
    drawn = spoken.at(_drawn_out(len(spoken.pitch), np.flatnonzero(spoken.pitch), length))
    seconds = np.arange(length) * FRAME_MS / 1000
    glide = np.clip(seconds / 0.07, 0, 1)
    vibrato = 0.22 * np.clip((seconds - 0.25) / 0.3, 0, 1) * np.sin(2 * np.pi * 5.4 * seconds)
    note = previous ** (1 - glide) * hertz**glide * 2 ** (vibrato / 12)
    power = drawn.envelope.mean(axis=1)
    voiced = drawn.pitch > 0
    level = LOUDNESS / max(float(np.percentile(power[voiced] if voiced.any() else power, 80)), 1e-9)
    shape = np.clip((np.arange(length) + 1) / 4, 0, 1) * np.clip((length - np.arange(length)) / RELEASE_FRAMES, 0.02, 1)
    envelope = drawn.envelope * (level * shape**2)[:, None] + 1e-12
    return Analysis(np.where(voiced, note, 0.0), envelope, drawn.noise)


def _drawn_out(frames: int, voiced: npt.NDArray[np.intp], length: int) -> Sound:
    """Which frame of the spoken syllable sounds at each frame of the note: the vowel stretched, the ends as spoken."""
    if length <= frames or len(voiced) == 0:
        return np.linspace(0, frames - 1, length)
    attack = min(int(voiced[0]) + ATTACK_FRAMES, frames // 2)
    release = min(RELEASE_FRAMES + frames - 1 - int(voiced[-1]), frames // 3)
    middle = np.linspace(attack, frames - release - 1, length - attack - release)
    return np.concatenate([np.arange(attack), middle, np.arange(frames - release, frames)])


def _lay(track: Sound, sound: Sound, at: int) -> None:
    end = min(at + len(sound), len(track))
    track[at:end] += sound[: end - at]
