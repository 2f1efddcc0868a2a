"""`messenger transcribe`: the recogniser's words for one recording, without a database, for scripts and for a look."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from archive.settings import read_settings
from archive.timing import Utterance

if TYPE_CHECKING:
    from ingest.recognition.transcription import Progress as Done
    from ingest.recognition.transcription import Transcription


@click.command()
@click.argument("audio", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--engine", help="faster-whisper or openai-whisper; MESSENGER_ENGINE unless given.")
@click.option("--model", help="A model's name, folder or checkpoint file; MESSENGER_MODEL unless given.")
@click.option("--language", help="A code such as km or en; found out from the sound unless given.")
@click.option("--prompt", help="Names, places and themes that may be said.")
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder in which finished windows are kept until the end, so that a stopped run goes on from there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def transcribe(
    audio: Path,
    engine: str | None,
    model: str | None,
    language: str | None,
    prompt: str | None,
    work: Path | None,
    as_json: bool,
) -> None:
    """Transcribe AUDIO and print its words with their times, flagged where they are not to be trusted."""
    settings = read_settings()
    with only_ours_on_stdout():
        from ingest.engines.loader import load
        from ingest.recognition.checkpoints import Checkpoints
        from ingest.recognition.transcription import source_of, work_key
        from ingest.recognition.transcription import transcribe as recognise

        source = source_of(audio, limit_ms=settings.max_duration_ms)
        recogniser = load(
            engine or settings.engine,
            model or settings.model,
            settings.data / "models",
            threads=settings.threads or None,
            device=settings.device,
        )
        asked = language or settings.language or None
        kept = Checkpoints(work) if work else None
        with _shown() as progress:
            found = recognise(source, recogniser, language=asked, prompt=prompt, checkpoints=kept, progress=progress)
    click.echo(json.dumps(as_document(found), ensure_ascii=False) if as_json else "\n".join(_lines(found)))
    if kept:
        kept.discard(work_key(source, recogniser, asked, prompt))


def as_document(found: Transcription) -> dict[str, Any]:
    """The transcript as the JSON document this command promises."""
    return {
        "language": found.language,
        "duration_ms": found.duration_ms,
        "engine": found.engine,
        "model": found.model,
        "version": found.version,
        "needs_person": found.verdict.needs_person,
        "reason": found.verdict.reason.text if found.verdict.reason else "",
        "segments": [_segment(utterance) for utterance in found.utterances],
    }


def _segment(utterance: Utterance) -> dict[str, Any]:
    return {
        "start_ms": utterance.start_ms,
        "end_ms": utterance.end_ms,
        "text": utterance.text,
        "speaker": utterance.speaker,
        "flags": list(utterance.flags),
        "language": utterance.language,
        "confidence": utterance.confidence,
        "words": [
            {"start_ms": word.start_ms, "end_ms": word.end_ms, "text": word.text, "confidence": word.confidence}
            for word in utterance.words
        ],
    }


def _lines(found: Transcription) -> Iterator[str]:
    for utterance in found.utterances:
        flags = f"  [{', '.join(utterance.flags)}]" if utterance.flags else ""
        who = f"{utterance.speaker}: " if utterance.speaker else ""
        yield f"{_clock(utterance.start_ms)}  {who}{utterance.text}{flags}"
    if found.verdict.reason:
        yield f"A person has to transcribe this recording. {found.verdict.reason.text}"


def _clock(moment_ms: int) -> str:
    minutes, rest = divmod(moment_ms, 60_000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest / 1000:06.3f}"


@contextlib.contextmanager
def _shown() -> Iterator[Any]:
    """A progress bar on standard error when a person is looking at it, else silence."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} %  {task.fields[speed]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task: TaskID = bar.add_task("", total=1.0, speed="")

        def show(done: Done) -> None:
            bar.update(task, completed=done.fraction, speed=f"{done.speed:.1f} times real time" if done.speed else "")

        yield show


@contextlib.contextmanager
def only_ours_on_stdout() -> Iterator[None]:
    """Keep what libraries say off standard output, whether they print or write to the descriptor themselves."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    logging.disable(logging.WARNING)
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "wb") as nowhere, warnings.catch_warnings():  # noqa: PTH123
        warnings.simplefilter("ignore")
        os.dup2(nowhere.fileno(), 1)
        try:
            with contextlib.redirect_stdout(None):
                yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            logging.disable(logging.NOTSET)
