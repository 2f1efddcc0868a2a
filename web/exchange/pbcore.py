"""A testimony as a PBCore 2.1 description document (https://pbcore.org/elements), for archives of sound.

The order of the elements is the published schema's
(https://raw.githubusercontent.com/WGBH/PBCore_2.1/master/pbcore-2.1.xsd). It says what a card tells whoever asks.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from flask import url_for

from archive.catalogue.cards import TestimonyCard
from web.exchange import oai_xml

SPACE = "http://www.pbcore.org/PBCore/PBCoreNamespace.html"
SCHEMA = "https://raw.githubusercontent.com/WGBH/PBCore_2.1/master/pbcore-2.1.xsd"
NAMES = {"km": "Khmer", "en": "English"}
THREE_LETTERS = {
    "km": "khm",
    "en": "eng",
    "fr": "fra",
    "vi": "vie",
    "th": "tha",
    "lo": "lao",
    "zh": "zho",
    "cjm": "cjm",
}
"""ISO 639-2, which the schema asks for; any other language is left out."""
UNTITLED, UNDESCRIBED = "A testimony without a title", "Oral testimony"

ElementTree.register_namespace("pbcore", SPACE)


def pbcore(card: TestimonyCard, subjects: tuple[tuple[str, str], ...]) -> Element:
    """The document; `subjects` are names of themes by their languages."""
    made = ElementTree.Element(
        f"{{{SPACE}}}pbcoreDescriptionDocument", {f"{{{oai_xml.XSI}}}schemaLocation": f"{SPACE} {SCHEMA}"}
    )
    address = url_for("testimony.show", testimony_id=card.id, _external=True)
    _part(made, "pbcoreAssetType", "Oral history interview")
    if card.recorded_on:
        _part(made, "pbcoreAssetDate", str(card.recorded_on), dateType="created", annotation="EDTF")
    _part(made, "pbcoreIdentifier", address, source="Archive of the Messenger Band")
    _texts(made, "pbcoreTitle", card.title_km, card.title_en, UNTITLED)
    for language, name in subjects:
        _part(made, "pbcoreSubject", name, annotation=NAMES.get(language, language))
    _texts(made, "pbcoreDescription", card.synopsis_km, card.synopsis_en, UNDESCRIBED)
    _part(made, "pbcoreGenre", "Oral history")
    _coverage(made, card)
    for language, name in (("km", card.name_km), ("en", card.name_en)):
        if name:
            creator = _part(made, "pbcoreCreator")
            _part(creator, "creator", name, annotation=NAMES[language])
            _part(creator, "creatorRole", "Narrator")
    _part(_part(made, "pbcorePublisher"), "publisher", "Archive of the Messenger Band")
    _part(_part(made, "pbcoreRightsSummary"), "rightsSummary", oai_xml.RIGHTS)
    _instantiation(made, card, address)
    return made


def _texts(parent: Element, name: str, km: str, en: str, otherwise: str) -> None:
    """In each language that there is; the schema asks for one at least."""
    given = [(NAMES[language], text) for language, text in (("km", km), ("en", en)) if text]
    for language, text in given or [(NAMES["en"], otherwise)]:
        _part(parent, name, text, annotation=language)


def _coverage(parent: Element, card: TestimonyCard) -> None:
    if card.place is None:
        return
    for language, name in (("km", card.place.km), ("en", card.place.en or "Cambodia")):
        if name:
            made = _part(parent, "pbcoreCoverage")
            _part(made, "coverage", name, annotation=NAMES[language])
            _part(made, "coverageType", "Spatial")


def _instantiation(parent: Element, card: TestimonyCard, address: str) -> None:
    """The sound, where it may be heard; it is played on the testimony's page."""
    if card.recording_id is None:
        return
    made = _part(parent, "pbcoreInstantiation")
    _part(made, "instantiationIdentifier", card.recording_id, source="Archive of the Messenger Band")
    _part(made, "instantiationDigital", "audio/mp4")
    _part(made, "instantiationLocation", address)
    _part(made, "instantiationMediaType", "Sound")
    _part(made, "instantiationGenerations", "Access copy")
    if card.duration_ms:
        seconds, rest = divmod(card.duration_ms, 1000)
        hours, minutes = seconds // 3600, seconds // 60 % 60
        _part(made, "instantiationDuration", f"{hours:02}:{minutes:02}:{seconds % 60:02}.{rest:03}")
    if letters := THREE_LETTERS.get(card.language.partition("-")[0]):
        _part(made, "instantiationLanguage", letters)


def _part(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    return oai_xml.part(parent, name, text, SPACE, **attributes)
