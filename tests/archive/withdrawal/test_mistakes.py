"""A recording that was taken in by mistake goes as if it had never come; what is no mistake any more stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import tombstones
from archive.access.gate import Unknown, Viewer
from archive.access.sound import original_key
from archive.backends import Backends
from archive.checks import integrity, residue
from archive.consent import decisions
from archive.consent.decisions import BAND_ONLY, ConsentGiven
from archive.db import Database
from archive.describing import changes
from archive.models import (
    Account,
    AuditEntry,
    DescriptionChange,
    LyricLine,
    Narrator,
    OwnDecision,
    Recording,
    StageRun,
    Testimony,
    Tombstone,
    TranscriptVersion,
    now,
)
from archive.retrieval import indexing
from archive.settings import Settings
from archive.withdrawal import carrying_out, codes, mistakes
from archive.withdrawal.mistakes import CannotDiscard
from tests import factories

STATED = ConsentGiven("signed", None, note=decisions.AS_STATED)


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Backends:
    return Backends(settings, sqlite_database)


def bring(backends: Backends, by: str = "srey", days: int = 0) -> tuple[Viewer, str, str]:
    """Somebody of the band brings a recording: who that is, the recording and its testimony."""
    with backends.database.write() as session:
        account = session.scalars(select(Account).where(Account.name == by)).one_or_none()
        account = account or factories.account(session, name=by, role="band")
        when = now() - timedelta(days=days)
        recording = factories.recording(session, submitted_by_id=account.id, created_at=when, original_name="hen.wav")
        told = factories.testimony(session, recording_id=recording.id, title_en="Quillfeather")
        factories.transcript_version(session, told.id, [factories.segment("the madder lane", 0, 900)])
        decisions.grant(session, told.id, BAND_ONLY, STATED)
        session.add(StageRun(recording_id=recording.id, stage="tag", version=1, state="running"))
    backends.store.put_bytes(original_key(recording.id), b"sound of the madder lane")
    (backends.settings.data / "work" / recording.id).mkdir(parents=True)
    indexing.index_testimony(backends.database, backends.index, told.id)
    return Viewer(account.id, "band"), recording.id, told.id


def there(session: Session) -> set[str]:
    return set(session.scalars(select(Testimony.id)))


def test_nothing_is_left_of_it_but_a_line_in_the_log(backends: Backends) -> None:
    srey, recording_id, told = bring(backends)
    with backends.database.write() as session:
        changes.change(session, srey, told, {"title_en": "Quillfeather again"})
        who = session.get_one(Testimony, told).narrator_id
    mistakes.discard(backends, srey, recording_id, "wrong-file")
    with backends.database.read() as session, pytest.raises(Unknown):
        mistakes.mistake(session, srey, recording_id)
    assert mistakes.finish(backends) == [recording_id]
    assert mistakes.finish(backends) == []
    with backends.database.read() as session:
        assert there(session) == set()
        for kind in (Recording, DescriptionChange, StageRun, Tombstone):
            assert session.scalars(select(kind)).all() == []
        assert session.get(Narrator, who) is None
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "recording.discarded")).one()
        assert (line.actor_id, line.detail) == (srey.account_id, {"reason": "wrong-file"})
        assert list(integrity.quick(session, backends.store)) == []
    assert list(backends.store.keys("recordings/")) == []
    assert not (backends.settings.data / "work" / recording_id).exists()
    assert residue.deep_check(backends, ["Quillfeather", "madder lane", "hen.wav"]) == []
    assert [one for one in backends.withdrawals.stones().values() if one.mode in tombstones.MODES] == []


def test_a_process_that_dies_in_between_is_taken_up_at_the_next_start(backends: Backends) -> None:
    srey, recording_id, _ = bring(backends)
    mistakes.discard(backends, srey, recording_id, "test")
    carrying_out.carry_out(backends)
    with backends.database.read() as session:
        assert there(session) == set()


def test_who_did_not_bring_it_discards_nothing_and_a_steward_does_later(backends: Backends) -> None:
    srey, recording_id, _ = bring(backends, days=2)
    dara, *_ = bring(backends, "dara")
    with pytest.raises(Unknown):
        mistakes.discard(backends, dara, recording_id, "test")
    with pytest.raises(CannotDiscard, match="late"):
        mistakes.discard(backends, srey, recording_id, "test")
    with pytest.raises(ValueError, match="one of test"):
        mistakes.discard(backends, srey, recording_id, "because")
    mistakes.discard(backends, Viewer(dara.account_id, "steward"), recording_id, "twice")
    assert mistakes.finish(backends) == [recording_id]


def test_what_was_decided_or_sung_is_no_mistake_any_more(backends: Backends) -> None:
    srey, recording_id, told = bring(backends)
    steward = Viewer(srey.account_id, "steward")
    with backends.database.write() as session:
        decisions.narrow(session, told, BAND_ONLY, ConsentGiven("signed", srey.account_id))
    with pytest.raises(CannotDiscard, match="decided"):
        mistakes.discard(backends, srey, recording_id, "test")
    with backends.database.write() as session:
        session.add(OwnDecision(testimony_id=told, kind="narrow"))
    with pytest.raises(CannotDiscard, match="hers"):
        mistakes.discard(backends, steward, recording_id, "test")
    with backends.database.write() as session:
        line = LyricLine(km="", en="the madder lane", position=0)
        factories.lyric_version(session, factories.song(session).id, [line])
        version = session.scalars(select(TranscriptVersion).where(TranscriptVersion.testimony_id == told)).one()
        factories.source(session, line, version)
    with pytest.raises(CannotDiscard, match="sung"):
        mistakes.discard(backends, steward, recording_id, "test")


def test_a_narrator_who_has_a_code_stays(backends: Backends) -> None:
    srey, recording_id, told = bring(backends)
    with backends.database.write() as session:
        who = session.get_one(Testimony, told).narrator_id
        codes.issue_code(session, who)
    mistakes.discard(backends, srey, recording_id, "twice")
    mistakes.finish(backends)
    with backends.database.read() as session:
        assert session.get(Narrator, who) is not None
