"""`messenger users`: what a steward types to let somebody in and shut them out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from archive.accounts import accounts, links, sessions
from archive.backends import open_backends
from archive.settings import read_settings
from web import cli

PASSWORD = "ស្រែចម្ការ-2026"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("HOME", str(tmp_path))


def _type(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(words.encode()), encoding="utf-8"))


def _add(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = PASSWORD) -> int:
    _type(monkeypatch, password + "\n")
    return cli.run(["users", "add", *arguments, "--password-stdin"])


def test_an_account_is_made_listed_and_disabled(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _add(monkeypatch, "Sreymom", "--role", "band", "--group", "MB", "--group", "WNU") == 0
    assert _add(monkeypatch, "visitor", "--role", "researcher") == 0
    capsys.readouterr()
    database = open_backends(read_settings()).database
    with database.write() as session:
        token = sessions.sign_in(session, "sreymom", PASSWORD)
    assert cli.run(["users", "disable", "sreymom"]) == 0
    with database.read() as session:
        assert sessions.signed_in(session, token) is None
    assert cli.run(["users", "list"]) == 0
    assert capsys.readouterr().out == "sreymom\tband\tMB,WNU\tdisabled\nvisitor\tresearcher\t-\tactive\n"


def test_a_disabled_account_is_enabled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _add(monkeypatch, "sreymom", "--role", "band", "--language", "en") == 0
    assert cli.run(["users", "disable", "sreymom"]) == 0
    assert cli.run(["users", "enable", "sreymom"]) == 0
    assert cli.run(["users", "role", "sreymom", "--role", "researcher", "--group", "WIC"]) == 0
    with open_backends(read_settings()).database.write() as session:
        assert sessions.sign_in(session, "sreymom", PASSWORD)
        account = accounts.named(session, "sreymom")
        assert (account.role, account.groups, account.language) == ("researcher", ["WIC"], "en")


def test_the_last_steward_is_not_shut_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert _add(monkeypatch, "dara", "--role", "steward") == 0
    assert cli.run(["users", "invite", "chenda", "--role", "steward"]) == 0
    for words in (["disable", "dara"], ["role", "dara", "--role", "band"], ["reset", "dara"]):
        assert cli.run(["users", *words]) == 2
    assert "another steward" in capsys.readouterr().err


def test_the_printed_link_is_followed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["users", "invite", "sreymom", "--role", "band", "--language", "en"]) == 0
    token = capsys.readouterr().out.strip().removeprefix("/welcome?key=")
    with open_backends(read_settings()).database.write() as session:
        links.use(session, token, PASSWORD, "Sreymom", "en")
        assert sessions.sign_in(session, "sreymom", PASSWORD)


def test_another_password_ends_every_session(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _add(monkeypatch, "sreymom", "--role", "band") == 0
    _type(monkeypatch, "another-long-one\n")
    assert cli.run(["users", "password", "sreymom", "--password-stdin"]) == 0
    with open_backends(read_settings()).database.read() as session:
        account = accounts.named(session, "sreymom")
        assert accounts.matches(account.password_hash, "another-long-one")
        assert not accounts.matches(account.password_hash, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (["sreymom", "--role", "band"], "short", "at least 10"),
        (["srey mom", "--role", "band"], PASSWORD, "letters"),
        (["sreymom", "--role", "king"], PASSWORD, "king"),
        (["sreymom", "--role", "band", "--group", "CIA"], PASSWORD, "CIA"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_two(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    password: str,
    said: str,
) -> None:
    assert _add(monkeypatch, *arguments, password=password) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert password not in error


@pytest.mark.parametrize("verb", ["disable", "enable", "reset", "password"])
def test_nobody_of_that_name(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["users", verb, "nobody"]) == 2
    assert capsys.readouterr().err == "messenger: Nobody has an account named nobody.\n"
