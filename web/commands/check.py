"""`messenger check`: does the archive still hold what it says it holds."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from archive import private
from archive.backends import Backends, open_backends
from archive.checks import fixity, integrity, residue
from archive.originals import archive_identity
from archive.preservation import backup_place, repairing
from archive.settings import read_settings
from archive.withdrawal import carrying_out, withdrawn_sound


@click.command()
@click.option("--deep", is_flag=True, help="Read every original and compare its hash, and look for withdrawn words.")
@click.option("--word", "words", multiple=True, help="With --deep: a word, a name or a place that must be nowhere.")
@click.option(
    "--fixity", "looks", is_flag=True, help="Read the originals that were read longest ago: a share of them a day."
)
@click.option("--all", "everything", is_flag=True, help="With --fixity: read every original now.")
@click.option("--repair-from", "backup", metavar="BACKUP", help="With --fixity: put back what is wrong from a backup.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check(deep: bool, words: tuple[str, ...], looks: bool, everything: bool, backup: str | None, as_json: bool) -> int:
    """Check the ledgers, the threads, the files and the index; nothing is changed.

    Only --repair-from changes something: it puts back originals, and keeps what lay in their place.
    """
    backends = open_backends(read_settings())
    if backup is not None and not looks:
        raise click.UsageError("--repair-from goes with --fixity.")
    if looks:
        return _look(backends, everything, as_json, backup)
    with backends.database.read() as session:
        checks = integrity.deep if deep else integrity.quick
        problems = list(checks(session, backends.store))
    if deep:
        problems += [f"withdrawn: {remain}" for remain in residue.deep_check(backends, words)]
    problems += archive_identity.problems(backends)
    problems += [
        f"withdrawal: {one.testimony_id} holds and is not yet carried out: "
        + ", ".join(f"{step} ({why})" for step, why in sorted(one.steps.items()))
        for one in carrying_out.undone(backends)
    ]
    problems += [f"withdrawals: {path}: {what}" for path, what in backends.withdrawals.troubles()]
    with backends.database.read() as session:
        problems += [
            f"withdrawals: the sound of {one} would not be known again, its marks are made with another secret"
            for one in withdrawn_sound.unrecognisable(session)
        ]
        if (rebuilt := carrying_out.rebuilt(session)) is not None:
            problems.append(
                f"withdrawals: their file was gone on {rebuilt.at:%Y-%m-%d} and rebuilt from {rebuilt.database} in the "
                f"database and {rebuilt.store} in the store; put the newest copy beside the vault's key"
            )
    problems += [
        f"modes: other accounts of this machine may read or write {path}; a start puts it right"
        for path in private.open_to_others(backends.settings.data)
    ]
    if backends.index.stale:
        problems.append("index: it is missing or of another version; `messenger reindex` makes it anew")
    backends.database.engine.dispose()
    if as_json:
        click.echo(json.dumps({"problems": problems}, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(problem)
        click.echo("Nothing is wrong." if not problems else f"{len(problems)} thing(s) to look at.", err=True)
    return 1 if problems else 0


def _look(backends: Backends, everything: bool, as_json: bool, backup: str | None) -> int:
    """Read a share of the originals, put back what is wrong where a backup is named, and say how they stand."""
    place = backup_place.to_read(backends.settings, backup) if backup is not None else None
    wrong = fixity.look(backends, everything=everything)
    repairs = repairing.repair(backends, place) if place is not None else []
    with backends.database.read() as session:
        stands = fixity.report(session)
    backends.database.engine.dispose()
    if as_json:
        oldest = stands.oldest.isoformat() if stands.oldest else None
        said = {"originals": stands.originals, "looked": stands.looked, "sealed": stands.sealed, "wrong": stands.wrong}
        named = [{"recording": one.recording_id, "found": one.found} for one in wrong]
        put_back = [asdict(one) for one in repairs]
        click.echo(json.dumps({**said, "oldest": oldest, "found_now": named, "repairs": put_back}, ensure_ascii=False))
    else:
        for one in wrong:
            last = f"last whole on {one.whole_at:%Y-%m-%d}" if one.whole_at else "never seen whole"
            click.echo(f"original: the sound of recording {one.recording_id} is {one.found}; {last}")
        for done in repairs:
            aside = f"; what lay there is kept as {done.aside}" if done.aside else ""
            outcome = f"is put back{aside}" if done.done else "is not whole in this backup; try an older one"
            click.echo(f"original: the sound of recording {done.recording_id} {outcome}")
        click.echo(
            f"{stands.originals} original(s), {stands.looked} read within {fixity.DAYS} days, {stands.wrong} wrong.",
            err=True,
        )
    return 1 if stands.wrong else 0
