"""The site on a port of this machine, by the server that people are served with."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from web.server.connections import ConnectionLimits
from web.server.site import SiteServer


@contextmanager
def serving(app: Flask, limits: ConnectionLimits | None = None) -> Iterator[int]:
    """The port, for as long as the context is open."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    server = SiteServer(app, listening, limits)
    thread = threading.Thread(target=server.run, daemon=True)
    port = listening.getsockname()[1]
    thread.start()
    try:
        yield port
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive(), "the server did not stop"
