"""`messenger restore`: a backup becomes an archive again, in an empty place."""

from __future__ import annotations

from pathlib import Path

import click

from archive.backends import open_backends, secret_key
from archive.preservation import backup_place, keys_copy
from archive.preservation import restore as restoring
from archive.settings import read_settings
from web.progress import bars

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("source")
@click.option("--withdrawals", type=_FILE, multiple=True, help="A newer tombstones.jsonl than the backup's.")
@click.option("--keys", type=_FOLDER, help="Put the keys back as well, from this folder.")
def restore(source: str, withdrawals: tuple[Path, ...], keys: Path | None) -> int:
    """Make the backup in SOURCE, a folder or s3://BUCKET/PREFIX, an archive again where the settings say.

    What is there is never written over. What was withdrawn since the backup was made is withdrawn again.
    """
    settings = read_settings()
    place = backup_place.to_read(settings, source)
    try:
        with bars() as progress:
            line = progress.add_task("restore", total=1.0)
            done = restoring.restore(
                settings,
                place,
                withdrawals=withdrawals,
                progress=lambda done, of: progress.update(line, completed=done / of if of else 1.0),
            )
    except KeyboardInterrupt:
        click.echo("messenger: The archive is not whole yet; the same command goes on from here.", err=True)
        raise
    if keys is not None:
        count = keys_copy.put_back(open_backends(settings, create=False), keys)
        click.echo(f"{count} key(s) were put back.", err=True)
        done.sealed_names = done.sealed_names and not settings.vault_key.exists()
    secret_key(settings)
    _tell(done)
    click.echo(f"The archive of {done.manifest.moment:%Y-%m-%d %H:%M} UTC is in {settings.data}: {done.files} file(s).")
    return 1 if done.damaged else 0


def _tell(done: restoring.RestoreReport) -> None:
    """What a person has to know or to do, each in a sentence."""
    said = [f"messenger: {name} is damaged or missing in the backup, and was left out." for name in done.damaged]
    if done.upgraded:
        said.append("The backup was of an earlier version; its database was brought up to date.")
    if done.withdrawn:
        said.append(f"{done.withdrawn} testimony(ies) withdrawn since are withdrawn here too.")
    if done.closed:
        said.append(
            f"{len(done.closed)} testimony(ies) are closed until a steward has asked their narrators: something was "
            f"decided that this database does not know ({', '.join(done.closed)})."
        )
    said.append(
        f"What narrators decided after {done.manifest.moment:%Y-%m-%d %H:%M} UTC is not in this backup, apart from the "
        "withdrawals in the newest tombstones.jsonl. Go through what was decided since before you serve it."
    )
    if done.to_remake or done.manifest.originals_only:
        said.append("Listening files are made again beside the site, or at once by `messenger remake`.")
    if done.sealed_names:
        said.append("The vault's key is not here: nobody reads the legal names before it is put back.")
    for sentence in said:
        click.echo(sentence, err=True)
