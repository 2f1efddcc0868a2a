"""Who was tapped to speak is written into the draft for a stretch, by a person, in one act that is undone as one."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.catalogue import tapped
from archive.db import Database
from archive.models import Segment, TappedMoment, new_id
from archive.timing import Utterance
from archive.transcripts import editing, reviewing, tapped_speakers, transcript_versions
from archive.transcripts.tapped_speakers import NotASpeaker
from tests import factories
from tests.archive.testimonies import an_account

SAID = [
    (0, 4000, "Where were you?"),
    (4000, 9000, "In the field."),
    (9000, 12_000, "All day."),
    (12_000, 15_000, "And?"),
]


@pytest.fixture
def told(database: Database) -> tuple[Database, str, str]:
    """A testimony that a machine wrote down in four segments, where two taps wait at 4.9 and 12.4 seconds."""
    with database.write() as session:
        testimony = factories.testimony(
            session,
            recording_id=factories.recording(session, duration_ms=15_000).id,
            narrator_id=factories.narrator(session).id,
            language="en",
        )
        transcript_versions.add_version(
            session, testimony.id, "en", [Utterance(*one, speaker="S1") for one in SAID], stage="machine"
        )
        for at, words in ((4900, "Sokha"), (12_400, "")):
            session.add(TappedMoment(testimony_id=testimony.id, kind="speaker", start_ms=at, words=words))
        return database, testimony.id, an_account(session, "theary").id


def speakers(session: Session, testimony_id: str) -> list[str]:
    draft = reviewing.draft_of(session, testimony_id)
    return [one.speaker for one in draft.segments] if draft else []


def test_a_tap_proposes_whole_segments_until_the_next_one(told: tuple[Database, str, str]) -> None:
    database, testimony_id, _ = told
    with database.read() as session:
        found = list(tapped_speakers.proposed(session, testimony_id).values())
    assert [(one.span.start_ms, one.said) for one in found] == [(4000, "In the field."), (12_000, "And?")]
    assert found[0].span.end_ms == 12_000
    assert found[1].span.end_ms > 12_000


def test_a_person_confirms_it_and_one_undo_gives_everything_back(told: tuple[Database, str, str]) -> None:
    database, testimony_id, by_id = told
    with database.write() as session:
        first, second = tapped.taps_of(session, testimony_id)
        assert tapped_speakers.confirm(session, testimony_id, first.id, (4000, 12_000), " Sokha ", by_id) == 2
    with database.read() as session:
        assert speakers(session, testimony_id) == ["S1", "Sokha", "Sokha", "S1"]
        assert [one.id for one in tapped.taps_of(session, testimony_id)] == [second.id]
        (done,) = tapped_speakers.confirmed(session, testimony_id)
        assert (done.speaker, done.segments) == ("Sokha", 2)
    with database.write() as session:  # somebody hears that one of them was somebody else
        draft = reviewing.draft_of(session, testimony_id)
        assert draft is not None
        other = {"id": new_id(), "kind": "speaker", "segments": [draft.segments[2].id], "speaker": "Dara"}
        editing.apply(session, draft, [other], by_id)
        seq, second_half = editing.last_change(session, draft.id), draft.segments[1].id
    with database.write() as session:
        tapped_speakers.undo(session, testimony_id, done.edit_id, by_id)
    with database.read() as session:
        assert speakers(session, testimony_id) == ["S1", "S1", "Dara", "S1"]
        assert [(one.start_ms, one.words) for one in tapped.taps_of(session, testimony_id)] == [
            (4900, "Sokha"),
            (12_400, ""),
        ]
        assert tapped_speakers.confirmed(session, testimony_id) == []
        assert editing.since(session, draft.id, seq).touched == {second_half}  # an open editor draws it again
    with database.write() as session, pytest.raises(Unknown):
        tapped_speakers.undo(session, testimony_id, done.edit_id, by_id)


def test_what_is_confirmed_later_ends_where_another_begins(told: tuple[Database, str, str]) -> None:
    database, testimony_id, by_id = told
    with database.write() as session:
        first, second = tapped.taps_of(session, testimony_id)
        tapped_speakers.confirm(session, testimony_id, second.id, (12_000, 15_000), "Dara", by_id)
        found = tapped_speakers.proposed(session, testimony_id)
    assert found[first.id].span.end_ms == 12_000


@pytest.mark.parametrize(
    ("span", "name"), [((4000, 12_000), " "), ((4000, 4000), "Sokha"), ((40_000, 50_000), "Sokha")]
)
def test_what_says_nothing_writes_nothing(told: tuple[Database, str, str], span: tuple[int, int], name: str) -> None:
    database, testimony_id, by_id = told
    with database.read() as session:
        first, _ = tapped.taps_of(session, testimony_id)
    with pytest.raises(NotASpeaker):
        _confirm(database, testimony_id, first.id, span, name, by_id)
    with database.read() as session:
        assert len(tapped.taps_of(session, testimony_id)) == 2
        assert reviewing.draft_of(session, testimony_id) is None


def _confirm(database: Database, testimony_id: str, tap_id: str, span: tuple[int, int], name: str, by_id: str) -> None:
    with database.write() as session:
        tapped_speakers.confirm(session, testimony_id, tap_id, span, name, by_id)


def test_a_moment_that_matters_is_no_speaker(told: tuple[Database, str, str]) -> None:
    database, testimony_id, by_id = told
    with database.write() as session:
        tap = TappedMoment(testimony_id=testimony_id, kind="matters", start_ms=1000, words="rain")
        session.add(tap)
        session.flush()
        with pytest.raises(Unknown):
            tapped_speakers.confirm(session, testimony_id, tap.id, (0, 4000), "Sokha", by_id)
        assert {one.speaker for one in session.query(Segment)} == {"S1"}
