"""A table of what people bring as a transcript: each kind of file, and what comes in of it or is said of it.

The files are in `brought_files`. `plainly` is what runs in the process made for it; that it runs there, and what
becomes of hostile files, is tested beside.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from archive.language.messages import FilledMessage
from ingest.intake import transcript_files
from media.timed.limits import LARGEST
from tests.ingest.intake.brought_files import TABLE, Brought, packed, paragraph, run, word
from tests.ingest.intake.brought_oddly import ODD


def read(one: Brought, **more: Any) -> dict[str, Any]:
    data = one.data if isinstance(one.data, bytes) else one.data.encode()
    return transcript_files.plainly(data, one.kind, more.pop("length_ms", None), **more)


def sentence(refused: dict[str, Any]) -> str:
    """What is said of a file that is not taken, in English."""
    return FilledMessage.from_json(refused["why"]).said("en")


@pytest.mark.parametrize("name", [*TABLE, *ODD])
def test_each_kind_comes_in_with_its_words_times_and_speakers(name: str) -> None:
    one = {**TABLE, **ODD}[name]
    found = read(one)
    assert "why" not in found, found
    said = [(start, end, speaker, text) for start, end, text, _, speaker in found["utterances"]]
    said += [(speaker, text) for text, _, speaker in found["paragraphs"]]
    assert said == one.said
    assert tuple(code for code, _ in found["notices"]) == one.told


def test_a_paragraph_break_is_kept_in_what_otranscribe_calls_a_line() -> None:
    assert len(read(TABLE["otr: oTranscribe"])["utterances"]) == 2


def test_words_that_a_recogniser_calls_text_keep_their_times() -> None:
    said = {"start": 0.5, "end": 1.5, "text": "We left", "words": [{"text": "We", "start": 0.5, "end": 0.75}]}
    found = read(Brought("json", json.dumps({"segments": [said]}), []))
    assert found["utterances"][0][3] == [["We", 500, 750]]


TAPE = "WEBVTT\n\n01:00:01.000 --> 01:00:02.000\nWe left\n"


def test_a_tape_that_begins_at_an_hour_is_offered_as_a_shift() -> None:
    one = Brought("vtt", TAPE, [])
    refused = read(one, length_ms=60_000)
    assert (refused["code"], refused["shift"]) == ("offset", 3_600_000)
    assert "01:00:00" in sentence(refused)
    moved = read(one, length_ms=60_000, shift_ms=3_600_000)
    assert [said[:3] for said in moved["utterances"]] == [[1000, 2000, "We left"]]
    assert read(one, length_ms=60_000, shift_ms=7_200_000)["code"] == "broken"
    kept = read(one, length_ms=7_200_000)
    assert (kept["utterances"][0][0], kept["notices"][0][0]) == (3_601_000, "late")


REFUSED: dict[str, tuple[Brought, str]] = {
    "a page of the web": (Brought("html", "<html><body><p>Hello</p></body></html>", []), "broken"),
    "JSON of something else": (Brought("json", '{"a": 1}', []), "broken"),
    "deep JSON": (Brought("json", "[" * 200_000, []), "broken"),
    "an endless number": (Brought("json", '[{"start": 1e999, "end": 1, "text": "x"}]', []), "broken"),
    "a time below zero": (Brought("json", '[{"start": -1, "end": 1, "text": "x"}]', []), "broken"),
    "XML of something else": (Brought("xml", "<html/>", []), "broken"),
    "entities": (Brought("xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><ROOT><record>&b;</record></ROOT>", []), "broken"),
    "an old Word document": (Brought("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), []), "broken"),
    "a Word document called odt": (Brought("odt", word(paragraph(run("x"))), []), "broken"),
    "an odt with a password": (
        Brought("odt", packed(content_xml="x", **{"META-INF__manifest_xml": "<a><encryption-data/></a>"}), []),
        "broken",
    ),
    "an odt that unpacks without end": (Brought("odt", packed(content_xml="0" * (64 << 20)), []), "large"),
    "no rtf": (Brought("rtf", "plain", []), "broken"),
    "deep rtf": (Brought("rtf", "{\\rtf1" + "{" * 5000, []), "large"),
    "a third encoding": (Brought("txt", "Привет, мы ушли".encode("cp1251"), []), "encoding"),
    "half a letter": (Brought("txt", b"\xff\xfea", []), "encoding"),
    "nothing": (Brought("rtf", "{\\rtf1 }", []), "empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_none_is_refused_in_one_sentence(name: str) -> None:
    one, why = REFUSED[name]
    found = read(one)
    assert found.get("code") == why, found
    assert sentence(found)[-1] in ".?"
    assert len(one.data) < LARGEST
