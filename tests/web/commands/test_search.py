"""`messenger search` and `messenger reindex`, as scripts use them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from archive.db import Database
from archive.settings import Settings
from tests.archive.search.world import Told, add
from web.cli import run

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run a command on an archive of two testimonies; gives its status, what it said, and what it complained of."""
    with sqlite_database.write() as session:
        add(session, Told("open", [("យើងជំពាក់គេ", "We owed the lender"), ("ភ្លៀង", "then rain")], title_en="Owing"))
        forms = ("existence", "redacted_transcript", "full_transcript")
        add(session, Told("band", [("", "a lender nobody names")], language="en", forms=forms, audience="band"))
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return call


def test_one_json_document_says_what_was_found_and_where_it_is_said(command: Command) -> None:
    status, out, err = command("search", "lender", "--json")
    assert (status, err) == (0, "")
    answer = json.loads(out)
    assert answer["total"] == 1
    (found,) = answer["results"]
    assert found["kind"] == "passage"
    assert found["testimony"] == "open"
    assert found["start_ms"] == 0
    assert "lender" in found["snippet"]
    assert found["score"] > 0
    assert answer["facets"]["community"] == {"farmer": 1}


def test_khmer_is_found_through_the_command(command: Command) -> None:
    answer = json.loads(command("search", "ជំពាក់", "--no-expand", "--json")[1])
    assert [one["marks"] for one in answer["results"]] == [["ជំពាក់"]]


def test_each_role_finds_what_it_may(command: Command) -> None:
    def found(role: str) -> set[str]:
        answer = json.loads(command("search", "lender", "--as", role, "--json")[1])
        assert answer["total"] == len(answer["results"])
        return {one["testimony"] for one in answer["results"]}

    assert found("public") == {"open"}
    assert found("researcher") == {"open"}
    assert found("band") == {"open", "band"}


def test_a_limit_is_kept_and_the_total_told(command: Command) -> None:
    answer = json.loads(command("search", "lender", "--as", "band", "--limit", "1", "--json")[1])
    assert (answer["total"], len(answer["results"])) == (2, 1)


def test_without_json_it_reads_as_text(command: Command) -> None:
    status, out, _ = command("search", "lender")
    assert status == 0
    assert "passage Owing at 0:00" in out
    assert "1 found; 1 shown." in out


@pytest.mark.parametrize("bad", [("--as", "queen"), ("--limit", "0"), ("--colour",)])
def test_bad_input_is_one_line_and_status_two(command: Command, bad: tuple[str, ...]) -> None:
    status, out, err = command("search", "x", *bad)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_the_index_is_made_anew_and_checked(command: Command, sqlite_database: Database) -> None:
    assert command("reindex") == (0, "The index is new: 2 testimonies, songs and terms.\n", "")
    assert command("reindex", "--check") == (0, "The index is as the database says.\n", "")
    with sqlite_database.write() as session:
        add(session, Told("late", [("", "late rain")], language="en"))
    assert command("reindex", "--check") == (0, "1 put right.\n", "")
    assert json.loads(command("search", '"late rain"', "--json")[1])["total"] == 1
