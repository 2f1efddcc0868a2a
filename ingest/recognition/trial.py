"""The same minute heard by several models, one after the other: what each wrote, how fast, and what is doubted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from archive.settings import Settings
from archive.timing import Utterance
from ingest.engines import loader
from ingest.engines.errors import RecogniserError
from ingest.engines.window import SAMPLE_RATE
from ingest.recognition.transcription import RecordingSource, Transcription, transcribe
from media import decode


@dataclass(frozen=True, slots=True)
class Trial:
    """What one model made of a stretch of sound.

    Attributes:
        failed: why it could not; empty when it could.
        loading_s, work_s: seconds of making the model ready and of hearing.
        heard_s: seconds of sound that were heard.
    """

    model: str
    engine: str
    failed: str = ""
    loading_s: float = 0.0
    work_s: float = 0.0
    heard_s: float = 0.0
    language: str = ""
    utterances: tuple[Utterance, ...] = field(default=())

    @property
    def flagged(self) -> int:
        return sum(bool(one.flags) for one in self.utterances)

    @property
    def hour_takes_min(self) -> float:
        """Minutes of work for an hour of such sound."""
        return 60 * self.work_s / self.heard_s if self.heard_s else 0.0

    @property
    def heading(self) -> str:
        if self.failed:
            return f"{self.model} ({self.engine}): {self.failed}"
        return (
            f"{self.model} ({self.engine}): {self.heard_s:.0f} s heard in {self.work_s:.1f} s, an hour takes "
            f"{self.hour_takes_min:.0f} min; {self.flagged} of {len(self.utterances)} segments doubtful; "
            f"language {self.language or 'not told'}; ready in {self.loading_s:.1f} s"
        )

    @property
    def lines(self) -> list[str]:
        return [
            f"{one.start_ms // 60_000}:{one.start_ms / 1000 % 60:04.1f}  {one.text}"
            + (f"  [{', '.join(one.flags)}]" if one.flags else "")
            for one in self.utterances
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "engine": self.engine,
            "failed": self.failed,
            "loading_s": round(self.loading_s, 2),
            "work_s": round(self.work_s, 2),
            "heard_s": round(self.heard_s, 2),
            "language": self.language,
            "flagged": self.flagged,
            "segments": [
                {"start_ms": one.start_ms, "end_ms": one.end_ms, "text": one.text, "flags": list(one.flags)}
                for one in self.utterances
            ],
        }


def tried(
    audio: Path,
    models: Sequence[tuple[str, str]],
    settings: Settings,
    language: str | None,
    begin_ms: int,
    length_ms: int,
) -> list[Trial]:
    """Hear `length_ms` of a recording from `begin_ms` on by each (engine, model); one that fails says why.

    Raises:
        Refused: the file is no recording that is taken.
    """
    decode.probe(audio, limit_ms=settings.max_duration_ms)
    sound = decode.read_mono(audio, start_ms=begin_ms, end_ms=begin_ms + length_ms)
    heard_ms = len(sound) * 1000 // SAMPLE_RATE
    source = RecordingSource("a trial", heard_ms, lambda: iter([sound]))
    return [_one(engine, model, settings, partial(transcribe, source, language=language)) for engine, model in models]


def _one(engine: str, model: str, settings: Settings, hear: partial[Transcription]) -> Trial:
    begun = monotonic()
    try:
        threads = settings.threads or None
        recogniser = loader.load(engine, model, settings.data / "models", threads=threads, device=settings.device)
        ready = monotonic()
        found = hear(recogniser)
    except RecogniserError as error:
        return Trial(model, engine, failed=str(error))
    done = monotonic()
    return Trial(
        found.model,
        engine,
        "",
        ready - begun,
        done - ready,
        found.duration_ms / 1000,
        found.language or "",
        found.utterances,
    )
