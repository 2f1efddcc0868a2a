"""`messenger thesaurus`: the themes as a SKOS file, out and in."""

from __future__ import annotations

from pathlib import Path

import click

from archive.backends import open_backends
from archive.catalogue import term_import
from archive.catalogue.term_import import PlannedTheme
from archive.retrieval import indexing, term_indexing
from archive.settings import read_settings
from ingest.intake import thesaurus_files


@click.group()
def thesaurus() -> None:
    """Take the themes out as a SKOS file, or take such a file in."""


@thesaurus.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=False)
@click.option("--as", "ending", type=click.Choice(tuple(thesaurus_files.ENDINGS)), help="Turtle or RDF/XML.")
@click.option("--site", default="", help="The site's address, for the addresses of the themes.")
def write_out(file: Path | None, ending: str | None, site: str) -> None:
    """Write every theme into FILE, or to standard output; its ending says in which form."""
    known = file.suffix.lstrip(".").lower() if file else ""
    chosen = ending or (known if known in thesaurus_files.ENDINGS else "ttl")
    with open_backends(read_settings()).database.read() as session:
        text = thesaurus_files.written(session, chosen, site.rstrip("/"))
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")
        click.echo(f"{file}: {text.count('skos:prefLabel')} names.", err=True)


@thesaurus.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Take it in; without this it is only shown what would change.")
def take_in(file: Path, yes: bool) -> None:
    """Show what FILE would change, theme by theme; with --yes, change it."""
    backends = open_backends(read_settings())
    offered = thesaurus_files.themes_in(file.read_bytes())
    with backends.database.write() as session:
        plan = term_import.plan(session, offered)
        for row in plan.rows:
            if row.kind != "same":
                click.echo(_line(row))
        if yes:
            term_import.take_in(session, plan, None)
    counts = ", ".join(f"{plan.count(kind)} {kind}" for kind in ("new", "changed", "same", "bad"))
    click.echo(f"{counts}.{'' if yes else ' Nothing is changed yet; --yes does it.'}", err=True)
    if yes:
        touched = [row.offered.id for row in plan.rows if row.kind in {"new", "changed"}]
        database, index = backends.database, backends.index
        term_indexing.index_terms(
            database, index, touched, lambda testimony_id: indexing.index_testimony(database, index, testimony_id)
        )


def _line(row: PlannedTheme) -> str:
    if row.kind == "bad":
        return f"bad\t{row.offered.id}\t{row.offered.key}\t{row.why} {row.about}".rstrip()
    said = "; ".join(f"{part}: {before or '-'} -> {after or '-'}" for part, before, after in row.changes)
    return f"{row.kind}\t{row.offered.id}\t{row.name}\t{said}"
