"""A recording becomes a transcript: decoded once, cut at its silences, recognised in batches, checkpointed as it goes.

Whatever happens on the way, the outcome is the same: windows depend on the sound alone, batches on the windows alone,
and a run that is killed and started again repeats at most the batch it was in.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from archive.timing import Utterance
from ingest.engines.flags import Verdict, compared, verdict
from ingest.engines.recogniser import Recogniser
from ingest.engines.window import SAMPLE_RATE, SAMPLES_PER_MS, Audio, Window
from ingest.recognition.checkpoints import CheckpointInUse, CheckpointPlace, Checkpoints
from ingest.recognition.read_ahead import ahead
from ingest.recognition.splitting import phrases, window_ms, windows
from ingest.voices.speakers import VoiceListener
from media import channels, decode
from media.findings import examine

REVISION = 3  # of everything between the sound and the utterances: change it with them, and old checkpoints are void
_SURE_OF_LANGUAGE = 0.5
_WINDOWS_FOR_LANGUAGE = 3
_WINDOWS_AHEAD = 8


class Cancelled(Exception):
    """The person no longer wants it; raised from a progress callback, it leaves nothing half behind."""


@dataclass(frozen=True)
class RecordingSource:
    """A recording to transcribe.

    Attributes:
        identity: SHA-256 of the file, in hexadecimal.
        duration_ms: how long it is, for progress.
        blocks: gives its mono float32 samples at 16 kHz from the beginning, each time it is called.
        sides: the same of each person alone, where each has a channel; empty where they are heard together.
    """

    identity: str
    duration_ms: int
    blocks: Callable[[], Iterable[Audio]]
    sides: tuple[Callable[[], Iterable[Audio]], ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transcription is.

    Attributes:
        done_ms, total_ms: of the recording.
        speed: seconds of recording heard per second of work since this run began; 0 before the first window.
        left_s: seconds of work left at that speed, or None before it is known.
    """

    done_ms: int
    total_ms: int
    speed: float
    left_s: float | None

    @property
    def fraction(self) -> float:
        return min(1.0, self.done_ms / self.total_ms) if self.total_ms else 1.0


