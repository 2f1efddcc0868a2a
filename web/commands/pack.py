"""`messenger pack`: songs to be carried, as a folder for a stick, a ZIP or a ZIM file."""

from __future__ import annotations

from pathlib import Path

import click

from archive.access import gate
from archive.access.gate import Unknown
from archive.backends import Backends, open_backends
from archive.settings import read_settings
from archive.songs import packing
from archive.songs.packing import PackPlan
from ingest.exports.packs import pack_jobs
from ingest.exports.packs.packing import KINDS, NAME, make_pack
from web.progress import bars

WHY = {
    "no-words": "it has no words yet",
    "held": "a line of it waits for a decision",
    "not-public": "it is not open to everybody until the pack's last day",
}


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--set", "set_id", help="The songs of a set, by its id (the last part of its address).")
@click.option("--campaign", help="The songs of a campaign, as named in its address.")
@click.option("--songs", help="Songs as named in their addresses, parted by commas.")
@click.option("--as", "kind", type=click.Choice(tuple(KINDS)), default="folder", help="What is made.")
@click.option("--for", "to", default="", help="Who gets it: a centre, a village; written in the release ledger.")
def pack(out: Path, set_id: str | None, campaign: str | None, songs: str | None, kind: str, to: str) -> None:
    """Put songs that are open to everybody into OUT, to be carried where there is no internet.

    A pack that lies at OUT already is exchanged. What leaves is written in the release ledger, song by song.
    """
    chosen = [f"{name}:{value}" for name, value in (("set", set_id), ("campaign", campaign), ("songs", songs)) if value]
    if len(chosen) > 1:
        raise click.UsageError("Say one of --set, --campaign and --songs.")
    backends = open_backends(read_settings(), create=False)
    plan = _plan(backends, chosen[0] if chosen else packing.ALL)
    for one in plan.left_out:
        click.echo(f"{one.slug} stays here: {WHY[one.why]}.", err=True)
    target = out / f"{NAME}.{kind}" if kind != "folder" and out.is_dir() else out
    with bars() as progress:
        line = progress.add_task(target.name, total=1.0)
        make_pack(
            backends,
            plan,
            kind,
            target,
            lambda share: progress.update(line, completed=share),
            lambda: _leaves(backends, plan, kind, to),
        )
    click.echo(f"{target}: {len(plan.songs)} songs, to be used until {plan.until.isoformat()}.")


def _leaves(backends: Backends, plan: PackPlan, kind: str, to: str) -> None:
    with backends.database.write() as session:
        packing.note(session, gate.Viewer(role="band"), plan, kind, to)


def _plan(backends: Backends, of: str) -> PackPlan:
    with backends.database.read() as session:
        try:
            return packing.plan(session, gate.Viewer(role="band"), of, pack_jobs.local_day())
        except Unknown:
            raise click.UsageError("There is no such set, campaign or song.") from None
