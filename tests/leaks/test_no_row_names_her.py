"""After a destroy no row of any table names the testimony, but the ledgers and the tombstone; nor its narrator.

Every table that the database has is read through, whether a model knows it or not, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from archive.checks import residue
from archive.models import (
    AccessRequest,
    Account,
    Base,
    DescriptionChange,
    GatheredPassage,
    HarvestedRecord,
    KeptSearch,
    MarkedText,
    OfferedRecording,
    OwnDecision,
    OwnVisit,
    PassageCode,
    PassageCoding,
    PassageCollection,
    RecognisedWindow,
    RecognitionCheckpoint,
    RecorderArrival,
    Revoicing,
    Song,
    TappedMoment,
    ThemeLesson,
    UnclaimedRecording,
    now,
)
from archive.pages.harvesting import record_id
from archive.retrieval import kept_searches
from archive.withdrawal import own_visits
from tests import factories
from tests.leaks import canaries, lived
from tests.leaks.conftest import taken_back
from tests.leaks.told import COMMON, SECRET, SECRET_SONG, chirp, squeezed
from tests.leaks.worlds import World

WOMAN = f"{SECRET.key}woman0"
HERS = (SECRET.testimony, SECRET.recording, WOMAN, *(f"{SECRET.key}{one}" for one in ("words0", "part01", "mark00")))
LEDGERS = {"tombstone", "consent_event", "audit_entry", "release"}
"""What says that it is gone: of these nothing is ever edited, and they hold bare ids."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world in which she was public, and everybody had to do with what she told."""
    url = request.getfixturevalue("empty_postgres") if request.param == "postgres" else ""
    sounds = {told.pitch: squeezed(chirp(told.pitch), tmp_path) for told in (COMMON[0], SECRET)}
    made = World(tmp_path / "world", sounds, database_url=url).fill().hide("embargoed")
    lived.opened(made)
    made.sing_hers()
    lived.left_lying_about(made)
    with made.backends.database.write() as session:
        _named_elsewhere(session)
        _kept_search(session)
        own_visits.narrow(session, WOMAN, SECRET.testimony, "heard-not-quoted")
    yield made
    made.close()


def _named_elsewhere(session: Session) -> None:
    """Rows that nobody thinks of when a testimony goes."""
    hers = {"testimony_id": SECRET.testimony}
    song = session.scalars(select(Song.id).where(Song.slug == SECRET_SONG)).one()
    account = session.scalars(select(Account.id)).first()
    reading = factories.recording(session, id="secretreading0", kind="revoiced")
    session.add_all(
        [
            OwnVisit(token_hash="0" * 64, narrator_id=WOMAN, expires_at=now()),
            MarkedText(**hers, place="testimony", field="title_en", digest="0" * 64),
            ThemeLesson(**hers, term_id="debt", kind="word", said=canaries.WORD_EN, confirmed=1),
            Revoicing(**hers, recording_id=reading.id, version_id=f"{SECRET.key}words0"),
            DescriptionChange(act_id="act0", **hers, field="title_en", before=canaries.TITLE_EN, after="A night"),
            DescriptionChange(act_id="act1", narrator_id=WOMAN, field="community", before="farmer", after=""),
            # Another's testimony was hers by mistake, and was put right.
            DescriptionChange(
                act_id="act2", testimony_id=COMMON[1].testimony, field="narrator", before=WOMAN, after="commonwoman"
            ),
            OfferedRecording(recording_id=SECRET.recording, song_id=song, kind="live", account_id=account),
            UnclaimedRecording(recording_id=SECRET.recording),
            HarvestedRecord(id=record_id(SECRET.testimony), **hers, changed_on="2024-01-01"),
            PassageCollection(id="gathered000000", account_id=account, name="Mine"),
            AccessRequest(**hers, account_id=account, purpose=canaries.PURPOSE),
            RecorderArrival(**hers, id="0" * 32, owner="somebody", sha256="0" * 64),
            TappedMoment(**hers, kind="matters", start_ms=1000, words=canaries.WORD_EN),
        ]
    )
    session.flush()
    gathered = {"collection_id": "gathered000000", "version": 1, "start_ms": 0, "end_ms": 1000}
    session.add(GatheredPassage(id="herpassage0000", **hers, **gathered, note=canaries.LINE_EN))
    session.add(PassageCode(id="hercode0000000", collection_id="gathered000000", name=canaries.WORD_EN))
    session.flush()
    session.add(PassageCoding(passage_id="herpassage0000", code_id="hercode0000000"))
    checkpoint = RecognitionCheckpoint(recording_id=SECRET.recording, prompt=canaries.WORD_KM, key="k", language="km")
    session.add(checkpoint)
    session.flush()
    session.add(RecognisedWindow(recording_id=SECRET.recording, number=0, utterances=[{"text": canaries.LINE_KM}]))


def _kept_search(session: Session) -> None:
    """Somebody's search, whose answers they have seen: she was one of them."""
    account = session.scalars(select(Account.id)).first()
    kept = KeptSearch(id="keptofdebts", account_id=account, name="debts", query="debt")
    marks = [kept_searches._mark(kept, f"testimony:{one}") for one in (SECRET.testimony, COMMON[0].testimony)]
    kept.seen, kept.seen_before = sorted(marks), sorted(marks)
    session.add(kept)


def _naming(world: World, wanted: tuple[str, ...]) -> dict[str, set[str]]:
    """Table -> which of these stand in one of its rows, in whatever column, JSON and bytes among them."""
    engine, found = world.backends.database.engine, dict[str, set[str]]()
    forms = canaries.needles(wanted)
    with engine.connect() as connection:
        for name in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                whole = b"\n".join(
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row
                )
                if inside := canaries.contained(whole, forms):
                    found.setdefault(name, set()).update(inside)
    return found


def test_no_row_names_what_its_narrator_destroyed(world: World) -> None:
    before = _naming(world, HERS)
    by_column = {table.name for table in Base.metadata.sorted_tables if "testimony_id" in table.columns}
    assert by_column - {"tombstone"} <= before.keys(), "a table that can name it is not in this world"
    own_visits.take_back(world.backends, WOMAN, SECRET.testimony, "destroy")
    taken_back(world, "destroy")
    themes = {canaries.THEME_KM, canaries.THEME_EN}  # the thesaurus's, whoever they were first put on
    after = _naming(world, (*HERS, *(one for one in canaries.WORDS if one not in themes)))
    assert {name: found for name, found in after.items() if name not in LEDGERS} == {}
    in_ledgers = set().union(*(after[name] for name in LEDGERS & after.keys()))
    assert in_ledgers == {SECRET.testimony, SECRET.recording, WOMAN}, "bare ids and nothing else"
    assert residue.deep_check(world.backends) == []
    with world.backends.database.read() as session:
        assert session.get_one(PassageCollection, "gathered000000").lost, "that something went is told, and not what"
        kept = session.get_one(KeptSearch, "keptofdebts")
        other = kept_searches._mark(kept, f"testimony:{COMMON[0].testimony}")
        assert (kept.seen, kept.seen_before) == ([other], [other]), "it remembers that she answered it"
        assert {one.testimony_id for one in session.scalars(select(OwnDecision))} == {""}
        told = own_visits.news(session, own_visits.AS_KEPT)
        assert [one.kind for one in told] == ["destroy", "narrow"], "stewards are still told"
