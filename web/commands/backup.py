"""`messenger backup`: the database, every original and the withdrawals, in another place, while the site runs."""

from __future__ import annotations

from pathlib import Path

import click

from archive.backends import Backends, open_backends
from archive.preservation import backup as backups
from archive.preservation import backup_place, keys_copy, last_backup
from archive.settings import read_settings
from web.progress import bars

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("target")
@click.option("--originals-only", is_flag=True, help="Leave out what `messenger remake` makes again.")
@click.option(
    "--reread", is_flag=True, help="Read also what lies there already, and compare it with what it should be."
)
@click.option("--keys", type=_FOLDER, help="Copy the keys as well, into this folder, which must lie apart from both.")
def backup(target: str, originals_only: bool, reread: bool, keys: Path | None) -> int:
    """Write a backup to TARGET, a folder or s3://BUCKET/PREFIX, or bring an earlier one there up to date.

    The key of the vault and the secret key are not in it: keep copies of them apart from it.
    """
    settings = read_settings()
    place = backup_place.to_write(settings, target)
    if keys is not None:
        keys_copy.check(settings, keys, place.folder)
    backends = open_backends(settings, create=False)
    try:
        with bars() as progress:
            line = progress.add_task("backup", total=1.0)
            written = backups.write(
                backends,
                place,
                originals_only=originals_only,
                reread=reread,
                progress=lambda done, of: progress.update(line, completed=done / of if of else 1.0),
            )
    except KeyboardInterrupt:
        click.echo("messenger: The backup is not whole yet; the same command goes on from here.", err=True)
        raise
    last_backup.note(backends, place.name, originals_only=originals_only)
    click.echo(f"{written.copied} file(s) copied, {written.kept} were there already, {written.removed} removed.")
    _say_where_the_keys_are(backends, keys)
    for key in written.missing:
        click.echo(f"messenger: the database names {key}, and the store does not have it.", err=True)
    for key in written.damaged:
        click.echo(
            f"messenger: {key} in the archive is not the sound that was taken in; see an older backup.", err=True
        )
    return 1 if written.missing or written.damaged else 0


def _say_where_the_keys_are(backends: Backends, keys: Path | None) -> None:
    if keys is None:
        click.echo("The vault's key and the secret key are not in it; keep copies of them elsewhere.", err=True)
        return
    with backup_place.told_of(str(keys)):
        count = keys_copy.copy_out(backends, keys)
    click.echo(
        f"{count} key(s) lie in {keys}. Whoever has them and the backup can read every legal name and every sealed "
        "recording: keep the two apart. What is destroyed later is destroyed there when this command runs again.",
        err=True,
    )
