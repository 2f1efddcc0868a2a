"""Whether a stopwatch tells the hidden from what never was: `python -m tests.bench.stopwatch [WORDS ...]`.

Four archives in one process: one without the hidden testimony, the same once more, one with it, and that one asked for
what never was. Each address is asked `--tries` times of each, shuffled within every round, so that whatever else the
machine does falls on all four. Printed are the median in the archive without it, how far the twin's median lies from it
(the noise of two equal archives), how far the archive's with it lies from it ("worlds"), and how far what is hidden
lies from what never was in the same archive ("never"), each with 95 % of its bootstrapped medians and the p-value of a
rank test (Mann-Whitney, normal approximation with ties).

What is timed is the whole request as it is answered, ticks of 404 included, by the wall clock; with `--work` there are
no ticks, and what is timed is the processor's time of the thread. WORDS leave out every address without one of them.
"""

from __future__ import annotations

import argparse
import io
import math
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray
from werkzeug.test import EnvironBuilder, run_wsgi_app

from archive.retrieval import indexing
from tests.leaks.asking import NOBODY, Ask, get, post
from tests.leaks.told import COMMON, DRAFT, SECRET, SECRET_DRAFT, SECRET_SONG, SONG, chirp, squeezed, sung_recording
from tests.leaks.work import of_words
from tests.leaks.worlds import World
from web.app import create_app
from web.site import not_found
from web.site.security import limiter
from web.site.viewer import COOKIE

Arm = NDArray[np.float64]


def addresses() -> Iterator[tuple[str, Ask, Ask]]:
    """(role, what is asked for, the same of what never was); the two are one where there is nothing to name."""
    for page in ("/testimony/{}", "/testimony/{}/peaks"):
        yield "public", get(page.format(SECRET.testimony)), get(page.format(NOBODY))
    yield "researcher", get(f"/testimony/{SECRET.testimony}"), get(f"/testimony/{NOBODY}")
    yield "band", get(f"/testimony/{SECRET.testimony}"), get(f"/testimony/{NOBODY}")
    for recording in (SECRET.recording, sung_recording(SECRET_SONG)):
        yield "public", get(f"/media/{recording}"), get(f"/media/{NOBODY}")
    ranged = ("Range", "bytes=0-99")
    yield "public", get(f"/media/{SECRET.recording}", ranged), get(f"/media/{NOBODY}", ranged)
    for slug in (SECRET_SONG, SECRET_DRAFT, DRAFT):
        yield "public", get(f"/song/{slug}"), get(f"/song/{NOBODY}")
    yield "public", post(f"/song/{SECRET_SONG}/take", form="lrc"), post(f"/song/{NOBODY}/take", form="lrc")
    yield "public", get(f"/take-back/mine/{SECRET.testimony}"), get(f"/take-back/mine/{NOBODY}")
    yield from of_words()
    for same in (
        get("/"), get("/search?q=debt"), get("/search?year=2017"), get(f"/song/{SONG}"), get("/theme/debt"),
        get(f"/testimony/{COMMON[0].testimony}"), get(f"/media/{COMMON[0].recording}"),
        get(f"/campaign/{COMMON[0].campaign}"),
    ):  # fmt: skip
        yield "public", same, same


class Asked:
    """One archive's site, asked past everything that a test's browser would add."""

    def __init__(self, world: World, tick: float | None) -> None:
        self.app = create_app(world.backends)
        self.app.config["WTF_CSRF_ENABLED"] = False
        if tick is not None:
            self.app.config[not_found.TICK] = tick
        self.tokens = world.tokens

    def prepared(self, role: str, ask: Ask) -> Callable[[], str]:
        """A call that asks it once more, and returns the status."""
        cookie = {"Cookie": f"{COOKIE}={self.tokens[role]}"} if role in self.tokens else {}
        body = urlencode(ask.form).encode()
        environ = EnvironBuilder(
            ask.path,
            method=ask.method,
            headers={**dict(ask.headers), **cookie},
            data=body if ask.method == "POST" else None,
            content_type="application/x-www-form-urlencoded" if ask.method == "POST" else None,
        ).get_environ()

        def once() -> str:
            mine: dict[str, Any] = {**environ, "wsgi.input": io.BytesIO(body)}
            content, status, _ = run_wsgi_app(self.app, mine, buffered=True)
            for _part in content:
                pass
            return status

        return once


