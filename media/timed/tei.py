"""TEI P5 for what is spoken: a timeline, and an utterance for each segment, as in ISO 24624:2016.

Source: https://www.tei-c.org/release/doc/tei-p5-doc/en/html/TS.html (`timeline`, `u`, `who`, `start`, `end`, `gap`).
The document is built and never read here.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from archive.timing import Utterance
from archive.transcripts.readable_text import TAKEN_OUT

MIMETYPE = "application/tei+xml"
SPACE = "http://www.tei-c.org/ns/1.0"
_XML = "http://www.w3.org/XML/1998/namespace"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOBODY = "speaker"


@dataclass(frozen=True, slots=True)
class TeiHeader:
    """What the header says; what is empty is left out.

    Attributes:
        recorded_on: as EDTF.
        language: BCP 47.
        address: where the testimony is read.
        terms: on what it may be used.
    """

    title: str = ""
    identifier: str = ""
    recorded_on: str = ""
    language: str = "und"
    duration_ms: int | None = None
    address: str = ""
    version: int = 0
    publisher: str = "Archive of the Messenger Band"
    terms: str = "Its narrator decides who may hear and read it, and can take it back at any time."


def write(utterances: Sequence[Utterance], about: TeiHeader | None = None) -> bytes:
    """A transcript as a TEI document; what was taken out of it is a `gap`."""
    about = about or TeiHeader()
    people = {name: f"P{number}" for number, name in enumerate(_speakers(utterances), start=1)}
    root = Tree.Element("TEI", {"xmlns": SPACE})  # said here: a prefix that is registered is every document's
    _header(root, about, people)
    text = _part(root, "text", xml_lang=about.language)
    moments = sorted({moment for one in utterances for moment in (one.start_ms, one.end_ms)})
    names = {moment: f"T{number}" for number, moment in enumerate(moments, start=1)}
    line = _part(text, "timeline", unit="s", origin="#T0")
    _part(line, "when", xml_id="T0")
    for moment, name in names.items():
        _part(line, "when", xml_id=name, interval=_seconds(moment), since="#T0")
    body = _part(text, "body")
    for one in utterances:
        times = {"start": f"#{names[one.start_ms]}", "end": f"#{names[one.end_ms]}"}
        _say(_part(body, "u", who=f"#{people[one.speaker or _NOBODY]}", **times), one.text)
    if not utterances:
        _part(body, "p")
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _speakers(utterances: Sequence[Utterance]) -> list[str]:
    return list(dict.fromkeys(one.speaker or _NOBODY for one in utterances))


def _header(root: Element, about: TeiHeader, people: dict[str, str]) -> None:
    header = _part(root, "teiHeader")
    described = _part(header, "fileDesc")
    _part(_part(described, "titleStmt"), "title", about.title or about.identifier or "Transcript")
    if about.version:
        _part(_part(described, "editionStmt"), "edition", f"Transcript version {about.version}", n=str(about.version))
    published = _part(described, "publicationStmt")
    _part(published, "publisher", about.publisher)
    if about.identifier:
        _part(published, "idno", about.identifier, type="testimony")
    if about.address:
        _part(published, "idno", about.address, type="URI")
    _part(_part(_part(published, "availability", status="restricted"), "licence"), "p", about.terms)
    length = {"dur": f"PT{_seconds(about.duration_ms)}S"} if about.duration_ms else {}
    recording = _part(_part(_part(described, "sourceDesc"), "recordingStmt"), "recording", type="audio", **length)
    if about.recorded_on:
        _part(recording, "date", about.recorded_on)
    profile = _part(header, "profileDesc")
    if people:
        told = _part(_part(profile, "particDesc"), "listPerson")
        for name, person in people.items():
            _part(_part(told, "person", xml_id=person), "persName", name)
    _part(_part(profile, "langUsage"), "language", about.language, ident=about.language)


def _say(part: Element, text: str) -> None:
    """The words, with a gap for each run that was taken out of them."""
    pieces = _NOT_XML.sub("", " ".join(text.split())).split(TAKEN_OUT)
    part.text = pieces[0]
    for piece in pieces[1:]:
        _part(part, "gap", reason="taken-out").tail = piece


def _part(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    named = {f"{{{_XML}}}{one[4:]}" if one.startswith("xml_") else one: value for one, value in attributes.items()}
    made = Tree.SubElement(parent, name, {one: _NOT_XML.sub("", value) for one, value in named.items()})
    if text:
        made.text = _NOT_XML.sub("", text)
    return made


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"
