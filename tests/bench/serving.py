"""How long pages take while strangers are slow, many or large, and while a recording is transcribed.

    python -m tests.bench.serving [--readers 500] [--idle 1000] [--uploads 100] [--seconds 10] [--transcribe WAV]

Fills a data folder of its own with the sample collection, starts `messenger serve` over it on this machine, and asks
for pages and searches as others would, each from an address of the loopback network. Prints one line a phase: quiet;
with strangers; with 50 streams, 10 searches a second and, where a recording is given, its transcription. Everything
ends after the seconds given. Run it twice, over two checkouts, on one machine: only their ratio says something.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.access import sound
from archive.backends import open_backends
from archive.catalogue.descriptions import Description
from archive.consent import decisions
from archive.settings import read_settings
from ingest.intake.submit import submit
from tests.archive.testimonies import GIVEN, a_testimony, a_version
from tests.web.filling import Filling

TIMEOUT_S = 30.0

_addresses = (f"127.0.{1 + number // 200 % 50}.{1 + number % 200}" for number in itertools.count())


async def ask(port: int, path: str) -> tuple[float, int]:
    """Seconds until an answer was there whole, and its status; 0 where none came."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reading, writing = await asyncio.open_connection("127.0.0.1", port, local_addr=(next(_addresses), 0))
            writing.write(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
            answer = await reading.read(1 << 22)
            while piece := await reading.read(1 << 22):
                answer += piece
            writing.close()
            return time.monotonic() - began, int(answer[9:12] or 0)
    except (OSError, TimeoutError, ValueError):
        return time.monotonic() - began, 0


async def asked(port: int, paths: tuple[str, ...], each_s: float, seconds: float) -> list[tuple[float, int]]:
    """Ask at a steady pace, whether or not answers come."""
    waiting = []
    until = time.monotonic() + seconds
    for path in itertools.cycle(paths):
        if time.monotonic() > until:
            break
        waiting.append(asyncio.create_task(ask(port, path)))
        await asyncio.sleep(each_s)
    return await asyncio.gather(*waiting)


async def connection(port: int, said: bytes, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    made.setblocking(False)
    made.bind((address, 0))
    await asyncio.wait_for(asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port)), TIMEOUT_S)
    reading, writing = await asyncio.open_connection(sock=made, limit=4096)
    writing.write(said)
    return reading, writing


async def sip(reading: asyncio.StreamReader, size: int, each_s: float) -> None:
    """Read slowly, for ever."""
    with suppress(OSError):
        while await reading.read(size):
            await asyncio.sleep(each_s)


async def upload(port: int, address: str) -> None:
    """Three megabytes of a form from nobody, again and again."""
    head = b"POST /sign-in HTTP/1.1\r\nHost: here\r\nContent-Length: 3000000\r\n\r\n"
    while True:
        with suppress(OSError, TimeoutError):
            _, writing = await connection(port, head, address)
            for _ in range(30):
                writing.write(bytes(100_000))
                await writing.drain()
            writing.close()
        await asyncio.sleep(1)


async def strangers(port: int, recording: str, args: argparse.Namespace, stack: AsyncExitStack) -> None:
    media = f"GET /media/{recording} HTTP/1.1\r\nHost: here\r\n\r\n".encode()
    crowd = [f"127.0.100.{1 + number}" for number in range(20)]
    for number in range(args.readers + args.idle):
        with suppress(OSError, TimeoutError):
            reading, writing = await connection(port, media if number < args.readers else b"", crowd[number % 20])
            stack.callback(writing.transport.abort)
            _keep(stack, sip(reading, 512, 1.0))
    for number in range(args.uploads):
        _keep(stack, upload(port, crowd[number % 20]))


async def listeners(port: int, recording: str, stack: AsyncExitStack) -> None:
    for _ in range(50):
        asks = f"GET /media/{recording} HTTP/1.1\r\nHost: here\r\n\r\n".encode()
        reading, writing = await connection(port, asks, next(_addresses))
        stack.callback(writing.transport.abort)
        _keep(stack, sip(reading, 4096, 0.25))


def _keep(stack: AsyncExitStack, work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    stack.callback(task.cancel)


def tell(name: str, found: list[tuple[float, int]]) -> None:
    times = sorted(seconds * 1000 for seconds, _ in found)
    wrong = sum(status != 200 for _, status in found)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    print(f"{name:<34} {len(times):4} asked, p50 {cuts[49]:6.0f} ms, p95 {cuts[94]:6.0f} ms, {wrong} without an answer")


async def measure(port: int, recording: str, args: argparse.Namespace, transcribe: Callable[[], None]) -> None:
    pages = ("/?lang=en", "/sign-in?lang=en", "/search?lang=en")
    await asked(port, pages, 0.25, 3)  # warm
    tell("quiet: pages", await asked(port, pages, 0.2, args.seconds))
    async with AsyncExitStack() as stack:
        with suppress(TimeoutError):
            await asyncio.wait_for(strangers(port, recording, args, stack), 60)
        tell("strangers: pages", await asked(port, pages, 0.2, args.seconds))
    await asyncio.sleep(2)
    async with AsyncExitStack() as stack:
        await listeners(port, recording, stack)
        transcribe()
        searches = tuple(f"/search?lang=en&q={word}" for word in ("factory", "land", "rice", "night", "union"))
        both = await asyncio.gather(
            asked(port, pages, 0.2, args.seconds * 2), asked(port, searches, 0.1, args.seconds * 2)
        )
        tell("streams and work: pages", both[0])
        tell("streams and work: searches", both[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, most in (("readers", 500), ("idle", 1000), ("uploads", 100), ("seconds", 10)):
        parser.add_argument(f"--{name}", type=int, default=most)
    parser.add_argument("--transcribe", type=Path)
    args = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        env = {"MESSENGER_DATA": str(folder / "var"), "HOME": name}
        backends = open_backends(read_settings(env))
        Filling(backends, folder).fill()
        with backends.database.write() as session:
            testimony = a_testimony(session)
            a_version(session, testimony.id)
            decisions.grant(session, testimony.id, decisions.PRESETS["public"], GIVEN)
            recording = testimony.recording_id
        backends.store.put_bytes(sound.whole_keys(recording).listening, bytes(24 * 1024 * 1024))
        backends.store.put_bytes(sound.original_key(recording), b"a site starts over a store that has what is named")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--port", str(port)]
        site = subprocess.Popen(command, env=os.environ | env, stderr=subprocess.DEVNULL)

        def transcribe() -> None:
            if args.transcribe:
                submit(backends, args.transcribe, Description(language="en"))

        try:
            until = time.monotonic() + 120
            while asyncio.run(ask(port, "/sign-in"))[1] != 200:
                assert time.monotonic() < until, "the site did not start"
                time.sleep(0.5)
            asyncio.run(measure(port, recording, args, transcribe))
        finally:
            site.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                site.wait(15)
            site.kill()


if __name__ == "__main__":
    main()
