"""Which sound a viewer gets: keys in the blob store for the form of a recording that the gate allows.

A redacted file's key carries a fingerprint of the spans taken out of it. When a mark is added, the old file's key is
asked for by nobody from that moment on, whether or not the new one has been made yet: until then there is no sound,
never too much of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.stand_ins import stand_in
from archive.models import Arrangement, OfferedRecording, Recording, Redaction, Song, Testimony
from archive.timing import Span


@dataclass(frozen=True, slots=True)
class SoundKeys:
    """Keys of a listening file and of its peaks, which always belong together."""

    listening: str
    peaks: str


def folder(recording_id: str) -> str:
    """The prefix of every blob of a recording."""
    return f"recordings/{recording_id}/"


def original_key(recording_id: str) -> str:
    return f"{folder(recording_id)}original"


def sealed_key(recording_id: str) -> str:
    """Where the original lies when it is encrypted with a key of its own; there is no other then."""
    return f"{folder(recording_id)}original.age"


def description_key(recording_id: str) -> str:
    """What is said of an original beside it, in case its database is lost; served to nobody."""
    return f"{folder(recording_id)}description.json"


def whole_keys(recording_id: str) -> SoundKeys:
    """Of the listening file with nothing taken out."""
    return SoundKeys(f"{folder(recording_id)}listening.m4a", f"{folder(recording_id)}peaks.json")


def redacted_keys(recording_id: str, spans: Iterable[Span]) -> SoundKeys:
    """Of the listening file without these spans."""
    listed = ",".join(f"{span.start_ms}-{span.end_ms}" for span in sorted(spans))
    mark = hashlib.sha256(listed.encode()).hexdigest()[:16]
    return SoundKeys(f"{folder(recording_id)}redacted-{mark}.m4a", f"{folder(recording_id)}redacted-{mark}.json")


def redacted_spans(session: Session, testimony_id: str) -> list[Span]:
    query = select(Redaction).where(Redaction.testimony_id == testimony_id).order_by(Redaction.start_ms)
    return [mark.span for mark in session.scalars(query)]


def keys_for(session: Session, viewer: gate.Viewer, testimony_id: str) -> SoundKeys | None:
    """The sound that this viewer may hear of a testimony, or None; what is hidden costs what is not there costs."""
    form = gate.sound_for(session, viewer, testimony_id)
    if form is None:
        return None
    if form == "disguised":
        standing_in = stand_in(session, testimony_id)
        return whole_keys(standing_in) if standing_in else None
    recording_id = session.get_one(Testimony, testimony_id).recording_id
    if form == "whole":
        return whole_keys(recording_id)
    return redacted_keys(recording_id, redacted_spans(session, testimony_id))


def song_keys(recording: Recording) -> SoundKeys:
    """The sound of a song's arrangement; whether it may be heard is for `song_access.recordings_to_play`."""
    return whole_keys(recording.id)


@dataclass(frozen=True, slots=True)
class Playable:
    """Bytes to be played: a key of the blob store, the name a saved file gets, and whether the public may hear it."""

    key: str
    name: str
    public: bool


def playable(session: Session, viewer: gate.Viewer, recording_id: str) -> Playable | None:
    """The listening file of a recording in the form this viewer may hear; never the original.

    A song's recording may be heard by whoever may open a song it belongs to, unless it sings a line that is silent, and
    by the band, who work with it, and while it is only offered; of a testimony's the gate says which form.
    """
    song = _song_of(session, viewer, recording_id)
    if song is not None:
        public = _song_of(session, gate.PUBLIC, recording_id) is not None
        key = song_keys(session.get_one(Recording, recording_id)).listening
        return Playable(key, f"song-{song.slug}", public)
    offered = select(OfferedRecording.recording_id).where(OfferedRecording.recording_id == recording_id)
    if viewer.inside and session.scalar(offered) is not None:
        key = song_keys(session.get_one(Recording, recording_id)).listening
        return Playable(key, f"offered-{recording_id}", public=False)
    testimony_id = session.scalar(select(Testimony.id).where(Testimony.recording_id == recording_id))
    keys = keys_for(session, viewer, testimony_id or "")
    return Playable(keys.listening, f"testimony-{testimony_id}", public=False) if keys else None


def _song_of(session: Session, viewer: gate.Viewer, recording_id: str) -> Song | None:
    belongs = select(Arrangement.song_id).where(Arrangement.recording_id == recording_id)
    if not viewer.inside:
        belongs = belongs.where(Arrangement.id.in_(song_access.recordings_to_play(viewer)))
    shown = select(Song).where(Song.id.in_(belongs), Song.id.in_(song_access.shown_songs(viewer))).order_by(Song.id)
    return session.scalars(shown).first()


def quarantine_key(recording_id: str) -> str:
    """Where a file lies that nobody has looked at yet."""
    return f"quarantine/{recording_id}"
