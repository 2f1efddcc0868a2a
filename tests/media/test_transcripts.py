"""Transcripts leave for ELAN, Praat and Word, and come back with their times and speakers."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.timing import Utterance, Word
from media.timed import eaf, script, textgrid, typed, word_document
from media.timed.lines import Unreadable

SPOKEN = [
    Utterance(0, 1500, 'She said: "go" & <left>', (Word("She", 0, 300), Word("said", 300, 700)), speaker="S1"),
    Utterance(1500, 4000, "ខ្ញុំធ្វើការនៅរោងចក្រ", speaker="សុខា"),
    Utterance(3_725_040, 3_726_000, "late", speaker="S1"),
]


def word(data: bytes) -> list[typed.Typed]:
    """The paragraphs of a Word document, as they are taken in."""
    return typed.read(word_document.pages(data).blocks)


@st.composite
def speech(draw: st.DrawFn) -> list[Utterance]:
    now, found = 0, []
    alphabet = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co"))
    for _ in range(draw(st.integers(1, 6))):
        now += draw(st.integers(0, 9000))
        end = now + draw(st.integers(1, 9000))
        text = draw(st.text(alphabet, min_size=1, max_size=30).map(str.strip).filter(bool))
        found.append(Utterance(now, end, text, speaker=draw(st.sampled_from(["S1", "S2", None]))))
        now = end
    return found


@settings(deadline=None)
@given(speech())
def test_elan_and_praat_give_back_what_they_were_given(spoken: list[Utterance]) -> None:
    assert eaf.read(eaf.write(spoken)) == spoken
    assert textgrid.read(textgrid.write(spoken, 100_000)) == spoken


def test_words_have_a_tier_of_their_own_in_praat() -> None:
    text = textgrid.write(SPOKEN)
    assert 'name = "words"' in text
    assert [said.text for said in textgrid.read(text)] == [said.text for said in SPOKEN]
    assert 'text = "She said: ""go"" & <left>"' in text


def test_the_same_transcript_gives_the_same_elan_file() -> None:
    assert eaf.write(SPOKEN, media="a.m4a") == eaf.write(SPOKEN, media="a.m4a")
    assert 'RELATIVE_MEDIA_URL="./a.m4a"' in eaf.write(SPOKEN, media="a.m4a")


def test_typed_transcripts_come_back() -> None:
    expected = [script.Typed(said.text, said.start_ms, said.speaker) for said in SPOKEN]
    assert script.read_text(script.write_text(SPOKEN)) == expected
    assert word(script.write_docx(SPOKEN, "សម្ភាសន៍")) == expected
    assert script.write_text(SPOKEN[1:2], times=False, speakers=False) == "ខ្ញុំធ្វើការនៅរោងចក្រ\n"


def test_old_transcripts_are_read_without_guessing() -> None:
    text = "\ufeff(1:02) Sokha: hello\r\n\r\nno time, no name\r\n[00:10:00,5] ១២៖៣០ ចប់\r\n"
    assert script.read_text(text) == [
        script.Typed("hello", 62_000, "Sokha"),
        script.Typed("no time, no name"),
        script.Typed("១២៖៣០ ចប់", 600_500),
    ]


def test_a_word_document_names_nobody() -> None:
    data = script.write_docx(SPOKEN, "t")
    properties = Document(io.BytesIO(data)).core_properties
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    packed = zipfile.ZipFile(io.BytesIO(data))
    assert b"python-docx" not in b"".join(packed.read(name) for name in packed.namelist())


def test_what_is_something_else_is_refused() -> None:
    for read in (eaf.read, textgrid.read):
        for bad in (
            "",
            "plain",
            "<html/>",
            '<!DOCTYPE a [<!ENTITY b "c">]><ANNOTATION_DOCUMENT>&b;</ANNOTATION_DOCUMENT>',
        ):
            with pytest.raises(Unreadable):
                read(bad)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (65 * 1024 * 1024))
    for data in (b"", b"text", held.getvalue()):
        with pytest.raises(Unreadable):
            word(data)
