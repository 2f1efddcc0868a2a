"""The command line: results on stdout, one line of error, the right exit status, and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from archive.backends import open_backends
from archive.ledgers import audit
from archive.settings import read_settings
from web.cli import run


@pytest.fixture(autouse=True)
def _own_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "vault.key"))
    for name in ("DATABASE_URL", "SEARCH_URL", "QUEUE_URL", "STORE_URL", "DEBUG", "ENGINE", "MODEL", "MAX_HOURS"):
        monkeypatch.delenv(f"MESSENGER_{name}", raising=False)


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["sing"], 2, "No such command 'sing'"),
        (["ingest"], 2, "Name a recording"),
        (["ingest", "nowhere.wav"], 2, "no such file"),
        (["ingest", "--sheet", "nowhere.csv"], 2, "cannot be read"),
        (["provenance"], 2, "Name one song"),
        (["provenance", "no-such-song"], 2, "no song"),
        (["transcribe", "nowhere.wav"], 2, "nowhere.wav"),
        (["serve", "--port", "none"], 2, "port"),
    ],
)
def test_what_a_person_did_wrong_is_one_line(
    arguments: list[str], status: int, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert complaint in err
    assert "Traceback" not in err


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MESSENGER_ENGINE", "parrot")
    assert run(["check"]) == 2
    assert "MESSENGER_ENGINE" in capsys.readouterr().err


def test_a_failure_of_ours_is_one_line_and_its_traceback_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("words she said")

    monkeypatch.setattr("web.commands.init.load_thesaurus", stumble)
    assert run(["init"]) == 1
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err
    log = tmp_path / "var" / "errors.log"
    assert "Traceback" in log.read_text()
    assert "ZeroDivisionError" in log.read_text()
    assert "words she said" not in log.read_text().replace('raise ZeroDivisionError("words she said")', "")
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"only text\n" * 50, b"#EXTM3U\nfile:///etc/hostname\n"])
def test_a_file_that_is_no_recording_is_refused_with_status_2(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "told.mp3"
    path.write_bytes(content)
    assert run(["ingest", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    backends = open_backends(read_settings())
    assert list(backends.store.keys()) == ["archive.json"], "which says whose store it is, and nothing else"


def test_init_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 0
    assert run(["reindex"]) == 0
    capsys.readouterr()
    assert run(["check", "--deep", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"problems": []}


def test_a_flipped_byte_in_a_ledger_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 0
    capsys.readouterr()
    backends = open_backends(read_settings())
    with backends.database.write() as session:
        entry = audit.note(session, None, "trial.made", "trial:1")
    with backends.database.engine.begin() as connection:
        for name in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_entry'")
        ).scalars():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit_entry SET action = 'trial.madf' WHERE seq = :seq"), {"seq": entry.seq})
    assert run(["check"]) == 1
    assert f"audit_entry {entry.seq}" in capsys.readouterr().out


@pytest.mark.data
@pytest.mark.weights
@pytest.mark.slow
def test_a_real_recording_goes_in_and_is_found_to_the_second(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ingest", str(shared_data / "speech" / "jfk.flac"), "--json"]) == 0
    taken = json.loads(capsys.readouterr().out)["results"][0]
    assert taken["state"] == "ready"
    assert run(["search", "what your country can do", "--as", "band", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    hit = found["results"][0]
    assert hit["testimony"] == taken["testimony"]
    assert 0 <= hit["start_ms"] < 11_000
    assert run(["search", "what your country can do", "--as", "public", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 0
