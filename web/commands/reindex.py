"""`messenger reindex`: make the search index anew from the database."""

from __future__ import annotations

import click

from archive.backends import open_backends
from archive.retrieval import indexing
from archive.settings import read_settings


@click.command()
@click.option("--check", is_flag=True, help="Only put right what differs from the database.")
def reindex(check: bool) -> None:
    """Make the search index anew; the old one answers until the new one is whole."""
    backends = open_backends(read_settings())
    if check and not backends.index.stale:
        count = indexing.reconcile(backends.database, backends.index)
        click.echo(f"{count} put right." if count else "The index is as the database says.")
        return
    indexing.reindex(backends.database, backends.index)
    click.echo(f"The index is new: {len(backends.index.digests())} testimonies, songs and terms.")