@dataclass(frozen=True)
class Transcription:
    """A machine's transcript of a whole recording.

    Attributes:
        language: the language most of it is in, ISO 639; None when nothing was said and none was asked for.
        duration_ms: counted from the samples.
        utterances: in order, each with its words, its flags and its own language.
        engine, model, version: which recogniser wrote it.
        notice: one sentence on what could not be done for it; empty when all was.
    """

    language: str | None
    duration_ms: int
    utterances: tuple[Utterance, ...]
    engine: str
    model: str
    version: str
    notice: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether it will do as a draft or a person has to transcribe, and why."""
        return verdict(self.utterances)


def source_of(path: Path, *, limit_ms: int = decode.DEFAULT_LIMIT_MS) -> RecordingSource:
    """A recording in a file, checked and measured.

    Raises:
        Refused: the file is not a recording that is taken; see `media.decode.probe`.
    """
    found = decode.probe(path, limit_ms=limit_ms)
    with path.open("rb") as file:
        identity = hashlib.file_digest(file, "sha256").hexdigest()
    each = found.channels == 2 and "one-each" in examine(path, found.channels, found.rate, limit_ms=limit_ms).codes
    return in_file(path, identity, found.duration_ms, limit_ms=limit_ms, one_each=each)


def in_file(path: Path, identity: str, duration_ms: int, *, limit_ms: int, one_each: bool) -> RecordingSource:
    """A recording in a file that was checked before; each channel by itself where one belongs to each person."""
    mixed = partial(decode.pcm_blocks, path, rate=SAMPLE_RATE, limit_ms=limit_ms)
    levels = channels.listen(path, limit_ms=limit_ms) if one_each else None
    if levels is None or not channels.by_turns(levels):  # an older listening copy may have one channel
        return RecordingSource(identity, duration_ms, mixed)
    sides = tuple(partial(channels.one_person, path, side, levels, limit_ms=limit_ms) for side in (0, 1))
    return RecordingSource(identity, duration_ms, mixed, sides)


def transcribe(
    source: RecordingSource,
    recogniser: Recogniser,
    *,
    language: str | None = None,
    prompt: str | None = None,
    checkpoints: CheckpointPlace | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Transcription:
    """Transcribe a recording.

    Args:
        language: ISO 639 when it is known; None lets every window tell its own.
        prompt: names, places and themes that may be said.
        checkpoints: where to keep finished windows. They stay when this returns, so that a caller killed before it
            has stored the transcript loses nothing; it calls `checkpoints.discard(work_key(...))` when it has.
        progress: called before the first window and after each. What it raises stops the work and leaves the
            checkpoint for another time, except `Cancelled`, which removes it.

    Raises:
        UnknownLanguage: the model has no such language.
        Refused: decoding failed half-way.
        AlreadyRunning: another process is at the same work.
    """
    asked = recogniser.checked_language(language)
    key = work_key(source, recogniser, asked, prompt)
    with TemporaryDirectory(prefix="transcribe-") as scratch, VoiceListener() as voices:
        kept: CheckpointPlace = checkpoints or Checkpoints(Path(scratch))
        try:
            with kept.open(key) as checkpoint:
                duration_ms, said = _run(source, recogniser, asked, prompt, checkpoint, progress or _ignore, voices)
        except Cancelled:
            kept.discard(key)
            raise
        main = asked or _main_language(said)
        utterances, notice = voices.labelled(compared(said, main) if main else said)
        if source.sides:
            utterances = tuple(sorted(utterances, key=lambda one: (one.start_ms, one.end_ms)))
    return Transcription(main, duration_ms, utterances, recogniser.name, recogniser.model, recogniser.version, notice)


def work_key(source: RecordingSource, recogniser: Recogniser, language: str | None, prompt: str | None) -> str:
    """The name of a piece of work: equal for equal outcomes, and for no others."""
    facts = [
        REVISION,
        source.identity,
        recogniser.name,
        recogniser.model,
        recogniser.version,
        recogniser.batch_size,
        recogniser.checked_language(language),
        prompt or "",
        *(["one-each"] if source.sides else []),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _run(
    source: RecordingSource,
    recogniser: Recogniser,
    asked: str | None,
    prompt: str | None,
    checkpoint: CheckpointInUse,
    progress: Callable[[Progress], None],
    voices: VoiceListener,
) -> tuple[int, list[Utterance]]:
    """Recognise what the checkpoint does not hold yet; returns the recording's length in ms and all that was said."""
    if not checkpoint.begun:
        checkpoint.begin(asked or _usual_language(source, recogniser))
    checkpoint.keep(len(checkpoint.done) // recogniser.batch_size * recogniser.batch_size)
    told = _Told(source, voices)
    with closing(ahead(told.windows(window_ms(checkpoint.language)), _WINDOWS_AHEAD)) as waiting:
        done_ms = 0
        for said, window in zip(checkpoint.done, waiting, strict=False):
            done_ms = told.take(window, said)
        pace = _Pace(told.total_ms, done_ms, monotonic())
        progress(pace.at(done_ms))
        handed: deque[Window] = deque()
        told_ms = done_ms

        def partly(share: float) -> None:
            nonlocal told_ms
            told_ms = done_ms + round(share * (told.passed_ms(handed[-1]) - done_ms))
            progress(pace.at(told_ms))

        wanted = _noting(waiting, handed)
        for said in recogniser.transcribe_windows(wanted, asked, prompt, checkpoint.language, partly):
            window = handed.popleft()
            checkpoint.add(said)
            done_ms = told.take(window, said)
            progress(pace.at(max(told_ms, done_ms)))
    progress(pace.at(told.total_ms))
    return told.duration_ms, told.said


class _Told:
    """What is told in a recording: by one person after the other where each has a channel, else by all at once."""

    def __init__(self, source: RecordingSource, voices: VoiceListener) -> None:
        self._parts = [_Counted(blocks()) for blocks in source.sides or (source.blocks,)]
        self._apart, self._length_ms, self._voices = bool(source.sides), source.duration_ms, voices
        self.total_ms = source.duration_ms * len(self._parts)
        self.said: list[Utterance] = []

    def windows(self, longest_ms: int) -> Generator[Window, None, None]:
        for side, part in enumerate(self._parts):
            for window in windows(phrases(part, longest_ms), longest_ms):
                yield replace(window, side=side) if self._apart else window

    def take(self, window: Window, said: Sequence[Utterance]) -> int:
        """Take in what was recognised in the next window, and by whom; returns how far the work is, in ms."""
        if window.side is None:
            self._voices.hear(window, said)
            self.said += said
        else:
            self.said += [replace(one, speaker=f"S{window.side + 1}") for one in said]
        return self.passed_ms(window)

    def passed_ms(self, window: Window) -> int:
        return (window.side or 0) * self._length_ms + window.end_ms

    @property
    def duration_ms(self) -> int:
        return max(part.samples for part in self._parts) // SAMPLES_PER_MS


@dataclass(frozen=True, slots=True)
class _Pace:
    """How fast the work goes: `began` is when, by `monotonic`, it stood at `from_ms` of `total_ms`."""

    total_ms: int
    from_ms: int
    began: float

    def at(self, done_ms: int) -> Progress:
        speed = (done_ms - self.from_ms) / 1000 / max(1e-3, monotonic() - self.began)
        if done_ms >= self.total_ms:
            return Progress(done_ms, self.total_ms, speed, 0.0)
        left = (self.total_ms - done_ms) / 1000 / speed if speed else None
        return Progress(done_ms, self.total_ms, speed, left)


def _noting(waiting: Iterable[Window], handed: deque[Window]) -> Iterator[Window]:
    for window in waiting:
        handed.append(window)
        yield window


def _usual_language(source: RecordingSource, recogniser: Recogniser) -> str | None:
    """What the first minute of speech sounds like; a later window that is unclear is taken for the same."""
    chances: dict[str, float] = {}
    with closing(windows(phrases(source.blocks()))) as first:
        for window in islice(first, _WINDOWS_FOR_LANGUAGE):
            language, chance = recogniser.detect_language(window.audio)
            chances[language] = chances.get(language, 0.0) + chance
            if chance >= _SURE_OF_LANGUAGE:
                break
    return max(chances, key=lambda language: chances[language], default=None)


def _main_language(said: Iterable[Utterance]) -> str | None:
    """The language with the most speaking time; flagged speech counts less than any that is sound."""
    spoken: dict[str, int] = {}
    for utterance in said:
        if utterance.language:
            weight = 1 if utterance.flags else 1000
            spoken[utterance.language] = spoken.get(utterance.language, 0) + weight * (
                utterance.end_ms - utterance.start_ms + 1
            )
    return max(spoken, key=lambda language: spoken[language], default=None)


class _Counted:
    """Blocks passed through, their samples counted."""

    def __init__(self, blocks: Iterable[Audio]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[Audio]:
        for block in self._blocks:
            self.samples += len(block)
            yield block


def _ignore(_: Progress) -> None:
    pass
