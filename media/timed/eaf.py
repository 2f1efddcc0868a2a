"""ELAN annotation files (.eaf), EAF 3.0 (https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf).

Linguists and oral historians correct transcripts in ELAN: one tier for each speaker, every annotation aligned to the
recording.
"""

from __future__ import annotations

import xml.etree.ElementTree as Tree  # only to build; what comes in is parsed by defusedxml
from collections.abc import Sequence

from defusedxml import ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from archive.timing import Utterance
from media.timed.lines import Unreadable, one_line

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
                Tree.SubElement(aligned, "ANNOTATION_VALUE").text = one_line(said.text)
    kind = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": "utterance", "TIME_ALIGNABLE": "true"}
    Tree.SubElement(root, "LINGUISTIC_TYPE", kind)
    Tree.indent(root)
    return Tree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def read(text: str) -> list[Utterance]:
    """The aligned annotations of every tier, in order of time; the tier's participant, or its name, is the speaker.

    Raises:
        Unreadable: when it is no ELAN document.
    """
    try:
        root = SafeTree.fromstring(text.encode())
    except (Tree.ParseError, DefusedXmlException, ValueError):
        raise Unreadable("The file is not a well-formed ELAN document.") from None
    if root.tag != "ANNOTATION_DOCUMENT":
        raise Unreadable("The file is XML, but not an ELAN document.")
    slots = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
    found = []
    for tier in root.iter("TIER"):
        name = tier.get("PARTICIPANT") or tier.get("TIER_ID") or ""
        for aligned in tier.iter("ALIGNABLE_ANNOTATION"):
            start, end = (slots.get(aligned.get(f"TIME_SLOT_REF{side}")) for side in (1, 2))
            content = one_line(aligned.findtext("ANNOTATION_VALUE") or "")
            if start is not None and end is not None and start.isdigit() and end.isdigit() and content:
                speaker = None if name == _NOBODY else name
                found.append(Utterance(int(start), max(int(start), int(end)), content, speaker=speaker))
    return sorted(found, key=lambda said: (said.start_ms, said.end_ms))
