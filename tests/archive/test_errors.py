"""Errors that people read: in their language, with the values filled in, also when they were handed on as JSON."""

from __future__ import annotations

import json

import pytest

from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.transcripts.draft_change import ChangeRefused
from media.refused import spoken_length, too_long
from media.timed.limits import TooMuch


def test_an_error_is_said_in_the_language_of_whoever_reads_it() -> None:
    refused = TooMuch(Message("The file has more than {n} rows."), n=20)
    assert str(refused) == "The file has more than 20 rows."
    assert refused.said("km") == "ឯកសារមានលើស ២០ ជួរ។"


def test_what_goes_into_a_sentence_is_said_in_its_language_too() -> None:
    assert too_long(5_400_000).said("km") == "ការថតនេះវែងជាង ១ ម៉ោង ៣០ នាទី ដែលជាកម្រិតខ្ពស់បំផុត។ សូមកាត់វាជាពីរ។"
    assert str(spoken_length(5_400_000)) == "1 h 30 min"


def test_the_row_of_a_file_is_named() -> None:
    refused = TooMuch(Message("The file has more than {n} rows."), 7, n=20)
    assert (str(refused), refused.line) == ("Row 7: The file has more than 20 rows.", 7)
    assert refused.said("km") == "ជួរទី ៧៖ ឯកសារមានលើស ២០ ជួរ។"


@pytest.mark.parametrize("error", [too_long(60_000), TooMuch(Message("The file has more than {n} rows."), 3, n=2)])
def test_what_was_handed_on_as_json_is_said_in_any_language(error: ArchiveError) -> None:
    read = FilledMessage.from_json(json.loads(json.dumps(error.sentence.as_json())))
    assert [read.said(language) for language in ("km", "en")] == [error.said(language) for language in ("km", "en")]


def test_what_is_kept_in_a_row_is_plain_english_unless_it_has_values() -> None:
    plain = FilledMessage(Message("There are no words in this file."))
    assert plain.kept() == "There are no words in this file."
    assert FilledMessage.from_kept(plain.kept()).said("km") == "គ្មានពាក្យក្នុងឯកសារនេះទេ។"
    assert FilledMessage.from_kept(too_long(60_000).sentence.kept()).said("km").startswith("ការថតនេះវែងជាង ១ នាទី")


def test_what_was_kept_before_is_shown_as_it_is() -> None:
    assert [FilledMessage.from_kept(text).said("km") for text in ("", "Something {odd} happened")] == [
        "",
        "Something {odd} happened",
    ]


def test_an_error_of_few_reasons_has_a_sentence_for_each_code() -> None:
    assert {code: ChangeRefused(code).code for code in ("gone", "changed", "edge")} == {
        code: code for code in ("gone", "changed", "edge")
    }
    assert str(ChangeRefused("edge")) == "A segment lasts at least a tenth of a second."
