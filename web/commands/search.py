"""`messenger search`: find something from the command line, as somebody who may see no more than that."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from archive.access.gate import PUBLIC, Viewer
from archive.backends import open_backends
from archive.retrieval import indexing
from archive.retrieval.search_request import SearchRequest
from archive.retrieval.searching import Hit, Results
from archive.retrieval.searching import search as find
from archive.settings import read_settings

# As the role and nothing more: an account may belong to groups or have been granted a testimony besides.
VIEWERS = {"public": PUBLIC, "researcher": Viewer(role="researcher"), "band": Viewer(role="band")}


@click.command()
@click.argument("query")
@click.option("--as", "role", type=click.Choice(sorted(VIEWERS)), default="public", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Most results to show.")
@click.option("--expand/--no-expand", default=True, help="Whether a theme also finds its narrower terms and labels.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def search(query: str, role: str, limit: int, expand: bool, as_json: bool) -> None:
    """Find QUERY: words, "phrases", begin*, -not, OR, theme: community: place: year: lang: song: speaker:"""
    backends = open_backends(read_settings())
    index = backends.index
    if index.stale:
        indexing.reindex(backends.database, index)
    with backends.database.read() as session:
        results = find(
            session, index, VIEWERS[role], SearchRequest(query, exact=not expand), limit=limit, per_group=limit
        )
    hits = results.hits[:limit]
    if as_json:
        click.echo(json.dumps(as_document(results, hits), ensure_ascii=False))
    else:
        _print(results, hits)


def as_document(results: Results, hits: tuple[Hit, ...]) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "total": results.total,
        "more": results.more,
        "results": [
            {
                "kind": hit.kind,
                "id": hit.id,
                "testimony": hit.testimony,
                "start_ms": hit.start_ms,
                "play_from_ms": hit.play_from_ms,
                "snippet": "".join(part.text for part in hit.snippet),
                "marks": [part.text for part in hit.snippet if part.hit],
                "language": hit.language,
                "score": hit.score,
            }
            for hit in hits
        ],
        "facets": {facet: {one.value: one.count for one in values} for facet, values in results.facets.items()},
        "expansions": [asdict(expansion) for expansion in results.expansions],
        "suggestion": results.suggestion,
    }


def _print(results: Results, hits: tuple[Hit, ...]) -> None:
    titles = {(group.kind, group.id): group.title for group in results.groups}
    for hit in hits:
        title = titles.get(("testimony", hit.testimony or ""), {})
        where = "" if hit.start_ms is None else f" at {hit.start_ms // 60_000}:{hit.start_ms // 1000 % 60:02d}"
        name = title.get("en") or title.get("km") or hit.testimony or hit.id
        click.secho(f"{hit.kind} {name}{where}", bold=True)
        click.echo("  " + "".join(click.style(part.text, reverse=part.hit) for part in hit.snippet))
    more = "more than " if results.more else ""
    click.echo(f"{more}{results.total} found; {len(hits)} shown.")
    for expansion in results.expansions:
        click.echo(f"{expansion.typed} also as: {', '.join(expansion.words)}")
    if results.suggestion:
        click.echo(f"Did you mean: {results.suggestion}")
