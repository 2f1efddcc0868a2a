"""A voice leaves the band only after somebody of it has listened until the end, and is the band's again when that is
taken back.
"""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from archive.access import gate, reasons
from archive.access.gate import PUBLIC, Grant, Unknown, Viewer
from archive.consent import decisions, heard_through, redaction, releases
from archive.db import Database
from archive.ledgers import audit
from archive.models.consent import FORMS
from archive.timing import Span
from archive.transcripts import reviewing
from tests.archive.testimonies import GIVEN, a_mark, a_testimony, a_version, an_account

BAND = Viewer("b", "band", frozenset({"MB"}))
STEWARD = Viewer("s", "steward")
WNU = Viewer("w", "researcher", frozenset({"WNU"}))
TO_EVERYONE = tuple(Grant(form, "public") for form in FORMS)


def _new(session: Session) -> str:
    told = a_testimony(session, heard=False).id
    decisions.grant(session, told, TO_EVERYONE, GIVEN)
    return told


def _outside(session: Session, told: str) -> set[str | None]:
    return {gate.sound_for(session, viewer, told) for viewer in (PUBLIC, WNU, Viewer("n", "researcher"))}


def test_a_public_yes_does_not_let_out_what_nobody_listened_to(database: Database) -> None:
    with database.write() as session:
        told = _new(session)
        a_version(session, told, stage="machine")
        assert _outside(session, told) == {None}
        assert gate.may(session, PUBLIC, told, "original_sound").reason == "not-heard-through"
        assert {gate.sound_for(session, viewer, told) for viewer in (BAND, STEWARD)} == {"whole"}
        heard_through.hear(session, told, an_account(session, "band").id)
        assert _outside(session, told) == {"whole"}
        assert not gate.may(session, PUBLIC, told, "redacted_transcript")  # words are approved by themselves


def test_an_approved_text_alone_opens_no_sound(database: Database) -> None:
    with database.write() as session:
        told = _new(session)
        a_version(session, told, stage="approved")
        assert gate.may(session, PUBLIC, told, "redacted_transcript")
        assert _outside(session, told) == {None}


def test_it_is_said_with_the_act_that_approves(database: Database) -> None:
    with database.write() as session:
        told, other = _new(session), _new(session)
        who = an_account(session, "band").id
        for one, heard in ((told, True), (other, False)):
            version = a_version(session, one, stage="reviewed")
            reviewing.approve(session, version, who, heard=heard)
        assert _outside(session, told) == {"whole"}
        assert _outside(session, other) == {None}


def test_taking_it_back_closes_at_once_and_says_what_has_left(database: Database) -> None:
    with database.write() as session:
        told = _new(session)
        who = an_account(session, "band").id
        heard_through.hear(session, told, who)
        releases.record(session, "download", f"testimony:{told}", [told])
        assert heard_through.take_back(session, told, who) == 1
        assert _outside(session, told) == {None}
        assert heard_through.take_back(session, told, who) == 0
        noted = [
            entry.action for entry in audit.entries_of(session, f"testimony:{told}") if entry.action.startswith("sound")
        ]
        assert noted == ["sound.heard-through", "sound.heard-through-taken-back"]


def test_listening_to_what_the_marks_leave_is_listening_to_all_that_goes_out(database: Database) -> None:
    with database.write() as session:
        told = _new(session)
        a_mark(session, told, Span(1400, 2300))
        assert _outside(session, told) == {None}
        redaction.hear(session, told, an_account(session, "steward").id)
        assert _outside(session, told) == {"redacted"}


def test_there_is_nothing_to_say_of_a_recording_without_sound_or_of_one_that_is_not_there(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session, heard=False)
        told.recording.listening_key = ""
        with pytest.raises(heard_through.NothingToHear):
            heard_through.hear(session, told.id, None)
        for act in (heard_through.hear, heard_through.take_back):
            with pytest.raises(Unknown):
                act(session, "nobodyknowsit0", None)


def test_why_it_is_closed_is_said_in_both_languages() -> None:
    assert "first listens to the end" in reasons.words("not-heard-through", "en")
    assert "ស្ដាប់ឱ្យចប់" in reasons.words("not-heard-through", "km")
