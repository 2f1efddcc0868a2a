"""Run as a program by `program`: does what it is told, each time in a process of its own that may be killed in it.

    python -m tests.faults.acting

A line on stdin is a task as JSON: `env`, the settings; `acts`, names of functions here with what they are given;
`moment`, the number of the write in which the process kills itself; `quota`, the longest file it may write. A line on
stdout is something that has happened, said as soon as it has: whoever is killed after it has said it all the same.
"""

from __future__ import annotations

import faulthandler
import gc
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.pool import Pool

from archive import backends, db, private
from archive.access import sound
from archive.access.gate import Viewer
from archive.backends import Backends, open_backends
from archive.consent import decisions, sealing, vault
from archive.models import Recording, Testimony, TranscriptVersion, now
from archive.preservation import adopting, backup, backup_place
from archive.settings import read_settings
from archive.withdrawal import carrying_out, withdraw
from ingest.intake.arriving import sweep
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from ingest.stages import receive
from tests.archive.testimonies import GIVEN, a_song, a_version
from tests.faults import breaking, known_statements
from tests.faults.program import settings_for
from tests.faults.told import TOLD
from tests.media.hostile_sound import wav
from web import cli, serving, tracebacks

init = import_module("web.commands.init")
STEWARD = Viewer(None, "steward")
LONGEST_ACT_S = 20
WRITES = ("replace", "unlink", "rmdir", "mkdir", "pwrite", "fsync", "ftruncate")


def said(what: str, **facts: object) -> None:
    """Tell whoever watches; one write, so that lines of two processes never mix."""
    os.write(1, json.dumps({"what": what} | facts).encode() + b"\n")


def make_vault(archive: Backends) -> None:
    vault.make_key(archive.settings)
    archive.settings.sound_keys.mkdir(mode=0o700)


def start(archive: Backends) -> None:
    """What `messenger serve` and its worker do before anything else."""
    serving.make_ready(archive)
    sweep(archive)
    with archive.database.read() as session:
        broken_off = select(Recording.id).where(Recording.state.in_(("waiting", "working", "failed")))
        waiting = list(session.scalars(broken_off))
    for recording_id in waiting:
        _work(archive, recording_id)
    said("started")


def take_in(archive: Backends, path: str) -> None:
    receipt = submit(archive, Path(path), replace(TOLD, consent="band-only"))
    said("kept", recording=receipt.recording_id, testimony=receipt.testimony_id)
    _work(archive, receipt.recording_id)


def _work(archive: Backends, recording_id: str) -> None:
    """What the stages would make of it: without ffmpeg and a model, a listening copy and some words."""
    with suppress(pipeline.StageFailed):  # it waits for a person, and says so in the ingest room
        pipeline.run(archive, recording_id, stages=(receive,))
    with archive.database.read() as session:
        recording = session.get(Recording, recording_id)
        if recording is None or not recording.original_key or recording.listening_key:
            return
    listening = sound.whole_keys(recording_id).listening
    archive.store.put_bytes(listening, f"the voice of {recording_id}".encode())
    with archive.database.write() as session:
        told = session.scalars(select(Testimony).where(Testimony.recording_id == recording_id)).one()
        if told.withdrawn_at is None:
            told.recording.listening_key, told.recording.state = listening, "ready"
            told.heard_through_at = now()
            a_version(session, told.id)


def publish(archive: Backends, testimony: str) -> None:
    """Everybody may hear it, and a song quotes it word for word."""
    with archive.database.write() as session:
        versions = select(TranscriptVersion).where(TranscriptVersion.testimony_id == testimony)
        if (version := session.scalars(versions).first()) is None:
            return
        decisions.grant(session, testimony, decisions.PRESETS["public"], GIVEN)
        song, line = a_song(session, version)
        line.en = f"owed {testimony}"
        slug = song.slug
    said("published", testimony=testimony, song=slug)


def take_back(archive: Backends, testimony: str, mode: str) -> None:
    said("asked", testimony=testimony, mode=mode)
    withdraw.withdraw(archive, testimony, mode, GIVEN)
    said("withdrawn", testimony=testimony, mode=mode)
    carrying_out.carry_out(archive)


