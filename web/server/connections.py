"""Connections, and how long each may keep the site waiting.

A connection costs a few kilobytes and no thread. What it may not do is stay for nothing: a head that does not come, a
body that trickles, a browser that has stopped reading for minutes. One sweep a second looks at all of them. When a
client, or everybody together, has as many as may be, room is made by closing the one that has waited longest for its
next request, or else the one that has stopped reading longest; only where all are at work is the newcomer turned away.

Addresses are known here while their connections last, and written nowhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import resource
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of one process of the site.

    Attributes:
        connections: at once in all; `each`: of one client. A centre's computers share one address.
        head_s: how long a head may take to come whole, counted from the connection or from the answer before it.
        body_stall_s: how long a body may pause; `body_grace_s`: after how long it has to have come, on the average, at
            `body_rate` bytes a second.
        read_stall_s: how long a browser may read nothing of an answer. A player that pauses does so, and asks again.
        refused_s: how long a connection stays whose body was refused, so that the refusal is read.
        sweep_s: between two looks at all connections.
    """

    connections: int = 2000
    each: int = 256
    head_s: float = 15.0
    body_stall_s: float = 20.0
    body_grace_s: float = 30.0
    body_rate: int = 1024
    read_stall_s: float = 120.0
    refused_s: float = 4.0
    sweep_s: float = 1.0


class Crowd:
    """The connections of one client: how many, those that wait for a next request, and those that do not read."""

    def __init__(self) -> None:
        self.count = 0
        self.waiting: dict[Connection, None] = {}
        self.unread: dict[Connection, None] = {}

    def longest_for_nothing(self) -> Connection | None:
        return next(iter(self.waiting), None) or next(iter(self.unread), None)


