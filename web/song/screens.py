"""Second screens: where a song stands, for whoever follows it by a code.

A telephone plays and a television shows the words. What is kept of that is in memory alone and lets itself be
forgotten: which song, where it stands, whether and how fast it goes, and when that was said. Nobody's name, address or
account is in it. A code says where to look and allows nothing: each screen that follows is asked by the gate for
itself.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

IDLE_SECONDS = 3 * 3600.0
MOST = 200
MOST_WAITING = 4
"""How many may wait for news at once; the others are answered straight away and ask again."""
CODE_DIGITS = 6
_LATE_MS = 2000


class Full(RuntimeError):
    """More screens are open than this site keeps."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a song stood at a moment.

    Attributes:
        number: counts up with every change, so that who follows can ask for what is newer.
        position_ms: of the song; negative before it has begun for the ear.
        at_ms: on this site's own clock, which `Screens.now_ms` tells.
        rate: 1 for the song's own speed.
    """

    slug: str
    number: int = 0
    position_ms: int = 0
    at_ms: int = 0
    playing: bool = False
    rate: float = 1.0


class Screens:
    """The screens that are open on this site.

    Args:
        secret: the codes are drawn from it, so that nobody can say which will come.
        seconds: a clock that only goes forward.
    """

    def __init__(self, secret: bytes, seconds: Callable[[], float] = time.monotonic) -> None:
        self._secret = secret
        self._seconds = seconds
        self._places: dict[str, Place] = {}
        self._heard: dict[str, float] = {}
        self._drawn = 0
        self._news = threading.Condition()
        self._waiting = 0

    def now_ms(self) -> int:
        return round(self._seconds() * 1000)

    def open(self, slug: str) -> str:
        """A new code for the song.

        Raises:
            Full: there are too many.
        """
        with self._news:
            self._forget_idle()
            if len(self._places) >= MOST:
                raise Full("Too many screens are open; close one, or wait.")
            code = self._draw(slug)
            self._places[code] = Place(slug, at_ms=self.now_ms())
            self._heard[code] = self._seconds()
        return code

    def tell(self, code: str, position_ms: int, rate: float, playing: bool, at_ms: int | None) -> bool:
        """Say where the song stands; False when there is no such screen any more.

        Args:
            at_ms: when that was, by this site's clock; what lies in the future or long past is taken for now.
        """
        now = self.now_ms()
        moment = now if at_ms is None or not now - _LATE_MS <= at_ms <= now else at_ms
        with self._news:
            self._forget_idle()
            known = self._places.get(code)
            if known is None:
                return False
            self._places[code] = replace(
                known, number=known.number + 1, position_ms=position_ms, at_ms=moment, playing=playing, rate=rate
            )
            self._heard[code] = self._seconds()
            self._news.notify_all()
        return True

    def place(self, code: str) -> Place | None:
        with self._news:
            self._forget_idle()
            return self._places.get(code)

    def newer(self, code: str, number: int, seconds: float) -> Place | None:
        """Where the song stands, as soon as that is newer than `number`, or after so many seconds."""
        until = self._seconds() + seconds
        with self._news:
            if self._waiting >= MOST_WAITING:
                return self._places.get(code)
            self._waiting += 1
            try:
                while (found := self._places.get(code)) is not None and found.number <= number:
                    left = until - self._seconds()
                    if left <= 0 or not self._news.wait(left):
                        break
                return self._places.get(code)
            finally:
                self._waiting -= 1

    def close(self, code: str) -> None:
        with self._news:
            self._places.pop(code, None)
            self._heard.pop(code, None)
            self._news.notify_all()

    def _draw(self, slug: str) -> str:
        while True:
            self._drawn += 1
            drawn = hmac.new(self._secret, f"screen:{slug}:{self._drawn}".encode(), hashlib.sha256).digest()
            code = str(int.from_bytes(drawn[:8], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)
            if code not in self._places:
                return code

    def _forget_idle(self) -> None:
        for code in [one for one, heard in self._heard.items() if self._seconds() - heard > IDLE_SECONDS]:
            self._places.pop(code, None)
            self._heard.pop(code, None)
