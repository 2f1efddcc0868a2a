"""Workers: threads that take recordings through the pipeline until they are told to stop.

The same worker runs inside the site on a laptop and as `messenger worker` on a cluster.
"""

from __future__ import annotations

import logging
import threading

from archive.backends import Backends
from archive.services.narrators import consent
from archive.services.singing import screens
from ingest import export_jobs, pipeline, typed_jobs
from ingest.arriving import sweep
from ingest.queue import HueyQueue
from media.refused import Refused

LOOK_AGAIN_SECONDS = 30.0
WAIT_SECONDS = 0.5

log = logging.getLogger(__name__)


class Workers:
    """A few threads at work; `stop` lets each end at the next point where it can.

    The first of them also looks now and then for what the queue forgot, and for consent whose time has ended.
    """

    def __init__(self, backends: Backends, count: int) -> None:
        self._backends = backends
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"worker-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        sweep(self._backends)
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout)

    def _work(self, number: int) -> None:
        queue = self._backends.queue
        assert isinstance(queue, HueyQueue)
        waited = LOOK_AGAIN_SECONDS if number == 0 else float("-inf")
        while not self._over.is_set():
            recording_id = queue.take()
            if recording_id is not None:
                self._take_through(recording_id)
                continue
            if waited >= LOOK_AGAIN_SECONDS:
                with self._backends.database.write() as session:
                    consent.lapse(session)
                    screens.sweep(session)
                for forgotten in self._forgotten():
                    if self._over.is_set():
                        return
                    self._take_through(forgotten)
                waited = 0.0
            self._over.wait(WAIT_SECONDS)
            waited += WAIT_SECONDS

    def _forgotten(self) -> list[str]:
        """What wants work and no queue remembers."""
        return [name for work in (pipeline, export_jobs, typed_jobs) for name in work.unfinished(self._backends)]

    def _take_through(self, recording_id: str) -> None:
        try:
            if export_jobs.is_export(recording_id):
                export_jobs.run(self._backends, recording_id)
            elif typed_jobs.is_typed(recording_id):
                typed_jobs.run(self._backends, recording_id)
            else:
                pipeline.run(self._backends, recording_id)
        except Refused as error:
            log.info("refused %s: %s", recording_id, error.reason)
        except pipeline.StageFailed as error:
            log.warning("%s: %s", recording_id, error)
        except Exception:
            log.exception("a worker stumbled over %s", recording_id)
