"""The finding aid of what everybody may know of, as EAD3 (https://www.loc.gov/ead/EAD3taglib/EAD3.html).

A collection with one component for each testimony, in the order in which they were told. It is the public's, whoever
asks: a file that travels says what may travel, and none of the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from flask import url_for

from archive.catalogue.cards import TestimonyCard
from web.exchange import oai_xml
from web.exchange.pbcore import THREE_LETTERS, UNTITLED

SPACE = "http://ead3.archivists.org/schema/"
NAME = "Archive of the Messenger Band"
AGENCY = "The Messenger Band"
ABOUT = (
    "Testimonies of farmers, sex workers, garment workers and landless people in Cambodia, collected by the Messenger "
    "Band, and the songs made of them. This finding aid lists those that everybody may know of."
)
Subjects = tuple[tuple[str, str], ...]

ElementTree.register_namespace("ead", SPACE)


def finding_aid(told: Iterable[tuple[TestimonyCard, Subjects]], day: str) -> Element:
    """The document.

    Args:
        day: on which it is made, ISO 8601.
    """
    made = ElementTree.Element(f"{{{SPACE}}}ead")
    _control(made, day)
    described = _part(made, "archdesc", level="collection")
    did = _part(described, "did")
    _part(did, "unittitle", NAME)
    _part(_part(_part(did, "repository"), "corpname"), "part", AGENCY)
    quantity = _part(did, "physdescstructured", coverage="whole", physdescstructuredtype="materialtype")
    _part(_part(described, "scopecontent"), "p", ABOUT)
    _part(_part(described, "accessrestrict"), "p", oai_xml.RIGHTS)
    listed = _part(described, "dsc", dsctype="combined")
    for card, subjects in told:
        _component(listed, card, subjects)
    _part(quantity, "quantity", str(len(listed)))
    _part(quantity, "unittype", "testimonies")
    if not len(listed):
        described.remove(listed)
    return made


def _control(made: Element, day: str) -> None:
    control = _part(made, "control")
    _part(control, "recordid", url_for("records.finding_aid", _external=True))
    filed = _part(control, "filedesc")
    _part(_part(filed, "titlestmt"), "titleproper", f"Finding aid of the {NAME}")
    _part(_part(filed, "publicationstmt"), "publisher", AGENCY)
    _part(control, "maintenancestatus", value="derived")
    _part(_part(control, "maintenanceagency"), "agencyname", AGENCY)
    declared = _part(control, "languagedeclaration")
    _part(declared, "language", "English", langcode="eng")
    _part(declared, "script", "Latin", scriptcode="Latn")
    event = _part(_part(control, "maintenancehistory"), "maintenanceevent")
    _part(event, "eventtype", value="derived")
    _part(event, "eventdatetime", day, standarddatetime=day)
    _part(event, "agenttype", value="machine")
    _part(event, "agent", "The archive's own software")


def _component(parent: Element, card: TestimonyCard, subjects: Subjects) -> None:
    made = _part(parent, "c", level="item", id=f"testimony-{card.id}")
    did = _part(made, "did")
    titles = [("khm", card.title_km), ("eng", card.title_en)]
    for language, title in [one for one in titles if one[1]] or [("eng", UNTITLED)]:
        _part(did, "unittitle", title, lang=language)
    _part(did, "unitid", url_for("testimony.show", testimony_id=card.id, _external=True))
    if card.recorded_on:
        _part(did, "unitdate", str(card.recorded_on))
    if letters := THREE_LETTERS.get(card.language.partition("-")[0]):
        _part(_part(did, "langmaterial"), "language", card.language, langcode=letters)
    for language, name in (("khm", card.name_km), ("eng", card.name_en)):
        if name:
            _part(_part(_part(did, "origination", label="Narrator"), "persname", lang=language), "part", name)
    for language, text in (("khm", card.synopsis_km), ("eng", card.synopsis_en)):
        if text:
            _part(_part(made, "scopecontent", lang=language), "p", text)
    _access(made, card, subjects)


def _access(made: Element, card: TestimonyCard, subjects: Subjects) -> None:
    letters = {"km": "khm", "en": "eng"}
    points = [("subject", letters.get(language, "eng"), name) for language, name in subjects]
    if card.place is not None:
        points += [("geogname", "khm", card.place.km), ("geogname", "eng", card.place.en or "Cambodia")]
    points = [one for one in points if one[2]]
    if points:
        access = _part(made, "controlaccess")
        for kind, language, name in points:
            _part(_part(access, kind, lang=language), "part", name)


def _part(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    return oai_xml.part(parent, name, text, SPACE, **attributes)
