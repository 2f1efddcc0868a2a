"""The gate: what it says in the cases people ask about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.access import gate, reasons
from archive.access.clock import Moment
from archive.access.gate import PUBLIC, ConsentState, Grant, Unknown, Viewer
from archive.access.rule import LISTED, PURPOSES, decide, strictest
from archive.consent import decisions
from archive.db import Database
from archive.ledgers import audit
from archive.models import AccessRequest, Song, now
from archive.models.consent import AUDIENCES, FORMS
from archive.time_zone import closes_after, opens_on
from archive.timing import Span
from tests.archive.testimonies import GIVEN, a_mark, a_song, a_testimony, a_version, an_account, draw

NOW = Moment(now(), now())
BAND = Viewer("b", "band", frozenset({"MB"}))
STEWARD = Viewer("s", "steward")
RESEARCHER = Viewer("r", "researcher")
NAMED = Viewer("n", "researcher", named=frozenset({"t"}))
WNU = Viewer("w", "researcher", frozenset({"WNU"}))
TO_ALL = tuple(Grant(form, "public") for form in FORMS if form != "name")


def _state(*grants: Grant, **facts: bool) -> ConsentState:
    return ConsentState("t", grants=grants, **{"approved": True, "heard_through": True, **facts})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("viewer", [PUBLIC, RESEARCHER, NAMED, WNU, BAND])
def test_what_nobody_allowed_is_refused(viewer: Viewer, form: str) -> None:
    assert decide(_state(), viewer, form, NOW).reason in {"not-granted", "not-listed"}


def test_public_never_implies_name() -> None:
    assert decide(_state(*TO_ALL), PUBLIC, "pseudonym", NOW)
    assert not decide(_state(*TO_ALL), PUBLIC, "name", NOW)
    assert not decide(_state(*TO_ALL), STEWARD, "name", NOW)


def test_listed_but_sealed() -> None:
    state = _state(Grant("existence", "public"))
    assert decide(state, PUBLIC, "existence", NOW)
    assert not any(decide(state, PUBLIC, form, NOW) for form in FORMS if form != "existence")


def test_heard_but_not_quoted() -> None:
    state = _state(Grant("existence", "public"), Grant("original_sound", "public"))
    assert decide(state, PUBLIC, "original_sound", NOW)
    assert decide(state, PUBLIC, "quotation", NOW).reason == "not-granted"


def test_words_may_be_sung_whose_speaker_is_not_to_be_found() -> None:
    state = _state(Grant("quotation", "public"), Grant("original_sound", "public"))
    assert decide(state, PUBLIC, "quotation", NOW)
    assert decide(state, PUBLIC, "original_sound", NOW).reason == "not-listed"


def test_a_group_has_what_was_given_to_it_and_the_others_have_not() -> None:
    state = _state(Grant("existence", "WNU"), Grant("original_sound", "WNU"))
    assert decide(state, WNU, "original_sound", NOW)
    assert not any(decide(state, viewer, "original_sound", NOW) for viewer in (PUBLIC, RESEARCHER, BAND))


def test_researchers_are_named_one_by_one_but_may_all_know_what_to_ask_for() -> None:
    state = _state(Grant("existence", "researcher"), Grant("redacted_transcript", "researcher"))
    assert decide(state, RESEARCHER, "existence", NOW)
    assert not decide(state, RESEARCHER, "redacted_transcript", NOW)
    assert decide(state, NAMED, "redacted_transcript", NOW)
    assert not decide(state, BAND, "existence", NOW)


def test_a_purpose_limits() -> None:
    state = _state(Grant("existence", "public"), Grant("quotation", "public", purpose="broadcast"))
    assert not decide(state, PUBLIC, "quotation", NOW)
    assert decide(state, PUBLIC, "quotation", NOW, purpose="broadcast")


def test_only_a_grant_that_names_it_is_for_the_air() -> None:
    everything = _state(*(Grant(form, "public") for form in FORMS))
    for purpose in PURPOSES:
        allowed = decide(everything, PUBLIC, "quotation", NOW, purpose)
        assert allowed.reason == ("not-granted" if purpose == "broadcast" else "granted")
    by_name = _state(Grant("quotation", "public", "broadcast"))
    assert [one for one in PURPOSES if decide(by_name, PUBLIC, "quotation", NOW, one)] == ["broadcast"]


def test_machine_text_stays_inside_until_a_person_approves() -> None:
    state = _state(*TO_ALL, approved=False)
    assert decide(state, PUBLIC, "redacted_transcript", NOW).reason == "not-approved"
    assert decide(state, BAND, "redacted_transcript", NOW)


def test_what_is_taken_out_must_be_heard_first() -> None:
    state = _state(*TO_ALL, marks=True, heard=False)
    for form in ("redacted_transcript", "original_sound", "disguised_sound"):
        assert decide(state, PUBLIC, form, NOW).reason == "not-heard"
    assert decide(_state(*TO_ALL, marks=True), PUBLIC, "redacted_transcript", NOW)


def test_a_yes_to_everyone_does_not_speak_for_others_in_the_story() -> None:
    everyone = _state(*TO_ALL, marks=True)
    assert decide(everyone, PUBLIC, "full_transcript", NOW).reason == "redacted"
    assert decide(everyone, PUBLIC, "redacted_transcript", NOW)
    by_name = _state(*TO_ALL, Grant("full_transcript", "researcher"), marks=True)
    assert decide(by_name, NAMED, "full_transcript", NOW)


def test_withdrawn_is_nothing_to_anyone() -> None:
    state = _state(*TO_ALL, withdrawn=True)
    viewers = (PUBLIC, NAMED, BAND, STEWARD)
    assert not any(decide(state, viewer, form, NOW) for viewer in viewers for form in FORMS)


def test_a_steward_is_let_in_for_a_reason_that_is_said() -> None:
    decision = decide(_state(), STEWARD, "full_transcript", NOW)
    assert decision.reason == "steward"
    assert "consent" in decision.words("en")
    assert not decide(_state(), STEWARD, "quotation", NOW)


def test_an_embargo_opens_with_the_day_in_phnom_penh_and_closes_after_it() -> None:
    opens, closes = opens_on(date(2027, 1, 1)), closes_after(date(2027, 12, 31))
    assert opens.isoformat() == "2026-12-31T17:00:00+00:00"
    state = _state(Grant("existence", "public", start=opens, end=closes))

    def at(moment: object) -> str:
        return decide(state, PUBLIC, "existence", Moment(moment, moment)).reason  # type: ignore[arg-type]

    second = timedelta(seconds=1)
    assert at(opens - second) == "not-yet"
    assert at(opens) == "granted"
    assert at(closes - second) == "granted"
    assert at(closes) == "ended"


times = st.none() | st.datetimes(timezones=st.just(NOW.clock.tzinfo)) if NOW.clock.tzinfo else st.none()
grants = st.builds(Grant, st.sampled_from(FORMS), st.sampled_from(AUDIENCES), start=times, end=times)
moments = st.datetimes(timezones=st.just(NOW.clock.tzinfo))


@given(st.lists(grants, max_size=6), moments, moments, moments)
def test_a_clock_set_back_never_opens(given_grants: list[Grant], back: object, clock: object, mark: object) -> None:
    early, late = sorted([back, clock])  # type: ignore[type-var]
    state = _state(*given_grants, Grant("existence", "public"))
    marked = max(late, mark)  # type: ignore[type-var]
    for viewer in (PUBLIC, NAMED, BAND):
        for form in FORMS:
            if decide(state, viewer, form, Moment(early, marked)):  # type: ignore[arg-type]
                assert decide(state, viewer, form, Moment(late, marked))  # type: ignore[arg-type]


def test_every_reason_has_words_in_both_languages() -> None:
    for reason, words in reasons.WORDS.items():
        khmer, english = (words.said(language) for language in ("km", "en"))
        assert khmer != english, reason
        assert all((khmer, english)), reason


def test_an_end_that_has_passed_stays_closed_when_the_clock_is_put_back(database: Database) -> None:
    end = now() + timedelta(days=30)
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("existence", "public", end=end)], GIVEN)
        assert gate.may(session, PUBLIC, told, "existence")
        audit.note(session, None, "test.later", at=end + timedelta(days=1))
        assert gate.may(session, PUBLIC, told, "existence").reason == "ended"
        assert told not in set(session.scalars(gate.permitted(PUBLIC, "existence")))


def test_unknown_and_refused_are_the_same_to_whoever_asks(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        answers = []
        for asked in (told, "no-such-thing"):
            with pytest.raises(Unknown) as refused:
                gate.require(session, PUBLIC, asked, "existence")
            answers.append((type(refused.value), str(refused.value)))
    assert answers[0] == answers[1]


def test_a_granted_request_names_a_researcher_for_that_testimony_alone(database: Database) -> None:
    with database.write() as session:
        one, other, who = a_testimony(session), a_testimony(session), an_account(session, "researcher")
        for told in (one, other):
            decisions.grant(
                session, told.id, [Grant("existence", "researcher"), Grant("pseudonym", "researcher")], GIVEN
            )
            session.add(
                AccessRequest(
                    account_id=who.id,
                    testimony_id=told.id,
                    purpose="a thesis",
                    state="granted" if told is one else "open",
                )
            )
        session.flush()
        viewer = gate.viewer_of(session, who)
        assert gate.may(session, viewer, one.id, "pseudonym")
        assert not gate.may(session, viewer, other.id, "pseudonym")
        who.disabled = True
        assert gate.viewer_of(session, who) == PUBLIC


def test_what_was_made_of_several_has_the_strictest_answer(database: Database) -> None:
    with database.write() as session:
        one, other = a_testimony(session).id, a_testimony(session).id
        decisions.grant(session, one, [Grant("quotation", "public")], GIVEN)
        assert gate.may_all(session, PUBLIC, [one], "quotation")
        assert not gate.may_all(session, PUBLIC, [one, other], "quotation")
        assert gate.may_all(session, PUBLIC, [], "quotation").reason == "no-parent"
        assert gate.may_all(session, PUBLIC, [], "quotation", own_words=True)
        assert strictest([]).reason == "no-parent"


def test_which_transcript_and_which_sound(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session)
        a_version(session, told.id)
        decisions.grant(session, told.id, [*decisions.PRESETS["public"], Grant("full_transcript", "public")], GIVEN)
        assert gate.best_transcript_form(session, PUBLIC, told.id) == "full_transcript"
        assert gate.sound_for(session, PUBLIC, told.id) == "whole"
        marked = a_mark(session, told.id, Span(1400, 2300))
        assert gate.best_transcript_form(session, PUBLIC, told.id) is None
        assert gate.sound_for(session, PUBLIC, told.id) is None
        marked.heard_at = now()
        session.flush()
        assert gate.best_transcript_form(session, PUBLIC, told.id) == "redacted_transcript"
        assert gate.sound_for(session, PUBLIC, told.id) == "redacted"
        assert gate.sound_for(session, BAND, told.id) == "whole"
        assert gate.place_level(session, PUBLIC, told.id) == "province"
        assert gate.place_level(session, BAND, told.id) == "province"
        assert gate.place_level(session, STEWARD, told.id) == "commune"


@pytest.mark.parametrize(
    ("state", "public", "band"), [("published", True, True), ("draft", False, True), ("held", False, True)]
)
def test_the_public_hears_published_songs_and_the_band_sees_its_drafts(
    database: Database, state: str, public: bool, band: bool
) -> None:
    with database.write() as session:
        song, _ = a_song(session, state=state)
        assert gate.song_visible(session, PUBLIC, song.id) is public
        assert gate.song_visible(session, BAND, song.id) is band
        assert (song.id in gate.allowed(session, PUBLIC).songs) is public


@pytest.mark.parametrize(("relation", "form"), [("verbatim", "quotation"), ("inspired", "paraphrase")])
def test_a_published_song_waits_while_one_source_is_not_allowed(database: Database, relation: str, form: str) -> None:
    with database.write() as session:
        told, other = a_testimony(session), a_testimony(session)
        song, line = a_song(session, a_version(session, told.id), relation=relation)
        draw(session, line, a_version(session, other.id), relation="verbatim")
        decisions.grant(session, told.id, [Grant(form, "public")], GIVEN)
        song.state, line.held = "published", False
        for source in line.sources:
            source.state = "sure"
        session.flush()
        assert not gate.song_visible(session, PUBLIC, song.id)
        decisions.grant(session, other.id, [Grant("quotation", "public")], GIVEN)
        assert gate.song_visible(session, PUBLIC, song.id)


def test_a_draft_is_closed_to_whoever_its_narrator_did_not_let_in(database: Database) -> None:
    """Told to one group alone: a member of another neither finds the song nor reads the line, and its drafter does."""
    hers, others = Viewer("h", "band", frozenset({"WNU"})), Viewer("o", "band", frozenset({"MB"}))
    with database.write() as session:
        told = a_testimony(session)
        decisions.grant(session, told.id, [Grant("quotation", "WNU"), Grant("existence", "WNU")], GIVEN)
        song, line = a_song(session, a_version(session, told.id), state="draft")
        _, own = a_song(session, state="draft")
        for viewer, open_to in ((hers, True), (others, False), (STEWARD, True)):
            assert gate.song_visible(session, viewer, song.id) is open_to
            assert (song.id in gate.allowed(session, viewer).songs) is open_to
            closed = set(session.scalars(gate.closed_lines(viewer)))
            assert (line.id not in closed) is open_to
            assert own.id not in closed
        decisions.suspend(session, told.id, GIVEN)
        assert line.held
        assert gate.song_visible(session, others, song.id), "with its line held it waits for the band's decision"
        for viewer in (hers, others, PUBLIC):
            assert line.id in set(session.scalars(gate.closed_lines(viewer)))


def test_no_such_song(database: Database) -> None:
    with database.read() as session:
        assert session.get(Song, "nothing") is None
        assert not gate.song_visible(session, BAND, "nothing")


def test_forms_that_tell_of_the_testimony_need_its_listing() -> None:
    bare = _state(*(grant for grant in TO_ALL if grant.form != "existence"))
    assert {form for form in FORMS if decide(bare, PUBLIC, form, NOW).reason == "not-listed"} == LISTED
