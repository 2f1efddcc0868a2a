"""`messenger models`: the speech models on this machine, and bringing in another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.settings import Settings, read_settings
from web.commands.transcribe import only_ours_on_stdout

if TYPE_CHECKING:
    from ingest.engines.kept_models import KeptModel

_MINUTE = 60


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """List the speech models on this machine, bring in another, take one away, or try them side by side."""
    if context.invoked_subcommand is None:
        _show(read_settings(), as_json)


@models.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_models(as_json: bool) -> None:
    """What is here: name, size, engines, licence, and where it came from. A star marks the one in use."""
    _show(read_settings(), as_json)


@models.command()
@click.argument("model")
@click.option("--name", default="", help="What to call it; its folder's or repository's name unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def add(model: str, name: str, as_json: bool) -> None:
    """Bring MODEL in to stay: a folder (Hugging Face's or CTranslate2's kind), a checkpoint, or a repository's name."""
    settings = read_settings()
    with only_ours_on_stdout():
        from ingest.engines.adding import add as bring_in

        added = bring_in(model, name, settings.data / "models")
    if as_json:
        click.echo(json.dumps(_document(added, settings), ensure_ascii=False))
        return
    click.echo(f"{added.name} is here now, {_megabytes(added.size)}, licence: {added.licence or 'not said'}.")
    click.echo(f"Use it: MESSENGER_MODEL={added.name}")
    if settings.engine not in added.engines:
        click.echo(f"It needs MESSENGER_ENGINE={added.engines[0]}")


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Take the model NAME, and what was made of it, off this machine; what it wrote stays."""
    from ingest.engines import kept_models

    settings = read_settings()
    gone = kept_models.remove(settings.data / "models", name, settings.model)
    click.echo(f"{gone.name} is gone; {_megabytes(gone.size)} are free again.")


@models.command(name="try")
@click.argument("audio", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--with", "wanted", multiple=True, help="A model's name or folder; may be given several times.")
@click.option("--language", help="A code such as km or en; found out from the sound unless given.")
@click.option("--seconds", default=_MINUTE, show_default=True, type=click.IntRange(1, 3600), help="How much to hear.")
@click.option("--from", "begin", default=0, type=click.IntRange(0), help="From which second on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def try_models(
    audio: Path, wanted: tuple[str, ...], language: str | None, seconds: int, begin: int, as_json: bool
) -> None:
    """Transcribe a minute of AUDIO with each model that is here, side by side, with speed and doubts."""
    settings = read_settings()
    with only_ours_on_stdout():
        from ingest.engines.kept_models import kept_models
        from ingest.recognition.trial import tried

        kept = kept_models(settings.data / "models")
        asked = list(wanted) or list(dict.fromkeys([settings.model, *(one.asked for one in kept)]))
        engines = {one.asked: one.engines for one in kept}
        chosen = [(_engine(settings, engines.get(model, ())), model) for model in asked]
        found = tried(audio, chosen, settings, language or settings.language or None, begin * 1000, seconds * 1000)
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False))
        return
    for one in found:
        click.echo(one.heading)
        for line in one.lines:
            click.echo(f"  {line}")


def _engine(settings: Settings, able: tuple[str, ...]) -> str:
    return settings.engine if not able or settings.engine in able else able[0]


def _show(settings: Settings, as_json: bool) -> None:
    from ingest.engines.kept_models import kept_models

    kept = kept_models(settings.data / "models")
    if as_json:
        click.echo(json.dumps([_document(one, settings) for one in kept], ensure_ascii=False))
        return
    if not kept:
        click.echo(
            f"No model is kept here yet: {settings.model} is made ready when it is first used, and "
            "`messenger models add FOLDER` brings in another."
        )
        return
    for one in kept:
        star = "*" if settings.model in {one.asked, one.name, one.origin} else " "
        engines = " and ".join(one.engines)
        click.echo(f"{star} {one.name}  {_megabytes(one.size)}  {engines}  licence: {one.licence or 'not said'}")
        click.echo(f"    from {one.origin or 'not known'}{'' if one.added else _answers_to(one)}")


def _answers_to(model: KeptModel) -> str:
    return "" if model.asked == model.name else f"\n    MESSENGER_MODEL={model.asked}"


def _document(model: KeptModel, settings: Settings) -> dict[str, Any]:
    return {
        "name": model.name,
        "model": model.asked,
        "origin": model.origin,
        "licence": model.licence,
        "kind": model.kind,
        "bytes": model.size,
        "engines": list(model.engines),
        "in_use": settings.model in {model.asked, model.name, model.origin},
    }


def _megabytes(size: int) -> str:
    return f"{max(1, round(size / 1e6))} MB"
