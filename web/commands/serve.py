"""`messenger serve`: the site."""

from __future__ import annotations

import logging

import click

from archive.backends import open_backends
from archive.settings import read_settings
from web.serving import listen, make_ready, serve_site


@click.command()
@click.option("--host", default="127.0.0.1", help="Address to listen on; 0.0.0.0 lets others on the network in.")
@click.option("--port", default=8000, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Serve the site, with workers beside it unless the queue is elsewhere."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    listening = listen(host, port)
    backends = open_backends(read_settings(), upgrade=True)
    make_ready(backends)
    shown = f"[{host}]" if ":" in host else host
    said = f"The archive is at http://{shown}:{listening.getsockname()[1]}/ — stop with Ctrl-C."
    serve_site(backends, listening, lambda: click.echo(said, err=True))
