"""The shapes of what the interface answers, as JSON Schema 2020-12, which OpenAPI 3.1 is written in.

Every field is always there; what may not be told is null, and what nobody wrote is an empty text.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
YES_OR_NO: Schema = {"type": "boolean"}
ADDRESS: Schema = {"type": "string", "format": "uri"}
DAY: Schema = {"type": ["string", "null"], "format": "date"}
LANGUAGE: Schema = {"type": "string", "description": "A tag of BCP 47, such as km."}
MOMENT: Schema = {"type": "integer", "minimum": 0, "description": "Milliseconds from the beginning of the recording."}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def listed(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def thing(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def counts() -> Schema:
    return {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}


NEXT = said(or_null(ADDRESS), "The next page; null at the last.")
TOTAL = said(WHOLE, "How many there are on all pages.")
PAGE = said(ADDRESS, "Where a person reads it.")
URL = said(ADDRESS, "Where a program reads it.")

_TESTIMONY: dict[str, Schema] = {
    "id": TEXT,
    "title": ref("Names"),
    "synopsis": ref("Names"),
    "name": said(or_null(ref("Names")), "The name that the narrator chose; null where it may not be told."),
    "community": TEXT,
    "place": said(or_null(ref("Names")), "As far as it may be told; empty names for the country alone."),
    "language": LANGUAGE,
    "recorded_on": said(or_null(TEXT), "A day as far as it is known, in the Extended Date/Time Format."),
    "duration_ms": said(or_null(WHOLE), "Null where the sound may not be heard."),
    "may_hear": YES_OR_NO,
    "may_read": YES_OR_NO,
    "sample": said(YES_OR_NO, "Invented, to show how the archive works."),
    "page": PAGE,
    "url": URL,
}
_SONG: dict[str, Schema] = {
    "slug": TEXT,
    "title": ref("Names"),
    "title_romanised": TEXT,
    "note": ref("Names"),
    "year": or_null(WHOLE),
    "campaign": said(or_null(TEXT), "The slug of the campaign it is sung for."),
    "sample": YES_OR_NO,
    "page": PAGE,
    "url": URL,
}
_CAMPAIGN: dict[str, Schema] = {
    "slug": TEXT,
    "name": ref("Names"),
    "description": ref("Names"),
    "ask": said(ref("Names"), "What whoever reads it can do."),
    "starts_on": DAY,
    "ends_on": DAY,
    "page": PAGE,
    "url": URL,
}
_COLLECTION: dict[str, Schema] = {
    "id": TEXT,
    "name": TEXT,
    "note": TEXT,
    "keeper": said(or_null(TEXT), "Who shares it; null for one's own."),
    "passages": said(WHOLE, "How many of its passages may be read."),
    "page": PAGE,
    "url": URL,
}

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457. What does not exist and what may not be known of are answered alike.",
        "properties": {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT},
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    },
    "Names": thing(km=TEXT, en=TEXT),
    "NamedTerm": thing(id=TEXT, title=ref("Names")),
    "Words": said(listed(thing(text=TEXT, hit=YES_OR_NO)), "A stretch of words in pieces; `hit` was looked for."),
    "Testimony": thing(**_TESTIMONY),
    "Testimonies": thing(
        items=listed(ref("Testimony")),
        total=TOTAL,
        next=NEXT,
        counts=said(
            thing(**{one: counts() for one in ("place", "year", "community", "language", "length", "open", "theme")}),
            "How many there would be with each value, the choice of the same kind left aside.",
        ),
    ),
    "TestimonyWithWords": thing(
        **_TESTIMONY,
        sound=said(
            {"enum": ["whole", "redacted", "disguised", None]}, "Which sound its page plays; null where there is none."
        ),
        transcript=said(or_null(ref("Transcript")), "Null where no words may be read."),
        moments=listed(thing(start_ms=MOMENT, title=ref("Names"), synopsis=ref("Names"))),
        themes=listed(ref("NamedTerm")),
        songs=listed(
            thing(slug=TEXT, title=ref("Names"), line=TEXT, relation=TEXT, start_ms=MOMENT, end_ms=MOMENT),
        ),
    ),
    "Transcript": thing(
        version=WHOLE,
        newest=said(WHOLE, "The number of the version that holds now."),
        draft=said(YES_OR_NO, "A machine wrote it and nobody has approved it; only the band is given such."),
        language=LANGUAGE,
        other_language=said(or_null(TEXT), "The language of the translation; null where there is none."),
        segments=listed(
            thing(
                start_ms=MOMENT,
                end_ms=MOMENT,
                speaker=TEXT,
                text=said(TEXT, "As it is read; what was taken out is a block, ▇▇▇."),
                other=said(or_null(TEXT), "The same in the other language."),
            )
        ),
    ),
    "SearchAnswer": thing(
        items=listed(ref("Found")),
        total=said(WHOLE, "How many places answer."),
        at_least=said(YES_OR_NO, "There are at least so many."),
        themes=listed(ref("NamedTerm")),
        suggestion=said(or_null(TEXT), "Another spelling that would find something, where nothing was found."),
        next=NEXT,
    ),
    "Found": thing(
        kind={"enum": ["testimony", "song"]},
        title=ref("Names"),
        testimony=or_null(ref("Testimony")),
        song=said(or_null(TEXT), "The slug of the song."),
        more=said(WHOLE, "How many places of it answer beside these."),
        places=listed(
            thing(
                kind=TEXT,
                start_ms=or_null(MOMENT),
                language=LANGUAGE,
                words=ref("Words"),
                other={"type": "object", "additionalProperties": ref("Words")},
                page=PAGE,
            )
        ),
    ),
    "Song": thing(**_SONG),
    "Songs": thing(items=listed(ref("Song")), next=NEXT),
    "SongWithWords": thing(
        **_SONG,
        licence=or_null(TEXT),
        tracks=listed(
            thing(
                kind=TEXT,
                duration_ms=or_null(WHOLE),
                offset_ms=said(WHOLE, "To be added to its clock to stand on the first track's."),
                sound=ADDRESS,
            )
        ),
        credits=listed(thing(role=TEXT, name=ref("Names"))),
        lines=listed(ref("Line")),
    ),
    "Line": thing(
        id=TEXT,
        section=TEXT,
        text=TEXT,
        language=LANGUAGE,
        romanised=TEXT,
        english=TEXT,
        start_ms=or_null(MOMENT),
        end_ms=or_null(MOMENT),
        relation=said(TEXT, "How it came out of what was told: verbatim, adapted, inspired, or own."),
        voices=listed(ref("Voice")),
    ),
    "Voice": thing(
        relation=TEXT,
        start_ms=MOMENT,
        end_ms=MOMENT,
        quote=said(or_null(TEXT), "What was said; null where it may not be quoted."),
        quote_language=or_null(LANGUAGE),
        testimony=said(or_null(TEXT), "The id of the testimony, where it may be known of."),
        name=or_null(ref("Names")),
    ),
    "Term": thing(
        id=TEXT,
        names=said(thing(km=listed(TEXT), en=listed(TEXT)), "All its names, the preferred ones first."),
        broader=or_null(TEXT),
        narrower=listed(TEXT),
        page=PAGE,
        url=URL,
    ),
    "Terms": thing(items=listed(ref("Term")), total=TOTAL, next=NEXT),
    "Campaign": thing(**_CAMPAIGN),
    "Campaigns": thing(items=listed(ref("Campaign")), total=TOTAL, next=NEXT),
    "CampaignWithMembers": thing(
        **_CAMPAIGN, songs=listed(ref("Song")), testimonies=listed(ref("Testimony")), next=NEXT
    ),
    "Collection": thing(**_COLLECTION),
    "Collections": thing(items=listed(ref("Collection")), total=TOTAL, next=NEXT),
    "CollectionWithPassages": thing(
        **_COLLECTION,
        items=listed(ref("Passage")),
        total=TOTAL,
        something_taken_back=said(YES_OR_NO, "Something you gathered may not be read any more."),
        next=NEXT,
    ),
    "Passage": thing(
        id=TEXT,
        testimony=ref("Testimony"),
        version=WHOLE,
        start_ms=MOMENT,
        end_ms=MOMENT,
        language=LANGUAGE,
        text=TEXT,
        other_language=or_null(TEXT),
        other=or_null(TEXT),
        note=TEXT,
        codes=listed(TEXT),
        page=said(ADDRESS, "The passage in the version that was gathered."),
    ),
}
