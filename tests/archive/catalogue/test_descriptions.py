"""What is said of a testimony, checked at the door."""

from __future__ import annotations

import pytest

from archive.catalogue.descriptions import DescriptionInvalid, add_testimony, describe
from archive.days import Day
from archive.db import Database
from archive.models import Recording
from tests import factories


def test_fields_are_read_as_people_write_them() -> None:
    found = describe({"title_en": "  The line ", "recorded_on": "2013-04-21", "language": "km", "synopsis_en": ""})
    assert (found.title_en, found.recorded_on, found.language) == ("The line", Day.of("2013-04-21"), "km")
    assert found.consent == "band-only"


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("community", "bankers", "bankers.*one of farmer"),
        ("consent", "everything", "everything.*one of"),
        ("language", "xx", "xx.*one of km, en"),
        ("recorded_on", "21/14/2013", "no date"),
        ("recorded_on", "15/05/2556", "Buddhist year"),
        ("recorded_on", "1813", "so long ago"),
        ("recorded_on", "2999-01-01", "future"),
        ("province", "Atlantis", "no province"),
        ("district", "Kampong Speu", "province beside it"),
        ("title_en", "x" * 301, "Title in English: more than 300"),
        ("colour", "red", "no field “colour”"),
    ],
)
def test_what_cannot_be_is_named(field: str, value: str, complaint: str) -> None:
    with pytest.raises(DescriptionInvalid, match=complaint):
        describe({field: value})


def test_equal_names_are_two_women_until_somebody_chooses(database: Database) -> None:
    with database.write() as session:
        narrators = []
        for number, (name, chosen) in enumerate((("Chan", ""), ("Chan", ""), ("", "first"), ("Chan", "first"))):
            recording = Recording(sha256=str(number) * 64, size=1)
            session.add(recording)
            session.flush()
            known = narrators[0] if chosen else ""
            found = describe({"narrator_en": name, "community": "farmer", "narrator": known})
            narrators.append(add_testimony(session, recording, found).narrator_id)
    assert narrators[0] != narrators[1]
    assert narrators[2:] == [narrators[0]] * 2


@pytest.mark.parametrize(
    ("chosen", "name", "complaint"), [("nobodyknowsit0", "", "no narrator"), ("", "Mom", "called")]
)
def test_a_narrator_who_is_not_there_or_is_called_otherwise_is_refused(
    sqlite_database: Database, chosen: str, name: str, complaint: str
) -> None:
    with sqlite_database.write() as session:
        recording = factories.recording(session)
        chan = factories.narrator(session)
        found = describe({"narrator": chosen or chan.id, "narrator_en": name})
        with pytest.raises(DescriptionInvalid, match=complaint):
            add_testimony(session, recording, found)
