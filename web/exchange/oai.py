"""Public records for the catalogues of others: OAI-PMH 2.0.

Source: https://www.openarchives.org/OAI/openarchivesprotocol.html.

Whoever is signed in harvests as the public does. A record holds what everybody may know of a testimony and none of its
words; one that was taken back, narrowed or destroyed is answered as deleted, for good. Days are no finer than days.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NoReturn
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, request, url_for
from sqlalchemy.orm import Session

from archive.pages import harvesting
from web.exchange import oai_xml, pbcore
from web.site.security import limiter
from web.site.viewer import backends, database

oai = Blueprint("oai", __name__)

PAGE = 100
FORMATS: dict[str, tuple[str, str, oai_xml.Writer]] = {
    "oai_dc": (f"{oai_xml.OAI}oai_dc.xsd", oai_xml.OAI_DC, oai_xml.dublin_core),
    "pbcore": (pbcore.SCHEMA, pbcore.SPACE, pbcore.pbcore),
}
"""Prefix -> where its schema is, its namespace, and what writes it."""
_ID = re.compile(r"oai:[^:]+:([0-9a-f]{32})")
_LISTING = frozenset({"from", "until", "set", "metadataPrefix", "resumptionToken"})
ARGUMENTS = {
    "Identify": frozenset[str](),
    "ListMetadataFormats": frozenset({"identifier"}),
    "ListSets": frozenset({"resumptionToken"}),
    "GetRecord": frozenset({"identifier", "metadataPrefix"}),
    "ListIdentifiers": _LISTING,
    "ListRecords": _LISTING,
}


class OaiError(Exception):
    """An error of the protocol, with its code."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a list request asks for: a form, days, and the record behind which it goes on."""

    prefix: str
    since: str = ""
    until: str = ""
    day: str = ""
    id: str = ""

    def token(self) -> str:
        said = "|".join((self.prefix, self.since, self.until, self.day, self.id))
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


@oai.get("/oai")
@limiter.limit("1200 per hour")
def answer() -> Response:
    """Every verb of the protocol; an error of the protocol is an answer too."""
    if not backends().settings.harvest_contact:
        abort(404)
    given = {name: request.args[name] for name in request.args}
    root = oai_xml.answer(url_for("oai.answer", _external=True))
    asked = root[1]
    try:
        verb = _verb()
        asked.attrib.update(given)
        if verb != "ListSets":
            harvesting.bring_up_to_date(database())
        with database().read() as session:
            ANSWERS[verb](session, oai_xml.part(root, verb), given)
    except OaiError as error:
        for part in [one for one in root if one.tag.endswith(tuple(ARGUMENTS))]:
            root.remove(part)
        if error.code in {"badVerb", "badArgument"}:
            asked.attrib.clear()
        oai_xml.part(root, "error", str(error), code=error.code)
    return Response(oai_xml.text(root), content_type="text/xml; charset=utf-8", headers={"Cache-Control": "no-store"})


def _verb() -> str:
    verbs = request.args.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in ARGUMENTS:
        raise OaiError("badVerb", "There is no such verb, or not one.")
    names = [name for name, _ in request.args.items(multi=True) if name != "verb"]
    if len(names) != len(set(names)) or not set(names) <= ARGUMENTS[verbs[0]]:
        raise OaiError("badArgument", "An argument is said twice, or is none of this verb.")
    return verbs[0]


def _identify(session: Session, part: ElementTree.Element, given: Mapping[str, str]) -> None:
    for name, text in (
        ("repositoryName", "Archive of the Messenger Band"),
        ("baseURL", url_for("oai.answer", _external=True)),
        ("protocolVersion", "2.0"),
        ("adminEmail", backends().settings.harvest_contact),
        ("earliestDatestamp", harvesting.earliest(session)),
        ("deletedRecord", "persistent"),
        ("granularity", "YYYY-MM-DD"),
    ):
        oai_xml.part(part, name, text)


