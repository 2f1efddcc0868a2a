"""`messenger vault init`: a fresh archive can keep a legal name."""

from __future__ import annotations

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
