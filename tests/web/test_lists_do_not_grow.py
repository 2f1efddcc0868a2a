"""A page asks the database as often for a long archive as for a short one, and is about as large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from archive.accounts import accounts
from archive.backends import Backends, open_backends
from archive.retrieval import indexing
from archive.settings import read_settings
from tests.factories import crowd
from web.app import create_app

# The shorter one fills a page of every list: one in twenty has a song, and two thirds of these are public.
SHORT, LONG = 800, 1600
PASSWORD = "a long enough one"
# Every page that lists something of the archive, with who may open it.
LISTS = (
    *(("steward", path) for path in ("/steward", "/steward?state=unlistened", "/steward/log", "/steward/accounts")),
    *(("steward", f"/steward?sort={sort}") for sort in ("title", "told")),
    *(
        ("band", path)
        for path in ("/review", "/review?state=done", "/ingest", "/narrators", "/desk", "/studio", "/testimonies")
    ),
    *(
        (role, path)
        for role in ("public", "researcher", "band")
        for path in ("/", "/search?q=wage", "/search", "/explore")
    ),
    ("public", "/explore?place=place-12&sort=long"),
    ("public", "/search/in-context?q=wage&sort=left"),
)
LARGEST = 150_000


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def opened(folder: Path, testimonies: int) -> tuple[Backends, Callable[[str], FlaskClient]]:
    backends = open_backends(read_settings({"MESSENGER_DATA": str(folder)}))
    crowd.fill(backends.database, testimonies, segments=1)
    indexing.reindex(backends.database, backends.index)
    app = create_app(backends)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    clients = {"public": app.test_client()}
    for role in ("researcher", "band", "steward"):
        with backends.database.write() as session:
            accounts.create(session, f"some-{role}", PASSWORD, role, ())
        clients[role] = app.test_client()
        clients[role].post("/sign-in", data={"name": f"some-{role}", "password": PASSWORD})
    return backends, clients.__getitem__


@pytest.fixture(scope="module")
def archives(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[int, tuple[Backends, Callable[[str], FlaskClient]]]]:
    found = {size: opened(tmp_path_factory.mktemp(f"crowd{size}"), size) for size in (SHORT, LONG)}
    yield found
    for backends, _client in found.values():
        backends.database.engine.dispose()


@pytest.mark.parametrize(("role", "path"), LISTS)
def test_a_list_asks_no_more_often_of_a_longer_archive(
    role: str, path: str, archives: dict[int, tuple[Backends, Callable[[str], FlaskClient]]]
) -> None:
    asked, sizes = {}, {}
    for size, (backends, client) in archives.items():
        client(role).get(path)
        with counting(backends.database.engine) as statements:
            answer = client(role).get(path)
        assert answer.status_code == 200
        asked[size], sizes[size] = len(statements), len(answer.get_data())
    assert asked[LONG] <= 1.15 * asked[SHORT]  # songs with more or fewer sources are on the page
    assert sizes[LONG] < LARGEST
    assert sizes[LONG] < 1.5 * sizes[SHORT]
