"""OHMS XML: how the Oral History Metadata Synchronizer of the Nunn Center keeps an indexed interview (schema 6.0).

Written for schema 6.0, whose order of elements is fixed; `media.timed.ohms_reading` reads it. A point's time is whole
seconds there, and the transcript is WebVTT.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as Tree  # only to build; what comes in is read by `ohms_reading`
from dataclasses import dataclass, field

from archive.timing import Utterance
from media.timed import webvtt
from media.timed.typed import Typed

NAMESPACE = "https://www.weareavp.com/nunncenter/ohms"


@dataclass(frozen=True, slots=True)
class OhmsPlace:
    """A point on the map: degrees north and east, and what it is called."""

    latitude: float | None
    longitude: float | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class OhmsPoint:
    """A point of the index; what ends in `_alt` is in the record's other language."""

    start_ms: int
    title: str = ""
    title_alt: str = ""
    synopsis: str = ""
    synopsis_alt: str = ""
    partial: str = ""
    keywords: tuple[str, ...] = ()
    keywords_alt: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    places: tuple[OhmsPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class OhmsRecord:
    """An interview: when it was held, and when this record of it was made; `coarse` when its times are a sync's."""

    title: str = ""
    identifier: str = ""
    date: str = ""
    made: str = ""
    language: str = ""
    other_language: str = ""
    duration_ms: int | None = None
    interviewees: tuple[str, ...] = ()
    repository: str = ""
    rights: str = ""
    utterances: tuple[Utterance, ...] = ()
    points: tuple[OhmsPoint, ...] = ()
    paragraphs: tuple[Typed, ...] = field(default=())
    coarse: bool = False


def write(record: OhmsRecord) -> bytes:
    """A record as OHMS XML; the same record gives the same bytes."""
    root = Tree.Element("ROOT", {"xmlns": NAMESPACE})  # said here: a prefix that is registered is every document's
    number = str(int(hashlib.sha256(record.identifier.encode()).hexdigest()[:7], 16))
    entry = Tree.SubElement(root, "record", {"id": number, "dt": record.made or "1970-01-01"})
    _add(entry, "version", "6.0")
    Tree.SubElement(
        entry, "date", {"value": record.date, "format": "yyyy-mm-dd" if len(record.date) in (0, 10) else "EDTF"}
    )
    _add(entry, "title", record.title or record.identifier)
    optional = [("accession", record.identifier), ("duration", _clock(record.duration_ms))]
    optional += [("repository", record.repository), *(("interviewee", one) for one in record.interviewees)]
    for name, value in optional:
        if value:
            _add(entry, name, value)
    if record.other_language:
        _add(entry, "transcript_alt_lang", record.other_language)
        _add(entry, "translate", "0")
    if record.language:
        _add(entry, "language", record.language)
    if record.points:
        index = Tree.SubElement(entry, "index")
        for point in record.points:
            _point(index, point)
    if record.utterances:
        _add(entry, "vtt_transcript", webvtt.write_transcript(record.utterances, word_times=False))
    if record.rights:
        _add(entry, "rights", record.rights)
    _add(entry, "fmt", "audio")
    Tree.indent(root)
    return f"{Tree.tostring(root, encoding='unicode', xml_declaration=True)}\n".encode()


def _point(index: Tree.Element, point: OhmsPoint) -> None:
    made = Tree.SubElement(index, "point")
    _add(made, "time", str(point.start_ms // 1000))
    values = {
        "title": point.title,
        "title_alt": point.title_alt,
        "partial_transcript": point.partial,
        "synopsis": point.synopsis,
        "synopsis_alt": point.synopsis_alt,
        "keywords": "; ".join(point.keywords),
        "keywords_alt": "; ".join(point.keywords_alt),
        "subjects": "; ".join(point.subjects),
    }
    for name, value in values.items():
        if value:
            _add(made, name, value)
    for place in point.places:
        at = Tree.SubElement(made, "gpspoints")
        if place.latitude is not None and place.longitude is not None:
            _add(at, "gps", f"{place.latitude:g}, {place.longitude:g}")
        _add(at, "gps_zoom", "")
        _add(at, "gps_text", place.name)


def _add(parent: Tree.Element, name: str, value: str) -> None:
    Tree.SubElement(parent, name).text = "".join(letter for letter in value if letter in "\n\t" or letter >= " ")


def _clock(time_ms: int | None) -> str:
    if time_ms is None:
        return ""
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}"
