"""What a request costs the archive: the statements it sends to the database, in their order, and processor time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import event

from tests.leaks import canaries
from tests.leaks.asking import Ask, get, post
from tests.leaks.crawl import Visitor
from tests.leaks.routes import NOBODY, TABLE
from tests.leaks.told import DRAFT, SECRET, SECRET_DRAFT, SECRET_SONG, sung_recording
from tests.leaks.worlds import World

NEVER_EN, NEVER_KM = "quollfeather", "ត្រីបាឡាំនស"  # as long as the hidden words, and said by nobody
NEVER_NAME = "Sérophine Kolabal"
HERS = (
    SECRET.testimony,
    SECRET.recording,
    SECRET_SONG,
    SECRET_DRAFT,
    sung_recording(SECRET_SONG),
    sung_recording(SECRET_DRAFT),
    f"{SECRET.key}words0",
    f"{SECRET.key}woman0",
)
OF_THE_BAND = (DRAFT, sung_recording(DRAFT))


def pairs(role: str) -> Iterator[tuple[Ask, Ask]]:
    """Every request by the address of something hidden from that role, and the same by one that nobody ever had."""
    hidden = HERS if role == "band" else (*HERS, *OF_THE_BAND)
    for asks in TABLE.values():
        for ask in asks:
            path, _, query = ask.path.partition("?")
            for one in hidden:
                if f"/{one}/" in f"{path}/":
                    never = path.replace(f"/{one}", f"/{NOBODY}") + (f"?{query}" if query else "")
                    yield ask, Ask(ask.method, never, ask.headers, ask.form, ask.upload, ask.document)
                    break


def of_words() -> Iterator[tuple[str, Ask, Ask]]:
    """(role, a request by hidden words or by a name somebody has, the same by words and a name that nobody knows)."""
    for one, never in ((canaries.WORD_EN, NEVER_EN), (canaries.WORD_KM, NEVER_KM), (canaries.NAME_EN, NEVER_NAME)):
        yield "public", get(f"/search?q={quote(one)}"), get(f"/search?q={quote(never)}")
        yield "public", get(f"/search/feed?q={quote(one)}"), get(f"/search/feed?q={quote(never)}")
        yield "researcher", post("/search/csv", q=one), post("/search/csv", q=never)
    code = f"{SECRET.key[:4]}-2222-2222-2222"  # as if it began like hers
    yield "public", post("/take-back", code=code), post("/take-back", code="2222" * 4)
    names = ("some-band", "sume-band")
    yield "public", *(post("/sign-in", name=name, password="wrong, and long enough") for name in names)


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, without its parameters."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        sent.append(statement)

    engine = world.backends.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def processor_time(visitor: Visitor, ask: Ask) -> int:
    """Nanoseconds of this thread that a request takes; what other programs do meanwhile is not in it."""
    began = time.thread_time_ns()
    visitor.ask(ask)
    return time.thread_time_ns() - began
