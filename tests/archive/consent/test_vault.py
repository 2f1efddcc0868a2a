"""The vault: what lies in the database is of no use without the key, and the key is never where the data are."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.consent import vault
from archive.consent.vault import LEGAL_NAME, NotASteward, VaultClosed, VaultMismatch
from archive.db import Database
from archive.models import AuditEntry, VaultEntry
from archive.settings import Settings
from archive.troubles import trouble_of
from tests.archive.testimonies import a_testimony

STEWARD = Viewer("s", "steward")
NAME = "សុខ សុភា"


def test_a_name_is_kept_read_and_each_reading_is_written_down(database: Database, settings: Settings) -> None:
    vault.make_key(settings)
    opened = vault.open_vault(settings)
    with database.write() as session:
        narrator = a_testimony(session).narrator_id
        opened.put(session, narrator, LEGAL_NAME, "first", STEWARD)
        opened.put(session, narrator, LEGAL_NAME, NAME, STEWARD)
        row = session.scalars(select(VaultEntry)).one()
        assert NAME.encode() not in row.ciphertext
        assert row.ciphertext.startswith(b"age-encryption.org/v1")
        assert vault.open_vault(settings).get(session, narrator, LEGAL_NAME, STEWARD) == NAME
        assert opened.get(session, narrator, "thumbprint", STEWARD) is None
        acts = [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
        assert acts == ["vault.kept", "vault.kept", "vault.read"]
        assert NAME not in str([entry.detail for entry in session.scalars(select(AuditEntry))])
        opened.destroy(session, narrator, STEWARD)
        assert session.scalars(select(VaultEntry)).all() == []


@pytest.mark.parametrize("who", [PUBLIC, Viewer("b", "band"), Viewer("r", "researcher")])
def test_only_a_steward_opens_it(sqlite_database: Database, settings: Settings, who: Viewer) -> None:
    vault.make_key(settings)
    opened = vault.open_vault(settings)
    with sqlite_database.write() as session:
        narrator = a_testimony(session).narrator_id
        opened.put(session, narrator, LEGAL_NAME, NAME, STEWARD)
        with pytest.raises(NotASteward):
            opened.get(session, narrator, LEGAL_NAME, who)
        with pytest.raises(NotASteward):
            opened.put(session, narrator, LEGAL_NAME, "x", who)
        with pytest.raises(NotASteward):
            opened.destroy(session, narrator, who)
        with pytest.raises(Unknown):
            opened.put(session, "nobody", LEGAL_NAME, "x", STEWARD)


def test_the_key_is_private_outside_the_data_and_never_replaced(settings: Settings) -> None:
    path = vault.make_key(settings)
    key = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert vault.make_key(settings).read_text() == key
    inside = replace(settings, vault_key=settings.data / "keys" / "vault.key")
    for use in (vault.make_key, vault.open_vault):
        with pytest.raises(VaultClosed, match="data folder"):
            use(inside)
    assert not inside.vault_key.exists()


def test_without_its_key_the_vault_stays_closed(settings: Settings) -> None:
    with pytest.raises(VaultClosed, match="not here"):
        vault.open_vault(settings)
    path = vault.make_key(settings)
    sealed = vault.open_vault(settings).seal(b"x")
    path.write_text("AGE-SECRET-KEY-NONSENSE")
    with pytest.raises(VaultClosed, match="damaged"):
        vault.open_vault(settings)
    path.unlink()
    vault.make_key(settings)
    with pytest.raises(VaultMismatch):
        vault.open_vault(settings).open(sealed)


def test_destroying_a_recordings_key_destroys_its_sound_in_every_backup(settings: Settings, tmp_path: Path) -> None:
    vault.make_key(settings)
    opened = vault.open_vault(settings)
    plain, sealed, out = tmp_path / "plain", tmp_path / "sealed", tmp_path / "out"
    plain.write_bytes(b"sound" * 1000)
    opened.seal_sound("abc", plain, sealed)
    opened.seal_sound("xyz", plain, tmp_path / "other")
    assert b"soundsound" not in sealed.read_bytes()
    opened.open_sound("abc", sealed, out)
    assert out.read_bytes() == plain.read_bytes()
    with pytest.raises(VaultMismatch):
        opened.open_sound("xyz", sealed, tmp_path / "never")
    assert not (tmp_path / "never").exists()
    assert vault.destroy_sound_key(settings, "abc")
    assert not vault.destroy_sound_key(settings, "abc")
    with pytest.raises(VaultClosed):
        opened.open_sound("abc", sealed, out)
    with pytest.raises(Unknown):
        vault.destroy_sound_key(settings, "../vault")


def test_what_cannot_be_written_is_told_as_the_system_says_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """age's library says neither that a disk is full nor which file could not be read; a person must be told."""
    vault.make_key(settings)
    opened = vault.open_vault(settings)
    plain, sealed, out = tmp_path / "plain", tmp_path / "sealed", tmp_path / "out"
    plain.write_bytes(b"sound" * 500_000)
    opened.seal_sound("abc", plain, sealed)
    (tmp_path / "wide").symlink_to("/dev/full")
    for act, source in ((opened.seal_sound, plain), (opened.open_sound, sealed)):
        with pytest.raises(OSError) as raised:  # noqa: PT011
            act("abc", source, tmp_path / "wide")
        assert trouble_of(raised.value) == "full"
        (tmp_path / "wide").symlink_to("/dev/full")
    with pytest.raises(FileNotFoundError):
        opened.open_sound("abc", tmp_path / "nowhere", out)
    assert not out.exists()
