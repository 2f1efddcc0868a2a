"""`messenger vault init`: a fresh archive can keep a legal name."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from archive.consent.vault import open_vault
from archive.settings import read_settings
from web.cli import run


def test_a_key_is_made_once_tried_and_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "stick" / "vault.key"))
    assert run(["vault", "init", "--copy", str(tmp_path / "copy")]) == 0
    said = capsys.readouterr().out
    made = (tmp_path / "stick" / "vault.key").read_bytes()
    assert "is made and opens" in said
    assert made.decode().strip() not in said
    assert (tmp_path / "copy" / "vault.key").read_bytes() == made
    opened = open_vault(read_settings())
    assert opened.open(opened.seal(b"a name")) == b"a name"
    assert run(["vault", "init"]) == 0
    assert "was there already" in capsys.readouterr().out
    assert (tmp_path / "stick" / "vault.key").read_bytes() == made


def test_the_first_steward_s_set_up_makes_the_key_and_says_how_to_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "stick" / "vault.key"))
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough one\n"))
    assert run(["users", "add", "sopheap", "--role", "band", "--password-stdin"]) == 0
    assert not (tmp_path / "stick").exists()
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough one\n"))
    assert run(["users", "add", "sreymom", "--role", "steward", "--password-stdin"]) == 0
    said = capsys.readouterr()
    assert said.out == "sreymom\n"
    assert "is made and opens" in said.err
    assert "on a stick" in said.err
    made = (tmp_path / "stick" / "vault.key").read_bytes()
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough one\n"))
    assert run(["users", "add", "chanthy", "--role", "steward", "--password-stdin"]) == 0
    assert "vault" not in capsys.readouterr().err
    assert (tmp_path / "stick" / "vault.key").read_bytes() == made
