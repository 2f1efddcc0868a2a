"""The narrator's decisions: each verb, what it holds, and how it is told before it is done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from archive import time_zone
from archive.access import clock, gate
from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.access.rule import Grant, decide
from archive.consent import decisions, holds
from archive.consent.decisions import PRESETS, ConsentGiven, NoEvidence
from archive.consent.effective import EffectiveConsent, NotAGrant, after, checked, overlap, read, tidy, write
from archive.db import Database
from archive.models import AuditEntry, LyricLine, Permission, now
from archive.models.consent import FORMS
from tests.archive.testimonies import GIVEN, a_song, a_testimony, a_version, an_account, draw

BAND = Viewer("b", "band", frozenset({"MB"}))
TO_ALL = [Grant("existence", "public"), Grant("original_sound", "public"), Grant("quotation", "public")]


def test_narrowing_from_everyone_to_the_band(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, TO_ALL, GIVEN)
        decisions.narrow(session, told, [Grant(one.form, "band") for one in TO_ALL], GIVEN)
        assert not any(gate.may(session, PUBLIC, told, one.form) for one in TO_ALL)
        assert all(gate.may(session, BAND, told, one.form) for one in TO_ALL)


def test_narrowing_never_widens(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("existence", "band"), Grant("place", "band", level="province")], GIVEN)
        wide = [Grant("existence", "public"), Grant("name", "band"), Grant("place", "band", level="commune")]
        decisions.narrow(session, told, wide, GIVEN)
        rows = session.scalars(select(Permission)).all()
        assert {(p.form, p.audience, p.level) for p in rows} == {
            ("existence", "band", ""),
            ("place", "band", "province"),
        }


def test_suspending_closes_everything_and_confirming_opens_it_again(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, TO_ALL, GIVEN)
        decisions.suspend(session, told, GIVEN)
        decisions.grant(session, told, [Grant("paraphrase", "public")], GIVEN)
        assert not any(gate.may(session, BAND, told, form) for form in FORMS)
        decisions.reconfirm(session, told, GIVEN)
        assert gate.may(session, PUBLIC, told, "original_sound")
        assert gate.may(session, PUBLIC, told, "paraphrase"), "what was given meanwhile counts once confirmed"
        decisions.reconfirm(session, told, GIVEN, [Grant("existence", "band")])
        assert not gate.may(session, PUBLIC, told, "existence"), "fresh grants replace the earlier ones"


@pytest.mark.parametrize("kind", ["narrow", "suspend", "withdraw"])
@pytest.mark.parametrize(("relation", "form"), [("verbatim", "quotation"), ("inspired", "paraphrase")])
def test_lines_that_lose_their_ground_are_held_at_once(database: Database, kind: str, relation: str, form: str) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("existence", "band"), Grant(form, "public")], GIVEN)
        song, line = a_song(session, a_version(session, told), relation=relation)
        assert gate.song_visible(session, PUBLIC, song.id)
        if kind == "narrow":
            decisions.narrow(session, told, [Grant("existence", "band")], GIVEN)
        else:
            getattr(decisions, kind)(session, told, GIVEN)
        assert (line.held, song.state, line.sources[0].state) == (True, "held", "held")
        own = session.scalars(select(LyricLine).where(LyricLine.own)).one()
        assert not own.held
        held_acts = select(AuditEntry).where(AuditEntry.action == "song.held")
        assert [entry.subject for entry in session.scalars(held_acts)] == [f"song:{song.id}"]


def test_a_draft_stands_as_long_as_the_band_may_quote(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("quotation", "band"), Grant("quotation", "public")], GIVEN)
        song, line = a_song(session, a_version(session, told), state="draft")
        decisions.narrow(session, told, [Grant("quotation", "band")], GIVEN)
        assert (song.state, line.held) == ("draft", False)
        decisions.suspend(session, told, GIVEN)
        assert (song.state, line.held) == ("draft", True)


def test_a_line_is_taken_up_again_only_when_all_its_sources_allow_it(database: Database) -> None:
    with database.write() as session:
        by = an_account(session).id
        one, other = a_testimony(session).id, a_testimony(session).id
        for told in (one, other):
            decisions.grant(session, told, [Grant("quotation", "public")], GIVEN)
        song, line = a_song(session, a_version(session, one))
        draw(session, line, a_version(session, other))
        decisions.suspend(session, one, GIVEN)
        decisions.suspend(session, other, GIVEN)
        decisions.reconfirm(session, one, GIVEN)
        assert line.held, "nothing is sung again by itself"
        with pytest.raises(holds.StillRefused):
            holds.take_up_again(session, line.id, by)
        decisions.reconfirm(session, other, GIVEN)
        session.expire(line)
        assert not holds.take_up_again(session, line.id, by).held
        assert {source.state for source in line.sources} == {"sure"}
        assert song.state == "held", "publishing is a decision of its own"
        with pytest.raises(Unknown):
            holds.take_up_again(session, "nothing", by)


def test_what_has_ended_holds_its_lines_and_is_noted_once(database: Database) -> None:
    end = now() + timedelta(days=30)
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("quotation", "public", end=end)], GIVEN)
        song, line = a_song(session, a_version(session, told))
        assert decisions.lapse(session, end - timedelta(seconds=1)) == []
        assert not line.held
        assert decisions.lapse(session, end) == [told]
        assert (line.held, song.state) == (True, "held")
        assert decisions.lapse(session, end + timedelta(days=1)) == []
        assert decisions.lapse(session) == []
        assert gate.may(session, PUBLIC, told, "quotation").reason == "ended", "also when the clock is put back"
        noted = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "permission.ended")).all()
        assert len(noted) == 1


def test_every_event_says_how_the_word_was_given(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told = a_testimony(session).id
        with pytest.raises(NoEvidence, match="thumbprint"):
            decisions.grant(session, told, TO_ALL, ConsentGiven("rumour", None))
        with pytest.raises(Unknown):
            decisions.grant(session, "nothing", TO_ALL, GIVEN)
        event = decisions.grant(session, told, TO_ALL, GIVEN)
        assert (event.seq, event.method, event.evidence) == (1, "recorded-verbal", {"start_ms": 0, "end_ms": 4000})


@pytest.mark.parametrize(
    "grant",
    [
        Grant("gossip", "public"),
        Grant("existence", "police"),
        Grant("existence", "public", purpose="profit"),
        Grant("existence", "public", level="commune"),
        Grant("place", "public", level="house"),
        Grant("existence", "public", start=now(), end=now() - timedelta(days=1)),
        Grant("", ""),
    ],
)
def test_a_grant_that_means_nothing_is_refused(grant: Grant) -> None:
    with pytest.raises(NotAGrant):
        checked([grant])


@pytest.mark.parametrize("time", ["yesterday", "2026-01-01T00:00:00"])
def test_a_time_without_its_zone_is_no_moment(time: str) -> None:
    with pytest.raises(NotAGrant):
        read({"form": "existence", "audience": "public", "start": time})


def test_a_grant_comes_back_from_its_row_as_it_was() -> None:
    grant = Grant(
        "place",
        "WNU",
        "research",
        time_zone.opens_on(date(2027, 1, 1)),
        time_zone.closes_after(date(2027, 2, 1)),
        "district",
    )
    assert read(write(grant)) == grant
    assert checked([Grant("place", "WNU")])[0].level == "country"


def test_the_arithmetic_of_grants() -> None:
    public, band = Grant("existence", "public"), Grant("existence", "band")
    assert overlap(public, band) == overlap(band, public) == band
    assert overlap(band, Grant("existence", "WNU")) is None
    assert overlap(Grant("place", "band", level="commune"), Grant("place", "band", level="province")) == Grant(
        "place", "band", level="province"
    )
    assert tidy([band, band, Grant("existence", "band", "research")]) == (band,)
    on_air = Grant("quotation", "public", "broadcast")
    assert overlap(on_air, Grant("quotation", "public")) is overlap(Grant("quotation", "public"), on_air) is None
    assert set(tidy([on_air, Grant("quotation", "public")])) == {on_air, Grant("quotation", "public")}
    assert set(tidy([public, Grant("existence", "researcher")])) == {public, Grant("existence", "researcher")}
    assert after(EffectiveConsent((public,), suspended=True), "grant", [band]).grants == ()


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_names_anybody_or_allows_what_is_not_listed(name: str) -> None:
    assert not any(one.form == "name" for one in PRESETS[name])
    assert decisions.unlisted(PRESETS[name]) == set()
    assert checked(PRESETS[name]) == PRESETS[name]


def test_listed_but_sealed_and_heard_but_not_quoted() -> None:
    moment = clock.Moment(now(), now())
    sealed = gate.ConsentState("t", grants=PRESETS["listed-sealed"], approved=True, heard_through=True)
    assert [form for form in FORMS if decide(sealed, PUBLIC, form, moment)] == ["existence"]
    heard = gate.ConsentState("t", grants=PRESETS["heard-not-quoted"], approved=True, heard_through=True)
    assert [form for form in FORMS if decide(heard, PUBLIC, form, moment)] == [
        "existence",
        "original_sound",
        "pseudonym",
    ]


def test_the_rows_are_held_to_the_events(database: Database) -> None:
    with database.write() as session:
        told, other = a_testimony(session).id, a_testimony(session).id
        for one in (told, other):
            decisions.grant(session, one, PRESETS["public"], GIVEN)
        assert decisions.disagreeing(session) == []
        session.add(Permission(testimony_id=told, form="name", audience="public"))
        session.flush()
        assert decisions.disagreeing(session) == [told]
