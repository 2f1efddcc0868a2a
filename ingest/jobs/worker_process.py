"""A worker in a process of its own beside the site: `python -m ingest.jobs.worker_process`.

It ends when it has done nothing for a while after some work, which gives back the memory of a recogniser; whoever
started it starts the next one, which has none. Killed at any moment, it leaves work that another one goes on with.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

import click

from archive.backends import open_backends
from archive.settings import read_settings
from ingest.engines import memory
from ingest.jobs import child_process
from ingest.jobs.worker import Workers

IDLE_S = 60.0
STOP_S = 1.0
_LOOK_S = 1.0


@click.command()
@click.option("--parent", type=int, required=True)
@click.option("--idle", default=IDLE_S, type=float)
def main(parent: int, idle: float) -> None:
    """Work until stopped, spent, or alone."""
    memory.one_for_all_threads()
    child_process.give_way()
    child_process.end_with(parent, child_process.end_at_once)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    over = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this says when to stop
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    workers = Workers(open_backends(read_settings()), 1, idle_s=idle)
    workers.start()
    while not over.wait(_LOOK_S) and not workers.spent:
        pass
    workers.stop(STOP_S)
    sys.stderr.flush()
    os._exit(0)  # a stage under way is taken up again; a recogniser's threads do not end when they are asked


if __name__ == "__main__":
    main()
