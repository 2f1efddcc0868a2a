"""`messenger backup`: the database, every original and the withdrawals, in another place, while the site runs."""

from __future__ import annotations

from pathlib import Path

import click

from archive.backends import open_backends
from archive.preservation import backup as backups
from archive.settings import read_settings
from web.progress import bars


@click.command()
@click.argument("target")
@click.option("--originals-only", is_flag=True, help="Leave out what `messenger remake` makes again.")
def backup(target: str, originals_only: bool) -> int:
    """Write a backup to TARGET, a folder or s3://BUCKET/PREFIX, or bring an earlier one there up to date.

    The key of the vault and the secret key are not in it: keep copies of them apart from it.
    """
    settings = read_settings()
    if not target.startswith("s3://"):
        backups.check_target(settings, Path(target))
    backends = open_backends(settings, create=False)
    url = target if target.startswith("s3://") else f"file://{Path(target).absolute()}"
    with bars() as progress:
        line = progress.add_task("backup", total=1.0)
        written = backups.write(
            backends,
            backends.other_store(url),
            originals_only=originals_only,
            progress=lambda done, of: progress.update(line, completed=done / of if of else 1.0),
        )
    click.echo(f"{written.copied} file(s) copied, {written.kept} were there already, {written.removed} removed.")
    click.echo("The vault's key and the secret key are not in it; keep copies of them elsewhere.", err=True)
    for key in written.missing:
        click.echo(f"messenger: the database names {key}, and the store does not have it.", err=True)
    return 1 if written.missing else 0
