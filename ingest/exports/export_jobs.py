"""Sound and video of songs, made by the workers beside everything else they do.

What is made lies in the blob store under the song's id, where a withdrawal's purge finds it. Its key carries a
fingerprint of all that went into it, so that a file that no longer fits the song is asked for by nobody; beside it lies
a note of how far the work is. The queue carries `export:SONG:FORM` and may forget it: whoever looks finds the note,
and a note that nobody has written to for a while belongs to a worker that is dead.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.backends import Backends
from archive.models import Song
from archive.ports import BlobMissing
from archive.songs.song_export import ExportSheet, sheet_of
from ingest.exports.song_files import FORMS, Form, make
from media.ffmpeg import FfmpegFailed, FfmpegMissing, FfmpegStalled
from media.refused import Refused

FOLDER = "exports/"
DEAD_SECONDS = 45.0
"""A note that was not written to for so long has nobody at work on it."""
_TELL_SECONDS = 0.7
_PREFIX = "export:"
_WORK = "export-"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """How far the work on one file is.

    Attributes:
        state: `none`, `waiting`, `working`, `failed` or `ready`.
        done: the share that is done.
        at: when the note was written, in seconds since 1970.
    """

    state: str = "none"
    done: float = 0.0
    at: float = 0.0

    @property
    def dead(self) -> bool:
        return self.state in {"waiting", "working"} and abs(time.time() - self.at) > DEAD_SECONDS


class Changed(Exception):
    """The song changed, or was taken back, while a file of it was made; the file is not kept."""


def key_of(sheet: ExportSheet, form: Form) -> str:
    """Where the finished file lies."""
    return f"{FOLDER}{sheet.song_id}/{form.name}.{sheet.fingerprint}"


def export_state(backends: Backends, sheet: ExportSheet, form: Form) -> Note:
    """How far the work is on this form of the song as it is now."""
    if backends.store.exists(key_of(sheet, form)):
        return Note("ready", 1.0)
    return _read(backends, f"{key_of(sheet, form)}.note")


def ask(backends: Backends, sheet: ExportSheet, form: Form) -> Note:
    """Have it made, unless it is there or somebody is at it."""
    found = export_state(backends, sheet, form)
    if found.state == "ready" or (found.state in {"waiting", "working"} and not found.dead):
        return found
    waiting = _write(backends, sheet, form, Note("waiting"))
    backends.queue.enqueue(f"{_PREFIX}{sheet.song_id}:{form.name}")
    return waiting


def is_export(message: str) -> bool:
    """Whether what the queue carries asks for an export."""
    return message.startswith(_PREFIX)


def run(backends: Backends, message: str) -> None:
    """Make what the message asks for; nothing, where it is there already, or there is no such song any more."""
    song_id, _, name = message.removeprefix(_PREFIX).partition(":")
    sheet = _sheet(backends, song_id)
    form = FORMS.get(name)
    if sheet is None or form is None:
        _forget(backends, song_id, name)
        return
    if export_state(backends, sheet, form).state == "ready":
        return
    try:
        with working_folder(backends, sheet) as folder:
            keep(backends, sheet, form, make(backends, sheet, form, folder, _teller(backends, sheet, form)))
    except Changed:
        _forget(backends, song_id, name)
        if _sheet(backends, song_id) is not None:
            log.info("%s of %s changed while it was made", name, song_id)
    except (FfmpegFailed, FfmpegMissing, FfmpegStalled, Refused, BlobMissing) as error:
        log.warning("%s of %s could not be made: %s", name, song_id, error)
        _write(backends, sheet, form, Note("failed"))


def unfinished(backends: Backends) -> list[str]:
    """Messages for what was asked for and has nobody at work on it."""
    found = []
    for key in list(backends.store.keys(FOLDER)):
        if key.endswith(".note") and _read(backends, key).dead:
            _, song_id, name = key.split("/")
            found.append(f"{_PREFIX}{song_id}:{name.split('.')[0]}")
    return found


def keep(backends: Backends, sheet: ExportSheet, form: Form, made: Path) -> None:
    """Keep a finished file, unless the song is no longer what it was made of; older files of the form go.

    Raises:
        Changed: it is not kept.
    """
    if not _still(backends, sheet):
        raise Changed
    backends.store.put_file(key_of(sheet, form), made)
    if not _still(backends, sheet):  # taken back between the two looks
        backends.store.delete(key_of(sheet, form))
        raise Changed
    for key in _keys(backends, sheet.song_id, form.name):
        if key != key_of(sheet, form):
            backends.store.delete(key)


@contextmanager
def working_folder(backends: Backends, sheet: ExportSheet) -> Iterator[Path]:
    """A folder for work on this song; what a killed worker left there is removed first."""
    work = backends.settings.data / "work" / sheet.tracks[0].recording_id
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in work.glob(f"{_WORK}*"):
        if abs(time.time() - left.stat().st_mtime) > 3600:
            shutil.rmtree(left, ignore_errors=True)
    with TemporaryDirectory(prefix=_WORK, dir=work) as name:
        yield Path(name)


def _sheet(backends: Backends, song_id: str) -> ExportSheet | None:
    """The song as it is now; None where there is none, or nothing with sound may leave of it."""
    with backends.database.read() as session:
        song = session.get(Song, song_id)
        found = sheet_of(session, song) if song else None
    return found if found and found.tracks and not found.held else None


def _still(backends: Backends, sheet: ExportSheet) -> bool:
    now = _sheet(backends, sheet.song_id)
    return now is not None and now.fingerprint == sheet.fingerprint


def _teller(backends: Backends, sheet: ExportSheet, form: Form) -> Callable[[float], None]:
    """Notes how far it is, not more often than somebody could see."""
    told = 0.0
    _write(backends, sheet, form, Note("working"))

    def tell(share: float) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_SECONDS:
            told = time.monotonic()
            _write(backends, sheet, form, Note("working", round(share, 3)))

    return tell


def _read(backends: Backends, key: str) -> Note:
    try:
        return Note(**json.loads(backends.store.get_bytes(key)))
    except (BlobMissing, ValueError, TypeError):
        return Note()


def _write(backends: Backends, sheet: ExportSheet, form: Form, note: Note) -> Note:
    written = Note(note.state, note.done, time.time())
    backends.store.put_bytes(f"{key_of(sheet, form)}.note", json.dumps(asdict(written)).encode())
    return written


def _keys(backends: Backends, song_id: str, form: str) -> Iterator[str]:
    yield from list(backends.store.keys(f"{FOLDER}{song_id}/{form}."))


def _forget(backends: Backends, song_id: str, form: str) -> None:
    for key in _keys(backends, song_id, form):
        backends.store.delete(key)
