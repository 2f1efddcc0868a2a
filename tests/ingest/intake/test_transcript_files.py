"""Transcripts in and out: every format gives back what went in, and a bad file is one clear sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archive.timing import Utterance, Word
from ingest.intake import transcript_files
from ingest.intake.transcript_files import CannotTake
from media.timed.limits import LARGEST

TOLD = (
    Utterance(1000, 4000, "ខ្ញុំមកពីវាល។", speaker="អ៊ុំ ចាន់"),
    Utterance(4500, 6000, "When did you come?", speaker="Interviewer"),
    Utterance(6500, 9000, "Before the harvest & after", speaker="អ៊ុំ ចាន់"),
    Utterance(9500, 12000, "we <left>.", speaker="Interviewer"),
)


@pytest.mark.parametrize("kind", list(transcript_files.KINDS))
def test_every_form_comes_back_with_words_times_and_speakers(kind: str) -> None:
    written = transcript_files.write(kind, TOLD, title="អ្វីដែលបានកើតឡើង", length_ms=15_000)
    back = transcript_files.read(f"told.{kind}", written, 15_000).utterances
    assert [(one.start_ms, one.text, one.speaker) for one in back] == [
        (one.start_ms, one.text, one.speaker) for one in TOLD
    ]
    if kind not in {"txt", "docx"}:  # they tell only when somebody begins
        assert [one.end_ms for one in back] == [one.end_ms for one in TOLD]


@pytest.mark.parametrize("kind", transcript_files.WITHOUT_TIMES)
def test_a_form_for_reading_leaves_the_times_out(kind: str) -> None:
    brought = transcript_files.read(f"told.{kind}", transcript_files.write(kind, TOLD, times=False))
    assert brought.utterances == ()
    assert [(one.speaker, one.text) for one in brought.paragraphs] == [(one.speaker, one.text) for one in TOLD]
    with pytest.raises(ValueError, match="cannot do without times"):
        transcript_files.write("srt", TOLD, times=False)


def test_voices_and_word_times_come_with_webvtt() -> None:
    words = (Word("We", 1000, 1400), Word("left", 1400, 1900))
    written = transcript_files.write("vtt", [Utterance(1000, 2000, "We left", words, speaker="S1")])
    assert b"<v S1>" in written
    back = transcript_files.read("a.vtt", written).utterances[0]
    assert (back.speaker, [(w.text, w.start_ms) for w in back.words]) == ("S1", [("We", 1000), ("left", 1400)])


def test_a_new_name_reaches_every_form() -> None:
    for kind in transcript_files.KINDS:
        named = [Utterance(one.start_ms, one.end_ms, one.text, speaker="ម៉ាលី") for one in TOLD]
        back = transcript_files.read(f"a.{kind}", transcript_files.write(kind, named)).utterances
        assert {one.speaker for one in back} == {"ម៉ាលី"}


@pytest.mark.parametrize("encoded", [lambda text: text.encode("utf-16"), lambda text: text.encode("utf-8-sig")])
def test_praat_and_notepad_encodings_are_read(encoded: Callable[[str], bytes]) -> None:
    text = transcript_files.write("TextGrid", TOLD, length_ms=15_000).decode()
    assert transcript_files.read("A.TextGrid", encoded(text)).utterances[0].text == "ខ្ញុំមកពីវាល។"


def test_a_typed_transcript_without_times_stays_without() -> None:
    brought = transcript_files.read("told.txt", "ចាន់: ខ្ញុំមកពីវាល\n\nWe left.".encode())
    assert brought.utterances == ()
    assert [(one.speaker, one.text) for one in brought.paragraphs] == [("ចាន់", "ខ្ញុំមកពីវាល"), (None, "We left.")]


def test_a_paragraph_without_a_time_belongs_to_the_one_before() -> None:
    said = transcript_files.read("told.txt", b"[00:01] S1: We left\nin the dark.\n[00:05] S2: Why?").utterances
    assert [(one.start_ms, one.text) for one in said] == [(1000, "We left in the dark."), (5000, "Why?")]


def test_what_stands_before_a_colon_once_is_no_name() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nOne thing: we stayed.\n"
    assert transcript_files.read("a.srt", text.encode()).utterances[0].text == "One thing: we stayed."


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.pdf", b"%PDF", "kind"),
        ("noending", b"x", "kind"),
        ("a.srt", b"nothing of the sort", "broken"),
        ("a.vtt", b"WEB", "broken"),
        ("a.eaf", b"<a", "broken"),
        ("a.eaf", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "broken"),
        ("a.TextGrid", b"ooTextFile", "broken"),
        ("a.docx", b"PK\x03\x04 but no more", "broken"),
        ("a.txt", b"\xff\x00\xfe", "encoding"),
        ("a.txt", b"\x81\x82", "encoding"),
        ("a.txt", b"  \n", "empty"),
        ("a.vtt", b"WEBVTT\n", "empty"),
        ("a.vtt", b"WEBVTT\n\n05:00.000 --> 05:01.000\nfar away\n", "longer"),
        ("a.txt", b"a" * (LARGEST + 1), "large"),
    ],
)
def test_a_bad_file_is_one_sentence(name: str, data: bytes, why: str) -> None:
    with pytest.raises(CannotTake) as refused:
        transcript_files.read(name, data, 60_000)
    assert refused.value.code == why
    assert str(refused.value)[-1] in ".?"


def test_a_word_document_does_not_tell_when_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    first = transcript_files.write("docx", TOLD)
    monkeypatch.setattr("time.time", lambda: 86_400.0 * 365 * 40)
    assert transcript_files.write("docx", TOLD) == first
