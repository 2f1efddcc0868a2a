"""Accounts, sessions and requests: who gets in, for how long, and how they are shut out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from archive.access import gate
from archive.access.gate import Unknown
from archive.access.rule import Grant
from archive.accounts import access_requests, accounts, hashing, sessions
from archive.accounts.sessions import NotSignedIn
from archive.consent import decisions
from archive.db import Database
from archive.ledgers import audit
from archive.models import Account, AccountSession, AuditEntry
from tests.archive.testimonies import GIVEN, a_testimony, an_account

PASSWORD = "ទឹកដីយើង-1975-ស្រែ"
BEGAN = datetime(2026, 11, 1, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_hashes_have_the_strength_of_rfc_9106(
    production_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "_HASHER", production_hasher)
    assert accounts.hashed(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.fixture
def member(sqlite_database: Database) -> Database:
    with sqlite_database.write() as session:
        accounts.create(session, "sreymom", PASSWORD, "band", ["MB"])
    return sqlite_database


def test_a_password_is_kept_as_argon2id_and_nothing_else(member: Database) -> None:
    with member.read() as session:
        account = accounts.named(session, " SreyMom ")
        assert account.password_hash.startswith("$argon2id$")
        assert accounts.matches(account.password_hash, PASSWORD)
        assert not accounts.matches(account.password_hash, PASSWORD + "x")
        assert not accounts.matches("", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password", "role", "groups"),
    [
        ("s", PASSWORD, "band", []),
        ("srey mom", PASSWORD, "band", []),
        ("other", PASSWORD, "admin", []),
        ("other", PASSWORD, "band", ["CIA"]),
        ("other", "short", "band", []),
        ("other", "aaaaaaaaaaaaaaaaa", "band", []),
        ("sreymom", PASSWORD, "band", []),
    ],
)
def test_what_an_account_cannot_be(member: Database, name: str, password: str, role: str, groups: list[str]) -> None:
    with pytest.raises(accounts.NotAnAccount), member.write() as session:
        accounts.create(session, name, password, role, groups)


def test_a_failed_sign_in_tells_nothing_and_is_written_down_nowhere(member: Database) -> None:
    with member.write() as session:
        accounts.create(session, "gone", PASSWORD, "band")
        accounts.disable(session, accounts.named(session, "gone"))
    said = set()
    for name, password in (("sreymom", "wrong password"), ("nobody", PASSWORD), ("gone", PASSWORD), ("", "")):
        with pytest.raises(NotSignedIn) as refused, member.write() as session:
            sessions.sign_in(session, name, password)
        said.add(str(refused.value))
    assert len(said) == 1
    with member.read() as session:
        assert session.scalars(select(AccountSession)).all() == []
        assert {entry.action for entry in session.scalars(select(AuditEntry))} == {"account.made", "account.disabled"}


def test_a_name_nobody_has_costs_as_much_as_a_wrong_password(member: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    real = accounts.matches
    monkeypatch.setattr(accounts, "matches", lambda h, p: checked.append(h.rsplit("$", 2)[0]) or real(h, p))
    for name in ("sreymom", "nobody"):
        with pytest.raises(NotSignedIn), member.write() as session:
            sessions.sign_in(session, name, "wrong password")
    assert len(checked) == 2
    assert checked[0] == checked[1], "both hashes have the same parameters"


def test_the_token_is_not_in_the_database(member: Database) -> None:
    with member.write() as session:
        token = sessions.sign_in(session, "sreymom", PASSWORD)
        row = session.scalars(select(AccountSession)).one()
        assert token not in {row.token_hash, row.account_id}
        account = sessions.signed_in(session, token)
        assert account is not None
        assert account.name == "sreymom"
        assert sessions.signed_in(session, token[:-1]) is None


def test_a_session_on_a_shared_computer_ends_when_it_lies_idle(member: Database) -> None:
    with member.write() as session:
        token = sessions.sign_in(session, "sreymom", PASSWORD, shared=True, at=BEGAN)
        assert sessions.signed_in(session, token, BEGAN + 29 * MINUTE)
        assert sessions.signed_in(session, token, BEGAN + 30 * MINUTE) is None
        assert not sessions.needs_touch(session, token, BEGAN + timedelta(seconds=30))
        assert sessions.needs_touch(session, token, BEGAN + 20 * MINUTE)
        sessions.touch(session, token, BEGAN + 20 * MINUTE)
        assert sessions.signed_in(session, token, BEGAN + 49 * MINUTE)
        sessions.touch(session, token, BEGAN + 55 * MINUTE)
        assert sessions.signed_in(session, token, BEGAN + 56 * MINUTE) is None, "what has ended is not woken"


def test_nobody_is_signed_in_longer_than_half_a_day(member: Database) -> None:
    with member.write() as session:
        own = sessions.sign_in(session, "sreymom", PASSWORD, shared=False, at=BEGAN)
        shared = sessions.sign_in(session, "sreymom", PASSWORD, shared=True, at=BEGAN)
        for minutes in range(20, 12 * 60, 20):
            sessions.touch(session, own, BEGAN + minutes * MINUTE)
            sessions.touch(session, shared, BEGAN + minutes * MINUTE)
        for token in (own, shared):
            assert sessions.signed_in(session, token, BEGAN + 12 * HOUR - MINUTE)
            assert sessions.signed_in(session, token, BEGAN + 12 * HOUR) is None


def test_a_clock_put_back_does_not_wake_a_session(member: Database) -> None:
    with member.write() as session:
        later = datetime(2031, 1, 1, tzinfo=UTC)
        token = sessions.sign_in(session, "sreymom", PASSWORD, at=later)
        assert sessions.signed_in(session, token, later + MINUTE)
        assert sessions.signed_in(session, token, later - 3 * MINUTE) is None
        sessions.touch(session, token, later + 10 * MINUTE)
        assert sessions.signed_in(session, token, later + 5 * MINUTE) is None


def test_a_clock_that_went_astray_still_lets_people_in(member: Database) -> None:
    with member.write() as session:
        audit.note(session, None, "test.later", at=datetime(2031, 1, 1, tzinfo=UTC))
        token = sessions.sign_in(session, "sreymom", PASSWORD)
        assert sessions.signed_in(session, token)


def test_signing_out_ends_it_for_good_and_everywhere_ends_all(member: Database) -> None:
    with member.write() as session:
        one, two, three = (sessions.sign_in(session, "sreymom", PASSWORD) for _ in range(3))
        sessions.sign_out(session, one)
        assert sessions.signed_in(session, one) is None
        assert sessions.signed_in(session, two)
        account = accounts.named(session, "sreymom")
        accounts.change_password(session, account, PASSWORD + "ថ្មី")
        session.expire_all()
        assert sessions.signed_in(session, two) is None
        assert sessions.signed_in(session, three) is None


def test_a_disabled_account_is_out_at_once(member: Database) -> None:
    with member.write() as session:
        token = sessions.sign_in(session, "sreymom", PASSWORD)
        session.scalars(select(Account)).one().disabled = True
        session.flush()
        assert sessions.signed_in(session, token) is None


def test_a_researcher_asks_and_a_steward_answers(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("existence", "researcher"), Grant("pseudonym", "researcher")], GIVEN)
        who, steward, band = an_account(session, "researcher"), an_account(session), an_account(session, "band")
        request = access_requests.ask(session, who, told, "  a thesis on debt ")
        assert request.purpose == "a thesis on debt"
        assert access_requests.unanswered(session, 5) == ([request], 1)
        with pytest.raises(access_requests.CannotAnswer):
            access_requests.answer(session, request.id, band, granted=True)
        access_requests.answer(session, request.id, steward, granted=True, words="Welcome.")
        assert gate.may(session, gate.viewer_of(session, who), told, "pseudonym")
        access_requests.answer(session, request.id, steward, granted=False)
        assert not gate.may(session, gate.viewer_of(session, who), told, "pseudonym")
        assert access_requests.unanswered(session, 5) == ([], 0)
        assert [one.state for one in access_requests.asked_by(session, who)] == ["declined"]


def test_what_cannot_be_asked_for(database: Database) -> None:
    with database.write() as session:
        told, hidden = a_testimony(session).id, a_testimony(session).id
        decisions.grant(session, told, [Grant("existence", "researcher")], GIVEN)
        who, band = an_account(session, "researcher"), an_account(session, "band")
        for unknown in (hidden, "no-such-thing"):
            with pytest.raises(Unknown):
                access_requests.ask(session, who, unknown, "a thesis")
        with pytest.raises(access_requests.CannotAsk, match="use the testimony for"):
            access_requests.ask(session, who, told, " ")
        with pytest.raises(access_requests.CannotAsk, match="researchers"):
            access_requests.ask(session, band, told, "a song")
        access_requests.ask(session, who, told, "a thesis")
        with pytest.raises(access_requests.CannotAsk, match="already"):
            access_requests.ask(session, who, told, "the same thesis")
