"""Packs that are asked for on the site, made by the workers beside everything else.

As with single songs (`ingest.exports.export_jobs`): the finished pack's key carries a fingerprint of all that went into
it, a note beside it says how far the work is, the queue carries `pack:ID:KIND` and may forget it. A withdrawal that
reaches any song removes every pack.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import time_zone
from archive.access import gate
from archive.backends import Backends
from archive.models import now
from archive.ports import BlobMissing
from archive.songs import packing
from archive.songs.packing import PackPlan
from ingest.exports.export_jobs import DEAD_SECONDS
from ingest.exports.packs.packing import NotPacked, PackOvertaken, make_pack, still
from media.ffmpeg import FfmpegFailed, FfmpegMissing, FfmpegStalled
from media.refused import Refused

FOLDER = "packs/"
_PREFIX = "pack:"
_TELL_SECONDS = 0.7
_KEPT_SECONDS = 7 * 24 * 3600
_LEFT_SECONDS = 3600

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackNote:
    """How far the work on a pack is.

    Attributes:
        state: `none`, `waiting`, `working`, `failed` or `ready`.
        of: the choice of songs, as `packing.plan` reads it.
        done: the share that is done.
        at: when the note was written, in seconds since 1970.
    """

    state: str = "none"
    of: str = ""
    done: float = 0.0
    at: float = 0.0

    @property
    def dead(self) -> bool:
        return self.state in {"waiting", "working"} and abs(time.time() - self.at) > DEAD_SECONDS


def local_day() -> date:
    """The day on which a pack is made that is asked for now."""
    return time_zone.day_of(now())


def key_of(plan: PackPlan, kind: str) -> str:
    """Where the finished pack lies."""
    return f"{FOLDER}{plan.id}/{kind}.{plan.fingerprint}"


def pack_state(backends: Backends, plan: PackPlan, kind: str) -> PackNote:
    """How far the work is on this pack as it would be now."""
    if backends.store.exists(key_of(plan, kind)):
        return PackNote("ready", plan.of, 1.0)
    return _read(backends, _note_key(plan.id, kind))


def ask(backends: Backends, plan: PackPlan, kind: str) -> PackNote:
    """Have it made, unless it is there or somebody is at it."""
    found = pack_state(backends, plan, kind)
    if found.state == "ready" or (found.state in {"waiting", "working"} and not found.dead):
        return found
    waiting = _write(backends, plan.id, kind, PackNote("waiting", plan.of))
    backends.queue.enqueue(f"{_PREFIX}{plan.id}:{kind}")
    return waiting


def is_pack(message: str) -> bool:
    """Whether what the queue carries asks for a pack."""
    return message.startswith(_PREFIX)


def run(backends: Backends, message: str) -> None:
    """Make the pack that the message asks for; nothing, where it is there already or may not be made any more."""
    pack_id, _colon, kind = message.removeprefix(_PREFIX).partition(":")
    note = _read(backends, _note_key(pack_id, kind))
    try:
        with backends.database.read() as session:
            plan = packing.plan(session, packing.ANYBODY, note.of, local_day())
    except gate.Unknown:
        backends.store.delete(_note_key(pack_id, kind))
        return
    if pack_state(backends, plan, kind).state == "ready":
        return
    try:
        _make(backends, plan, kind)
    except (NotPacked, PackOvertaken) as error:
        log.info("the pack %s was not kept: %s", pack_id, error)
        _write(backends, pack_id, kind, PackNote("failed", plan.of))
    except (FfmpegFailed, FfmpegMissing, FfmpegStalled, Refused, BlobMissing, OSError) as error:
        log.warning("the pack %s could not be made (%s)", pack_id, type(error).__name__)
        _write(backends, pack_id, kind, PackNote("failed", plan.of))


def unfinished(backends: Backends) -> list[str]:
    """Messages for packs that were asked for and that nobody is at; packs that nobody fetched for a week go."""
    found = []
    for key in list(backends.store.keys(FOLDER)):
        _folder, pack_id, name = key.split("/")
        if not name.endswith(".note"):
            continue
        note = _read(backends, key)
        if note.dead:
            found.append(f"{_PREFIX}{pack_id}:{name.removesuffix('.note')}")
        elif time.time() - note.at > _KEPT_SECONDS:
            _forget(backends, pack_id, name.removesuffix(".note"))
    return found


def _make(backends: Backends, plan: PackPlan, kind: str) -> None:
    """Make it in a folder of its own and keep it, unless it is overtaken; older packs of the choice go."""
    work = backends.settings.data / "work" / f"pack-{plan.id}"
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in work.iterdir():  # by a worker that was killed
        if abs(time.time() - left.stat().st_mtime) > _LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    try:
        with TemporaryDirectory(prefix="export-", dir=work) as folder:
            made = Path(folder) / f"pack.{kind}"
            make_pack(backends, plan, kind, made, _teller(backends, plan, kind))
            _forget(backends, plan.id, kind)
            backends.store.put_file(key_of(plan, kind), made)
        _write(backends, plan.id, kind, PackNote("none", plan.of))
        if not still(backends, plan):  # taken back between the two looks
            _forget(backends, plan.id, kind)
    finally:
        if not any(work.iterdir()):
            work.rmdir()


def _teller(backends: Backends, plan: PackPlan, kind: str) -> Callable[[float], None]:
    """Notes how far it is, not more often than somebody could see."""
    told = 0.0
    _write(backends, plan.id, kind, PackNote("working", plan.of))

    def tell(share: float) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_SECONDS:
            told = time.monotonic()
            _write(backends, plan.id, kind, PackNote("working", plan.of, round(share, 3)))

    return tell


def _note_key(pack_id: str, kind: str) -> str:
    return f"{FOLDER}{pack_id}/{kind}.note"


def _read(backends: Backends, key: str) -> PackNote:
    try:
        return PackNote(**json.loads(backends.store.get_bytes(key)))
    except (BlobMissing, ValueError, TypeError):
        return PackNote()


def _write(backends: Backends, pack_id: str, kind: str, note: PackNote) -> PackNote:
    written = PackNote(note.state, note.of, note.done, time.time())
    backends.store.put_bytes(_note_key(pack_id, kind), json.dumps(asdict(written)).encode())
    return written


def _forget(backends: Backends, pack_id: str, kind: str) -> None:
    for key in list(backends.store.keys(f"{FOLDER}{pack_id}/{kind}.")):
        backends.store.delete(key)
