"""A testimony as a bag for another archive's shelves: BagIt (RFC 8493), by the Library of Congress's own code.

It holds the original as it came in, every transcript, what the catalogue says, and what the narrator decided. The
evidence of her consent stays encrypted with the vault's key, a sealed original with its own. What is in somebody else's
hands cannot be called back, so each bag is written in the release ledger.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import bagit
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.backends import Backends
from archive.consent import evidence, releases, sealing
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import ConsentEvent, Testimony, TranscriptVersion, now
from archive.timing import Utterance
from archive.transcripts import transcript_versions
from ingest.exports.premis import PreservedEvent, PreservedFile, premis
from media.timed import webvtt

STEWARD = Viewer(role="steward")
ORIGINAL = "original"
README = """This folder is a bag (BagIt, RFC 8493) of one testimony from the archive of the Messenger Band.

data/original/      the recording as it came in; if its name ends in .age it is encrypted, and the archive has the key
data/transcripts/   every version of the words, as WebVTT; the name tells language, number and stage
data/catalogue.json what the catalogue says of it, under the name that the narrator chose
data/consent.json   what the narrator decided, each decision with the hash of the one before it
data/evidence/      how she said it, encrypted with the key of the archive's vault
data/premis.xml     what was done to the files, and their checksums (PREMIS 3)

