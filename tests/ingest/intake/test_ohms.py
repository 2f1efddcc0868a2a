"""OHMS documents leave valid and come back with the same passages, moments and terms; older ones are read whole."""

from __future__ import annotations

import xml.etree.ElementTree as Tree
from pathlib import Path

import pytest
from lxml import etree

from archive.timing import Utterance
from ingest.intake import brought_points, transcript_files
from media.timed.ohms import NAMESPACE, OhmsPlace, OhmsPoint, OhmsRecord

IN_A_RECORD = """
    version date date_nonpreferred_format cms_record_id title accession duration collection_id collection_name series_id
    series_name repository funding repository_url subject keyword interviewee interviewer format file_name sync sync_alt
    transcript_alt_lang translate media_id media_url mediafile kembed language user_notes index type description rel
    transcript transcript_alt vtt_transcript vtt_transcript_alt rights fmt usage userestrict
    """.split()  # noqa: SIM905
IN_A_POINT = """
    time title title_alt partial_transcript partial_transcript_alt synopsis synopsis_alt keywords keywords_alt subjects
    subjects_alt gpspoints hyperlinks
    """.split()  # noqa: SIM905

SAID = (
    Utterance(1000, 4000, "ខ្ញុំមកពីវាល។", speaker="អ៊ុំ ចាន់"),
    Utterance(4500, 6250, "Why <there> & when?", speaker="Interviewer"),
)
POINTS = (
    OhmsPoint(0, "ការចេញ", "Leaving", "នាង & គ្រួសារ", "She and hers", keywords=("បំណុល",), keywords_alt=("Debt",)),
    OhmsPoint(4000, "Why", places=(OhmsPlace(None, None, "Kampot"),)),
)
RECORD = OhmsRecord("ការចេញ", "a1", "2024-05-01", "2024-06-01", "Khmer", points=POINTS, interviewees=("អ៊ុំ ចាន់",))

VERSION_3 = """<?xml version="1.0" encoding="UTF-8"?>
<ROOT xmlns="http://www.nunncenter.net/ohms" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<record id="00001" dt="2010-01-01"><version>3</version><title>Interview</title><fmt></fmt><sync>1:|3(2)|5(1)</sync>
<index><point><time>65</time><title>The land</title><keywords>Debt; rice ;</keywords><gps>11.5, 104.9</gps>
<gps_zoom>17</gps_zoom><gps_text>Phnom Penh</gps_text><subjects></subjects></point></index>
<transcript>CHAN: We left the land
in the year we do not name.[[footnote]]1[[/footnote]]

SOKHA: Why then
CHAN: Nobody asked
[[footnotes]][[note]]It was 1997.[[/note]][[/footnotes]]</transcript></record></ROOT>"""


def read(data: bytes) -> transcript_files.ImportedTranscript:
    return transcript_files.read("interview.xml", data)


def test_an_export_comes_back_with_the_same_passages_moments_and_terms() -> None:
    back = read(transcript_files.write("xml", SAID, record=RECORD))
    assert [(one.start_ms, one.end_ms, one.text, one.speaker) for one in back.utterances] == [
        (one.start_ms, one.end_ms, one.text, one.speaker) for one in SAID
    ]
    assert back.points == POINTS
    assert transcript_files.write("xml", SAID, record=RECORD) == transcript_files.write("xml", SAID, record=RECORD)


@pytest.mark.data
@pytest.mark.parametrize("record", [RECORD, OhmsRecord("x", "a1", "", "2024-06-01", "")])
def test_an_export_is_valid_by_the_published_schema(record: OhmsRecord, shared_data: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(shared_data / "schemas" / "ohms.xsd")))
    schema.assertValid(etree.fromstring(transcript_files.write("xml", SAID, record=record)))
    spoiled = transcript_files.write("xml", SAID, record=record).replace(b"<title>", b"<titel>", 1)
    assert not schema.validate(etree.fromstring(spoiled.replace(b"</title>", b"</titel>", 1)))


def test_an_export_keeps_to_the_order_of_schema_6() -> None:
    """The schema is a sequence: an element out of its place, or an empty one of a fixed list, is not valid."""
    root = Tree.fromstring(transcript_files.write("xml", SAID, record=RECORD))
    entry = root[0]
    assert (root.tag, entry.tag) == (f"{{{NAMESPACE}}}ROOT", f"{{{NAMESPACE}}}record")
    assert entry.get("id", "").isdecimal()
    assert entry.get("dt") == "2024-06-01"
    for parent, order in (
        (entry, IN_A_RECORD),
        *((point, IN_A_POINT) for point in entry.iter(f"{{{NAMESPACE}}}point")),
    ):
        places = [order.index(child.tag.removeprefix(f"{{{NAMESPACE}}}")) for child in parent]
        assert places == sorted(places)
    assert [child.text for child in entry if child.tag.endswith(("fmt", "version"))] == ["6.0", "audio"]


def test_an_older_interview_is_read_with_its_sync_notes_and_index() -> None:
    found = read(VERSION_3.encode())
    assert [(one.speaker, one.text) for one in found.utterances] == [
        ("CHAN", "We left the land in the year we do not name. [It was 1997.]"),
        ("SOKHA", "Why then"),
        ("CHAN", "Nobody asked"),
    ]
    starts = [one.start_ms for one in found.utterances]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert starts[-1] >= 100_000
    assert [code for code, _ in found.notices] == ["coarse"]
    assert found.points == (
        OhmsPoint(65_000, "The land", keywords=("Debt", "rice"), places=(OhmsPlace(11.5, 104.9, "Phnom Penh"),)),
    )


def test_an_interview_without_sync_waits_to_be_laid_over_its_sound() -> None:
    found = read(VERSION_3.replace("<sync>1:|3(2)|5(1)</sync>", "").encode())
    assert found.utterances == ()
    assert [(one.speaker, one.text) for one in found.paragraphs][1] == ("SOKHA", "Why then")


def test_languages_are_named_as_ohms_has_them() -> None:
    assert [brought_points.language_name(code) for code in ("km", "en", "fr")] == ["Khmer", "English", "fr"]