def rank_test(one: Arm, other: Arm) -> float:
    """The two-sided p-value of Mann and Whitney's test, by the normal approximation, with ties."""
    both = np.concatenate([one, other])
    _, place, count = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    n, m = len(one), len(other)
    ties = float((count**3 - count).sum()) / ((n + m) * (n + m - 1))
    spread = math.sqrt(n * m / 12 * (n + m + 1 - ties)) or 1.0
    off = abs(ranks[:n].sum() - n * (n + m + 1) / 2)
    return math.erfc(off / spread / math.sqrt(2))


def medians_apart(one: Arm, other: Arm, draws: int = 1000) -> tuple[float, float, float]:
    """(difference of the medians, and between which two 95 % of its bootstrapped ones lie)."""
    drawn = np.random.default_rng(1)
    apart = [
        float(np.median(drawn.choice(other, len(other))) - np.median(drawn.choice(one, len(one)))) for _ in range(draws)
    ]
    low, high = np.percentile(apart, (2.5, 97.5))
    return float(np.median(other) - np.median(one)), float(low), float(high)


def taken(calls: list[Callable[[], str]], tries: int, clock: Callable[[], int]) -> tuple[list[Arm], list[str]]:
    """Microseconds of each try of each call, in turns, and how each was answered."""
    spent = np.zeros((len(calls), tries))
    said = [call() for call in calls for _ in range(5)][::5]
    order = random.Random(7)
    for number in range(tries):
        for which in order.sample(range(len(calls)), len(calls)):
            began = clock()
            calls[which]()
            spent[which, number] = (clock() - began) / 1000
    return list(spent), said


def run(folder: Path, options: argparse.Namespace) -> None:
    folder = folder / "worlds"
    folder.mkdir()
    sounds = {told.pitch: squeezed(chirp(told.pitch), folder) for told in (COMMON[0], SECRET)}
    (folder / "common").mkdir()
    common = World(folder / "common", sounds).fill()
    worlds = [common.copy(folder / name) for name in ("without", "twin", "with")]
    worlds[2].hide("suspended").sing_hers()
    for world in worlds:  # in one piece each, as an archive is after a while
        indexing.reindex(world.backends.database, world.backends.index)
    sites = [Asked(world, 0 if options.work else None) for world in worlds]
    limiter.enabled = False
    clock = time.thread_time_ns if options.work else time.perf_counter_ns
    print(f"{options.tries} tries each, microseconds {'of the processor' if options.work else 'by the wall clock'}")
    print(f"{'address':58} {'answer':>6} {'median':>8}   twin (noise), worlds, never: difference [95 %] p")
    for role, ask, never in addresses():
        named = f"{role[:6]} {ask}"
        if options.words and not any(word in named for word in options.words):
            continue
        calls = [site.prepared(role, ask) for site in sites] + [sites[2].prepared(role, never)]
        arms, said = taken(calls[: 3 if ask == never else 4], options.tries, clock)
        print(f"{named[:58]:58} {'/'.join(sorted({one[:3] for one in said})):>6} {np.median(arms[0]):8.0f}", end="")
        pairs = [(arms[0], arms[1]), (arms[0], arms[2])] + ([(arms[3], arms[2])] if ask != never else [])
        for one, other in pairs:
            apart, low, high = medians_apart(one, other)
            print(f"   {apart:+7.0f} [{low:+.0f} {high:+.0f}] {rank_test(one, other):.3f}", end="")
        print(flush=True)
    for world in (common, *worlds):
        world.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--tries", type=int, default=1000)
    parser.add_argument("--work", action="store_true", help="without ticks, by the processor's time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-stopwatch-") as folder:
        run(Path(folder), options)


if __name__ == "__main__":
    main()
