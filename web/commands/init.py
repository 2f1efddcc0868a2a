"""`messenger init`: make the data folder, the database and the thesaurus."""

from __future__ import annotations

import click

from archive.backends import open_backends, secret_key
from archive.services.cataloguing.thesaurus import load_thesaurus
from archive.settings import read_settings


@click.command()
def init() -> None:
    """Make or update the data folder; safe to run at any time."""
    settings = read_settings()
    backends = open_backends(settings, upgrade=True)
    with backends.database.write() as session:
        terms = load_thesaurus(session)
    secret_key(settings)
    click.echo(f"The archive in {settings.data} is ready, with {terms} terms.")
