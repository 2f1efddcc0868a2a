"""`messenger tags`: which themes a text would be suggested for, and by which of its words; needs no archive."""

from __future__ import annotations

import json

import click

from archive.catalogue import thesaurus
from archive.catalogue.theme_cues import shipped_themes
from archive.catalogue.theme_finder import ThemeFinder

LANGUAGES = ("km", "en")


@click.command()
@click.argument("text")
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Look only for what is said in it; in both unless given."
)
@click.option("--json", "as_json", is_flag=True, help="A list of term, label, matched and score, the surest first.")
def tags(text: str, language: str | None, as_json: bool) -> None:
    """Suggest themes for TEXT (`-` reads standard input), by the cues every archive begins with."""
    if text == "-":
        with click.open_file("-", encoding="utf-8") as stream:
            text = stream.read()
    found = ThemeFinder(shipped_themes(), language).find(text)
    shown_in = language or ("km" if any("\u1780" <= letter <= "\u17dd" for letter in text) else "en")
    names = {entry.id: entry.labels for entry in thesaurus.themes()}
    rows = [
        {
            "term": one.term_id,
            "label": names[one.term_id][shown_in][0],
            "matched": one.matched,
            "score": round(one.score, 3),
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['score']:.2f}  {row['label']} ({row['term']}): {row['matched']}")
    if not rows:
        click.echo("Nothing in it speaks of a theme.")
