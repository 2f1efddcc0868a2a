"""How long every page takes, and how large it is, as the archive grows: the growth is what matters.

    python -m tests.bench.archive [--sizes 100,1000,10000] [--times 15] [--database-url URL] [--without-index] [--cpu]

For each size an archive of its own is filled once (`tests.factories.crowd`), and every GET route that can be asked for
without writing is asked as a stranger, a researcher, a member and a steward, in this process and through the whole
application. One line a route and role: p95 in milliseconds and bytes at each size, and how many times longer it took
at the largest size than at the one before; a star where a page takes more than 300 ms, is over 150 kB, or grew by
more than half. Answers that are no page (404, or a way to another one) are left out.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from archive.accounts import accounts
from archive.backends import Backends, open_backends
from archive.retrieval import indexing
from archive.settings import read_settings
from tests.factories import crowd
from web.app import create_app

ROLES = ("stranger", "researcher", "band", "steward")
PASSWORD = "a long enough one"
SLOW_MS, LARGE, GROWN = 300, 150_000, 1.5
HOPELESS_MS = 3_000  # what takes longer the first time is not asked again
LEFT_OUT = frozenset({"static", "files.send"})
QUERIES = ("wage", "land police", "ប្រាក់ខែ", "overti*")


@dataclass(frozen=True, slots=True)
class Timing:
    p50: float
    p95: float
    size: int


def addresses(app: Flask, size: int) -> dict[str, Callable[[random.Random], str]]:
    """Endpoint -> an address of it for something that is there, drawn anew each time."""
    names = {
        "testimony_id": lambda chance: f"t{_approved(chance, size):07d}",
        "narrator_id": lambda chance: f"nt{chance.randrange(size):07d}",
        "version_id": lambda chance: f"vt{_approved(chance, size):07d}",
        "recording_id": lambda chance: f"rt{chance.randrange(size):07d}",
        "slug": lambda chance: f"song-{chance.randrange(size // 20) * 20 + 12}",
    }
    found: dict[str, Callable[[random.Random], str]] = {}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in LEFT_OUT and rule.arguments <= names.keys():
            found[rule.endpoint] = lambda chance, rule=rule: _built(rule, names, chance)
    for number, query in enumerate(QUERIES):
        found[f"search.find {query}"] = lambda chance, number=number: f"/search?q={QUERIES[number]}"
    for state in ("unlistened", "asked"):
        found[f"steward.room {state}"] = lambda chance, state=state: f"/steward?state={state}"
    found["steward.room typed"] = lambda chance: f"/steward?q={chance.randrange(size)}"
    found["steward.room title"] = lambda chance: f"/steward?sort=title&page={1 + chance.randrange(size // 25)}"
    found["review.room done"] = lambda chance: f"/review?state=done&page={1 + chance.randrange(max(1, size // 40))}"
    return found


def _approved(chance: random.Random, size: int) -> int:
    return chance.randrange(size // 100) * 100 + chance.randrange(20, 50)


def _built(rule: Rule, names: dict[str, Callable[[random.Random], str]], chance: random.Random) -> str:
    built = rule.build({name: names[name](chance) for name in rule.arguments}, append_unknown=False)
    return built[1] if built else "/"


def clients(app: Flask, backends: Backends) -> dict[str, FlaskClient]:
    app.config["WTF_CSRF_ENABLED"] = False
    found = {"stranger": app.test_client()}
    for role in ROLES[1:]:
        with backends.database.write() as session:
            accounts.create(session, f"some-{role}", PASSWORD, role, ())
        found[role] = app.test_client()
        found[role].post("/sign-in", data={"name": f"some-{role}", "password": PASSWORD})
    return found


def measured(folder: Path, size: int, options: argparse.Namespace) -> dict[tuple[str, str], Timing]:
    env = {"MESSENGER_DATA": str(folder), "MESSENGER_DATABASE_URL": options.database_url}
    backends = open_backends(read_settings({name: value for name, value in env.items() if value}))
    began = time.perf_counter()
    crowd.fill(backends.database, size)
    print(f"{size} testimonies in {time.perf_counter() - began:.0f} s", flush=True)
    if not options.without_index:
        began = time.perf_counter()
        indexing.reindex(backends.database, backends.index)
        print(f"indexed in {time.perf_counter() - began:.0f} s", flush=True)
    app = create_app(backends)
    app.config["RATELIMIT_ENABLED"] = False
    asking = clients(app, backends)
    clock = time.process_time if options.cpu else time.perf_counter
    found = {
        (name, role): timing
        for name, address in addresses(app, size).items()
        if options.only in name
        for role in ROLES
        if (timing := _timed(asking[role], address, options.times, clock)) is not None
    }
    backends.database.engine.dispose()
    return found


def _timed(
    client: FlaskClient, address: Callable[[random.Random], str], times: int, clock: Callable[[], float]
) -> Timing | None:
    chance, spent, size = random.Random(0), [], 0
    for number in range(times + 1):
        path = address(chance)
        began = clock()
        answer = client.get(path)
        body = answer.get_data()
        if answer.status_code != 200:
            return None
        taken = (clock() - began) * 1_000
        size = max(size, len(body))
        if number:  # the first compiles templates and statements
            spent.append(taken)
        elif taken > HOPELESS_MS:
            return Timing(taken, taken, size)
    spent.sort()
    return Timing(spent[len(spent) // 2], spent[min(len(spent) - 1, int(len(spent) * 0.95))], size)


def table(results: list[dict[tuple[str, str], Timing]]) -> Iterator[str]:
    for key in sorted(results[-1]):
        row = [one.get(key) for one in results]
        last, before = row[-1], row[-2] if len(row) > 1 else None
        if last is None:
            continue
        growth = last.p50 / before.p50 if before else 1.0
        bad = last.p95 > SLOW_MS or last.size > LARGE or (growth > GROWN and last.p50 > 20)
        figures = "  ".join(f"{one.p95:7.0f} ms {one.size / 1000:6.0f} kB" if one else " " * 20 for one in row)
        yield f"{'*' if bad else ' '} {key[0]:<28} {key[1]:<10} {figures}  x{growth:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--only", default="", help="part of an endpoint's name")
    parser.add_argument("--database-url", default="", help="an empty database; for one size alone")
    parser.add_argument("--without-index", action="store_true", help="leave searching out")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of the clock's, on a busy machine")
    options = parser.parse_args()
    os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp())
    results = []
    for size in map(int, options.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="bench-archive-") as folder:
            results.append(measured(Path(folder), size, options))
    print(*table(results), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
