"""From the event loop to the site and back: a thread is taken while a page or a piece of sound is made, and no longer.

A WSGI server keeps one thread for each answer until its last byte is with the browser, so that a few slow telephones
hold them all. Here the loop waits for the browser, in both directions: a form is read whole before a thread is asked
for, and each next piece of an answer is made when the one before it has gone out. Nobody's requests take more than
half of the threads.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from io import BufferedReader, BytesIO, RawIOBase
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import unquote_to_bytes

from flask import Flask

from archive.backends import Backends
from web.site.bodies import ANONYMOUS_BYTES, Allowance, allowance, announced
from web.site.refusals import REFUSED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
R = TypeVar("R")

SITE_THREADS = 12
UPLOADS = 6
"""Recordings that come in at once in one process, each on a thread that waits for its bytes."""
IN_MEMORY_BYTES = 256 * 1024

log = logging.getLogger(__name__)


class BodyTooLarge(Exception):
    """More came than may."""


class Gone(ConnectionError):
    """The browser has left in the middle of what it was sending."""


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """An answer as far as it is made: its head, its first piece, and where the next ones come from, if any do."""

    status: int
    headers: list[tuple[bytes, bytes]]
    first: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


class Turns:
    """Lets each client have so many threads at once and no more; who it is, is forgotten when nothing of it waits."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._clients: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def one(self, client: str) -> Any:
        turns, waiting = self._clients.get(client, (None, 0))
        turns = turns or asyncio.Semaphore(self._each)
        self._clients[client] = (turns, waiting + 1)
        try:
            async with turns:
                yield
        finally:
            turns, waiting = self._clients.pop(client)
            if waiting > 1:
                self._clients[client] = (turns, waiting - 1)


