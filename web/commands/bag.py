"""`messenger bag`: testimonies as BagIt bags for another archive's shelves, and whether a bag is whole."""

from __future__ import annotations

from pathlib import Path

import click

from archive.backends import open_backends
from archive.settings import read_settings
from ingest.exports.bags import check_bag, make_bag, testimonies


@click.command()
@click.argument("testimony", required=False)
@click.argument("out", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--all", "every", type=click.Path(path_type=Path, file_okay=False), help="Put every testimony into OUT.")
@click.option("--check", "bag_to_check", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Say whether a bag is as it was made.")  # fmt: skip
def bag(testimony: str | None, out: Path | None, every: Path | None, bag_to_check: Path | None) -> None:
    """Put TESTIMONY (its id) into a bag in the folder OUT: original, transcripts, catalogue, consent, checksums.

    Each bag that is made is written in the release ledger.
    """
    if bag_to_check is not None:
        check_bag(bag_to_check)
        click.echo(f"{bag_to_check} is whole.")
        return
    backends = open_backends(read_settings(), create=False)
    if every is not None:
        with backends.database.read() as session:
            wanted = testimonies(session)
        for one in wanted:
            if not (every / f"testimony-{one}").exists():
                click.echo(str(make_bag(backends, one, every)))
        return
    if not testimony or out is None:
        raise click.UsageError("Say which testimony and which folder, or --all FOLDER, or --check BAG.")
    click.echo(str(make_bag(backends, testimony, out)))
