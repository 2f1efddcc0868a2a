"""A pack, written out: a folder, the same as ZIP, or a ZIM file.

It is made beside its place under a name that says so, and takes its place when it is whole: a full disk, a pulled
stick or a killed program leaves nothing that looks like a pack, and the next one made there clears it away.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from archive.access import gate
from archive.backends import Backends
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ports import BlobMissing
from archive.songs import packing
from archive.songs.packing import PackPlan
from archive.songs.song_export import ExportSheet
from ingest.exports import export_jobs
from ingest.exports.packs.pages import PackedText, pages
from ingest.exports.song_files import FORMS, make
from media.cover import drawn

KINDS = {"zip": "application/zip", "zim": "application/octet-stream", "folder": ""}
NAME = "messenger-songs"
MARK = "parts/pack.css"
"""What tells a folder that we made from anybody else's."""
_MAKING = ".making-"
_SOUND_SHARE = 0.8

Progress = Callable[[float], None]


class NotPacked(ArchiveError, ValueError):
    """A pack cannot be made, or not there; says why."""


class PackOvertaken(ArchiveError, RuntimeError):
    """Something in a pack changed or was taken back while it was made; it is not kept."""


class PackWriter(Protocol):
    """Takes the files of a pack one after another."""

    def text(self, file: PackedText) -> None: ...

    def sound(self, path: str, file: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class PackSound:
    """A sound file of a pack: where it lies in it, of which song, and in which form."""

    path: str
    sheet: ExportSheet
    form: str


def sounds(plan: PackPlan) -> list[PackSound]:
    """The sound of a pack: MP3, which every browser plays, with the voice and where there is one without."""
    found = []
    for sheet in plan.songs:
        if sheet.tracks:
            found.append(PackSound(f"sound/{sheet.slug}.mp3", sheet, "mp3"))
        if sheet.instrumental:
            found.append(PackSound(f"sound/{sheet.slug}-instrumental.mp3", sheet, "mp3-instrumental"))
    return found


def make_pack(
    backends: Backends,
    plan: PackPlan,
    kind: str,
    target: Path,
    progress: Progress,
    leaves: Callable[[], None] = lambda: None,
) -> None:
    """Write a pack to `target`, which is there when it is whole and not before.

    Args:
        leaves: called when it is whole and before it lies there: to write down that it leaves.

    Raises:
        NotPacked: there is nothing to pack, or something else lies at `target`.
        PackOvertaken: something of it was taken back or changed meanwhile.
        BlobMissing, FfmpegFailed, Refused: the sound of a song cannot be had.
    """
    if not plan.songs:
        raise NotPacked(Message("None of these songs may be carried: they are not open to everybody for so long."))
    with making(target, folder=kind == "folder") as unfinished:
        _sounds_made(backends, plan, progress)
        with _writer(kind, unfinished, plan) as writer:
            _write(backends, plan, writer, progress)
        if not still(backends, plan):
            raise PackOvertaken(Message("A song of the pack changed or was taken back meanwhile. Make it again."))
        leaves()
    progress(1.0)


def still(backends: Backends, plan: PackPlan) -> bool:
    """Whether a pack of this choice would be the same now."""
    with backends.database.read() as session:
        try:
            now = packing.plan(session, packing.ANYBODY, plan.of, plan_day(plan))
        except gate.Unknown:
            return False
    return now.fingerprint == plan.fingerprint


def plan_day(plan: PackPlan) -> date:
    """A day on which a pack with this last day is made."""
    months = plan.until.year * 12 + plan.until.month - 1 - packing.MONTHS
    return date(months // 12, months % 12 + 1, 1)


@contextmanager
def making(target: Path, *, folder: bool) -> Iterator[Path]:
    """A place beside `target` that becomes it at the end, or goes; what a killed program left there goes first.

    Raises:
        NotPacked: at `target` lies something that is no pack.
    """
    if target.exists() and not ((folder and (target / MARK).is_file()) or (not folder and target.is_file())):
        raise NotPacked(Message("{name} is there already, and is no pack of songs."), name=target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{_MAKING}{target.name}")
    aside = target.with_name(f"{_MAKING}{target.name}.old")
    _clear(unfinished)
    _clear(aside)
    try:
        if folder:
            unfinished.mkdir(mode=0o755)
        yield unfinished
        if target.exists():
            target.rename(aside)
        unfinished.rename(target)
    finally:
        _clear(unfinished)
        _clear(aside)


def _clear(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sounds_made(backends: Backends, plan: PackPlan, progress: Progress) -> None:
    """Have every sound made that is not there yet; they are kept beside their songs like other exports."""
    wanted = sounds(plan)
    for at, one in enumerate(wanted):
        form = FORMS[one.form]
        share = _SOUND_SHARE / len(wanted)
        if not backends.store.exists(export_jobs.key_of(one.sheet, form)):
            with export_jobs.working_folder(backends, one.sheet) as folder:

                def tell(done: float, at: int = at, share: float = share) -> None:
                    progress(share * (at + done))

                try:
                    export_jobs.keep(backends, one.sheet, form, make(backends, one.sheet, form, folder, tell))
                except export_jobs.Changed:
                    raise PackOvertaken(
                        Message("A song of the pack changed or was taken back meanwhile. Make it again.")
                    ) from None
        progress(share * (at + 1))


def _write(backends: Backends, plan: PackPlan, writer: PackWriter, progress: Progress) -> None:
    alone = frozenset(one.sheet.slug for one in sounds(plan) if one.form == "mp3-instrumental")
    for file in pages(plan, alone):
        writer.text(file)
    wanted = sounds(plan)
    for at, one in enumerate(wanted):
        try:
            with backends.store.local_path(export_jobs.key_of(one.sheet, FORMS[one.form])) as path:
                writer.sound(one.path, path)
        except BlobMissing:
            raise PackOvertaken(
                Message("A song of the pack changed or was taken back meanwhile. Make it again.")
            ) from None
        progress(_SOUND_SHARE + (1 - _SOUND_SHARE) * (at + 1) / len(wanted) * 0.95)


@contextmanager
def _writer(kind: str, target: Path, plan: PackPlan) -> Iterator[PackWriter]:
    if kind == "folder":
        yield _Folder(target)
        os.sync()  # a stick is pulled as soon as the command is back
    elif kind == "zip":
        with zipfile.ZipFile(target, "w") as packed:
            yield _Zipped(packed)
    else:
        from ingest.exports.packs.zim_file import zim_writer

        with zim_writer(target, plan, drawn(plan.songs[0].rows)) as writer:
            yield writer


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def text(self, file: PackedText) -> None:
        path = self._folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)

    def sound(self, path: str, file: Path) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


class _Zipped:
    """The folder, under its name; the sound as it is, since MP3 packs no smaller."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed

    def text(self, file: PackedText) -> None:
        self._packed.writestr(f"{NAME}/{file.path}", file.data, zipfile.ZIP_DEFLATED)

    def sound(self, path: str, file: Path) -> None:
        self._packed.write(file, f"{NAME}/{path}", zipfile.ZIP_STORED)
