"""A link lets its owner choose a password, once; the archive is never left without a steward."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from archive.accounts import accounts, links, sessions
from archive.accounts.accounts import LastSteward, NotAnAccount
from archive.accounts.links import LinkVoid
from archive.accounts.sessions import NotSignedIn
from archive.db import Database
from archive.models import Account, AccountLink, AccountSession, AuditEntry, now

PASSWORD = "ទឹកដីយើង-1975-ស្រែ"
OTHER = "another-long-one"


@pytest.fixture
def token(sqlite_database: Database) -> str:
    with sqlite_database.write() as session:
        accounts.create(session, "dara", PASSWORD, "steward")
        return links.invite(session, "Sreymom", "band", ["MB"], display_name="ស្រីមុំ")


def test_who_follows_a_link_chooses_a_password_once(sqlite_database: Database, token: str) -> None:
    with sqlite_database.write() as session:
        with pytest.raises(NotSignedIn):
            sessions.sign_in(session, "sreymom", "")
        links.use(session, token, PASSWORD, "Mom", "en")
        account = sessions.signed_in(session, sessions.sign_in(session, "sreymom", PASSWORD))
        assert account is not None
        assert (account.display_name, account.language, account.groups) == ("Mom", "en", ["MB"])
        with pytest.raises(LinkVoid):
            links.use(session, token, OTHER, "Mom", "en")


def test_the_database_has_no_token(sqlite_database: Database, token: str) -> None:
    with sqlite_database.read() as session:
        link = session.scalars(select(AccountLink)).one()
        assert token not in (link.token_hash, link.account_id)
        said = [f"{one.action} {one.subject} {one.detail}" for one in session.scalars(select(AuditEntry))]
    assert any(one.startswith("account.invited") for one in said)
    assert not any(token in one for one in said)


def test_a_link_is_void_after_its_days_and_when_it_is_replaced_or_the_account_shut(
    sqlite_database: Database, token: str
) -> None:
    with sqlite_database.write() as session:
        with pytest.raises(LinkVoid):
            links.owner(session, token, now() + links.HOLDS + timedelta(minutes=1))
        newer = links.reset(session, accounts.named(session, "sreymom"))
        with pytest.raises(LinkVoid):
            links.owner(session, token)
        assert links.owner(session, newer).name == "sreymom"
        accounts.disable(session, accounts.named(session, "sreymom"))
        with pytest.raises(LinkVoid):
            links.owner(session, newer)
        with pytest.raises(NotAnAccount):
            links.reset(session, accounts.named(session, "sreymom"))


def test_a_password_that_cannot_be_leaves_the_link(sqlite_database: Database, token: str) -> None:
    with pytest.raises(NotAnAccount), sqlite_database.write() as session:
        links.use(session, token, "short", "Mom", "km")
    with sqlite_database.read() as session:
        assert links.owner(session, token).password_hash == ""


def test_a_reset_ends_the_password_and_the_sessions_at_once(sqlite_database: Database, token: str) -> None:
    with sqlite_database.write() as session:
        links.use(session, token, PASSWORD, "Mom", "km")
        cookie = sessions.sign_in(session, "sreymom", PASSWORD)
        links.reset(session, accounts.named(session, "sreymom"))
        assert sessions.signed_in(session, cookie) is None
        with pytest.raises(NotSignedIn):
            sessions.sign_in(session, "sreymom", PASSWORD)


@pytest.mark.parametrize("other", ["none", "invited", "disabled"])
def test_the_last_steward_who_can_sign_in_stays_one(database: Database, other: str) -> None:
    with database.write() as session:
        last = accounts.create(session, "dara", PASSWORD, "steward")
        if other == "invited":
            links.invite(session, "chenda", "steward")
        elif other == "disabled":
            accounts.disable(session, accounts.create(session, "chenda", PASSWORD, "steward"))
        for shut_out in (
            lambda: accounts.disable(session, last),
            lambda: accounts.change_role(session, last, "band", []),
            lambda: links.reset(session, last),
        ):
            with pytest.raises(LastSteward):
                shut_out()
        assert (last.role, last.disabled, last.password_hash != "") == ("steward", False, True)
        accounts.change_role(session, last, "steward", ["MB"])


def test_one_of_two_stewards_may_go_and_the_other_may_not(database: Database) -> None:
    with database.write() as session:
        first = accounts.create(session, "dara", PASSWORD, "steward")
        second = accounts.create(session, "chenda", PASSWORD, "steward")
        accounts.disable(session, first, second.id)
        with pytest.raises(LastSteward):
            accounts.disable(session, second, second.id)
        accounts.enable(session, first, second.id)
        accounts.change_role(session, second, "band", [], first.id)
        told = [(one.action, one.actor_id) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
    assert told[2:] == [
        ("account.disabled", second.id),
        ("account.enabled", second.id),
        ("account.role-changed", first.id),
    ]


def test_one_changes_one_s_own_password_and_stays_here_alone(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        account = accounts.create(session, "sreymom", PASSWORD, "band")
        here, there = (sessions.sign_in(session, "sreymom", PASSWORD) for _ in range(2))
        with pytest.raises(NotSignedIn):
            sessions.change_own_password(session, account, here, OTHER, OTHER)
        sessions.change_own_password(session, account, here, PASSWORD, OTHER)
        assert sessions.signed_in(session, here) is not None
        assert sessions.signed_in(session, there) is None


def test_one_ends_one_s_own_sessions_and_nobody_else_s(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        mine, other = (accounts.create(session, name, PASSWORD, "band") for name in ("sreymom", "chenda"))
        here, there = (sessions.sign_in(session, "sreymom", PASSWORD) for _ in range(2))
        hers = sessions.sign_in(session, "chenda", PASSWORD)
        for named in (sessions.handle(hers), "", sessions.handle(there)[:4]):
            sessions.end(session, mine.id, named)
        assert len(sessions.begun(session, mine.id)) == 2
        sessions.end(session, mine.id, sessions.handle(there))
        assert sessions.signed_in(session, there) is None
        assert sessions.signed_in(session, here) is not None
        assert sessions.signed_in(session, hers) is not None
        session.execute(update(AccountSession).values(expires_at=now()))
        assert sessions.begun(session, other.id) == []


def test_accounts_come_a_page_at_a_time(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        rows = [
            Account(name=f"member-{n:03}", display_name="M", password_hash="", role="band")
            for n in range(accounts.PAGE + 5)
        ]
        session.add_all(rows)
        session.flush()
        first = accounts.some(session)
        assert len(first) == accounts.PAGE + 1
        assert [one.name for one in accounts.some(session, first[accounts.PAGE - 1].name)] == [
            f"member-{n:03}" for n in range(accounts.PAGE, accounts.PAGE + 5)
        ]
