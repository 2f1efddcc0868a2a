"""`messenger provenance`: what every line of a song came from."""

from __future__ import annotations

import json

import click
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.backends import open_backends
from archive.lyrics import provenance as threads
from archive.models import Song
from archive.settings import read_settings


@click.command()
@click.argument("song", required=False)
@click.option("--all", "every", is_flag=True, help="Every song.")
@click.option("--testimony", help="The other way: every line that came of the testimony with this id.")
@click.option("--as", "role", type=click.Choice(("public", "researcher", "band")), default="band", help="Who asks.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def provenance(song: str | None, every: bool, testimony: str | None, role: str, as_json: bool) -> None:
    """Show the sources of SONG (its id, address or title), line by line."""
    if [song is not None, every, testimony is not None].count(True) != 1:
        raise click.UsageError("Name one song or one testimony, or say --all.")
    backends = open_backends(read_settings())
    viewer = gate.Viewer(role=role) if role != "public" else gate.PUBLIC
    if testimony is not None:
        with backends.database.read() as session:
            became = threads.testimony_document(session, viewer, testimony)
        _print_became(became, as_json=as_json)
        return
    with backends.database.read() as session:
        documents = [threads.song_document(session, viewer, one) for one in _songs(session, viewer, song)]
    if as_json:
        click.echo(json.dumps({"songs": documents}, ensure_ascii=False))
        return
    for document in documents:
        _print(document)


def _songs(session: Session, viewer: gate.Viewer, named: str | None) -> list[Song]:
    query = select(Song).where(Song.id.in_(gate.visible_songs(viewer))).order_by(Song.created_at, Song.id)
    if named is not None:
        query = query.where(or_(Song.id == named, Song.slug == named, Song.title_km == named, Song.title_en == named))
    songs = list(session.scalars(query))
    if named is not None and not songs:
        raise click.UsageError(f"There is no song “{named}”.")
    return songs


def _print_became(document: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"testimonies": [document]}, ensure_ascii=False))
        return
    lines = document["lines"]
    assert isinstance(lines, list)
    for line in lines:
        click.echo(f"  {line['text']}  [{line['relation']}] {line['title']}")
        click.echo(f"      “{line['quote']}” ({line['start_ms'] / 1000:.1f}–{line['end_ms'] / 1000:.1f} s)")
    if not lines:
        click.echo("No line of a song came of it.")


def _print(document: dict[str, object]) -> None:
    click.echo(f"{document['title']} — {document['title_en']}")
    lines = document["lines"]
    assert isinstance(lines, list)
    for line in lines:
        click.echo(f"  {line['text']}  [{line['relation']}]")
        for source in line["sources"]:
            start, end = source["start_ms"] / 1000, source["end_ms"] / 1000
            click.echo(
                f"      {source['relation']}: “{source['quote']}” ({source['testimony']}, {start:.1f}–{end:.1f} s)"
            )
