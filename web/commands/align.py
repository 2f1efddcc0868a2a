"""`messenger align`: known lyrics laid over a recording, line by line and word by word, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from archive.settings import read_settings
from archive.timing import TimedLine


@click.command()
@click.argument("audio", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.argument("lyrics", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--language", required=True, help="The language sung, a code such as km, en or es.")
@click.option("--engine", help="faster-whisper or openai-whisper; MESSENGER_ENGINE unless given.")
@click.option("--model", help="A model's name, folder or checkpoint file; MESSENGER_MODEL unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def align(audio: Path, lyrics: Path, language: str, engine: str | None, model: str | None, as_json: bool) -> None:
    """Find when each line of LYRICS is sung in AUDIO.

    LYRICS is a text file with one sung line per line, repeats written out. Empty lines and headings such as [Chorus]
    are passed over. A line that cannot be found is shown without times.
    """
    from ingest.aligning.lyrics import read_lyrics

    lines = read_lyrics(_text(lyrics))
    if not lines:
        raise click.UsageError(f"{lyrics} has no lyrics in it.")
    found = _aligned(audio, lines, language, engine, model)
    if as_json:
        click.echo(json.dumps({"lines": [_as_document(line) for line in found]}, ensure_ascii=False))
        return
    for line in found:
        click.echo(f"{_clock(line.start_ms)}  {line.text}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path} is not a text file in UTF-8.") from error


def _aligned(audio: Path, lines: list[str], language: str, engine: str | None, model: str | None) -> list[TimedLine]:
    from ingest.aligning.aligner import open_aligner
    from ingest.engines.loader import available_cores
    from media.decode import read_mono

    settings = read_settings()
    sound = read_mono(audio)
    aligner = open_aligner(
        engine or settings.engine,
        model or settings.model,
        settings.data / "models",
        threads=settings.threads or available_cores(),
    )
    return aligner.align(sound, lines, language)


def _as_document(line: TimedLine) -> dict[str, Any]:
    return {
        "text": line.text,
        "start_ms": line.start_ms,
        "end_ms": line.end_ms,
        "confidence": line.confidence,
        "words": [{"text": word.text, "start_ms": word.start_ms, "end_ms": word.end_ms} for word in line.words],
    }


def _clock(moment_ms: int | None) -> str:
    if moment_ms is None:
        return "-:--.---"
    minutes, rest = divmod(moment_ms, 60_000)
    return f"{minutes}:{rest / 1000:06.3f}"
