"""One archive, what is done to it in processes that may be killed, and what must hold after each of these acts.

The process that tests is the site of that archive: it keeps the database open, and answers while others act and die.
Beside it lie the stick with the keys, the backup, and copies of the database from earlier moments.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pyrage
from flask import Flask
from pyrage import x25519
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive.access import gate, sound
from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.backends import Backends
from archive.checks import residue
from archive.db import Database
from archive.models import Testimony
from archive.preservation import adopting
from archive.preservation.backup_place import MANIFEST
from archive.withdrawal import carrying_out
from tests.faults import known_statements
from tests.faults.disks import SmallDisk, read_only
from tests.faults.program import Acting, settings_for
from tests.media.hostile_sound import wav
from web.app import create_app
from web.site.viewer import EXTENSION

VIEWERS = (PUBLIC, Viewer("b", "band", frozenset({"MB"})), Viewer("s", "steward"))
FORMS = ("existence", "original_sound", "quotation")
FAULTS = ("killed at a write", "killed by the clock", "full disk", "read-only", "held lock")
MOMENTS = {"start": 60, "take_in": 130, "publish": 20, "take_back": 150, "seal": 40, "back_up": 90}
"""About how many moments an act has in which it can be killed, with the start that may come before it."""
LONGEST_S = 0.12
_APPLICATION: list[Flask] = []
UNEXPECTED = ("should not have", "Traceback", "not caught")


class History:
    """One archive and what was done to it.

    Attributes:
        originals: recording -> its bytes, for what was taken in with a receipt.
        told: testimony -> its recording.
        songs: testimony -> a published song that quotes it.
        asked: testimony -> the strongest withdrawal that was asked for: killed in it, it may be carried out later.
        sealed: testimonies of which a sealing returned: each has a key on the stick.
        withdrawn: testimony -> how, for those of which a withdrawal returned.
        backed_up: what `originals` was when the backup that lies there was begun.
        done: what was done, with its fault.
        broken: one of `breaking.BREAKS`, in a history that is to fail.
    """

    def __init__(self, seed: int, acting: Acting, disk: SmallDisk, template: Path, broken: str = "") -> None:
        self.seed, self.chance, self.broken = seed, random.Random(seed), broken
        self.acting, self.disk, self.template = acting, disk, template
        self.folder = disk.place / str(seed)
        shutil.copytree(template, self.folder)
        self.env, self.settings = settings_for(self.folder)
        self.originals: dict[str, bytes] = {}
        self.told: dict[str, str] = {}
        self.songs: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        self.sealed: set[str] = set()
        self.withdrawn: dict[str, str] = {}
        self.backed_up: dict[str, bytes] = {}
        self.sentences: list[str] = []
        self.killed = self.was_open = 0
        self.done: list[str] = []
        self.starts_first = False
        self.site: Backends | None = None
        self.open_site()
        self.begin()

    # What is done

    def begin(self) -> None:
        """One testimony is here, sealed or public as often as not: what a history is about is then in each of them."""
        name, given = self._take_in()
        facts = self._do(name, given)
        assert facts[-1]["status"] == 0, facts
        then = self.chance.choice(["seal", "publish", ""])
        if then:
            self._do(then, {"testimony": next(iter(self.told))})
        self.done.append(f"begun{' with ' if then else ''}{then}")

    def step(self) -> None:
        """One act, perhaps with a fault in it, or one accident between two acts; then everything is looked at."""
        if self.chance.random() < 0.25:
            self.accident()
        else:
            self.act()
        self.look()

    def act(self) -> None:
        name, given = self._drawn()
        fault = self.chance.choice(FAULTS) if self.chance.random() < 0.6 else ""
        self.done.append(f"{name} ({fault})" if fault else name)
        before = dict(self.originals)
        with self._under(fault):
            facts = self._do(name, given, fault)
            self.nothing_let_out()
        if {"what": "backed up"} in facts:
            self.backed_up = before
            self._hold(self.folder / "backup" / "blobs", before)
        elif name == "back_up" and not (self.folder / "backup" / MANIFEST).exists():
            self.backed_up = {}

    def _drawn(self) -> tuple[str, dict[str, object]]:
        left = sorted(set(self.told) - set(self.withdrawn))
        sealed = sorted(self.sealed - set(self.withdrawn))
        names = ["take_in", "take_in", *(["publish", "publish", "take_back", "take_back", "seal"] if left else [])]
        name = self.chance.choice([*names, *(["take_back"] * 4 if sealed else []), "back_up", "start"])
        if name == "take_in":
            return self._take_in()
        if name == "back_up":
            return name, {"target": str(self.folder / "backup"), "originals_only": self.chance.random() < 0.5}
        if name == "start":
            return name, {}
        if name != "take_back":
            return name, {"testimony": self.chance.choice(left)}
        # What is sealed has a key to destroy as well, and is taken back more often.
        told = self.chance.choice(sealed if sealed and self.chance.random() < 0.7 else left)
        return name, {"testimony": told, "mode": self.chance.choice(["restrict", "destroy", "destroy"])}

    def _take_in(self) -> tuple[str, dict[str, object]]:
        self.content = wav(data=self.chance.randbytes(2000))
        path = self.disk.place.with_name("told.wav")  # on the telephone it was recorded with
        path.write_bytes(self.content)
        return "take_in", {"path": str(path)}

    def _do(self, name: str, given: dict[str, object], fault: str = "") -> list[dict[str, Any]]:
        first = [("start", {})] if self.starts_first and name not in {"start", "join"} else []
        task: dict[str, Any] = {"env": self.env, "acts": [*first, (name, given)], "broken": self.broken}
        if fault == "killed at a write":
            task["moment"] = self.chance.randrange(1, MOMENTS.get(name, 60) + 60 * len(first))
        if fault == "full disk" and not self.disk.real:
            task["quota"] = self.chance.choice([1, 4_000, 500_000])
        after = self.chance.uniform(0, LONGEST_S) if fault == "killed by the clock" else None
        facts = self.acting.do(task, after)
        for fact in facts:
            self._learn(fact)
        status = facts[-1]["status"]
        self.killed += status == -signal.SIGKILL
        if any(fact["what"] == "started" for fact in facts):
            self.starts_first = False
        if status < 0 or (status and self.chance.random() < 0.5):
            self.starts_first = True
        return facts

    def _learn(self, fact: dict[str, Any]) -> None:
        if fact["what"] == "kept":
            self.originals[fact["recording"]] = self.content
            self.told[fact["testimony"]] = fact["recording"]
        elif fact["what"] == "published":
            self.songs[fact["testimony"]] = fact["song"]
        elif fact["what"] == "sealed":
            self.sealed.add(fact["testimony"])
        elif fact["what"] == "asked":
            if self.asked.get(fact["testimony"]) != "destroy":
                self.asked[fact["testimony"]] = fact["mode"]
        elif fact["what"] == "withdrawn":
            self.withdrawn[fact["testimony"]] = fact["mode"]
        elif fact["what"] == "sentence":
            self.sentences.append(fact["words"])

    @contextmanager
    def _under(self, fault: str) -> Iterator[None]:
        """What is wrong with the place for as long as the context is open."""
        if fault == "full disk":
            self.disk.fill(self.chance.choice([0, 4_096, 20_000, 100_000, 400_000]))
        folder = self.settings.data if self.chance.random() < 0.5 else self.settings.data / "blobs"
        held = self._lock() if fault == "held lock" else read_only(folder) if fault == "read-only" else nullcontext()
        with held:
            yield
        self.disk.give_room()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.database_file, isolation_level=None)) as holder:
            holder.execute(self.chance.choice(["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"]))
            yield
            holder.execute("ROLLBACK")

    # Accidents between two acts

    def accident(self) -> None:
        databases = (self.older_database, self.older_database, self.another_database, self.restored_backup)
        found = self.chance.choice((*databases, self.torn_file, self.stick_away, self.stick_away))
        self.done.append(found.__name__)
        found()

    def older_database(self) -> None:
        """The database of an earlier moment is put in place: a start says so, and somebody joins the two."""
        kept = self.folder / "earlier.db"
        if not kept.exists():
            self._copy_database(kept)
            return
        self.close_site()
        self._put_database(kept)
        self._start_or_join()
        facts = self.acting.do({"env": self.env, "acts": [(self.chance.choice(["adopt", "set_aside"]), {})]})
        assert facts[-1]["status"] == 0, facts

    def another_database(self) -> None:
        """A new one, or another archive's, over the sound: nothing starts."""
        aside = self.folder / "aside.db"
        self._copy_database(aside)
        self.close_site()
        self._put_database(self.template / self.chance.choice(["new.db", "another.db"]))
        facts = self._do("start", {})
        assert facts[-1]["status"] == 1, facts
        assert "belongs to" in self.sentences[-1], self.sentences[-1]
        self._put_database(aside)
        self._start_or_join()

    def restored_backup(self) -> None:
        """The disk is lost, and a backup takes the place of the data folder."""
        if not (self.folder / "backup" / MANIFEST).exists():
            return
        self.close_site()
        shutil.rmtree(self.settings.data)
        shutil.copytree(self.folder / "backup", self.settings.data)
        self.originals = dict(self.backed_up)
        self._start_or_join()

    def torn_file(self) -> None:
        """A file that somebody was writing breaks off."""
        kind = self.chance.choice(["withdrawals", "mark", "description"])
        self.done[-1] += f": {kind}"
        if kind == "withdrawals":
            with self.settings.withdrawals.open("ab") as file:
                file.write(b'{"testimony": "half a li')
            return
        blobs = self.settings.data / "blobs"
        names = [blobs / "archive.json"] if kind == "mark" else sorted(blobs.rglob("description.json"))
        for path in names:
            path.write_bytes(path.read_bytes()[: self.chance.randrange(path.stat().st_size)])
        self.close_site()
        self._start_or_join()

    def stick_away(self) -> None:
        """The stick with the keys is pulled out, or put in again."""
        stick, away = self.folder / "stick", self.folder / "elsewhere"
        if away.exists():
            assert not stick.exists(), "something was written where the stick would be"
            away.rename(stick)
        else:
            stick.rename(away)

    def _start_or_join(self) -> None:
        """Start; where the archive does not, since the two seem not to belong together, do what its sentence says."""
        facts = self._do("start", {})
        if facts[-1]["status"]:
            assert "--adopt-store" in self.sentences[-1], self.sentences[-1]
            assert self._do("join", {})[-1]["status"] == 0, self.sentences[-1]
            assert self._do("start", {})[-1]["status"] == 0, self.sentences[-1]
        self.open_site()

    # The archive as files, and as a site

    @property
    def database_file(self) -> Path:
        return self.settings.data / "archive.db"

    def _copy_database(self, target: Path) -> None:
        with closing(sqlite3.connect(self.database_file)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)

    def _put_database(self, source: Path) -> None:
        for left in self.settings.data.glob("archive.db*"):
            left.unlink()
        shutil.copyfile(source, self.database_file)

    def open_site(self) -> None:
        """The application is one for all histories, as it takes longer to put together than an act."""
        self.close_site()
        self.site = Backends(self.settings, Database(known_statements.opened(self.settings.database_url)))
        if not _APPLICATION:
            _APPLICATION.append(create_app(self.site))
        _APPLICATION[0].extensions[EXTENSION] = self.site
        self.client = _APPLICATION[0].test_client()
        self.client.environ_base["REMOTE_ADDR"] = f"10.{self.seed >> 16}.{self.seed >> 8 & 255}.{self.seed & 255}"

    def close_site(self) -> None:
        if self.site is not None:
            self.site.database.engine.dispose()
            self.site = None

    # What must hold

    def look(self) -> None:
        self.nothing_let_out()
        self.nothing_lost()
        wrong = [one for one in self.sentences if any(part in one for part in UNEXPECTED)]
        wrong += [one for one in self.sentences if not (one.startswith("messenger: ") and one.endswith("."))]
        log = self.settings.data / "errors.log"
        assert not wrong, [*wrong, log.read_text() if log.exists() else ""]
        if self.site is not None:
            for told in set(self.told) - set(self.asked):
                self.was_open += self._status(f"/media/{self.told[told]}") == 200

    def nothing_lost(self) -> None:
        self._hold(self.settings.data / "blobs", self.originals)

    def _hold(self, blobs: Path, originals: dict[str, bytes]) -> None:
        """Each of these originals is in this store, but for those that somebody has asked to destroy."""
        destroyed = {self.told[one] for one, mode in self.asked.items() if mode == "destroy"}
        for recording_id, content in originals.items():
            if recording_id in destroyed:
                continue
            plain = (sound.original_key(recording_id), sound.quarantine_key(recording_id))
            sealed = sound.sealed_key(recording_id)
            kept = [blobs / prefix / key for key in plain for prefix in ("", adopting.ASIDE)]
            if any(path.exists() and path.read_bytes() == content for path in kept):
                continue
            found = [path for prefix in ("", adopting.ASIDE) if (path := blobs / prefix / sealed).exists()]
            assert found, f"the original of {recording_id} is lost"
            assert self._unsealed(recording_id, found[0]) in {content, None}, f"{recording_id} cannot be opened again"

    def _unsealed(self, recording_id: str, path: Path) -> bytes | None:
        """What a sealed original says; None while its key is away."""
        if (self.folder / "elsewhere").exists():
            return None
        key = self.folder / "stick" / "sound" / f"{recording_id}.key"
        assert key.exists(), f"the key of {recording_id} is lost"
        return bytes(pyrage.decrypt(path.read_bytes(), [x25519.Identity.from_str(key.read_text().strip())]))

    def nothing_let_out(self) -> None:
        """By the site as it runs, whatever is full, locked or away."""
        if self.site is None:
            return
        for told in sorted(self.withdrawn):
            assert not (found := self._heard_by_anybody(told)), f"{told} is given: {found}"
            assert not (found := self._had_by_members(told)), f"{told} is given: {found}"

    def _heard_by_anybody(self, told: str) -> list[str]:
        found = []
        for address in (f"/testimony/{told}", f"/media/{self.told[told]}"):
            found += [address] if self._status(address) not in {404, 500, 503, 507} else []
        if (song := self.songs.get(told)) and f"owed {told}" in self.client.get(f"/song/{song}").text:
            found.append(f"/song/{song}")
        return found

    def _status(self, address: str) -> int:
        return self.client.get(address).status_code

    def _had_by_members(self, told: str) -> list[str]:
        assert self.site is not None
        try:
            with self.site.database.read() as session:
                if session.get(Testimony, told) is None:
                    return []
                return [one.role for one in VIEWERS for form in FORMS if _may(session, one, told, form)]
        except DBAPIError:  # whoever asked is told so, and given nothing
            return []

    def end(self) -> None:
        """With the stick in and room on the disk, a start leaves nothing undone, and nothing of what was destroyed."""
        if (self.folder / "elsewhere").exists():
            self.stick_away()
        self._start_or_join()
        self.look()
        assert self.site is not None
        assert carrying_out.undone(self.site) == []
        assert residue.deep_check(self.site) == []
        keys = {path.stem for path in (self.folder / "stick" / "sound").glob("*.key")}
        destroyed = {self.told[one] for one, mode in self.withdrawn.items() if mode == "destroy"}
        assert not keys & destroyed, "the key of a destroyed sound survives on the stick"

    def close(self) -> None:
        if self.site is not None:
            self.site.index.close()
        self.close_site()
        shutil.rmtree(self.folder)


def _may(session: Session, viewer: Viewer, told: str, form: str) -> bool:
    try:
        return bool(gate.may(session, viewer, told, form))
    except Unknown:
        return False
