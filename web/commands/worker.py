"""`messenger worker`: take recordings through the pipeline until stopped."""

from __future__ import annotations

import logging
import signal
import threading

import click

from archive.backends import open_backends
from archive.originals import archive_identity
from archive.settings import read_settings
from archive.withdrawal import carrying_out
from ingest.jobs.worker import Workers


@click.command()
@click.option("--threads", type=click.IntRange(1, 32), default=1, help="Recordings worked on at once.")
def worker(threads: int) -> None:
    """Work on recordings that wait, here or on another machine of the same archive."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    backends = open_backends(read_settings(), create=False)
    archive_identity.confirm(backends)
    workers = Workers(backends, threads)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    carrier = carrying_out.Carrier(backends)
    carrier.start()
    workers.start()
    click.echo(f"Working on recordings with {threads} thread(s); stop with Ctrl-C.", err=True)
    over.wait()
    workers.stop()
    carrier.stop()
