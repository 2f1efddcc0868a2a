"""One process of the site: `python -m web.site_process`, started by `messenger serve` over a port that is open."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading

import click

from archive.backends import open_backends
from archive.language import lexicon
from archive.retrieval import indexing
from archive.settings import read_settings
from archive.withdrawal import carrying_out
from ingest.jobs import child_process
from web.app import create_app
from web.server.site import SiteServer

ENDS_WITHIN_S = 4.0


@click.command()
@click.option("--parent", type=int, required=True)
@click.option("--listening", type=int, required=True)
@click.option("--ready", type=int, required=True)
@click.option("--shared", type=int, required=True)
@click.option("--index", "indexes", is_flag=True)
def main(parent: int, listening: int, ready: int, shared: int, indexes: bool) -> None:
    """Serve until stopped or alone."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    backends = open_backends(read_settings())
    server = SiteServer(create_app(backends, shared), socket.socket(fileno=listening))
    for number in (signal.SIGINT, signal.SIGTERM):  # until the server listens for them itself
        signal.signal(number, lambda *_: os._exit(0))

    def end() -> None:
        server.stop()
        threading.Timer(ENDS_WITHIN_S, os._exit, (1,)).start()

    child_process.end_with(parent, end)
    if indexes:
        carrying_out.Carrier(backends).start()
        indexing.ensure_in_background(backends.database, backends.index)
    lexicon.keep_ready()
    os.write(ready, b"r")
    os.close(ready)
    server.run()
    backends.database.engine.dispose()
    sys.stderr.flush()
    os._exit(0)  # threads that still wait for a browser are not waited for


if __name__ == "__main__":
    main()