class Bridge:
    """The site as an ASGI application."""

    def __init__(self, app: Flask, backends: Backends, threads: int = SITE_THREADS) -> None:
        self._app = app
        self._backends = backends
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="site")
        self._upload_threads = ThreadPoolExecutor(UPLOADS, thread_name_prefix="upload")
        self._turns = Turns(max(1, threads // 2))
        self._uploading = 0
        self._folder = backends.settings.data / "uploads"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def close(self) -> None:
        """Let go of the threads; what they are at is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._upload_threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        with suppress(Gone):
            length = announced(scope["headers"])
            allowed = await self._allowed(scope, length)
            if length is not None and length > allowed.most:
                await self._answer(scope, _nothing(), receive, send, refused=413)
            elif allowed.large:
                await self._recording(scope, allowed, receive, send)
            else:
                await self._form(scope, allowed, receive, send)

    async def _allowed(self, scope: Scope, length: int | None) -> Allowance:
        if length is not None and length <= ANONYMOUS_BYTES:
            return Allowance(ANONYMOUS_BYTES)
        asked = self._app, self._backends, scope["method"], scope["path"], scope["headers"]
        return await self._in_thread(scope, Context(), lambda: allowance(*asked))

    async def _form(self, scope: Scope, allowed: Allowance, receive: Receive, send: Send) -> None:
        """What is small is read whole, and costs a thread only then."""
        try:
            body = await _whole(receive, allowed.most, self._folder)
        except BodyTooLarge:
            await self._answer(scope, _nothing(), receive, send, refused=413)
            return
        with body:
            await self._answer(scope, body, receive, send)

    async def _recording(self, scope: Scope, allowed: Allowance, receive: Receive, send: Send) -> None:
        """A recording is written down while it comes, by the view itself, on a thread kept for that."""
        if self._uploading >= UPLOADS:
            await self._answer(scope, _nothing(), receive, send, refused=503)
            return
        self._uploading += 1
        arriving = Arriving(receive, asyncio.get_running_loop(), allowed.most)
        body = cast("IO[bytes]", BufferedReader(arriving, 64 * 1024))
        try:
            await self._answer(scope, body, receive, send, pool=self._upload_threads)
        finally:
            arriving.break_off()  # the thread may still be reading: nothing here may wait for it
            self._uploading -= 1

    async def _answer(
        self,
        scope: Scope,
        body: IO[bytes],
        receive: Receive,
        send: Send,
        *,
        refused: int = 0,
        pool: ThreadPoolExecutor | None = None,
    ) -> None:
        environ = environment(scope, body)
        if refused:
            environ[REFUSED] = refused
        context = copy_context()
        try:
            answer = await self._in_thread(scope, context, lambda: self._begin(environ), pool)
        except Exception:
            log.exception("a page could not be made")
            answer = PreparedAnswer(
                500, [(b"content-type", b"text/plain")], b"Something broke on our side.", None, _nobody
            )
        try:
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            more = answer.rest is not None and scope["method"] != "HEAD"
            await send({"type": "http.response.body", "body": answer.first, "more_body": more})
            if more:
                await self._send_rest(scope, context, answer, receive, send)
        finally:
            if answer.close is not _nobody:
                await self._in_thread(scope, context, answer.close)

    async def _send_rest(
        self, scope: Scope, context: Context, answer: PreparedAnswer, receive: Receive, send: Send
    ) -> None:
        assert answer.rest is not None
        rest, sent = answer.rest, len(answer.first)
        stated = int(dict(answer.headers).get(b"content-length", b"-1"))
        gone = asyncio.ensure_future(receive())  # it says nothing more before the browser has left
        try:
            while not gone.done():
                try:
                    piece = await self._in_thread(scope, context, lambda: next(rest, None))
                except Exception:
                    log.exception("an answer broke off")
                    return
                if piece is None:
                    break
                sent += len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if stated in (-1, sent):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            # Otherwise it was taken back on the way: the connection is closed in the middle, as a listener has to see.
        finally:
            gone.cancel()

    def _begin(self, environ: WSGIEnvironment) -> PreparedAnswer:
        """Run the site until there is a first piece; an answer in one piece is closed here as well."""
        head: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
            named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            head[:] = [int(status.split(" ", 1)[0]), named]
            return _written

        made = self._app(environ, start)
        close = getattr(made, "close", _nobody)
        try:
            pieces = iter(made)
            first = next(pieces, b"")
            second = next(pieces, None)
        except BaseException:
            close()
            raise
        if second is None:
            close()
            return PreparedAnswer(head[0], head[1], first, None, _nobody)
        return PreparedAnswer(head[0], head[1], first, chain((second,), pieces), close)

    async def _in_thread(
        self, scope: Scope, context: Context, work: Callable[[], R], pool: ThreadPoolExecutor | None = None
    ) -> R:
        loop = asyncio.get_running_loop()
        if pool is not None:
            return await loop.run_in_executor(pool, lambda: context.run(work))
        async with self._turns.one((scope.get("client") or ("",))[0]):
            return await loop.run_in_executor(self._threads, lambda: context.run(work))


class Arriving(RawIOBase):
    """A body as a file, read on a thread while it comes in on the event loop.

    Raises, when read:
        Gone: the browser left before the end.
    """

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop, most: int) -> None:
        self._receive = receive
        self._loop = loop
        self._left = most
        self._here = b""
        self._more = True
        self._coming: Future[Message] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._here and self._more:
            self._coming = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            try:
                message = self._coming.result()
            except CancelledError:
                raise Gone from None
            if message["type"] != "http.request":
                raise Gone
            self._here, self._more = message.get("body", b""), message.get("more_body", False)
            self._left -= len(self._here)
            if self._left < 0:
                self._here, self._more = b"", False
        count = min(len(into), len(self._here))
        into[:count], self._here = self._here[:count], self._here[count:]
        return count

    def break_off(self) -> None:
        """Nobody waits for the rest any more."""
        self._more = False
        if self._coming is not None:
            self._coming.cancel()

    async def _next(self) -> Message:
        return await self._receive()


async def _whole(receive: Receive, most: int, folder: Path) -> IO[bytes]:
    """The whole body, in memory while it is small.

    Raises:
        BodyTooLarge: as soon as more came than may.
        Gone: the browser left before the end.
    """
    body: IO[bytes] = cast("IO[bytes]", tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=os.fspath(folder)))  # noqa: SIM115
    length, more = 0, True
    try:
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise Gone
            piece, more = message.get("body", b""), message.get("more_body", False)
            length += len(piece)
            if length > most:
                raise BodyTooLarge
            body.write(piece)
        body.seek(0)
    except BaseException:
        body.close()
        raise
    return body


def environment(scope: Scope, body: IO[bytes]) -> WSGIEnvironment:
    """What a WSGI application is told of a request (PEP 3333)."""
    host, port = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port or 80),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": _Errors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:  # it would pass for the header that is spelled with a hyphen
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        said = value.decode("latin-1")
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{said}" if key in environ else said
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None:
        environ.pop("CONTENT_LENGTH", None)
    return environ


class _Errors:
    """Where a WSGI application may complain: into our log."""

    def write(self, words: str) -> None:
        if words.strip():
            log.warning("%s", words.strip())

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is held back."""


def _nothing() -> IO[bytes]:
    return BytesIO()


def _written(_piece: bytes) -> object:
    raise NotImplementedError("no view of this site writes beside its answer")


def _nobody() -> None:
    """Nothing is left to close."""
