"""`messenger init`: make the data folder, the database and the thesaurus."""

from __future__ import annotations

import click

from archive.backends import open_backends, secret_key
from archive.catalogue.thesaurus import load_thesaurus
from archive.originals import archive_identity
from archive.preservation import sidecars
from archive.settings import read_settings


@click.command()
@click.option("--adopt-store", is_flag=True, help="Join a database and a store that do not seem to belong together.")
def init(adopt_store: bool) -> None:
    """Make or update the data folder; safe to run at any time."""
    settings = read_settings()
    backends = open_backends(settings, upgrade=True)
    if adopt_store:
        closed = sidecars.close_what_was_decided_later(backends)
        archive_identity.adopt_store(backends)
        if closed:
            click.echo(
                f"{len(closed)} testimony(ies) are closed until a steward has asked their narrators: something was "
                f"decided that this database does not know ({', '.join(closed)}).",
                err=True,
            )
    else:
        archive_identity.confirm(backends)
    sidecars.follow(backends)
    with backends.database.write() as session:
        terms = load_thesaurus(session)
    secret_key(settings)
    click.echo(f"The archive in {settings.data} is ready, with {terms} terms.")
