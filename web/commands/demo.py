"""`messenger demo`: the sample collection through the real pipeline, and the site over it."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import Progress

from archive.accounts import accounts
from archive.backends import Backends, open_backends, secret_key
from archive.catalogue.thesaurus import load_thesaurus
from archive.models import Account
from archive.originals import archive_identity
from archive.settings import Settings, read_settings
from ingest.samples.show import put_on_show
from ingest.stages.contract import Watcher
from web.progress import Bars, Lines, bars
from web.serving import listen, make_ready, serve_site

SAMPLE_ACCOUNTS = (
    ("band", "Sample band member", "band", ("MB",)),
    ("researcher", "Sample researcher", "researcher", ()),
    ("steward", "Sample steward", "steward", ("MB",)),
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000, type=click.IntRange(0, 65535))
@click.option("--load-only", is_flag=True, help="Take the sample collection in and stop.")
def demo(host: str, port: int, load_only: bool) -> None:
    """Take the invented sample collection in and show it."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    settings = read_settings()
    first = not (settings.data / "sample-accounts.json").exists()
    listening = None if load_only else listen(host, port)
    backends = open_backends(settings, upgrade=True)
    archive_identity.confirm(backends)
    secret_key(settings)
    steward_id = _make_ready(backends)
    if first:
        click.echo("Taking in the sample collection: some minutes, this first time.", err=True)
    with bars() as progress:
        put_on_show(backends, lambda name: _watch(progress, name), steward_id=steward_id)
    if listening is None:
        click.echo(f"The sample collection is in {settings.data}.")
        return
    make_ready(backends)
    serve_site(backends, listening, lambda: _announce(settings, host, listening.getsockname()[1]))


@contextmanager
def _watch(progress: Progress, name: str) -> Iterator[Watcher]:
    if progress.disable:
        yield Lines(lambda words: click.echo(words, err=True), name)
        return
    line = Bars(progress, name)
    yield line
    line.end(name)


def _make_ready(backends: Backends) -> str:
    """The thesaurus and the sample accounts; returns the steward's id."""
    passwords = _passwords(backends.settings)
    with backends.database.write() as session:
        load_thesaurus(session)
        known = {account.name: account for account in accounts.everyone(session)}
        made: dict[str, Account] = {
            name: known.get(name)
            or accounts.create(session, name, passwords[name], role=role, groups=groups, display_name=shown)
            for name, shown, role, groups in SAMPLE_ACCOUNTS
        }
        return made["steward"].id


def _passwords(settings: Settings) -> dict[str, str]:
    """The sample accounts' passwords, drawn once for this data folder and readable by its owner alone."""
    path = settings.data / "sample-accounts.json"
    if not path.exists():
        drawn = {name: _password() for name, *_ in SAMPLE_ACCOUNTS}
        _write_private(path, json.dumps(drawn, indent=2))
    known = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(known, dict)
    return known


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))


def _write_private(path: Path, text: str) -> None:
    waiting = path.with_suffix(".new")
    with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    waiting.replace(path)


def _announce(settings: Settings, host: str, port: int) -> None:
    shown = {name: display for name, display, *_ in SAMPLE_ACCOUNTS}
    click.echo(f"\nThe sample archive is at http://{host}:{port}/\n")
    click.echo("Everything in it is invented. Sign in with one of the sample accounts:")
    for name, password in _passwords(settings).items():
        click.echo(f"  {name:<12} {password}   {shown[name]}")
    click.echo("\nStop with Ctrl-C; the next start takes seconds. Its data are in " + str(settings.data) + ".")
