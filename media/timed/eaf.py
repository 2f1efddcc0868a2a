"""ELAN annotation files (.eaf), EAF 3.0 (https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf).

Linguists and oral historians correct transcripts in ELAN: one tier for each speaker, every annotation aligned to the
recording.
"""

from __future__ import annotations

import xml.etree.ElementTree as Tree  # only to build; what comes in is read by `xml_events`
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.language.messages import Message
from archive.timing import Utterance
from media.timed.limits import MOST_LINES, Unreadable, checked_ms, not_too_long, not_too_many, whole
from media.timed.lines import one_line
from media.timed.markup import guarded, plain
from media.timed.xml_events import walk

_NOBODY = "speech"


def write(utterances: Sequence[Utterance], *, media: str = "", date: str = "1970-01-01T00:00:00+00:00") -> str:
    """A transcript as an ELAN document.

    Args:
        media: name of the sound file beside it.
        date: ISO 8601, of the transcript version; not of the export, so that the same transcript gives the same bytes.
    """
    root = Tree.Element("ANNOTATION_DOCUMENT", {"AUTHOR": "", "DATE": date, "FORMAT": "3.0", "VERSION": "3.0"})
    header = Tree.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    if media:
        relative = {"MEDIA_URL": media, "RELATIVE_MEDIA_URL": f"./{media}", "MIME_TYPE": "audio/*"}
        Tree.SubElement(header, "MEDIA_DESCRIPTOR", relative)
    order = Tree.SubElement(root, "TIME_ORDER")
    moments = sorted({moment for said in utterances for moment in (said.start_ms, said.end_ms)})
    slots = {moment: f"ts{number}" for number, moment in enumerate(moments, start=1)}
    for moment, slot in slots.items():
        Tree.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slot, "TIME_VALUE": str(moment)})
    speakers = list(dict.fromkeys(said.speaker or _NOBODY for said in utterances)) or [_NOBODY]
    number = 0
    for speaker in speakers:
        attributes = {"LINGUISTIC_TYPE_REF": "utterance", "TIER_ID": speaker}
        tier = Tree.SubElement(root, "TIER", attributes | ({"PARTICIPANT": speaker} if speaker != _NOBODY else {}))
        for said in utterances:
            if (said.speaker or _NOBODY) == speaker:
                number += 1
                place = {"TIME_SLOT_REF1": slots[said.start_ms], "TIME_SLOT_REF2": slots[said.end_ms]}
                cell = Tree.SubElement(tier, "ANNOTATION")
                aligned = Tree.SubElement(cell, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": f"a{number}"} | place)
                Tree.SubElement(aligned, "ANNOTATION_VALUE").text = guarded(one_line(said.text))
    kind = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": "utterance", "TIME_ALIGNABLE": "true"}
    Tree.SubElement(root, "LINGUISTIC_TYPE", kind)
    Tree.indent(root)
    return Tree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def read(text: str) -> list[Utterance]:
    """The aligned annotations of every tier, in order of time; the tier's participant, or its name, is the speaker.

    Raises:
        Unreadable: when it is no ELAN document.
    """
    heard = _Heard()
    walk(text.encode(), heard, Message("an ELAN document"))
    return heard.utterances()


@dataclass(slots=True)
class _Annotation:
    start: str
    end: str
    speaker: str | None
    line: int
    pieces: list[str]


class _Heard:
    """What of an ELAN document is time, tier or words, as it goes by."""

    def __init__(self) -> None:
        self._slots: dict[str, tuple[str, int]] = {}
        self._annotations: list[_Annotation] = []
        self._speaker: str | None = None
        self._aligned = self._inside = self._begun = False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        if not self._begun and name != "ANNOTATION_DOCUMENT":
            raise Unreadable(Message("The file is XML, but not an ELAN document."))
        self._begun = True
        if name == "TIME_SLOT" and "TIME_VALUE" in attributes:
            self._slots[attributes.get("TIME_SLOT_ID", "")] = attributes["TIME_VALUE"], line
        elif name == "TIER":
            named = one_line(attributes.get("PARTICIPANT") or attributes.get("TIER_ID") or "")
            self._speaker = None if named == _NOBODY else named
        elif name == "ALIGNABLE_ANNOTATION":
            not_too_many(self._annotations, line, MOST_LINES * 2)
            start, end = (attributes.get(f"TIME_SLOT_REF{side}", "") for side in (1, 2))
            self._annotations.append(_Annotation(start, end, self._speaker, line, []))
            self._aligned = True
        elif name == "ANNOTATION_VALUE":
            self._inside = self._aligned

    def text(self, piece: str) -> None:
        if self._inside:
            self._annotations[-1].pieces.append(piece)

    def end(self, name: str) -> None:
        if name == "ANNOTATION_VALUE":
            self._inside = False
        elif name == "ALIGNABLE_ANNOTATION":
            self._aligned = False

    def utterances(self) -> list[Utterance]:
        found: list[Utterance] = []
        for one in self._annotations:
            content = one_line(plain(not_too_long("".join(one.pieces), one.line)))
            if content and one.start in self._slots and one.end in self._slots:
                not_too_many(found, one.line)
                start, end = self._moment(one.start), self._moment(one.end)
                found.append(Utterance(start, end, content, speaker=one.speaker))
        return sorted(found, key=lambda said: (said.start_ms, said.end_ms))

    def _moment(self, slot: str) -> int:
        value, line = self._slots[slot]
        return checked_ms(whole(value, line), line)
