"""The concepts of a SKOS file, in Turtle or RDF/XML, read apart from the site since the file is a stranger's.

What is taken: preferred, other and hidden labels in Khmer and English, what is broader or narrower, and what is
deprecated or replaced. Labels of SKOS-XL, collections, notes and mappings are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from media.apart import Overrun, read_apart
from media.skos import rdf_xml, turtle
from media.skos.triples import DCTERMS, OWL, SKOS, TYPE, LiteralText, Triple
from media.timed.limits import TooMuch, Unreadable

LARGEST = 2 * 1024 * 1024
MOST_CONCEPTS = 5_000
LANGUAGES = ("km", "en")
_LABELS = (f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{SKOS}hiddenLabel")
_CPU_S = 10.0


class NotSkos(ArchiveError, ValueError):
    """The file holds no thesaurus that can be read."""


@dataclass(slots=True)
class Concept:
    """A concept as its file has it.

    Attributes:
        names: by language, the preferred one first; one that is preferred twice in a language counts once.
        several: the languages in which it has more than one preferred label.
        broader: the addresses of what is broader.
        retired: it is deprecated; `into` is the address of what replaces it.
    """

    iri: str
    names: dict[str, list[str]] = field(default_factory=dict)
    several: list[str] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    retired: bool = False
    into: str = ""


def read(data: bytes) -> list[Concept]:
    """The concepts of a file. Raises NotSkos."""
    if len(data) > LARGEST:
        raise NotSkos(Message("A thesaurus has at most {n} MB."), n=LARGEST // 1024 // 1024)
    try:
        told = read_apart("media.skos.concepts:plainly", data, cpu_s=_CPU_S)
    except Overrun as error:
        raise NotSkos(error.sentence) from None
    if "wrong" in told:
        raise NotSkos(FilledMessage.from_json(told["wrong"]))
    return [Concept(**one) for one in told["concepts"]]


def plainly(data: bytes) -> dict[str, Any]:
    """What `read` reads, in the process made for it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return {"wrong": FilledMessage(Message("The file is not written in UTF-8.")).as_json()}
    is_xml = text.lstrip().startswith("<?xml") or text.lstrip().startswith("<rdf:RDF")
    try:
        found = concepts(rdf_xml.read(text.encode()) if is_xml else turtle.read(text))
    except Unreadable as error:
        return {"wrong": error.sentence.as_json()}
    if not found:
        return {"wrong": FilledMessage(Message("The file holds no concepts.")).as_json()}
    return {"concepts": [asdict(one) for one in found]}


def concepts(triples: Iterable[Triple]) -> list[Concept]:
    """Everything that is said to be a concept, or has a preferred label, in the order of the file. Raises TooMuch."""
    found: dict[str, Concept] = {}
    labels: dict[str, dict[str, list[tuple[int, str]]]] = {}
    below: list[tuple[str, str]] = []
    sure: set[str] = set()
    for subject, verb, thing in triples:
        one = found.setdefault(subject, Concept(subject))
        if verb == TYPE and thing == f"{SKOS}Concept":
            sure.add(subject)
        elif verb in _LABELS and isinstance(thing, LiteralText):
            if verb == _LABELS[0]:
                sure.add(subject)
            language = thing.language.partition("-")[0] or "en"
            labels.setdefault(subject, {}).setdefault(language, []).append((_LABELS.index(verb), thing.text))
        elif verb == f"{SKOS}broader" and isinstance(thing, str):
            one.broader.append(thing)
        elif verb == f"{SKOS}narrower" and isinstance(thing, str):
            below.append((thing, subject))
        elif verb == f"{OWL}deprecated" and isinstance(thing, LiteralText):
            one.retired = thing.text.strip() in {"true", "1"}
        elif verb == f"{DCTERMS}isReplacedBy" and isinstance(thing, str):
            one.into = thing
    for narrower, broader in below:
        if narrower in found:
            found[narrower].broader.append(broader)
    kept = [one for one in found.values() if one.iri in sure and not one.iri.startswith("_:")]
    if len(kept) > MOST_CONCEPTS:
        raise TooMuch(Message("A thesaurus has at most {n} concepts here."), n=MOST_CONCEPTS)
    for one in kept:
        one.broader = list(dict.fromkeys(one.broader))
        for language in LANGUAGES:
            written = sorted(labels.get(one.iri, {}).get(language, ()), key=lambda label: label[0])
            if sum(not rank for rank, _ in written) > 1:
                one.several.append(language)
            if written:
                one.names[language] = list(dict.fromkeys(text for _, text in written))
    return kept
