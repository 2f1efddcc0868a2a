"""The documents of OAI-PMH and the Dublin Core in them (https://www.openarchives.org/OAI/2.0/oai_dc.xsd)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from flask import url_for

from archive.catalogue.cards import TestimonyCard
from archive.pages.harvesting import HarvestRecord

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RIGHTS = (
    "Its narrator decides who may hear and read it, and can take it back at any time. Forget it when this archive "
    "answers that it is deleted."
)
Writer = Callable[[TestimonyCard, tuple[tuple[str, str], ...]], Element]
"""What makes a record of a card and the names of its themes by language."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
for _prefix, _space in (("", OAI), ("oai_dc", OAI_DC), ("dc", DC), ("xsi", XSI)):
    ElementTree.register_namespace(_prefix, _space)


def answer(address: str) -> Element:
    """An answer with its moment; what was asked comes next."""
    root = ElementTree.Element(f"{{{OAI}}}OAI-PMH", {f"{{{XSI}}}schemaLocation": f"{OAI} {OAI}OAI-PMH.xsd"})
    part(root, "responseDate", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    part(root, "request", address)
    return root


def part(parent: Element, name: str, text: str = "", space: str = OAI, **attributes: str) -> Element:
    made = ElementTree.SubElement(parent, f"{{{space}}}{name}", attributes)
    if text:
        made.text = _NOT_XML.sub("", text)
    return made


def text(root: Element) -> bytes:
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def identifier(host: str, record_id: str) -> str:
    return f"oai:{host}:{record_id}"


def header(parent: Element, record: HarvestRecord, host: str) -> None:
    made = part(parent, "header", **({} if record.card else {"status": "deleted"}))
    part(made, "identifier", identifier(host, record.id))
    part(made, "datestamp", record.changed_on)


def record(parent: Element, found: HarvestRecord, host: str, write: Writer) -> None:
    """A record in the form that `write` makes; of a deleted one the header alone."""
    made = part(parent, "record")
    header(made, found, host)
    if found.card is None:
        return
    part(made, "metadata").append(write(found.card, found.subjects))


def dublin_core(card: TestimonyCard, subjects: tuple[tuple[str, str], ...]) -> Element:
    """What a card tells, as `oai_dc`; `subjects` are names of themes by their languages."""
    made = ElementTree.Element(f"{{{OAI_DC}}}dc", {f"{{{XSI}}}schemaLocation": f"{OAI_DC} {OAI}oai_dc.xsd"})
    for name, language, value in _fields(card, subjects):
        one = part(made, name, value, DC)
        if language:
            one.set(XML_LANG, language)
    return made


def format_of(parent: Element, prefix: str, schema: str, space: str) -> None:
    made = part(parent, "metadataFormat")
    part(made, "metadataPrefix", prefix)
    part(made, "schema", schema)
    part(made, "metadataNamespace", space)


def _fields(card: TestimonyCard, subjects: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str, str]]:
    """Elements with their language and text, those that say something."""
    place = card.place
    given = (
        ("title", "km", card.title_km),
        ("title", "en", card.title_en),
        ("creator", "km", card.name_km),
        ("creator", "en", card.name_en),
        *(("subject", language, name) for language, name in subjects),
        ("subject", "en", card.community),
        ("description", "km", card.synopsis_km),
        ("description", "en", card.synopsis_en),
        ("publisher", "en", "Archive of the Messenger Band"),
        ("date", "", str(card.recorded_on or "")),
        ("type", "", "Sound"),
        ("type", "en", "Oral testimony"),
        ("identifier", "", url_for("testimony.show", testimony_id=card.id, _external=True)),
        ("language", "", card.language),
        ("coverage", "km", place.km if place else ""),
        ("coverage", "en", (place.en or "Cambodia") if place else ""),
        ("rights", "en", RIGHTS),
    )
    return ((name, language, value) for name, language, value in given if value)