class ConnectionLimiter:
    """All connections of one process."""

    def __init__(self, limits: ConnectionLimits, proxies: Collection[Network] = ()) -> None:
        self.limits = limits
        self.all = Crowd()
        self._proxies = proxies
        self._clients: dict[str, Crowd] = {}
        self._open: set[Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    def enter(self, connection: Connection, address: str) -> bool:
        """Let a connection in, closing another one where there is no more room; False where nothing can be closed."""
        connection.name = self._name(address)
        for crowd, most in zip(self._crowds(connection), (self.limits.connections, self.limits.each), strict=False):
            if crowd.count >= most:
                other = crowd.longest_for_nothing()
                if other is None:
                    self._forget_if_empty(connection.name)
                    return False
                self.leave(other)
                other.transport.abort()
        for crowd in self._crowds(connection):
            crowd.count += 1
        self._open.add(connection)
        self.wait(connection)
        if self._sweeping is None:
            self._sweeping = connection.loop.call_later(self.limits.sweep_s, self._sweep)
        return True

    def leave(self, connection: Connection) -> None:
        """Forget a connection; a second time does nothing."""
        if connection not in self._open:
            return
        self._open.discard(connection)
        self.work(connection)
        self.read(connection)
        for crowd in self._crowds(connection):
            crowd.count -= 1
        self._forget_if_empty(connection.name)

    def wait(self, connection: Connection) -> None:
        """From now on the connection waits for a request."""
        for crowd in self._crowds(connection):
            crowd.waiting[connection] = None

    def work(self, connection: Connection) -> None:
        """A request has come."""
        for crowd in self._crowds(connection):
            crowd.waiting.pop(connection, None)

    def stop_reading(self, connection: Connection) -> None:
        """Its browser takes no more for the moment."""
        for crowd in self._crowds(connection):
            crowd.unread[connection] = None

    def read(self, connection: Connection) -> None:
        """Its browser reads again."""
        for crowd in self._crowds(connection):
            crowd.unread.pop(connection, None)

    def _crowds(self, connection: Connection) -> tuple[Crowd, ...]:
        if connection.name is None:
            return (self.all,)
        return self.all, self._clients.setdefault(connection.name, Crowd())

    def _forget_if_empty(self, name: str | None) -> None:
        if name in self._clients and not self._clients[name].count:
            del self._clients[name]

    def _name(self, address: str) -> str | None:
        """One client: an address, or a network of the newer protocol; None for a proxy, which brings everybody."""
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return address
        if any(known in network for network in self._proxies):
            return None
        return str(known) if known.version == 4 else str(ipaddress.ip_network((known, 64), strict=False))

    def _sweep(self) -> None:
        self._sweeping = None
        for connection in list(self._open):
            if connection.overstays():
                self.leave(connection)
                connection.transport.abort()
        if self._open:
            self._sweeping = next(iter(self._open)).loop.call_later(self.limits.sweep_s, self._sweep)


class Connection(H11Protocol):
    """One connection, which its limiter can close."""

    limiter: ClassVar[ConnectionLimiter]
    name: str | None = None
    _since = 0.0
    _waited_s = 0.0
    _stalled_s = 0.0
    _came = 0
    _came_before = 0
    _ready_before = -1

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=64 * 1024)
        if not self.limiter.enter(self, self.client[0] if self.client else ""):
            transport.abort()
            return
        self._since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        self.limiter.leave(self)
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._refused():
            self.transport.pause_reading()  # not worth reading even to throw it away; soon the connection is closed
            return
        self._came += len(data)
        cycle = self.cycle
        super().data_received(data)
        if self.cycle is not cycle:  # a head has come whole
            self._waited_s = self._stalled_s = 0.0
            self._came = self._came_before = 0
            self._ready_before = -1
            self.limiter.work(self)

    def on_response_complete(self) -> None:
        self._since = self.loop.time()
        self._stalled_s = 0.0
        self.limiter.wait(self)
        cycle = self.cycle
        super().on_response_complete()
        if self.cycle is not cycle:  # the next request had come already
            self.limiter.work(self)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.limiter.stop_reading(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.limiter.read(self)

    def overstays(self) -> bool:
        """Whether this connection has had more time than it may; asked at each sweep."""
        limits, cycle = self.limiter.limits, self.cycle
        if cycle is not None and cycle.response_started and self.transport.get_write_buffer_size():
            return self._reads_nothing()
        if cycle is None or cycle.response_complete:
            return self.loop.time() - self._since > (limits.refused_s if self._refused() else limits.head_s)
        if cycle.more_body and not cycle.response_started:
            return self._brings_nothing()
        return False  # the site is at it

    def _refused(self) -> bool:
        """Whether the request was answered before its body had come."""
        return self.cycle is not None and self.cycle.response_complete and self.conn.their_state is h11.SEND_BODY

    def _reads_nothing(self) -> bool:
        ready = self.transport.get_write_buffer_size()
        self._stalled_s = self._stalled_s + self.limiter.limits.sweep_s if ready == self._ready_before else 0.0
        self._ready_before = ready
        return self._stalled_s > self.limiter.limits.read_stall_s

    def _brings_nothing(self) -> bool:
        """Only the time counts in which it was the browser's turn: what the site has no hands for is waited for."""
        limits = self.limiter.limits
        if self.flow.read_paused:
            return False
        self._waited_s += limits.sweep_s
        self._stalled_s = self._stalled_s + limits.sweep_s if self._came == self._came_before else 0.0
        self._came_before = self._came
        too_slow = self._waited_s > limits.body_grace_s and self._came < self._waited_s * limits.body_rate
        return too_slow or self._stalled_s > limits.body_stall_s


def room_for_connections(limits: ConnectionLimits) -> ConnectionLimits:
    """Limits that the system's own limit of open files allows, after that was raised as far as it goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections * 2 + 200
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    most = limits.connections if soft == resource.RLIM_INFINITY else min(limits.connections, max(32, (soft - 200) // 2))
    return ConnectionLimits(connections=most, each=min(limits.each, most))
