"""`messenger remake`: make again what can be made again: listening files, peaks, redacted sound, and the index."""

from __future__ import annotations

import click

from archive.backends import open_backends
from archive.retrieval import indexing
from archive.settings import read_settings
from ingest.jobs import pipeline, remaking
from media.refused import Refused
from web import tracebacks
from web.progress import Bars, bars


@click.command()
@click.option("--list", "only_list", is_flag=True, help="Only say what is missing.")
@click.option("--older", is_flag=True, help="Also what an earlier version made in another way; it takes a while.")
def remake(only_list: bool, older: bool) -> int:
    """Make again what is missing and can be made from the originals; nothing else is touched."""
    backends = open_backends(read_settings())
    found = remaking.missing(backends)
    known = {one.recording_id for one in found}
    before = [one for one in remaking.older(backends) if one not in known]
    if older:
        found += [remaking.Missing(one, ("made in an earlier way",)) for one in before]
    failed = 0
    with bars() as progress:
        for one in found:
            if one.why_not:
                click.echo(f"{one.recording_id}: {one.why_not}")
                failed += 1
            elif only_list:
                click.echo(f"{one.recording_id}: {', '.join(one.keys)}")
            else:
                line = Bars(progress, one.recording_id)
                try:
                    remaking.run_now(backends, one.recording_id, line)
                    line.end(f"{one.recording_id}: made again")
                except (pipeline.StageFailed, Refused) as error:
                    failed += 1
                    line.end(f"{one.recording_id}: failed")
                    why = tracebacks.told(error) if isinstance(error, pipeline.StageFailed) else str(error)
                    click.echo(f"messenger: {one.recording_id}: {why}", err=True)
    if not only_list and backends.index.stale:
        indexing.reindex(backends.database, backends.index)
        click.echo("The index is new.")
    click.echo(f"{len(found)} recording(s) lacked something; {failed} wait(s).", err=True)
    if before and not older:
        click.echo(f"{len(before)} were made in an earlier way; `messenger remake --older` makes them anew.", err=True)
    return 1 if failed else 0
