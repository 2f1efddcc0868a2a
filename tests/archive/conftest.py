"""Both search engines, one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from archive.search.index import SearchIndex
from archive.search.postgres_index import PostgresIndex
from archive.search.whoosh_index import WhooshIndex
from tests.conftest import POSTGRES


@pytest.fixture(scope="session")
def postgres_search_url() -> Iterator[str]:
    """A database for search tables alone."""
    name = f"messenger_search_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["whoosh", pytest.param("postgresql", marks=pytest.mark.postgres)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """An empty index; a test that takes it runs on both engines."""
    if request.param == "whoosh":
        found: SearchIndex = WhooshIndex(tmp_path / "index")
    else:
        url = request.getfixturevalue("postgres_search_url")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        found = PostgresIndex(url)
    yield found
    found.close()
