"""Serving: the site in one process, with its workers beside it where the queue is inside the process."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import waitress
from flask import Flask
from waitress.server import BaseWSGIServer

from archive.backends import Backends
from archive.services.cataloguing.thesaurus import load_thesaurus
from archive.services.custody.unclaimed import unclaimed
from archive.services.narrators import consent, purging, tombstones, withdrawal
from archive.services.retrieval import indexing
from archive.services.singing import screens
from ingest.worker import Workers
from web.app import create_app

log = logging.getLogger(__name__)

SITE_THREADS = 8
READY_BYTES = 1024 * 1024
"""What lies ready for a slow browser before the next of it is made: sound that is taken back meanwhile is not sent."""


class PortTaken(ValueError):
    """Something else listens on that port."""


@contextmanager
def workers_beside(backends: Backends) -> Iterator[None]:
    """Workers for as long as the site is served; with a queue elsewhere, work is done by `messenger worker`."""
    if not backends.settings.queue_url.startswith("inline:"):
        yield
        return
    workers = Workers(backends, backends.settings.workers)
    workers.start()
    try:
        yield
    finally:
        workers.stop()


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow is done.

    Raises:
        PortTaken: somebody else has it.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(f"Port {port} is taken; choose another, as in --port {port + 1}.") from error
    return listening


def make_ready(backends: Backends) -> None:
    """What has to be done before the first request is answered.

    A restored backup may hold what was withdrawn after it was made: that is withdrawn again first, and a purge that was
    broken off is finished. The index is looked over beside the site, which answers with the old one until then.

    Raises:
        archive.services.narrators.tombstones.TombstonesUnreadable: nothing may be served until somebody has looked.
    """
    withdrawal.replay(backends.database, tombstones.tombstone_file(backends.settings))
    purging.purge_waiting(backends)
    with backends.database.read() as session:
        if unknown := unclaimed(session, backends.store):
            log.warning(
                "%d recording(s) lie in the store that the database does not know; they are kept. `messenger check` "
                "names them.",
                len(unknown),
            )
    with backends.database.write() as session:
        consent.lapse(session)
        screens.sweep(session)
        load_thesaurus(session)
    indexing.ensure_in_background(backends.database, backends.index)


def site_server(app: Flask, listening: socket.socket) -> BaseWSGIServer:
    """The server that people are served with, over an open port."""
    return waitress.create_server(
        app,
        sockets=[listening],
        threads=SITE_THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        outbuf_high_watermark=READY_BYTES,
        outbuf_overflow=2 * READY_BYTES,  # never into a temporary file
    )


def serve_site(backends: Backends, listening: socket.socket) -> None:
    """Serve until interrupted."""
    server = site_server(create_app(backends), listening)
    try:
        with workers_beside(backends):
            server.run()
    finally:
        server.close()
        backends.database.engine.dispose()
