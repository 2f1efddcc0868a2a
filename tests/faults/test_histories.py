"""Short histories drawn from a seed: taking in, publishing, withdrawing and backing up, with faults at any moment.

A kill is an exception that nothing of ours may catch, thrown before or after any write to the store, the database or
the file of withdrawals; after it the archive is opened anew, as by the next start. After every step: no original is
lost, nothing that was withdrawn is given to anybody, and whatever failed has a sentence.

`MESSENGER_TEST_HISTORIES` says how many (120), `MESSENGER_TEST_SEED` which is the first (0): a failure names its own.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from archive import tombstones, troubles
from archive.access import gate, sound
from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.backends import Backends
from archive.consent import decisions
from archive.db import Database, open_engine
from archive.models import Testimony
from archive.originals import archive_identity
from archive.preservation import backup
from archive.settings import Settings, read_settings
from archive.withdrawal import carrying_out, withdraw
from ingest.intake.arriving import sweep
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from ingest.stages import receive
from media.store.local import LocalStore
from tests.archive.testimonies import GIVEN
from tests.faults.test_older_database import TOLD
from tests.media.hostile_sound import wav

HISTORIES = int(os.environ.get("MESSENGER_TEST_HISTORIES", "120"))
FIRST = int(os.environ.get("MESSENGER_TEST_SEED", "0"))
AT_ONCE = 20
STEPS = 6
FORMS = ("existence", "original_sound", "full_transcript")
VIEWERS = (PUBLIC, Viewer("b", "band", frozenset({"MB"})), Viewer("s", "steward"))
OURS = {"archive", "media", "ingest"}


class Killed(BaseException):
    """The process is gone; nothing after this is run."""


FAULTS = ("killed", "killed", "full", "read-only", "locked")
_ERRNO = {"full": errno.ENOSPC, "read-only": errno.EROFS, "locked": errno.EACCES}
_SQLITE = {"full": sqlite3.SQLITE_FULL, "read-only": sqlite3.SQLITE_READONLY, "locked": sqlite3.SQLITE_BUSY}


class Fuse:
    """Goes off at the n-th moment at which something is written, once, as the system or the database would say it."""

    def __init__(self, folder: Path) -> None:
        self.left = 0
        self.fault = ""
        self._folder = folder

    def moment(self, *, in_database: bool = False) -> None:
        self.left -= 1
        if self.left != 0:
            return
        if self.fault == "killed":
            raise Killed
        if in_database:
            inner = sqlite3.OperationalError(f"the database is {self.fault}")
            inner.sqlite_errorcode = _SQLITE[self.fault]
            raise OperationalError("UPDATE", {}, inner)
        raise OSError(_ERRNO[self.fault], os.strerror(_ERRNO[self.fault]), str(self._folder / "something"))


class History:
    """One archive and what was done to it.

    Attributes:
        originals: recording -> its bytes, for what was taken in with a receipt.
        withdrawn: testimonies of which a withdrawal returned.
        asked: those of which one was asked for: killed in it, it may have been carried out at the next start.
        failures: what failed, and the sentence a person would have read.
    """

    def __init__(self, seed: int, folder: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.fuse = Fuse(folder / "var")
        self.originals: dict[str, bytes] = {}
        self.told: dict[str, str] = {}
        self.failures: list[tuple[str, str]] = []
        self.withdrawn: set[str] = set()
        self.asked: set[str] = set()
        self.template = template
        told = {"MESSENGER_DATA": str(folder / "var"), "MESSENGER_VAULT_KEY": str(folder / "keys" / "vault.key")}
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        monkeypatch.setenv("MESSENGER_DATA", told["MESSENGER_DATA"])
        self.settings: Settings = read_settings(told | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")})
        self.settings.data.mkdir(parents=True)
        shutil.copy(template, self.database_file)
        self.write_line = tombstones.write
        monkeypatch.setattr(tombstones, "write", self._writing_a_line)
        self.backends = self._opened()
        self.start()

    @property
    def database_file(self) -> Path:
        return self.settings.data / "archive.db"

    def _writing_a_line(self, *given: Any) -> None:
        self.fuse.moment()
        self.write_line(*given)
        self.fuse.moment()

    def _opened(self) -> Backends:
        database = Database(open_engine(f"sqlite:///{self.database_file}"))
        really, moment = database.write, self.fuse.moment

        @contextmanager
        def write() -> Iterator[Session]:
            moment(in_database=True)
            with really() as session:
                yield session
                moment(in_database=True)
            if self.fuse.fault == "killed":
                moment()

        database.write = write  # type: ignore[method-assign]
        backends = Backends(self.settings, database)
        store = backends.store
        for name in ("put_file", "put_bytes", "delete"):
            setattr(store, name, self._trapped(getattr(store, name)))
        return backends

    def _trapped(self, real: Callable[..., None]) -> Callable[..., None]:
        def trapped(*given: Any) -> None:
            self.fuse.moment()
            real(*given)
            self.fuse.moment()

        return trapped

    def start(self) -> None:
        """What every start does, without a fault."""
        self.fuse.left = 0
        self.backends.index.close()
        self.backends.database.engine.dispose()
        self.backends = self._opened()
        archive_identity.confirm(self.backends)
        carrying_out.at_start(self.backends)
        sweep(self.backends)

    def take_in(self) -> None:
        content = wav(data=self.chance.randbytes(2000))
        path = self.folder / "told.wav"
        path.write_bytes(content)
        receipt = submit(self.backends, path, TOLD)
        assert receipt.testimony_id is not None
        self.originals[receipt.recording_id] = content
        self.told[receipt.testimony_id] = receipt.recording_id
        pipeline.run(self.backends, receipt.recording_id, stages=(receive,))

    def publish(self) -> None:
        for told in self._one_open():
            with self.backends.database.write() as session:
                decisions.grant(session, told, decisions.PRESETS["public"], GIVEN)

    def take_back(self) -> None:
        for told in self._one_open():
            self.asked.add(told)
            withdraw.withdraw(self.backends, told, self.chance.choice(["restrict", "destroy"]), GIVEN)
            self.withdrawn.add(told)
            carrying_out.carry_out(self.backends)

    def back_up(self) -> None:
        target = LocalStore(self.folder / "stick")
        with self.backends.database.read() as session:
            there = archive_identity.archive_id(session)
        assert there
        backup.write(self.backends, target, originals_only=False)

    def older_database(self) -> None:
        """The database of an earlier moment is put in place; a start says so, and somebody joins the two."""
        kept = self.folder / "earlier.db"
        with sqlite3.connect(self.database_file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        if not kept.exists():
            shutil.copy(self.database_file, kept)
            return
        self.backends.database.engine.dispose()
        for left in self.settings.data.glob("archive.db-*"):
            left.unlink()
        shutil.copy(kept, self.database_file)
        self.fuse.left = 0
        self.backends = self._opened()
        with suppress(archive_identity.StoreMismatch):
            archive_identity.confirm(self.backends)
            return
        archive_identity.adopt_store(self.backends)

    def another_database(self) -> None:
        """An empty database over the sound is refused, and nothing is lost by it."""
        aside = self.folder / "aside.db"
        with sqlite3.connect(self.database_file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self.backends.database.engine.dispose()
        shutil.copy(self.database_file, aside)
        shutil.copy(self.template, self.database_file)
        self.fuse.left = 0
        with pytest.raises(archive_identity.StoreMismatch):
            archive_identity.confirm(self._opened())
        for left in self.settings.data.glob("archive.db-*"):
            left.unlink()
        shutil.copy(aside, self.database_file)

    def torn_file(self) -> None:
        """A line of the file of withdrawals breaks off in its middle."""
        path = tombstones.tombstone_file(self.settings)
        if path.exists():
            with path.open("ab") as file:
                file.write(b'{"testimony": "half a li')

    def stick_away(self) -> None:
        shutil.rmtree(self.folder / "keys", ignore_errors=True)

    def _one_open(self) -> list[str]:
        left = sorted(set(self.told) - self.withdrawn)
        return [self.chance.choice(left)] if left else []

    def step(self) -> str:
        """Do one thing, perhaps with a fault in it, and start anew where it failed; returns what it was."""
        deeds = (self.take_in, self.take_in, self.publish, self.take_back, self.take_back, self.back_up)
        accidents = (self.older_database, self.another_database, self.torn_file, self.stick_away)
        deed = self.chance.choice(deeds) if self.chance.random() < 0.8 else self.chance.choice(accidents)
        if deed not in accidents and self.chance.random() < 0.6:
            self.fuse.left, self.fuse.fault = self.chance.randrange(1, 16), self.chance.choice(FAULTS)
        again = deed in accidents
        try:
            deed()
        except Killed:
            again = True
        except Exception as error:
            self.failures.append((type(error).__name__, _sentence(error)))
            again = self.chance.random() < 0.5
        self.fuse.left = 0
        if again:
            self.start()
        return f"{deed.__name__} ({self.fuse.fault})"

    def nothing_is_lost_and_nothing_let_out(self) -> None:
        assert all(sentence for _, sentence in self.failures), self.failures
        store = self.backends.store
        gone = {self.told[one] for one in self.asked}
        for recording_id, content in self.originals.items():
            places = (sound.original_key(recording_id), sound.quarantine_key(recording_id))
            kept = [store.get_bytes(key) for key in places if store.exists(key)]
            assert recording_id in gone or content in kept, f"the original of {recording_id} is lost"
        with self.backends.database.read() as session:
            for told in self.withdrawn:
                for viewer in VIEWERS:
                    assert not _may(session, viewer, told), f"{told} is given to {viewer.role}"


def _may(session: Session, viewer: Viewer, testimony_id: str) -> bool:
    if session.get(Testimony, testimony_id) is None:
        return False
    try:
        return any(
            gate.may(session, viewer, testimony_id, form) for form in ("existence", "original_sound", "quotation")
        )
    except Unknown:
        return False


def _sentence(error: Exception) -> str:
    """What a person would be told, as `web.cli` does it."""
    if (trouble := troubles.trouble_of(error)) is not None:
        return troubles.sentence(trouble)
    return str(error) if type(error).__module__.split(".")[0] in OURS else ""


@pytest.mark.parametrize("first", range(FIRST, FIRST + HISTORIES, AT_ONCE))
def test_no_history_loses_an_original_or_lets_out_what_was_taken_back(
    first: int, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, took_back = 0, 0
    template: Path = request.getfixturevalue("_sqlite_template")
    for seed in range(first, min(first + AT_ONCE, FIRST + HISTORIES)):
        with monkeypatch.context() as patch:
            history = History(seed, tmp_path / str(seed), template, patch)
            done: list[str] = []
            try:
                for _ in range(STEPS):
                    done.append(history.step())
                    history.nothing_is_lost_and_nothing_let_out()
            except BaseException as error:
                error.add_note(f"history {seed}: {', '.join(done)}")
                raise
            taken, took_back = taken + len(history.originals), took_back + len(history.withdrawn)
            history.backends.index.close()
            history.backends.database.engine.dispose()
        shutil.rmtree(tmp_path / str(seed))
    assert taken > AT_ONCE // 2
    assert took_back > 0
