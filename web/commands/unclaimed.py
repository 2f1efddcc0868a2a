"""`messenger unclaimed`: sound in the store that the database does not know: listed, adopted or set aside."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from archive.backends import open_backends
from archive.preservation import adopting
from archive.settings import read_settings


@click.group()
def unclaimed() -> None:
    """List, adopt or set aside recordings in the store that the database does not know."""


@unclaimed.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_them(as_json: bool) -> None:
    """Print each: id, size, day and title, from the description beside it."""
    backends = open_backends(read_settings())
    with backends.database.read() as session:
        found = adopting.found(session, backends.store)
    if as_json:
        click.echo(json.dumps({"unclaimed": [asdict(one) for one in found]}, ensure_ascii=False))
        return
    for one in found:
        title = one.title or ("described without a title" if one.described else "no description beside it")
        click.echo("\t".join([one.recording_id, f"{one.size} bytes", one.recorded_on or "-", title]))
    click.echo(f"{len(found)} recording(s) that the database does not know.", err=True)


@unclaimed.command()
@click.argument("recordings", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every recording that can be adopted.")
def adopt(recordings: tuple[str, ...], everything: bool) -> int:
    """Take RECORDINGS up again, closed to all but the band until a steward has confirmed them."""
    backends = open_backends(read_settings())
    with backends.database.read() as session:
        wanted = [one.recording_id for one in adopting.found(session, backends.store)] if everything else recordings
    if not wanted and not everything:
        raise click.UsageError("Name the recordings, or say --all; `messenger unclaimed list` shows them.")
    refused = 0
    for recording_id in wanted:
        try:
            testimony_id = adopting.adopt(backends, recording_id)
        except adopting.CannotAdopt as error:
            refused += 1
            click.echo(f"messenger: {error}", err=True)
            continue
        click.echo(f"{recording_id}: adopted" + (f" as testimony {testimony_id}" if testimony_id else ""))
    click.echo("`messenger ingest --retry`, or the site's worker, takes them through the stages.", err=True)
    return 2 if refused else 0


@unclaimed.command("set-aside")
@click.argument("recordings", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
def set_aside(recordings: tuple[str, ...], yes: bool) -> None:
    """Move RECORDINGS to the store's lost-and-found; nothing is deleted."""
    if not yes:
        click.confirm(f"Move {len(recordings)} recording(s) to the lost-and-found?", abort=True, err=True)
    backends = open_backends(read_settings())
    for recording_id in recordings:
        for key in adopting.set_aside(backends, recording_id):
            click.echo(key)
