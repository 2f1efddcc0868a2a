"""Nobody far away stops the site: slow readers, silent connections, large and endless bodies, crowds."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from io import BytesIO

import pytest

from archive.access import sound
from archive.accounts import accounts, sessions
from archive.backends import Backends
from archive.consent import decisions
from archive.db import Database
from archive.settings import Settings
from tests.archive.testimonies import GIVEN, a_testimony, a_version
from tests.web.server.serving import serving
from web.app import create_app
from web.server.connections import ConnectionLimits
from web.site.bodies import ANONYMOUS_BYTES
from web.site.viewer import COOKIE

SOON_S = 8.0  # this machine may be busy; a page that waits for a slow reader waits for minutes
HASTY = ConnectionLimits(head_s=0.4, body_stall_s=0.4, body_grace_s=1.0, read_stall_s=0.4, refused_s=0.3, sweep_s=0.1)

pytestmark = pytest.mark.commits  # the site's threads have connections of their own


@pytest.fixture
def archive(database: Database, settings: Settings) -> Backends:
    settings.data.mkdir(parents=True, exist_ok=True)
    return Backends(settings, database)


@pytest.fixture
def recording(archive: Backends) -> str:
    """A recording that everybody may hear, larger than what lies in sockets."""
    with archive.database.write() as session:
        testimony = a_testimony(session)
        a_version(session, testimony.id)
        decisions.grant(session, testimony.id, decisions.PRESETS["public"], GIVEN)
        recording_id = testimony.recording_id
    archive.store.put_bytes(sound.whole_keys(recording_id).listening, bytes(12 * 1024 * 1024))
    return recording_id


@pytest.fixture
def opened() -> Iterator[Callable[..., socket.socket]]:
    """Connections that end with the test; each says what it is given and then nothing."""
    with ExitStack() as stack:

        def connect(port: int, said: bytes = b"", buffer: int = 8192) -> socket.socket:
            made = stack.enter_context(closing(socket.socket()))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            made.settimeout(SOON_S)
            made.connect(("127.0.0.1", port))
            made.sendall(said)
            return made

        yield connect


def _ask(port: int, path: str = "/", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON_S)
    connection.request("GET", path, headers={"Connection": "close", **headers})
    answer = connection.getresponse()
    answer.read()
    return answer


def _until(one: socket.socket, last: bytes) -> bytes:
    """What comes up to those bytes: head and page may come one after the other."""
    answer = bytearray()
    while last not in answer and (piece := one.recv(1 << 16)):
        answer += piece
    return bytes(answer)


def _closed(one: socket.socket) -> bool:
    try:
        return one.recv(1 << 16) == b""
    except ConnectionError:
        return True


def test_slow_readers_and_silent_connections_cost_others_nothing(
    archive: Backends, recording: str, opened: Callable[..., socket.socket]
) -> None:
    with serving(create_app(archive)) as port:
        asked = f"GET /media/{recording} HTTP/1.1\r\nHost: here\r\n\r\n".encode()
        readers = [opened(port, asked) for _ in range(40)]
        for one in readers:
            assert one.recv(64).startswith(b"HTTP/1.1 200")
        for _ in range(100):
            opened(port)
        before = time.monotonic()
        assert _ask(port).status == 200
        assert time.monotonic() - before < SOON_S


def test_a_stranger_s_large_form_is_refused_before_a_byte_of_it_is_read(
    archive: Backends, opened: Callable[..., socket.socket]
) -> None:
    with serving(create_app(archive)) as port:
        head = "POST /sign-in HTTP/1.1\r\nHost: here\r\nContent-Length: 300000000\r\nExpect: 100-continue\r\n\r\n"
        answer = _until(opened(port, head.encode()), b"</html>")
        assert answer.startswith(b"HTTP/1.1 413")  # and not 100, which would have asked for it
        assert "ឯកសារនេះធំពេក".encode() in answer or b"This file is too large" in answer
        assert list((archive.settings.data / "uploads").iterdir()) == []


@pytest.mark.parametrize("path", ["/sign-in", "/ingest", "/", "/nowhere"])
def test_a_body_without_a_length_is_cut_off(archive: Backends, opened: Callable[..., socket.socket], path: str) -> None:
    with serving(create_app(archive)) as port:
        one = opened(port, f"POST {path} HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        piece = b"8000\r\n" + bytes(0x8000) + b"\r\n"
        for _ in range(ANONYMOUS_BYTES // 0x8000 + 1):
            one.sendall(piece)
        assert one.recv(1 << 12).startswith(b"HTTP/1.1 413")


def test_a_recording_comes_only_from_a_member_and_only_where_recordings_are_taken(
    archive: Backends, opened: Callable[..., socket.socket]
) -> None:
    cookies = {}
    with archive.database.write() as session:
        for role, groups in (("band", ("MB",)), ("researcher", ())):
            accounts.create(session, f"some-{role}", "a long enough one", role, groups)
            cookies[role] = sessions.sign_in(session, f"some-{role}", "a long enough one", shared=False)

    def answered(role: str, path: str) -> bytes:
        head = f"POST {path} HTTP/1.1\r\nHost: here\r\nCookie: {COOKIE}={cookies[role]}\r\n"
        body = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 50000000\r\n"
        return opened(port, f"{head}{body}Expect: 100-continue\r\n\r\n".encode()).recv(64)

    with serving(create_app(archive)) as port:
        assert answered("band", "/ingest").startswith(b"HTTP/1.1 100")
        assert answered("band", "/sign-out").startswith(b"HTTP/1.1 413")
        assert answered("researcher", "/ingest").startswith(b"HTTP/1.1 413")


def test_who_dawdles_is_let_go(archive: Backends, recording: str, opened: Callable[..., socket.socket]) -> None:
    with serving(create_app(archive), HASTY) as port:
        silent = opened(port)
        half_a_head = opened(port, b"GET / HTTP/1.1\r\nHost: he")
        half_a_body = opened(port, b"POST /sign-in HTTP/1.1\r\nHost: here\r\nContent-Length: 500\r\n\r\nname=")
        kept = opened(port, b"GET /sign-in HTTP/1.1\r\nHost: here\r\n\r\n", 1 << 20)
        assert kept.recv(1 << 20).startswith(b"HTTP/1.1 200")
        for one in (silent, half_a_head, half_a_body):
            assert _closed(one)
        while not _closed(kept):
            pass
        reader = opened(port, f"GET /media/{recording} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        got = len(reader.recv(64))
        time.sleep(1.5)  # it reads nothing, for longer than it may
        with suppress(ConnectionError):
            while piece := reader.recv(1 << 16):
                got += len(piece)
        assert got < 12 * 1024 * 1024


def test_a_client_s_own_silent_connections_make_room_for_its_next(
    archive: Backends, opened: Callable[..., socket.socket]
) -> None:
    with serving(create_app(archive), ConnectionLimits(each=5)) as port:
        first = opened(port)
        for _ in range(4):
            opened(port)
        assert _ask(port).status == 200
        assert _closed(first)


@pytest.mark.parametrize(("trusted", "counted"), [((), False), (("127.0.0.0/8",), True), (("10.0.0.0/8",), False)])
def test_only_a_proxy_that_is_trusted_says_who_asks(
    database: Database, settings: Settings, trusted: tuple[str, ...], counted: bool
) -> None:
    from dataclasses import replace

    settings.data.mkdir(parents=True, exist_ok=True)
    app = create_app(Backends(replace(settings, trusted_proxies=trusted), database))
    seen: list[tuple[str, str]] = []

    def noticing(environ: dict[str, str], start: Callable[..., object]) -> object:
        seen.append((environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]))
        return inner(environ, start)

    inner, app.wsgi_app = app.wsgi_app, noticing  # type: ignore[method-assign, assignment]
    with serving(app) as port:
        _ask(port, **{"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"})
    assert seen == [("203.0.113.9", "https") if counted else ("127.0.0.1", "http")]


def test_a_form_arrives_whole_however_it_is_cut(archive: Backends, opened: Callable[..., socket.socket]) -> None:
    app = create_app(archive)

    def echo(environ: dict[str, BytesIO], start: Callable[..., object]) -> list[bytes]:
        body = environ["wsgi.input"].read()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    app.wsgi_app = echo  # type: ignore[method-assign, assignment]
    with serving(app) as port:
        one = opened(port, b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        one.sendall(b"4\r\ndefg\r\n0\r\n\r\n")
        assert _until(one, b"abcdefg").endswith(b"\r\n\r\nabcdefg")
