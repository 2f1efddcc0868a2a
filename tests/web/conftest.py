"""An archive with the sample collection in it, and a browserless client of the site over it.

The collection is put in once; every test gets a copy of that data folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from archive.backends import Backends, open_backends
from archive.db import Database, open_engine
from archive.services import accounts
from archive.settings import Settings, read_settings
from tests.web.filling import Filling
from web.app import create_app

PASSWORD = "a long enough one"


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Backends:
    """An empty archive."""
    return Backends(settings, sqlite_database)


@pytest.fixture(scope="session")
def _filled_once(tmp_path_factory: pytest.TempPathFactory) -> Filling:
    folder = tmp_path_factory.mktemp("filled")
    opened = open_backends(read_settings({"MESSENGER_DATA": str(folder / "var"), "HOME": str(folder)}))
    filling = Filling(opened, folder).fill()
    opened.database.compact()
    opened.database.engine.dispose()
    return filling


@pytest.fixture
def filled(_filled_once: Filling, settings: Settings) -> Iterator[Filling]:
    """An archive of its own with the sample collection in it."""
    shutil.copytree(_filled_once.backends.settings.data, settings.data, dirs_exist_ok=True)
    opened = Backends(settings, Database(open_engine(settings.database_url)))
    copy = Filling(opened, _filled_once.folder, _filled_once.collection)
    copy.songs, copy.testimonies = _filled_once.songs, _filled_once.testimonies
    yield copy
    opened.database.engine.dispose()


@pytest.fixture
def app(filled: Filling) -> Flask:
    app = create_app(filled.backends)
    app.config["TESTING"] = True
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, filled: Filling) -> Callable[..., FlaskClient]:
    """A client signed in with a new account of the given role."""

    def enter(role: str, groups: tuple[str, ...] = ()) -> FlaskClient:
        with filled.backends.database.write() as session:
            accounts.create(session, f"some-{role}", PASSWORD, role, groups)
        client = app.test_client()
        app.config["WTF_CSRF_ENABLED"] = False
        answer = client.post("/sign-in", data={"name": f"some-{role}", "password": PASSWORD})
        app.config["WTF_CSRF_ENABLED"] = True
        assert answer.status_code == 303
        return client

    return enter
