"""Step: whether a recording that was offered for a song keeps in step with the one that leads, and where it lies."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from archive.models import OfferedRecording
from archive.songs import arrangements
from ingest.stages.contract import StageOutcome, Tools, Work
from media.offset import NoCommonSound, Offset, find_offset

NAME = arrangements.STEP
VERSION = 2
KINDS = frozenset({"song"})
SHARE = 10


def run(work: Work, tools: Tools) -> StageOutcome:
    """Lay an offered recording beside the leading one; nothing is done for a recording that nobody has offered."""
    with tools.backends.database.read() as session:
        offered = session.get(OfferedRecording, work.recording_id)
        leading = arrangements.lead(session, offered.song_id) if offered else None
        reference = leading.recording.listening_key if leading else ""
    if offered is None:
        return StageOutcome(lambda _session: None, "offset", "nobody asked")
    found = _listen(tools, reference, work.listening_key) if reference else None

    def save(session: Session) -> None:
        row = session.get(OfferedRecording, work.recording_id)
        if row is None:
            return
        row.step, row.offset_ms, row.found = _told(found, alone=not reference)

    return StageOutcome(save, "offset", _told(found, alone=not reference)[0])


def _listen(tools: Tools, reference: str, other: str) -> Offset | None:
    store = tools.backends.store
    with store.local_path(reference) as first, store.local_path(other) as second:
        return _offset(first, second, tools)


def _offset(first: Path, second: Path, tools: Tools) -> Offset | None:
    try:
        return find_offset(first, second, progress=tools.progress)
    except NoCommonSound:
        return None


def _told(found: Offset | None, *, alone: bool) -> tuple[str, int, dict[str, object]]:
    """The state, what is added to its clock, and the measurement.

    A moment t of the leading recording is t + `offset_ms` in the other, whose clock therefore gets the contrary.
    """
    if alone:
        return "own-time", 0, {}
    if found is None:
        return "nothing-common", 0, {}
    windows = [[one.at_ms, round(-one.offset_ms, 1)] for one in found.clear]
    told: dict[str, object] = {
        "drift_ppm": round(found.drift_ppm, 1),
        "spread_ms": round(found.spread_ms, 1),
        "another_speed": found.another_speed,
        "windows": windows,
    }
    return "in-step" if found.in_step else "apart", -found.offset_ms, told
