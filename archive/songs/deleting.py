"""A song that was begun by mistake, deleted with all that was made for it; one that ever went out is only retired.

What went out may have been sung, quoted and kept by others, and narrators were told of it: that it was there stays.
"""

from __future__ import annotations

import shutil

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access import sound
from archive.backends import Backends
from archive.ledgers import audit
from archive.models import Arrangement, DetailChange, LyricVersion, OfferedRecording, Recording, Song, StageRun
from archive.originals import discarding

_MADE = ("exports/", "cache/")


class WasPublished(ValueError):
    """The song has been out; it can be retired, not deleted."""


def may_delete(song: Song) -> bool:
    """Whether it never went out."""
    return song.published_at is None and song.state == "draft"


def delete_song(backends: Backends, song_id: str, by_id: str) -> None:
    """Remove a song with its drafts, versions, comments, clippings, covers, and the recordings that only it has.

    Raises:
        WasPublished: nothing is removed.
    """
    with backends.database.write() as session:
        song = session.get_one(Song, song_id, with_for_update=True, populate_existing=True)
        if not may_delete(song):
            raise WasPublished("This song has been out.")
        covers = _covers(session, song)
        recordings = _own_recordings(session, song_id)
        counted = {"versions": len(list(session.scalars(select(LyricVersion.id).filter_by(song_id=song_id))))}
        session.execute(delete(Song).where(Song.id == song_id))
        for recording_id in recordings:
            session.execute(delete(StageRun).where(StageRun.recording_id == recording_id))
            session.execute(delete(Recording).where(Recording.id == recording_id))
            discarding.discard(session, recording_id)
        audit.note(session, by_id, "song.deleted", f"song:{song_id}", counted | {"recordings": len(recordings)})
    # The rows are gone first: whoever is killed here leaves bytes that no row names, which the next start removes.
    for recording_id in recordings:
        for key in [*backends.store.keys(sound.folder(recording_id)), sound.quarantine_key(recording_id)]:
            backends.store.delete(key)
        shutil.rmtree(backends.settings.data / "work" / recording_id, ignore_errors=True)
    for key in [*covers, *(key for prefix in _MADE for key in backends.store.keys(prefix))]:
        backends.store.delete(key)
    backends.index.drop_groups([f"song:{song_id}"])


def _covers(session: Session, song: Song) -> list[str]:
    rows = session.scalars(select(DetailChange).where(DetailChange.song_id == song.id))
    keys = {song.cover_key, *(state.get("cover_key", "") for row in rows for state in (row.before, row.after))}
    return sorted(key for key in keys if key.startswith(f"covers/{song.id}"))


def _own_recordings(session: Session, song_id: str) -> list[str]:
    """Recordings of the song's own that no other song has."""
    mine: set[str] = set()
    for kind in (Arrangement, OfferedRecording):
        mine |= set(session.scalars(select(kind.recording_id).where(kind.song_id == song_id)))
    others = select(Arrangement.recording_id).where(Arrangement.song_id != song_id)
    songs = set(session.scalars(select(Recording.id).where(Recording.id.in_(mine), Recording.kind == "song")))
    return sorted(songs - set(session.scalars(others)))
