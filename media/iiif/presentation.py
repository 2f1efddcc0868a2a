"""A sound with its words as a IIIF manifest, and lists of them as collections.

IIIF Presentation API 3.0 (https://iiif.io/api/presentation/3.0/): a canvas with a duration, the sound painted on it,
the words as WebVTT beside it (`supplementing`), and titled moments as ranges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONTEXT = "http://iiif.io/api/presentation/3/context.json"
Names = Mapping[str, str]
"""Language -> text; what is empty is not said."""


@dataclass(frozen=True, slots=True)
class PaintedSound:
    """A sound to be played: its address and MIME type."""

    address: str
    mimetype: str


@dataclass(frozen=True, slots=True)
class WordsFile:
    """The words in one language, as WebVTT at an address."""

    address: str
    language: str
    label: Names


@dataclass(frozen=True, slots=True)
class TitledMoment:
    """A stretch that somebody named; `end_ms` is where the next one begins."""

    start_ms: int
    end_ms: int
    label: Names


@dataclass(frozen=True, slots=True)
class SoundManifest:
    """What a manifest says.

    Attributes:
        address: its own, which ends in a name of a file; what is in it is named below the same folder.
        metadata: rows of a name and a value.
        statement: what a viewer must show with it.
        sound: None where it may not be heard; the words then stand on a silent canvas.
        services: what else can be asked of it, each with the context that explains it.
    """

    address: str
    label: Names
    summary: Names
    metadata: Sequence[tuple[Names, Names]]
    statement: Names
    statement_label: Names
    homepage: str
    duration_ms: int
    sound: PaintedSound | None
    words: Sequence[WordsFile] = ()
    moments: Sequence[TitledMoment] = ()
    services: Sequence[tuple[str, Mapping[str, Any]]] = ()

    @property
    def base(self) -> str:
        """The folder under which the parts of it are named."""
        return self.address.rpartition("/")[0]


def manifest(told: SoundManifest) -> dict[str, Any]:
    """The manifest as what JSON is written from."""
    canvas = f"{told.base}/canvas"
    painted = f"{told.base}/sound"
    items: list[dict[str, Any]] = []
    if told.sound is not None:
        body = {
            "id": told.sound.address,
            "type": "Sound",
            "format": told.sound.mimetype,
            "duration": _seconds(told.duration_ms),
        }
        items.append(_annotation(f"{painted}/of-it", "painting", body, canvas))
    page: dict[str, Any] = {"id": painted, "type": "AnnotationPage", "items": items}
    shown: dict[str, Any] = {
        "id": canvas,
        "type": "Canvas",
        "label": _said(told.label),
        "duration": _seconds(told.duration_ms),
        "items": [page],
    }
    if told.words:
        shown["annotations"] = [_words(told, canvas)]
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "id": told.address,
        "type": "Manifest",
        "label": _said(told.label),
        "metadata": [{"label": _said(name), "value": _said(value)} for name, value in told.metadata],
        "requiredStatement": {"label": _said(told.statement_label), "value": _said(told.statement)},
        "homepage": [{"id": told.homepage, "type": "Text", "label": _said(told.label), "format": "text/html"}],
        "items": [shown],
    }
    if any(told.summary.values()):
        found["summary"] = _said(told.summary)
    if told.services:
        found["@context"] = [*(context for context, _ in told.services), CONTEXT]
        found["service"] = [dict(service) for _, service in told.services]
    if told.moments:
        found["structures"] = [_ranges(told, canvas)]
    return found


def _words(told: SoundManifest, canvas: str) -> dict[str, Any]:
    """The words of every language, each a file of its own."""
    items = [
        _annotation(
            f"{told.base}/words/{one.language}",
            "supplementing",
            {
                "id": one.address,
                "type": "Text",
                "format": "text/vtt",
                "language": one.language,
                "label": _said(one.label),
            },
            canvas,
        )
        for one in told.words
    ]
    return {"id": f"{told.base}/words", "type": "AnnotationPage", "items": items}


def _annotation(address: str, motivation: str, body: dict[str, Any], target: str) -> dict[str, Any]:
    return {"id": address, "type": "Annotation", "motivation": motivation, "body": body, "target": target}


def _ranges(told: SoundManifest, canvas: str) -> dict[str, Any]:
    items = []
    for number, one in enumerate(told.moments, 1):
        place = f"{canvas}#t={clock(one.start_ms)},{clock(one.end_ms)}"
        items.append(
            {
                "id": f"{told.base}/moment/{number}",
                "type": "Range",
                "label": _said(one.label),
                "items": [{"id": place, "type": "Canvas"}],
            }
        )
    return {"id": f"{told.base}/moments", "type": "Range", "label": _said(told.label), "items": items}


@dataclass(frozen=True, slots=True)
class ListedManifest:
    """A manifest, or a collection where `kind` says so, in a collection."""

    address: str
    label: Names
    kind: str = "Manifest"


def collection(address: str, label: Names, items: Sequence[ListedManifest]) -> dict[str, Any]:
    """A collection as what JSON is written from."""
    return {
        "@context": CONTEXT,
        "id": address,
        "type": "Collection",
        "label": _said(label),
        "items": [{"id": one.address, "type": one.kind, "label": _said(one.label)} for one in items],
    }


def _said(names: Names) -> dict[str, list[str]]:
    found = {language or "none": [text] for language, text in names.items() if text}
    return found or {"none": [""]}


def _seconds(milliseconds: int) -> float:
    return max(milliseconds, 1) / 1000


def clock(milliseconds: int) -> str:
    """Seconds as a media fragment has them."""
    return f"{milliseconds / 1000:.3f}".rstrip("0").rstrip(".")
