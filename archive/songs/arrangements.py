"""The recordings a song is sung to: handed in, heard whether they keep in step, taken up, renamed, taken away.

An instrumental that cannot be laid beside the voice would start every singer wrong. So a recording that is handed in is
only offered: nobody but the band hears it until somebody has listened to both together and taken it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.language.messages import Message
from archive.models import Arrangement, OfferedRecording, Recording, Song, StageRun, Testimony, new_id
from archive.models.arrangement import KINDS, leading_first
from archive.songs.timing_edits import Done, EditInProgress, EditInvalid

IN_STEP_KINDS = frozenset({"instrumental", "guide"})
STEP = "step"
NO_KIND = Message("Choose what kind of recording it is.")


@dataclass(frozen=True, slots=True)
class Offer:
    """A recording that waits to be taken up; `progress` is that of the stage under way, 0 to 1."""

    recording: Recording
    offered: OfferedRecording
    stage: str
    progress: float

    @property
    def usable(self) -> bool:
        return self.offered.step in {"in-step", "own-time"} and bool(self.recording.listening_key)


def song_for(session: Session, viewer: gate.Viewer, slug: str) -> Song:
    """The song under this slug, for somebody who works in the studio.

    Raises:
        access.Unknown: there is none, or none for this viewer.
    """
    song = song_access.song_at(session, viewer, slug) if viewer.inside else None
    if song is None:
        raise gate.Unknown("There is no such thing here.")
    return song


def arrangements(session: Session, song_id: str) -> list[Arrangement]:
    """The song's arrangements, the one that leads first."""
    return leading_first(session.scalars(select(Arrangement).where(Arrangement.song_id == song_id)))


def arrangement(session: Session, song: Song, arrangement_id: str) -> Arrangement:
    """One of the song's own arrangements.

    Raises:
        access.Unknown: it has none of that id.
    """
    found = session.get(Arrangement, arrangement_id)
    if found is None or found.song_id != song.id:
        raise gate.Unknown("There is no such thing here.")
    return found


def lead(session: Session, song_id: str) -> Arrangement | None:
    """The arrangement whose clock all others are measured by."""
    return next((one for one in arrangements(session, song_id) if one.recording.listening_key), None)


def offer(session: Session, song: Song, recording_id: str, kind: str, account_id: str | None) -> OfferedRecording:
    """Offer a recording for the song.

    Raises:
        EditInvalid: it belongs to a testimony, or the song has it already.
    """
    if kind not in KINDS:
        raise EditInvalid(NO_KIND)
    recording = session.get_one(Recording, recording_id, with_for_update=True)
    told = select(Testimony.id).where(Testimony.recording_id == recording_id)
    if recording.kind != "song" or session.scalar(told) is not None:
        raise EditInvalid(Message("The archive has this sound already, and it is not a song's."))
    has = select(Arrangement.id).where(Arrangement.song_id == song.id, Arrangement.recording_id == recording_id)
    if session.scalar(has) is not None or session.get(OfferedRecording, recording_id) is not None:
        raise EditInvalid(Message("The archive has this recording already."))
    offered = OfferedRecording(recording_id=recording_id, song_id=song.id, kind=kind, account_id=account_id)
    session.add(offered)
    listen_again(session, recording)
    return offered


def listen_again(session: Session, recording: Recording) -> None:
    """Have the stage that hears whether it is in step run once more; the caller puts the id into the queue."""
    run = session.get(StageRun, (recording.id, STEP))
    if run is not None:
        session.delete(run)
    if recording.state not in {"waiting", "working"}:
        recording.state, recording.reason = "waiting", ""


def offers(session: Session, song_id: str) -> list[Offer]:
    """What waits to be taken up, the newest first, with how far each is."""
    found = session.execute(
        select(OfferedRecording, Recording)
        .join(Recording, Recording.id == OfferedRecording.recording_id)
        .where(OfferedRecording.song_id == song_id)
        .order_by(OfferedRecording.offered_at.desc())
    ).all()
    shown = []
    for offered, recording in found:
        runs = session.scalars(
            select(StageRun).where(StageRun.recording_id == recording.id, StageRun.state == "running")
        )
        running = next(iter(runs), None)
        shown.append(Offer(recording, offered, running.stage if running else "", running.progress if running else 0.0))
    return shown


def offered(session: Session, song: Song, recording_id: str) -> OfferedRecording:
    """One of the song's offers.

    Raises:
        access.Unknown: it has none of that recording.
    """
    found = session.get(OfferedRecording, recording_id)
    if found is None or found.song_id != song.id:
        raise gate.Unknown("There is no such thing here.")
    return found


def take_up(session: Session, song: Song, recording_id: str, kind: str, account_id: str | None) -> Done:
    """Make an offered recording one of the song's arrangements.

    Raises:
        EditInvalid: it has not been listened through, or it is not in step and is to stand beside the voice.
    """
    found = offered(session, song, recording_id)
    if kind not in KINDS:
        raise EditInvalid(NO_KIND)
    if found.step == "coming":
        raise EditInvalid(Message("It is still being listened through."))
    beside = kind in IN_STEP_KINDS and lead(session, song.id) is not None
    if beside and found.step != "in-step":
        raise EditInvalid(Message("It does not keep in step with the voice, so it cannot stand beside it."))
    offset = found.offset_ms if found.step == "in-step" else 0
    desk = EditInProgress(session, song.id, account_id)
    session.delete(found)
    desk.arrange(new_id(), {"recording": recording_id, "kind": kind, "offset": offset})
    return desk.write_down(new_id(), "added")


def change(
    session: Session, song: Song, known: Arrangement, account_id: str | None, *, kind: str, offset_ms: int
) -> Done:
    """Call an arrangement by another kind, or move it against the first.

    Raises:
        EditInvalid: there is no such kind, or it is moved by more than ten minutes.
    """
    if kind not in KINDS or abs(offset_ms) > 600_000:
        raise EditInvalid(NO_KIND)
    value: dict[str, Any] = {"recording": known.recording_id, "kind": kind, "offset": offset_ms}
    desk = EditInProgress(session, song.id, account_id)
    desk.arrange(known.id, value)
    return desk.write_down(new_id(), "renamed")


def take_away(session: Session, song: Song, known: Arrangement, account_id: str | None) -> str:
    """Take an arrangement and its times from the song; returns the id of the edit, by which it is brought back."""
    desk = EditInProgress(session, song.id, account_id)
    desk.arrange(known.id, None)
    edit_id = new_id()
    desk.write_down(edit_id, "removed")
    return edit_id


def drift_places(found: dict[str, Any], offset_ms: int, tolerance_ms: int) -> Sequence[tuple[int, int]]:
    """Where a recording leaves the voice: the first moment that is out, and the worst, each with by how much."""
    out = [(int(at), round(here - offset_ms)) for at, here in found.get("windows", ())]
    away = [one for one in out if abs(one[1]) > tolerance_ms]
    if not away:
        return ()
    worst = max(away, key=lambda one: abs(one[1]))
    return (away[0],) if worst == away[0] else (away[0], worst)
