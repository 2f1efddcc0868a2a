"""`messenger sources`: where a line may have come from, for whoever works without the desk."""

from __future__ import annotations

import json

import click

from archive.backends import open_backends
from archive.lyrics import suggestions
from archive.retrieval import indexing
from archive.settings import read_settings
from web.commands.search import VIEWERS


@click.command()
@click.argument("line")
@click.option("--as", "role", type=click.Choice(sorted(VIEWERS)), default="band", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A list of testimony, start_ms, quote and score.")
def sources(line: str, role: str, as_json: bool) -> None:
    """Propose passages that LINE may have come from, of what may be sung; a person decides."""
    backends = open_backends(read_settings())
    if backends.index.stale:
        indexing.reindex(backends.database, backends.index)
    khmer = any("\u1780" <= letter <= "\u17dd" for letter in line)
    with backends.database.read() as session:
        likely = suggestions.likely(
            session, backends.index, VIEWERS[role], line if khmer else "", "" if khmer else line
        )
    rows = [
        {
            "testimony": one.said.testimony_id,
            "start_ms": one.said.span.start_ms,
            "quote": one.said.text,
            "score": one.score,
        }
        for one in likely.found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(f"{row['score']:.2f}  {row['testimony']} at {row['start_ms']} ms: {row['quote']}")
    if not rows and not as_json:
        click.echo("Nothing like it was found.")
    if likely.cut:
        click.echo(
            f"Compared with {likely.compared} of the {likely.sharing} passages that share a word of it.", err=True
        )
