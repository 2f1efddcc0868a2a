"""The server that people are served with, over a port that is open already."""

from __future__ import annotations

import asyncio
import logging
import socket
from ipaddress import ip_network
from typing import Any

import uvicorn
from flask import Flask
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from web.server.bridge import Bridge
from web.server.connections import Connection, ConnectionLimiter, ConnectionLimits, room_for_connections
from web.site.viewer import EXTENSION

GRACE_S = 2
"""How long answers under way may take when the site is stopped."""
ACCEPTED_AT_ONCE = 16  # by one process; what has come beyond that, another one may take
WAITING_TO_BE_ACCEPTED = 1024
LONGEST_HEAD = 16 * 1024


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(WAITING_TO_BE_ACCEPTED)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # whoever reads nothing would never let go of theirs
            connection.transport.abort()
        while self.server_state.connections:
            await asyncio.sleep(0)


class SiteServer:
    """Serves until `stop` is called, or until the process is interrupted where it runs on the main thread."""

    def __init__(self, app: Flask, listening: socket.socket, limits: ConnectionLimits | None = None) -> None:
        backends = app.extensions[EXTENSION]
        proxies = backends.settings.trusted_proxies
        self._listening = listening
        self.limiter = ConnectionLimiter(
            limits or room_for_connections(ConnectionLimits()), tuple(ip_network(one) for one in proxies)
        )
        self._bridge = Bridge(app, backends)
        bridge: Any = self._bridge
        site = ProxyHeadersMiddleware(bridge, list(proxies)) if proxies else bridge
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it would write down whatever strangers send
        self._server = _Server(
            uvicorn.Config(
                site,
                http=type("SiteConnection", (Connection,), {"limiter": self.limiter}),
                ws="none",
                loop="asyncio",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=ACCEPTED_AT_ONCE,
                timeout_keep_alive=int(self.limiter.limits.head_s),
                timeout_graceful_shutdown=GRACE_S,
                h11_max_incomplete_event_size=LONGEST_HEAD,
            )
        )

    def run(self) -> None:
        """Serve; returns when stopped, the port closed."""
        try:
            self._server.run(sockets=[self._listening])
        except KeyboardInterrupt:
            return
        finally:
            self._bridge.close()
            self._listening.close()

    def stop(self) -> None:
        """Have `run` come to its end; to be called from any thread."""
        self._server.should_exit = True