The narrator decides who may hear and read this, and can take it back at any time. Whoever keeps this bag keeps to
consent.json, asks the archive before opening anything to others, and destroys the bag when the archive asks for it.
"""


_NOT_WRITTEN = Message("{path} cannot be written ({why}); nothing of it was left.")


class CannotBag(ArchiveError, ValueError):
    """A bag cannot be made, or is not whole."""


def make_bag(backends: Backends, testimony_id: str, out: Path) -> Path:
    """Put a testimony into a bag named after it under `out`, and write down that it left.

    Raises:
        Unknown: there is no such testimony, or it was taken back.
        CannotBag: there is one of it already, or its original is not what came in.
        archive.ports.BlobMissing: its original is not in the store.
    """
    here, wanted = backends.settings.data.resolve(), out.resolve()
    if wanted == here or here in wanted.parents:
        raise CannotBag(Message("A bag does not belong in the data folder; name another disk."))
    target = out / f"testimony-{testimony_id}"
    if target.exists():
        raise CannotBag(Message("There is a bag at {path} already."), path=target)
    working = out / f".testimony-{testimony_id}.part"
    shutil.rmtree(working, ignore_errors=True)
    try:
        working.mkdir(parents=True, mode=0o700)
        with backends.database.read() as session:
            gate.require(session, STEWARD, testimony_id, "existence")
            testimony = session.get_one(Testimony, testimony_id)
            _gather(session, backends, testimony, working)
        bag = bagit.make_bag(str(working), _info(testimony_id), checksums=["sha256"])
        bag.validate(processes=1)
        with backends.database.write() as session:
            gate.require(session, STEWARD, testimony_id, "existence")  # it may have been taken back meanwhile
            releases.record(
                session, "handed-over", f"testimony:{testimony_id}", [testimony_id], audience="steward", note="bag"
            )
        working.rename(target)
    except OSError as error:
        raise CannotBag(_NOT_WRITTEN, path=target, why=error.strerror or type(error).__name__) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return target


def check_bag(path: Path) -> None:
    """Raises CannotBag where it is no bag, or is not as it was made."""
    try:
        bagit.Bag(str(path)).validate(processes=1)
    except bagit.BagError as error:
        raise CannotBag(Message("{path} is not whole: {why}"), path=path, why=str(error)) from None


def testimonies(session: Session) -> Sequence[str]:
    """Every testimony that may be put into a bag, in order."""
    return session.scalars(gate.permitted(STEWARD, "existence").order_by(Testimony.id)).all()


def _info(testimony_id: str) -> dict[str, str]:
    return {
        "Source-Organization": "Archive of the Messenger Band",
        "External-Identifier": testimony_id,
        "Internal-Sender-Identifier": f"testimony-{testimony_id}",
    }


def _gather(session: Session, backends: Backends, testimony: Testimony, folder: Path) -> None:
    events = [*_original(backends, testimony, folder)]
    _transcripts(session, testimony, folder)
    _consent(session, backends, testimony, folder)
    _write_json(folder / "catalogue.json", _catalogue(testimony))
    (folder / "README.txt").write_text(README, encoding="utf-8")
    (folder / "premis.xml").write_bytes(premis(list(_files(folder)), events))


def _original(backends: Backends, testimony: Testimony, folder: Path) -> Iterator[PreservedEvent]:
    recording = testimony.recording
    if not recording.original_key:
        raise CannotBag(Message("The recording of this testimony has not come in yet."))
    closed = sealing.sealed(recording)
    target = folder / ORIGINAL / (recording.original_key.rpartition("/")[2] + (".age" if closed else ""))
    target.parent.mkdir()
    with backends.store.local_path(recording.original_key) as path:
        shutil.copyfile(path, target)
    key = str(target.relative_to(folder))
    yield PreservedEvent("ingestion", recording.created_at, "Taken into the archive", "success", key)
    if closed:
        yield PreservedEvent("encryption", now(), "Sealed with a key of its own", "success", key)
        return
    if recording.sha256 != _digest(target):
        raise CannotBag(Message("The original of this testimony is not what came in; look at it with messenger check."))
    yield PreservedEvent("fixity check", now(), "SHA-256 as when it came in", "success", key)


def _transcripts(session: Session, testimony: Testimony, folder: Path) -> None:
    (folder / "transcripts").mkdir()
    query = select(TranscriptVersion).where(TranscriptVersion.testimony_id == testimony.id)
    for version in session.scalars(query.order_by(TranscriptVersion.made_at, TranscriptVersion.id)):
        name = f"{version.language or 'und'}-v{version.number}-{version.stage}-{version.id}.vtt"
        text = webvtt.write_transcript(_said(session, version))
        (folder / "transcripts" / name).write_text(text, encoding="utf-8")


def _said(session: Session, version: TranscriptVersion) -> list[Utterance]:
    if version.translates_id is None:
        return [Utterance(one.start_ms, one.end_ms, one.text, speaker=one.speaker or None) for one in version.segments]
    texts = transcript_versions.translated_texts(session, version)
    spoken = session.get_one(TranscriptVersion, version.translates_id).segments
    return [Utterance(one.start_ms, one.end_ms, texts[one.id]) for one in spoken if one.id in texts]


def _consent(session: Session, backends: Backends, testimony: Testimony, folder: Path) -> None:
    """The ledger's lines, and the evidence of each as it lies in the store: encrypted."""
    (folder / "evidence").mkdir()
    rows = session.scalars(
        select(ConsentEvent).where(ConsentEvent.testimony_id == testimony.id).order_by(ConsentEvent.seq)
    ).all()
    lines: list[dict[str, Any]] = []
    for event in rows:
        blob = evidence.blob_of(event.evidence)
        file = f"evidence/{event.seq}.age" if blob else ""
        if blob:
            (folder / file).write_bytes(backends.store.get_bytes(blob))
        line = {name: getattr(event, name) for name in ("seq", "kind", "method", "grants", "script_version")}
        lines.append({**line, "at": event.at.isoformat(), "evidence": file, "hash": event.hash})
    _write_json(folder / "consent.json", {"testimony": testimony.id, "events": lines})


def _catalogue(testimony: Testimony) -> dict[str, Any]:
    """What the catalogue says, under the name she chose; legal names are in the vault and in no bag."""
    narrator = testimony.narrator
    own = ("id", "title_km", "title_en", "synopsis_km", "synopsis_en", "language", "setting", "collected_by")
    hers = ("pseudonym_km", "pseudonym_en", "community", "province", "district")
    recording = testimony.recording
    return {
        **{name: getattr(testimony, name) for name in own},
        **{name: getattr(narrator, name) for name in hers},
        "recorded_on": str(testimony.recorded_on or ""),
        "duration_ms": recording.duration_ms,
        "sha256": recording.sha256,
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _files(folder: Path) -> Iterator[PreservedFile]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        kind = "encrypted (age)" if path.suffix == ".age" else path.suffix.lstrip(".") or "sound"
        yield PreservedFile(str(path.relative_to(folder)), _digest(path), path.stat().st_size, kind)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
