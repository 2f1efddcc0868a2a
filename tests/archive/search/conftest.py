"""An archive to be searched, on each engine."""

from __future__ import annotations

import pytest

from archive.db import Database
from archive.search.index import SearchIndex
from tests.archive.search.world import Archive


@pytest.fixture
def archive(sqlite_database: Database, index: SearchIndex) -> Archive:
    return Archive(sqlite_database, index)
