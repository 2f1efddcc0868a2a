"""CSL-JSON (https://docs.citationstyles.org/en/stable/specification.html): what citation processors take in."""

from __future__ import annotations

import json

from media.citations.citation import ARCHIVE, Citation, clock, exact

MIMETYPE = "application/vnd.citationstyles.csl+json"


def csl_json(citation: Citation) -> str:
    """A list of one item; a narrator's name is one piece, since nobody here is sorted by a family name."""
    item: dict[str, object] = {
        "id": citation.key,
        "type": "interview",
        "title": citation.title,
        "genre": "Oral testimony",
        "medium": "Sound recording",
        "archive": ARCHIVE,
        "archive_location": citation.id,
        "publisher": ARCHIVE,
        "URL": citation.address,
        "accessed": _date(citation.seen_on.timetuple()[:3]),
    }
    if citation.name:
        item["author"] = [{"literal": citation.name}]
    if citation.language:
        item["language"] = citation.language
    day = citation.recorded_on
    if known := exact(day):
        item["issued"] = _date(known)
    elif day is not None:
        item["issued"] = {"date-parts": [[day.first.year], [day.last.year]]}
    if day is not None and (day.about or day.unsure):
        item["issued"] = {**item["issued"], "circa": True}  # type: ignore[dict-item]
    if citation.version:
        item["version"] = str(citation.version)
    if citation.part:
        item["note"] = citation.part
    if citation.start_ms is not None:
        item["section"] = citation.moment if citation.end_ms is not None else clock(citation.start_ms)
    return json.dumps([item], ensure_ascii=False, indent=1) + "\n"


def _date(parts: tuple[int, ...]) -> dict[str, object]:
    return {"date-parts": [list(parts)]}
