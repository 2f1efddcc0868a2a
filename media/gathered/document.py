"""Gathered passages as a Word document, for reading and for writing on."""

from __future__ import annotations

import io
from itertools import groupby

from media.gathered.quoted import QuotedCollection, printable
from media.timed.script import undated, with_fonts


def document(collection: QuotedCollection) -> bytes:
    """Testimony after testimony, each passage with its words, what was noted, and its citation."""
    from docx import Document  # a fifth of a second to load

    made = Document()
    properties = made.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = printable(collection.name)
    with_fonts(made)
    made.add_heading(printable(collection.name), level=1)
    if collection.note:
        made.add_paragraph(printable(collection.note))
    for _source, passages in groupby(collection.passages, key=lambda one: one.source):
        told = list(passages)
        made.add_heading(", ".join(filter(None, (told[0].title, told[0].name))), level=2)
        for one in told:
            words = made.add_paragraph(style="Quote")
            words.add_run(f"{one.moment} ").bold = True
            words.add_run(printable(one.text))
            if one.other:
                made.add_paragraph(printable(one.other), style="Quote")
            if one.codes:
                made.add_paragraph().add_run(" · ".join(one.codes)).bold = True
            if one.note:
                made.add_paragraph(printable(one.note))
            made.add_paragraph(printable(one.citation))
    held = io.BytesIO()
    made.save(held)
    return undated(held.getvalue())
