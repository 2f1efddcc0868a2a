"""An archive with the sample collection in it, and a browserless client of the site over it.

The collection is put in once a run; every test gets a copy of that data folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from archive.accounts import accounts
from archive.backends import Backends
from archive.db import Database
from archive.settings import Settings
from ingest.samples.collection import Collection
from tests.web.filling import Filling
from web.app import create_app

PASSWORD = "a long enough one"


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Backends:
    """An empty archive."""
    return Backends(settings, sqlite_database)


@pytest.fixture
def filled(filled_once: Path, sample_collection: Collection, settings: Settings) -> Iterator[Filling]:
    """An archive of its own with the sample collection in it."""
    copy = Filling.copy(filled_once, settings, sample_collection)
    yield copy
    copy.backends.database.engine.dispose()


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


@pytest.fixture
def band(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    """A member's client that reads English; forms need no token."""
    client = signed_in("band", ("MB",))
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client
