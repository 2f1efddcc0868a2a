"""Workers: threads that take recordings through the pipeline until they are told to stop.

The same worker runs in a process of its own beside the site of a laptop and as `messenger worker` on a cluster. What it
takes and finishes is told in a line each, with ids and times and nothing that was said or brought.
"""

from __future__ import annotations

import logging
import threading
import time

from archive.backends import Backends
from archive.checks import fixity
from archive.consent import decisions
from archive.preservation import sidecars
from archive.songs import second_screens
from archive.transcripts import marked_words
from ingest.exports import export_jobs
from ingest.exports.packs import pack_jobs
from ingest.intake import partial_uploads
from ingest.intake.arriving import sweep
from ingest.jobs import claimed_sound, pipeline, remaking, returned_keys, scratch, typed_transcripts
from ingest.jobs.queue import HueyQueue
from media.refused import Refused

LOOK_AGAIN_SECONDS = 30.0
WAIT_SECONDS = 0.5
DESCRIBE_SECONDS = 10.0
READ_THROUGH_SECONDS = 3600.0
"""How often it is looked whether something of today's share of the originals is left to read."""
LONGEST_REST = 60.0

log = logging.getLogger(__name__)


class Workers:
    """A few threads at work; `stop` lets each end at the next point where it can.

    The first of them also looks now and then for what the queue forgot, and for consent whose time has ended.

    Args:
        count: threads.
        idle_s: how long after its last work the last of them ends by itself; they go on for ever when it is None.
    """

    def __init__(self, backends: Backends, count: int, idle_s: float | None = None) -> None:
        self._backends = backends
        self._idle_s = idle_s
        self._worked_at: float | None = None
        self._busy = 0
        self._counting = threading.Lock()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"worker-{number}", daemon=True)
            for number in range(count)
        ]

        self._follower = threading.Thread(target=self._follow, name="follower", daemon=True)

    def start(self) -> None:
        sweep(self._backends)
        scratch.clear(self._backends)
        self._follower.start()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout)

    @property
    def spent(self) -> bool:
        """Whether something was done, long enough ago that what it needed should be given back."""
        with self._counting:
            worked, busy = self._worked_at, self._busy
        return self._idle_s is not None and worked is not None and not busy and time.monotonic() - worked > self._idle_s

    def _follow(self) -> None:
        """Look once for missing sound and for marked words in titles; then keep what lies beside originals true."""
        try:
            remaking.ask(self._backends)
        except Exception as error:
            log.warning("what is missing could not be looked for (%s)", type(error).__name__)
        try:
            marked_words.look_at_all(self._backends.database)
        except Exception as error:
            log.warning("marked words in titles could not be looked for (%s)", type(error).__name__)
        looked = float("-inf")
        while True:
            if time.monotonic() - looked >= READ_THROUGH_SECONDS:
                self._read_through()
                looked = time.monotonic()
            try:
                sidecars.follow(self._backends)
            except Exception as error:
                log.warning("the descriptions beside the sound could not be written (%s)", type(error).__name__)
            if self._over.wait(DESCRIBE_SECONDS):
                return

    def _read_through(self) -> None:
        """What is left of today's share of the originals, resting as long as reading took."""
        try:
            for one in fixity.look(self._backends, rest=lambda seconds: self._over.wait(min(seconds, LONGEST_REST))):
                log.error("the original of recording %s is %s", one.recording_id, one.found)
        except Exception as error:
            log.warning("the originals could not be read through (%s)", type(error).__name__)

    def _work(self, number: int) -> None:
        queue = self._backends.queue
        assert isinstance(queue, HueyQueue)
        looked = float("-inf") if number == 0 else float("inf")
        while not self._over.is_set():
            recording_id = queue.take()
            if recording_id is not None:
                self._take_through(recording_id)
                continue
            if time.monotonic() - looked >= LOOK_AGAIN_SECONDS:
                self._look_through()
                looked = time.monotonic()
            self._over.wait(WAIT_SECONDS)

    def _look_through(self) -> None:
        """What has to be done now and then, and what wants work and no queue remembers."""
        try:
            with self._backends.database.write() as session:
                decisions.lapse(session)
                second_screens.sweep(session)
            partial_uploads.sweep(self._backends.settings)
            kinds = returned_keys, pipeline, export_jobs, pack_jobs, typed_transcripts, claimed_sound
            forgotten = list(dict.fromkeys(name for kind in kinds for name in kind.unfinished(self._backends)))
        except Exception:
            log.exception("a worker could not look for what was forgotten; it tries again")
            return
        for name in forgotten:
            if self._over.is_set():
                return
            self._take_through(name)

    def _take_through(self, name: str) -> None:
        begun = time.monotonic()
        with self._counting:
            self._busy += 1
        ended, worked = "finished", True
        try:
            if export_jobs.is_export(name):
                export_jobs.run(self._backends, name)
            elif pack_jobs.is_pack(name):
                pack_jobs.run(self._backends, name)
            elif remaking.is_remaking(name):
                remaking.run(self._backends, name, watcher=_Teller(name))
            elif claimed_sound.is_wish(name):
                claimed_sound.run(self._backends, name)
            elif typed_transcripts.is_typed(name):
                typed_transcripts.run(self._backends, name)
            else:
                worked = pipeline.run(self._backends, name, watcher=_Teller(name))
        except Refused:
            ended = "refused"
        except pipeline.StageFailed as error:
            ended = "failed"
            log.warning("%s: %s", name, error, exc_info=error.unexpected)
        except Exception:
            ended = "stumbled"
            log.exception("a worker stumbled over %s", name)
        finally:
            with self._counting:
                self._busy -= 1
                if worked:
                    self._worked_at = time.monotonic()
        if worked:
            log.info("%s: %s after %.1f s", name, ended, time.monotonic() - begun)


class _Teller:
    """A Watcher that writes down which stage of a recording is taken."""

    def __init__(self, recording_id: str) -> None:
        self._recording_id = recording_id

    def stage(self, name: str, begins: float, ends: float) -> None:
        log.info("%s: takes %s", self._recording_id, name)

    def progress(self, fraction: float) -> None:
        """How far it is, the database tells."""
