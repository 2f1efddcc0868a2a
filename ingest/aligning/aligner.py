"""Known words laid over a recording: what serves `messenger align`, the timing studio and typed transcripts.

It works with the weights of either recogniser. What is asked of a model here, where in the sound it looks, needs its
inner layers: see `ingest.engines.opened`. How the placing works is told in `docs/decisions/0005-aligning.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from archive.timing import TimedLine
from ingest.aligning import evidence, outcome
from ingest.aligning.heads import witnesses
from ingest.aligning.listener import FRAME_MS, SAMPLE_RATE, HeardWindow, Listener
from ingest.aligning.lyrics import LyricPhrase, phrases, sentences
from ingest.aligning.placing import Bid, Costs, Evidence, Frames, pace, place
from ingest.aligning.sections import in_sections
from ingest.aligning.settling import settle, strength
from ingest.engines.loader import available_cores, engine_of
from ingest.engines.model_files import resolve
from ingest.engines.opened import Floats

FIRST_LOOK_SHARE = 0.3  # how much the first look still counts once words were heard among their neighbours
MANY_TOKENS = 700  # different ones to find: from here on every second window is searched, ten seconds still overlap
MOST_LOOKS = 2  # among neighbours: a second time only when a line was given up, as it may have misled them
SHORTEST_SHARE = 0.4  # of the song's usual pace: two words heard in one place are not both there
_LEAST_FRAMES = 2.0  # nobody sings a token in less than forty milliseconds
_ANY = Costs(threshold=0.0)  # the first look only finds a neighbourhood: every line is let in
_BORNE_OUT = Costs(threshold=1.2)
_SAMPLES_PER_FRAME = SAMPLE_RATE * FRAME_MS // 1000
_ENCODED, _LOOKED = 0.5, 0.8  # about how much of the work is done when the sound is encoded, and after the first look

Progress = Callable[[float], None]


class Aligner:
    """A loaded model that lays known words over recordings."""

    def __init__(self, listener: Listener, model: str) -> None:
        self.listener = listener
        self.model = model
        self._witnesses = witnesses(listener.model)

    def align(
        self, audio: Floats, lines: Sequence[str], language: str, *, progress: Progress | None = None
    ) -> list[TimedLine]:
        """When each line and each of its words is sung.

        Args:
            audio: mono float32 at 16 kHz, shape (n,), -1 to 1; the whole recording.
            lines: in the order they are sung, repeats written out; see `ingest.aligning.lyrics.read_lyrics`.
            language: BCP 47 or ISO 639.
            progress: called now and then with how much is done, 0 to 1; what it raises ends the work.

        Returns:
            One `TimedLine` per line, with times in ms and a confidence from 0 to 1. A line the sound does not bear out
            has no times.

        Raises:
            UnknownLanguage: the model has no such language.
        """
        tokenizer = self.listener.model.tokenizer(language)
        prefix = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        frames = -(-len(audio) // _SAMPLES_PER_FRAME)

        def lay(start: int, end: int, wanted: Sequence[LyricPhrase]) -> list[outcome.PlacedPhrase]:
            sound = audio[start * _SAMPLES_PER_FRAME : end * _SAMPLES_PER_FRAME]
            starts = evidence.window_starts(end - start)

            def told(share: float) -> None:
                if progress is not None:
                    progress((start + (end - start) * share) / max(frames, 1))

            heard = self.listener.windows(sound, starts)
            windows = list(_counted(heard, len(starts), lambda share: told(share * _ENCODED)))
            found = self._placed(windows, prefix, wanted, end - start, told)
            return [replace(item, starts=item.starts + start) for item in found]

        placed = in_sections(frames, phrases(lines, tokenizer.encode), lay)
        return outcome.timed_lines(lines, placed, len(audio) * 1000 // SAMPLE_RATE)

    def align_text(
        self, audio: Floats, text: str, language: str, *, progress: Progress | None = None
    ) -> list[TimedLine]:
        """When each sentence of a typed transcript is said; takes and returns what `align` does, for running text."""
        return self.align(audio, sentences(text), language, progress=progress)

    def _placed(
        self,
        windows: Sequence[HeardWindow],
        prefix: Sequence[int],
        wanted: Sequence[LyricPhrase],
        frames: int,
        told: Progress,
    ) -> list[outcome.PlacedPhrase]:
        tried = sum(map(len, {phrase.tokens for phrase in wanted}))
        scanned = windows if tried <= MANY_TOKENS else windows[::2]
        looked = _counted(scanned, len(scanned), lambda share: told(_ENCODED + (_LOOKED - _ENCODED) * share))
        first = evidence.alone(self.listener, looked, prefix, wanted, self._witnesses, frames)
        placed = _laid(wanted, first, _ANY, _LEAST_FRAMES)
        counts = [[len(word.tokens) for word in phrase.words] for phrase in wanted]
        shortest = max(_LEAST_FRAMES, SHORTEST_SHARE * (pace(counts, placed) or 0))
        limit = self.listener.model.context - len(prefix) - 1
        both = first
        for look in range(MOST_LOOKS):
            told(_LOOKED + (1 - _LOOKED) * look / MOST_LOOKS)
            second = evidence.together(self.listener, windows, prefix, wanted, placed, self._witnesses, frames, limit)
            both = [late + FIRST_LOOK_SHARE * early for early, late in zip(first, second, strict=True)]
            before, placed = placed, settle(_laid(wanted, both, _BORNE_OUT, shortest), first, both)
            if _same_phrases(before, placed):
                break
        told(1.0)
        return [
            outcome.PlacedPhrase(phrase, starts, strength(own, starts))
            for phrase, starts, own in zip(wanted, placed, both, strict=True)
            if starts is not None
        ]


def _counted(windows: Iterable[HeardWindow], total: int, told: Progress) -> Iterator[HeardWindow]:
    """The windows one by one, saying after each how many are done."""
    for number, window in enumerate(windows, 1):
        yield window
        told(number / max(total, 1))


def _laid(
    wanted: Sequence[LyricPhrase], evidence_of: Sequence[Evidence], costs: Costs, least: float
) -> list[Frames | None]:
    """Place every phrase; a token takes `least` frames or more."""
    bids = [
        Bid(own, [int(least * len(word.tokens)) for word in phrase.words])
        for phrase, own in zip(wanted, evidence_of, strict=True)
    ]
    return place(bids, costs)


def _same_phrases(before: Sequence[Frames | None], after: Sequence[Frames | None]) -> bool:
    """Whether the windows would be tried with the same words again."""
    return all((one is None) == (other is None) for one, other in zip(before, after, strict=True))


def open_aligner(engine: str, model: str, cache: Path, *, threads: int | None = None) -> Aligner:
    """An aligner with a model loaded.

    Args:
        engine: whose weights to use, `faster-whisper` or `openai-whisper`.
        model: a name, a CTranslate2 folder or a checkpoint file; see `ingest.engines.model_files`.
        cache: where models that are joined, converted or fetched are kept.
        threads: processor cores to use; by default all this process may use.

    Raises:
        UnknownEngine, EngineMissing, ModelUnusable, ModelUnreachable: each with one sentence for the person who asked.
    """
    library = engine_of(engine)
    files = resolve(model, engine, cache)
    cores = threads or available_cores()
    return Aligner(Listener(library.opened(files, cores), cores), files.label)
