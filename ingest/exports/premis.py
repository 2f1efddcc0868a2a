"""PREMIS 3.0: what an object is and what was done to it, for whoever keeps it.

Source: https://www.loc.gov/standards/premis/v3/.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

PREMIS = "http://www.loc.gov/premis/v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ElementTree.register_namespace("premis", PREMIS)
ElementTree.register_namespace("xsi", XSI)


@dataclass(frozen=True, slots=True)
class PreservedFile:
    """A file; `key` names it in its bag."""

    key: str
    sha256: str
    size: int
    format: str


@dataclass(frozen=True, slots=True)
class PreservedEvent:
    """Something that was done: `kind` from the Library of Congress's list of event types."""

    kind: str
    at: datetime
    detail: str
    outcome: str
    about: str


def premis(files: Iterable[PreservedFile], events: Iterable[PreservedEvent]) -> bytes:
    """The document of one bag."""
    root = ElementTree.Element(f"{{{PREMIS}}}premis", {"version": "3.0"})
    for file in files:
        _file(root, file)
    for number, event in enumerate(events, 1):
        _event(root, event, number)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _file(root: ElementTree.Element, file: PreservedFile) -> None:
    made = _part(root, "object", **{f"{{{XSI}}}type": "premis:file"})
    _identified(made, "objectIdentifier", file.key)
    characteristics = _part(made, "objectCharacteristics")
    fixity = _part(characteristics, "fixity")
    _part(fixity, "messageDigestAlgorithm", "SHA-256")
    _part(fixity, "messageDigest", file.sha256)
    _part(characteristics, "size", str(file.size))
    _part(_part(_part(characteristics, "format"), "formatDesignation"), "formatName", file.format)


def _event(root: ElementTree.Element, event: PreservedEvent, number: int) -> None:
    made = _part(root, "event")
    _identified(made, "eventIdentifier", f"event-{number}")
    _part(made, "eventType", event.kind)
    _part(made, "eventDateTime", event.at.isoformat())
    _part(_part(made, "eventDetailInformation"), "eventDetail", event.detail)
    _part(_part(made, "eventOutcomeInformation"), "eventOutcome", event.outcome)
    about = _part(made, "linkingObjectIdentifier")
    _part(about, "linkingObjectIdentifierType", "local")
    _part(about, "linkingObjectIdentifierValue", event.about)


def _identified(parent: ElementTree.Element, name: str, value: str) -> None:
    made = _part(parent, name)
    _part(made, f"{name}Type", "local")
    _part(made, f"{name}Value", value)


def _part(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{PREMIS}}}{name}", attributes)
    if text:
        made.text = text
    return made
