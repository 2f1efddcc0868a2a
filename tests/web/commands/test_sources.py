"""`messenger sources` proposes where a line may have come from, to whoever may make a song of it."""

from __future__ import annotations

import json

import pytest

from archive.db import Database
from archive.settings import Settings
from tests.archive.threads import EVERYTHING, add_told
from web.cli import run


@pytest.fixture
def told(sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    with sqlite_database.write() as session:
        testimony, _ = add_told(session)
        add_told(session, tuple(one for one in EVERYTHING if one.form not in {"quotation", "paraphrase"}))
        name = testimony.id
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    return name


@pytest.mark.parametrize("line", ["បំណុលខ្ញុំធំជាងស្រែ", "A debt larger than the field"])
def test_a_line_leads_to_what_was_said_in_either_language(
    told: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sources", line, "--as", "band", "--json"]) == 0
    (first, *others) = json.loads(capsys.readouterr().out)
    assert set(first) == {"testimony", "start_ms", "quote", "score"}
    assert (first["testimony"], first["start_ms"]) == (told, 4500)
    assert {one["testimony"] for one in others} <= {told}


def test_nothing_alike_is_said_to_be_nothing(told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sources", "ផ្កាយលើមេឃ", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(["sources", "ផ្កាយលើមេឃ"]) == 0
    assert "Nothing like it" in capsys.readouterr().out
