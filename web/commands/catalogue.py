"""`messenger catalogue`: every description as a file, and a corrected file brought back as one act."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.backends import open_backends
from archive.catalogue.field_values import FIELD_NAMES
from archive.describing import catalogue as describing
from archive.describing import changes, sheet_changes
from archive.describing.changes import AT_THE_MACHINE
from archive.describing.sheet_changes import RowOutcome, SheetPlan
from archive.settings import read_settings
from ingest.exports import catalogue_files
from ingest.intake import catalogue_sheet

_FILE = click.Path(path_type=Path, dir_okay=False)
_LONGEST = 70


@click.group()
def catalogue() -> None:
    """Take the whole catalogue out as CSV or XLSX, and bring it back corrected."""


@catalogue.command()
@click.argument("target", type=_FILE)
def export(target: Path) -> None:
    """Write every testimony's description to TARGET, a file that ends in .csv or .xlsx. It is noted as a release."""
    form = target.suffix.lower().removeprefix(".")
    if form not in {"csv", "xlsx"}:
        raise click.UsageError("Name a file that ends in .csv or .xlsx.")
    if not target.absolute().parent.is_dir():
        raise click.UsageError(f"There is no folder {target.absolute().parent}.")
    backends = open_backends(read_settings(), create=False)
    with backends.database.write() as session:
        ids = describing.testimonies_for(session, AT_THE_MACHINE)
        describing.take_out(session, AT_THE_MACHINE, ids, form)
    with backends.database.read() as session:
        rows = describing.rows(session, AT_THE_MACHINE, ids)
        if form == "csv":
            with target.open("w", encoding="utf-8", newline="") as file:
                file.writelines(catalogue_files.as_csv(describing.COLUMNS, rows))
        else:
            catalogue_files.write_xlsx(describing.COLUMNS, rows, target)
    click.echo(f"{len(ids)} testimony(ies) in {target}. It tells names and places: keep it as you keep the archive.")


@catalogue.command("import")
@click.argument("source", type=_FILE)
@click.option("--look", is_flag=True, help="Only show what would change.")
@click.option("--good-rows", is_flag=True, help="Take the good rows where others are bad; else nothing is taken then.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def bring_back(source: Path, look: bool, good_rows: bool, yes: bool) -> int:
    """Show what SOURCE, a catalogue that was taken out and corrected, would change; then change it, as one act."""
    given = catalogue_sheet.read_file(source)
    backends = open_backends(read_settings(), create=False)
    plan = sheet_changes.look(backends, AT_THE_MACHINE, given)
    _show(plan)
    if look or not plan.rows:
        return 2 if plan.bad else 0
    if plan.bad and not good_rows:
        click.echo("Nothing was changed: mend the bad rows, or say --good-rows to leave them out.", err=True)
        return 2
    if not yes:
        click.confirm(f"Change {len(plan.rows)} testimony(ies)?", abort=True, err=True)
    done = sheet_changes.apply(backends, AT_THE_MACHINE, given)
    sheet_changes.find_again(backends, done.touched)
    click.echo(
        f"{len(done.rows)} testimony(ies) changed; `messenger catalogue undo {done.act_id}` puts all of it back."
    )
    return 2 if done.bad else 0


@catalogue.command()
@click.argument("act")
def undo(act: str) -> None:
    """Put everything back that the import ACT changed."""
    backends = open_backends(read_settings(), create=False)
    try:
        touched = sheet_changes.undo(backends, AT_THE_MACHINE, act)
    except changes.ChangedMeanwhile as error:
        names = ", ".join(FIELD_NAMES[one.field].said("en") for one in error.conflicts)
        raise click.ClickException(f"Some of it was changed again since ({names}); nothing was put back.") from None
    sheet_changes.find_again(backends, touched)
    click.echo(f"{len(touched)} testimony(ies) are as they were before.")


def _show(plan: SheetPlan) -> None:
    for one in plan.rows:
        click.echo(f"line {one.line}, {_name(one)}")
        for cell in one.changes:
            field = FIELD_NAMES[cell.field].said("en")
            click.echo(f"  {field}: “{_short(cell.before.en)}” → “{_short(cell.after.en)}”")
    for one in plan.bad:
        assert one.problem is not None
        click.echo(f"line {one.line}: {one.problem('en')}", err=True)
    said = f"{len(plan.rows)} row(s) change something, {plan.same} change nothing, {len(plan.bad)} cannot be taken."
    click.echo(said, file=sys.stderr)


def _name(one: RowOutcome) -> str:
    title = one.title_en or one.title_km
    return f"{one.testimony_id} ({_short(title)})" if title else one.testimony_id


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
