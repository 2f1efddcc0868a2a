"""Redacted sound: the listening file and its peaks again, from the original, without the marked spans.

It is made in a recording's last stage, again when a mark is set or taken away. Its key names the spans taken out, so a
file that no longer fits the marks is asked for by nobody; here such files are removed as well.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.access import sound
from archive.backends import Backends
from archive.consent import sealing
from archive.models import Recording, Testimony
from archive.timing import Span
from media.derive import make_in_time


def make_redacted(
    backends: Backends, testimony_id: str, progress: Callable[[float], None] | None = None, *, anew: bool = False
) -> bool:
    """Make the redacted sound of a testimony if it is not there, or `anew`; True when something was made.

    Raises:
        LookupError: there is no such testimony.
        media.refused.OtherTime: what is marked would not be what is taken out.
    """
    with backends.database.read() as session:
        testimony = session.get(Testimony, testimony_id)
        if testimony is None:
            raise LookupError("There is no such testimony.")
        recording = session.get_one(Recording, testimony.recording_id)
        spans = sound.redacted_spans(session, testimony_id)
    keys = sound.redacted_keys(recording.id, spans)
    made = False
    there = backends.store.exists(keys.listening) and backends.store.exists(keys.peaks)
    if spans and (anew or not there):
        _make(backends, recording, keys, spans, progress)
        made = True
    _remove_outdated(backends, recording.id, keys if spans else None)
    return made


def _make(
    backends: Backends,
    recording: Recording,
    keys: sound.SoundKeys,
    spans: list[Span],
    progress: Callable[[float], None] | None,
) -> None:
    limit = backends.settings.max_duration_ms + 60_000
    work = backends.settings.data / "work" / recording.id
    known_ms = recording.duration_ms if recording.listening_key else None
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix="redact-", dir=work) as folder:
        target = Path(folder) / "redacted.m4a"
        with sealing.open_original(backends, recording.id, recording.original_key) as path:
            made = make_in_time(
                path, target, known_ms, redactions=spans, limit_ms=limit, salvage=True, progress=progress
            )
        backends.store.put_bytes(keys.peaks, made.peaks.to_json().encode())
        backends.store.put_file(keys.listening, target)


def _remove_outdated(backends: Backends, recording_id: str, keep: sound.SoundKeys | None) -> None:
    for key in list(backends.store.keys(f"{sound.folder(recording_id)}redacted-")):
        if keep is None or key not in {keep.listening, keep.peaks}:
            backends.store.delete(key)
