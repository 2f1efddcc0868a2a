"""`messenger words`: what the archive takes for words, so that anyone can check it or feed it to another tool."""

from __future__ import annotations

import json

import click

from archive.language import words as language


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="A list of text, start and end, spaces and punctuation included.")
def words(text: str, as_json: bool) -> None:
    """Cut TEXT (`-` reads standard input) into words; offsets count code points of the text as given."""
    if text == "-":
        with click.open_file("-", encoding="utf-8") as stream:
            text = stream.read()
    pieces = language.words(text)
    if as_json:
        rows = [{"text": piece.text, "start": piece.start, "end": piece.end} for piece in pieces]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for piece in pieces:
            if piece.is_word:
                click.echo(f"{piece.start}\t{piece.end}\t{piece.text}")
