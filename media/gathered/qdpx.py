"""Gathered passages as a REFI-QDA project (`.qdpx`), which NVivo, ATLAS.ti, MAXQDA and QualCoder open.

QDA-XML, version 1.0 (https://www.qdasoftware.org): a ZIP archive with `project.qde` and the texts beside it. A
testimony is one source, in which each passage stands with its moment and its citation; positions count code points.
The same collection gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import groupby
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from media.gathered.quoted import QuotedCollection, QuotedPassage, printable

SPACE = "urn:QDA-XML:project:1.0"
_OURS = UUID("3b5f1c1e-6a0d-5d0e-9f46-52d2b4a6a1c7")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def qdpx(collection: QuotedCollection) -> bytes:
    """The whole project as the bytes of its file."""
    sources = dict(_sources(collection))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        project = tostring(_project(collection), encoding="utf-8", xml_declaration=True)
        for name, content in (("project.qde", project), *((f"Sources/{one}", text) for one, text in sources.items())):
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _guid(*named: str) -> str:
    return str(uuid5(_OURS, "\n".join(named)))


def _by_source(collection: QuotedCollection) -> Iterator[tuple[str, list[QuotedPassage]]]:
    ordered = sorted(collection.passages, key=lambda one: (one.source, one.start_ms, one.id))
    for source, passages in groupby(ordered, key=lambda one: one.source):
        yield source, list(passages)


def _text(passages: list[QuotedPassage]) -> tuple[str, list[tuple[QuotedPassage, int, int]]]:
    """A source's text, and where in it each passage stands."""
    pieces: list[str] = []
    places: list[tuple[QuotedPassage, int, int]] = []
    at = 0
    for one in passages:
        said = printable("\n".join(filter(None, (one.text, one.other))))
        before, after = f"[{one.moment}]\n", f"\n{printable(one.citation)}\n\n"
        places.append((one, at + len(before), at + len(before) + len(said)))
        pieces += [before, said, after]
        at += len(before) + len(said) + len(after)
    return "".join(pieces), places


def _sources(collection: QuotedCollection) -> Iterator[tuple[str, bytes]]:
    for source, passages in _by_source(collection):
        yield f"{_guid(collection.id, source)}.txt", _text(passages)[0].encode()


def _project(collection: QuotedCollection) -> Element:
    keeper = _guid(collection.id, "keeper")
    root = Element("Project", {"xmlns": SPACE, "name": printable(collection.name), "creatingUserGUID": keeper})
    root.set("origin", "Archive of the Messenger Band")
    SubElement(SubElement(root, "Users"), "User", {"guid": keeper, "name": printable(collection.keeper)})
    names = sorted({code for one in collection.passages for code in one.codes})
    if names:
        codes = SubElement(SubElement(root, "CodeBook"), "Codes")
        for name in names:
            said = {"guid": _guid(collection.id, "code", name), "name": printable(name), "isCodable": "true"}
            SubElement(codes, "Code", said)
    if collection.passages:
        sources = SubElement(root, "Sources")
        for source, passages in _by_source(collection):
            _source(sources, collection, source, passages, keeper)
    noted = [one for one in collection.passages if one.note]
    if noted:
        notes = SubElement(root, "Notes")
        for one in noted:
            said = {"guid": _guid(collection.id, one.id, "note"), "name": f"{printable(one.title)} {one.moment}"}
            note = SubElement(notes, "Note", {**said, "creatingUser": keeper})
            SubElement(note, "PlainTextContent").text = printable(one.note)
    if collection.note:
        SubElement(root, "Description").text = printable(collection.note)
    return root


def _source(
    parent: Element, collection: QuotedCollection, source: str, passages: list[QuotedPassage], keeper: str
) -> None:
    guid = _guid(collection.id, source)
    one = passages[0]
    called = ", ".join(filter(None, (printable(one.title), printable(one.name))))
    made = SubElement(parent, "TextSource", {"guid": guid, "name": called, "plainTextPath": f"internal://{guid}.txt"})
    for passage, start, end in _text(passages)[1]:
        selection = SubElement(
            made,
            "PlainTextSelection",
            {
                "guid": _guid(collection.id, passage.id),
                "name": passage.moment,
                "startPosition": str(start),
                "endPosition": str(end),
                "creatingUser": keeper,
            },
        )
        for code in passage.codes:
            coding = SubElement(selection, "Coding", {"guid": _guid(collection.id, passage.id, "coding", code)})
            SubElement(coding, "CodeRef", {"targetGUID": _guid(collection.id, "code", code)})
        if passage.note:
            SubElement(selection, "NoteRef", {"targetGUID": _guid(collection.id, passage.id, "note")})
