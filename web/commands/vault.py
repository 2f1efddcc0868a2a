"""`messenger vault`: the key under which legal names and the papers of consent lie."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from archive.consent.vault import make_key, try_key
from archive.settings import read_settings

HOW_TO_KEEP_IT = (
    "Keep it on a stick that does not travel with the laptop, and a copy in another place. Without it nobody "
    "reads the legal names again; whoever has it and the data folder reads them all."
)


@click.group()
def vault() -> None:
    """Make the vault's key, and try it."""


@vault.command()
@click.option("--copy", type=click.Path(path_type=Path, file_okay=False), help="Put a second copy into this folder.")
def init(copy: Path | None) -> None:
    """Make the key where MESSENGER_VAULT_KEY says; one that is there is kept, and tried."""
    settings = read_settings()
    there = settings.vault_key.exists()
    path = make_key(settings)
    try_key(settings)
    click.echo(f"The vault's key {'was there already' if there else 'is made'} and opens: {path}")
    if copy is not None:
        copy.mkdir(parents=True, exist_ok=True, mode=0o700)
        second = copy / path.name
        if second.exists() and second.read_bytes() != path.read_bytes():
            raise click.ClickException(f"{second} is another key; it was left as it is. Choose another folder.")
        shutil.copyfile(path, second)
        second.chmod(0o600)
        click.echo(f"Its copy: {second}")
    click.echo(HOW_TO_KEEP_IT)
