"""`messenger bag`: testimonies as BagIt bags for another archive's shelves, and whether a bag is whole."""

from __future__ import annotations

from pathlib import Path

import click

from archive.backends import open_backends
from archive.catalogue.thesaurus import load_thesaurus
from archive.originals import archive_identity
from archive.settings import read_settings
from ingest.exports.bags import check_bag, make_bag, testimonies
from ingest.intake.bags_taken import take_bag


@click.command()
@click.argument("testimony", required=False)
@click.argument("out", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--all", "every", type=click.Path(path_type=Path, file_okay=False), help="Put every testimony into OUT.")
@click.option("--check", "bag_to_check", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Say whether a bag is as it was made.")  # fmt: skip
@click.option("--take", "bag_to_take", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Take in the recordings of a bag, closed until consent is written down.")  # fmt: skip
def bag(
    testimony: str | None, out: Path | None, every: Path | None, bag_to_check: Path | None, bag_to_take: Path | None
) -> int | None:
    """Put TESTIMONY (its id) into a bag in the folder OUT: original, transcripts, catalogue, consent, checksums.

    Each bag that is made is written in the release ledger.
    """
    if bag_to_check is not None:
        check_bag(bag_to_check)
        click.echo(f"{bag_to_check} is whole.")
        return None
    if bag_to_take is not None:
        return _take(bag_to_take)
    backends = open_backends(read_settings(), create=False)
    if every is not None:
        with backends.database.read() as session:
            wanted = testimonies(session)
        for one in wanted:
            if not (every / f"testimony-{one}").exists():
                click.echo(str(make_bag(backends, one, every)))
        return None
    if not testimony or out is None:
        raise click.UsageError("Say which testimony and which folder, or --all FOLDER, --check BAG or --take BAG.")
    click.echo(str(make_bag(backends, testimony, out)))
    return None


def _take(path: Path) -> int:
    """Hand in what a verified bag holds, and say what came of each."""
    backends = open_backends(read_settings())
    archive_identity.confirm(backends)
    with backends.database.write() as session:
        load_thesaurus(session)
    taken = take_bag(backends, path)
    for one in taken:
        if one.receipt is None:
            click.echo(f"{one.file}: {one.refused}", err=True)
        elif one.receipt.new:
            click.echo(f"{one.file}: testimony {one.receipt.testimony_id}, closed until consent is written down")
        else:
            click.echo(f"{one.file}: is here already, as testimony {one.receipt.testimony_id}")
    return 1 if any(one.receipt is None for one in taken) else 0