def _formats(session: Session, part: ElementTree.Element, given: Mapping[str, str]) -> None:
    if "identifier" in given:
        _record(session, given)
    for prefix, (schema, space, _) in FORMATS.items():
        oai_xml.format_of(part, prefix, schema, space)


def _sets(session: Session, part: ElementTree.Element, given: Mapping[str, str]) -> NoReturn:
    raise OaiError("noSetHierarchy", "There are no sets.")


def _get(session: Session, part: ElementTree.Element, given: Mapping[str, str]) -> None:
    if "identifier" not in given or "metadataPrefix" not in given:
        raise OaiError("badArgument", "It needs an identifier and a metadataPrefix.")
    found = _record(session, given)
    _known_prefix(given["metadataPrefix"])
    oai_xml.record(part, found, _host(), FORMATS[given["metadataPrefix"]][2])


def _record(session: Session, given: Mapping[str, str]) -> harvesting.HarvestRecord:
    matched = _ID.fullmatch(given["identifier"])
    found = harvesting.record(session, matched[1]) if matched else None
    if found is None or given["identifier"] != oai_xml.identifier(_host(), found.id):
        raise OaiError("idDoesNotExist", "There is no such record.")
    return found


def _identifiers(session: Session, part: ElementTree.Element, given: Mapping[str, str]) -> None:
    _listed(session, part, given, whole=False)


def _records(session: Session, part: ElementTree.Element, given: Mapping[str, str]) -> None:
    _listed(session, part, given, whole=True)


def _listed(session: Session, part: ElementTree.Element, given: Mapping[str, str], *, whole: bool) -> None:
    asked = _harvest(given)
    found, more = harvesting.records(session, asked.since, asked.until, (asked.day, asked.id), PAGE)
    if not found:
        raise OaiError("noRecordsMatch", "Nothing of these days.")
    for one in found:
        if whole:
            oai_xml.record(part, one, _host(), FORMATS[asked.prefix][2])
        else:
            oai_xml.header(part, one, _host())
    if more or "resumptionToken" in given:
        last = found[-1]
        token = Harvest(asked.prefix, asked.since, asked.until, last.changed_on, last.id).token() if more else ""
        oai_xml.part(part, "resumptionToken", token)


def _harvest(given: Mapping[str, str]) -> Harvest:
    if "resumptionToken" in given:
        if len(given) > 2:
            raise OaiError("badArgument", "A resumptionToken stands alone.")
        return _resumed(given["resumptionToken"])
    if "metadataPrefix" not in given:
        raise OaiError("badArgument", "It needs a metadataPrefix.")
    if "set" in given:
        raise OaiError("noSetHierarchy", "There are no sets.")
    _known_prefix(given["metadataPrefix"])
    since, until = _day(given.get("from", "")), _day(given.get("until", ""))
    if since and until and since > until:
        raise OaiError("badArgument", "It ends before it begins.")
    return Harvest(given["metadataPrefix"], since, until)


def _resumed(token: str) -> Harvest:
    try:
        said = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split("|")
        prefix, since, until, day, last = said
        found = Harvest(prefix, _day(since), _day(until), _day(day), last)
    except (ValueError, OaiError):
        raise OaiError("badResumptionToken", "This is none of our tokens.") from None
    if prefix not in FORMATS or not found.day or not re.fullmatch(r"[0-9a-f]{32}", last):
        raise OaiError("badResumptionToken", "This is none of our tokens.")
    return found


def _day(text: str) -> str:
    """A day as it is asked for; empty for none."""
    if not text:
        return ""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError(text)
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise OaiError("badArgument", "Days are written YYYY-MM-DD.") from None


def _known_prefix(prefix: str) -> None:
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"Records are given as {' and '.join(FORMATS)}.")


def _host() -> str:
    """The name of this site, which stands in every identifier."""
    return request.host.partition(":")[0]


ANSWERS = {
    "Identify": _identify,
    "ListMetadataFormats": _formats,
    "ListSets": _sets,
    "GetRecord": _get,
    "ListIdentifiers": _identifiers,
    "ListRecords": _records,
}
