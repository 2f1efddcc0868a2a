"""What happens before the first request: a restored backup brings nothing back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from archive.access import gate
from archive.consent.decisions import ConsentGiven
from archive.models import Testimony
from archive.withdrawal.withdraw import withdraw
from tests.web.filling import Filling
from web.serving import PortTaken, listen, make_ready


def test_what_was_withdrawn_after_a_backup_is_withdrawn_again(filled: Filling) -> None:
    backends = filled.backends
    with backends.database.read() as session:
        public = next(
            one for one in session.scalars(select(Testimony.id)) if gate.may(session, gate.PUBLIC, one, "existence")
        )
    assert backends.database.engine.url.database
    file = Path(backends.database.engine.url.database)
    backends.database.compact()
    backup = file.read_bytes()
    withdraw(backends, public, "restrict", ConsentGiven("signed", None))
    backends.database.engine.dispose()
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        (file.parent / name).unlink(missing_ok=True)
    file.write_bytes(backup)
    with backends.database.read() as session:
        assert session.get_one(Testimony, public).withdrawn_at is None
        assert not gate.may(session, gate.PUBLIC, public, "existence"), "the file alone closes it"
    make_ready(backends)
    with backends.database.read() as session:
        assert session.get_one(Testimony, public).withdrawn_at is not None
        assert not gate.may(session, gate.PUBLIC, public, "existence")


def test_a_port_that_is_taken_is_told_in_one_sentence() -> None:
    first = listen("127.0.0.1", 0)
    try:
        first.listen()
        with pytest.raises(PortTaken, match="is taken"):
            listen("127.0.0.1", first.getsockname()[1])
    finally:
        first.close()
