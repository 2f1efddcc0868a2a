"""A narrator comes back by her code alone: what it opens, what she can do, and what a made-up code costs."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from archive.access import gate
from archive.access.gate import PUBLIC, Unknown
from archive.access.rule import Grant
from archive.accounts import hashing
from archive.backends import Backends
from archive.consent import decisions
from archive.consent.decisions import PRESETS, ConsentGiven
from archive.db import Database
from archive.models import ConsentEvent, Narrator, OwnVisit, Testimony, now
from archive.settings import Settings
from archive.withdrawal import codes, own_visits
from archive.withdrawal.own_visits import AS_KEPT, WrongCode
from tests import factories

GIVEN = ConsentGiven("signed", None)


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Backends:
    return Backends(settings, sqlite_database)


@pytest.fixture
def told(backends: Backends) -> tuple[str, str, str]:
    """A narrator, a testimony of hers that is open to everyone, and her code."""
    with backends.database.write() as session:
        narrator = factories.narrator(session)
        testimony = factories.testimony(session, narrator_id=narrator.id)
        decisions.grant(session, testimony.id, PRESETS["public"], GIVEN)
        return narrator.id, testimony.id, codes.issue_code(session, narrator.id)


def test_a_code_is_understood_however_it_is_typed_and_kept_as_a_hash(
    backends: Backends, told: tuple[str, str, str]
) -> None:
    narrator, _, code = told
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    with backends.database.read() as session:
        khmer = code.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩"))
        for typed in (code, f" {code.upper().replace('-', ' ')} ", khmer):
            assert codes.owner_of(session, typed) == narrator
        for wrong in (code[:-1], "", "%%%%", "2222-2222-2222-2222", code[:4], f"{code}x"):
            assert codes.owner_of(session, wrong) is None
        assert code.replace("-", "") not in str(session.scalars(select(Narrator.code_hash)).all())


def test_another_code_ends_the_one_before(backends: Backends, told: tuple[str, str, str]) -> None:
    narrator, _, code = told
    with backends.database.write() as session:
        newer = codes.issue_code(session, narrator)
        assert codes.owner_of(session, code) is None
        assert codes.owner_of(session, newer) == narrator


def test_ten_thousand_made_up_codes_open_nothing_and_ask_no_slow_hash(
    backends: Backends, told: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    narrator, _, code = told
    asked = []
    monkeypatch.setattr(hashing, "matches", lambda *_: asked.append(1))
    began = time.thread_time()
    with backends.database.read() as session:
        for number in range(10_000):
            near = f"{code[:4]}-{number:08}2222"  # her own first group, so that she would be found by it
            assert codes.owner_of(session, near) is None
    assert len(asked) <= 1  # one in 810,000 has the right end
    assert time.thread_time() - began < 20
    monkeypatch.undo()
    with backends.database.read() as session:
        assert codes.owner_of(session, code) == narrator


def test_a_visit_lasts_twenty_minutes_and_its_token_is_nowhere(backends: Backends, told: tuple[str, str, str]) -> None:
    narrator, _, code = told
    with backends.database.write() as session:
        with pytest.raises(WrongCode):
            own_visits.begin(session, "2222-2222-2222-2222")
        token = own_visits.begin(session, code)
        assert own_visits.visitor(session, token) == narrator
        assert own_visits.visitor(session, token, now() + timedelta(minutes=21)) is None
        assert own_visits.visitor(session, token + "x") is None
        assert token not in str(session.scalars(select(OwnVisit.token_hash)).all())
        own_visits.end(session, token)
        assert own_visits.visitor(session, token) is None


def test_she_sees_what_is_hers_and_nothing_else(backends: Backends, told: tuple[str, str, str]) -> None:
    narrator, testimony, _ = told
    with backends.database.write() as session:
        other = factories.testimony(session).id
        assert own_visits.hers(session, narrator) == [testimony]
        for which in (other, "nobodyknowsit0"):
            with pytest.raises(Unknown):
                own_visits.sound_of(session, narrator, which)
            with pytest.raises(Unknown):
                own_visits.narrow(session, narrator, which, "band-only")
    for which in (other, "nobodyknowsit0"):
        with pytest.raises(Unknown):
            own_visits.take_back(backends, narrator, which, "restrict")


@pytest.mark.parametrize("answer", own_visits.NARROWER)
def test_what_she_narrows_opens_nothing(backends: Backends, told: tuple[str, str, str], answer: str) -> None:
    narrator, testimony, _ = told
    with backends.database.write() as session:
        before = set(decisions.standing_of(session, testimony).grants)
        decisions.narrow(session, testimony, [Grant("existence", "public"), Grant("existence", "band")], GIVEN)
        own_visits.narrow(session, narrator, testimony, answer)
        after = set(decisions.standing_of(session, testimony).grants)
        assert after <= before
        assert {one.form for one in after} <= {"existence"}
        event = session.scalars(select(ConsentEvent).order_by(ConsentEvent.seq.desc())).first()
        assert event is not None
        assert (event.kind, event.evidence, event.recorded_by_id) == ("narrow", {"code": True}, None)
        assert [one.kind for one in own_visits.news(session, AS_KEPT)] == ["narrow"]


@pytest.mark.parametrize("mode", own_visits.TAKING_BACK)
def test_what_she_takes_back_is_gone_at_once_and_stewards_are_told(
    backends: Backends, told: tuple[str, str, str], mode: str
) -> None:
    narrator, testimony, _ = told
    own_visits.take_back(backends, narrator, testimony, mode)
    with backends.database.read() as session:
        assert not gate.may(session, PUBLIC, testimony, "existence")
        assert own_visits.hers(session, narrator) == []
        found = own_visits.news(session, AS_KEPT)
        named = testimony if mode == "restrict" else ""
        assert [(one.testimony_id, one.kind, one.there) for one in found] == [(named, mode, False)]
        assert session.get_one(Testimony, testimony).withdrawn_at is not None
        with pytest.raises(Unknown):
            own_visits.news(session, PUBLIC)