def seal(archive: Backends, testimony: str) -> None:
    sealing.seal(archive, testimony, STEWARD)
    said("sealed", testimony=testimony)


def back_up(archive: Backends, target: str, originals_only: bool) -> None:
    backup.write(archive, backup_place.to_write(archive.settings, target), originals_only=originals_only)
    said("backed up")


def adopt(archive: Backends) -> None:
    """What the database does not know is taken up again, one by one."""
    with archive.database.read() as session:
        found = adopting.found(session, archive.store)
    for one in found:
        with suppress(adopting.CannotAdopt):
            adopting.adopt(archive, one.recording_id)


def set_aside(archive: Backends) -> None:
    with archive.database.read() as session:
        found = adopting.found(session, archive.store)
    for one in found:
        adopting.set_aside(archive, one.recording_id)


ACTS: dict[str, Callable[..., None]] = {
    one.__name__: one for one in (make_vault, start, take_in, publish, take_back, seal, back_up, adopt, set_aside)
}


def _act(task: dict[str, Any]) -> int:
    faulthandler.dump_traceback_later(LONGEST_ACT_S, exit=True, file=sys.__stderr__)
    os.environ.update(task["env"])
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    tracebacks.on_the_command_line()
    if task.get("quota"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (task["quota"],) * 2)
    if task.get("broken") in breaking.BREAKS:
        breaking.BREAKS[task["broken"]]()
    if task.get("moment"):
        _deadly_at(task["moment"])
    status = 0
    for name, given in task["acts"]:
        if name == "join":
            status = cli.run(["init", "--adopt-store"])
        else:
            status = cli.answered(lambda name=name, given=given: ACTS[name](open_backends(read_settings()), **given))
        if status:
            said("failed", act=name)
            break
    for line in sys.stderr.getvalue().splitlines():
        said("sentence", words=line[:2000])
    return status


def _deadly_at(moment: int) -> None:
    """Before and after whatever is written, to the disk or to the database, is a moment; in one of them it ends."""
    moments = count(1)

    def passed(*_: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def written(*given: Any, **named: Any) -> Any:
            passed()
            done = real(*given, **named)
            passed()
            return done

        return written

    for name in WRITES:
        setattr(os, name, deadly(getattr(os, name)))
    event.listen(Engine, "before_cursor_execute", lambda *given: given[2].startswith("SELECT") or passed())
    event.listen(Engine, "commit", passed)
    event.listen(Pool, "checkin", passed)


def _get_ready() -> None:
    """Do everything once, so that whoever is forked has loaded and compiled what it needs."""
    backends.open_engine = known_statements.opened  # type: ignore[attr-defined]
    serving.load_thesaurus = init.load_thesaurus = lambda _session: 0  # type: ignore[attr-defined]  asked for by nobody
    spoken = os.dup(1)
    with TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        env, settings = settings_for(Path(folder))
        os.environ.update(env)
        open_backends(settings)
        (Path(folder) / "told.wav").write_bytes(wav())
        make_vault(archive := open_backends(settings))
        start(archive)
        take_in(archive, f"{folder}/told.wav")
        with archive.database.read() as session:
            told = session.scalars(select(Testimony.id)).one()
        publish(archive, told)
        seal(archive, told)
        back_up(archive, f"{folder}/backup", originals_only=False)
        adopt(archive)
        take_back(archive, told, "restrict")
        take_back(archive, told, "destroy")
        start(archive)
        archive.index.close()
        archive.database.engine.dispose()
    os.dup2(spoken, 1)
    gc.freeze()  # what the collector touches in a child is copied first


def main() -> None:
    private.only_for_me()
    db.BUSY_MS = 50
    _get_ready()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                status = _act(json.loads(line))
            except BaseException as error:
                said("sentence", words=f"not caught: {error!r}")
            finally:
                os._exit(status)
        said("begun", process=child)
        _, status = os.waitpid(child, 0)
        said("over", status=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
