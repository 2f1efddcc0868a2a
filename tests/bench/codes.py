"""What ten thousand wrong codes at a narrator's door cost the site, and that they let nobody in.

    python -m tests.bench.codes [--codes 10000] [--each-s 50] [--seconds 10]

Fills a data folder of its own, gives a narrator a code, starts `messenger serve` over it on this machine, and sends
wrong codes as a form of `/take-back` over HTTP, so many a second, from so many addresses of the loopback network that
none is refused for being one too many. One in a hundred has her own first letters, as a guess at her code would.
Prints how long pages take others when it is quiet, while the door's page is asked for as often, and while codes are
guessed; how each code was answered; and whether her own one opens then.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from archive.backends import open_backends
from archive.models import Narrator
from archive.models.base import LETTERS
from archive.settings import read_settings
from archive.withdrawal import codes
from tests.bench.serving import TIMEOUT_S, ask, asked, tell
from tests.web.filling import Filling

PAGES = ("/?lang=en", "/sign-in?lang=en", "/search?lang=en")
DOOR = "GET /take-back?lang=en HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
FROM_ONE = 15
"""Codes of one address: the site answers twenty a minute."""


async def exchange(port: int, said: str, address: str) -> str:
    """One request and its answer, headers and all; empty where none came."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(TIMEOUT_S):
            reading, writing = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
            writing.write(said.encode())
            answer = await reading.read(1 << 22)
            while piece := await reading.read(1 << 22):
                answer += piece
            writing.close()
            return answer.decode("utf-8", "replace")
    return ""


async def door(port: int) -> tuple[str, str]:
    """The cookie and the token that the form needs."""
    answer = await exchange(port, DOOR, "127.0.1.1")
    cookies = re.findall(r"(?mi)^set-cookie: ([^;]+)", answer)
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer)
    assert token is not None, answer[:500]
    return "; ".join(cookies), token[1]


def form(code: str, cookie: str, token: str) -> str:
    body = f"csrf_token={token}&code={code}"
    return (
        f"POST /take-back HTTP/1.1\r\nHost: here\r\nConnection: close\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def wrong(count: int, right: str) -> Iterator[str]:
    chance = random.Random(16)
    for number in range(count):
        made = "".join(chance.choice(LETTERS) for _ in range(16))
        yield right[:4] + made[4:] if number % 100 == 0 else made


async def storm(port: int, requests: Iterable[str], each_s: float) -> Counter[str]:
    """Send these at a steady pace, whether or not answers come; returns how they were answered."""
    waiting = []
    for number, said in enumerate(requests):
        place = number // FROM_ONE
        address = f"127.{10 + place // 40_000}.{1 + place // 200 % 200}.{1 + place % 200}"
        waiting.append(asyncio.create_task(exchange(port, said, address)))
        await asyncio.sleep(each_s)
    return Counter(answer[9:12] or "none" for answer in await asyncio.gather(*waiting))


async def meanwhile(port: int, name: str, requests: Iterable[str], each_s: float) -> Counter[str]:
    """How long pages take while these are sent."""
    sent = asyncio.create_task(storm(port, requests, each_s))
    found = []
    while not sent.done():
        found += await asked(port, PAGES, 0.2, 2)
    tell(name, found)
    return await sent


async def measure(port: int, args: argparse.Namespace, right: str) -> None:
    await asked(port, PAGES, 0.25, 3)  # warm
    tell("quiet: pages", await asked(port, PAGES, 0.2, args.seconds))
    each_s = 1 / args.each_s
    looks = int(args.seconds * args.each_s)
    await meanwhile(port, "the door looked at as often: pages", [DOOR] * looks, each_s)
    cookie, token = await door(port)
    guesses = (form(code, cookie, token) for code in wrong(args.codes, right))
    began = time.monotonic()
    answers = await meanwhile(port, "while codes are guessed: pages", guesses, each_s)
    print(f"{args.codes} wrong codes in {time.monotonic() - began:.0f} s, answered {dict(answers)}")
    cookie, token = await door(port)
    hers = await exchange(port, form(right, cookie, token), "127.0.1.2")
    print(f"her own code then: {hers[9:12]}, {'let in' if 'own-words=' in hers else 'not let in'}")
    assert set(answers) <= {"403"}, answers
    assert "own-words=" in hers


@contextmanager
def served(env: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--port", str(port)]
    site = subprocess.Popen(command, env=os.environ | env, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while asyncio.run(ask(port, "/sign-in"))[1] != 200:
            assert time.monotonic() < until, "the site did not start"
            time.sleep(0.5)
        yield port
    finally:
        site.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            site.wait(15)
        site.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, most in (("codes", 10_000), ("each-s", 50), ("seconds", 10)):
        parser.add_argument(f"--{name}", type=int, default=most)
    args = parser.parse_args()
    with TemporaryDirectory() as name:
        env = {"MESSENGER_DATA": str(Path(name) / "var"), "HOME": name}
        backends = open_backends(read_settings(env))
        Filling(backends, Path(name)).fill()
        with backends.database.write() as session:
            her = session.scalars(select(Narrator).order_by(Narrator.id)).first()
            assert her is not None
            right = codes.issue_code(session, her.id)
        with served(env) as port:
            asyncio.run(measure(port, args, right))


if __name__ == "__main__":
    main()
