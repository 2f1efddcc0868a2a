"""A song that never went out is deleted with all that was made for it; one that did is not."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import sound
from archive.backends import Backends
from archive.checks import integrity
from archive.lyrics import comments, shared_draft, sources
from archive.models import (
    Arrangement,
    AuditEntry,
    Base,
    Draft,
    LineComment,
    LyricLine,
    Recording,
    Song,
    Source,
    Testimony,
    now,
)
from archive.originals.unclaimed import unclaimed
from archive.settings import Settings
from archive.songs import deleting, song_details
from archive.songs.deleting import WasPublished
from tests import factories
from tests.archive.threads import add_song, add_told


@pytest.fixture
def backends(settings: Settings, sqlite_database: object) -> Backends:
    return Backends(settings, sqlite_database)  # type: ignore[arg-type]


def begun(backends: Backends) -> tuple[str, str, str]:
    """A draft with everything a draft can have; ids of the song, its recording, and one that another song has too."""
    with backends.database.write() as session:
        by_id = factories.account(session).id
        _, version = add_told(session)
        song, lines = add_song(session, state="draft")
        sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        shared_draft.begin(session, song, [], by_id)
        comments.say(session, song.id, lines[0].id, "Longer?", by_id)
        own, shared = (factories.recording(session, kind="song").id for _ in range(2))
        other, _ = add_song(session)
        for song_id, recording_id in ((song.id, own), (song.id, shared), (other.id, shared)):
            factories.arrangement(session, song_id, recording_id)
        key = f"covers/{song.id}-first.jpg"
        song_details.put_cover(session, song, key, by_id)
        song_details.put_cover(session, song, "", by_id)
        backends.store.put_bytes(key, b"picture")
        for recording_id in (own, shared):
            backends.store.put_bytes(sound.original_key(recording_id), b"sound")
        return song.id, own, shared


def counted(session: Session, kind: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def test_nothing_of_a_deleted_song_is_left(backends: Backends) -> None:
    song_id, own, shared = begun(backends)
    deleting.delete_song(backends, song_id, "")
    with backends.database.read() as session:
        assert session.get(Song, song_id) is None
        assert [counted(session, kind) for kind in (Draft, LineComment, Source, Arrangement)] == [0, 0, 0, 1]
        assert counted(session, LyricLine) == 3
        assert counted(session, Testimony) == 1
        assert (session.get(Recording, own), session.get(Recording, shared) is not None) == (None, True)
        assert session.scalars(select(AuditEntry.action)).all()[-1] == "song.deleted"
        assert unclaimed(session, backends.store) == {}
        assert not [said for said in integrity.quick(session, backends.store) if own in said or song_id in said]
    assert list(backends.store.keys("")) == [sound.original_key(shared)]


@pytest.mark.parametrize("state", ["published", "held", "retired", "draft"])
def test_what_has_been_out_is_not_deleted(backends: Backends, state: str) -> None:
    with backends.database.write() as session:
        song_id = factories.song(session, state=state, published_at=now()).id
    with pytest.raises(WasPublished):
        deleting.delete_song(backends, song_id, "")
    with backends.database.read() as session:
        assert session.get(Song, song_id) is not None
