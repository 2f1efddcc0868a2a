"""The sample collection put straight into a database, with short tones for sound.

The tests of pages need songs with lines, times, sources and consent, and not the pipeline that makes them from sound.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import wave
from collections.abc import Iterable
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from archive.access.sound import whole_keys
from archive.backends import Backends, open_backends
from archive.days import Day
from archive.db import Database, open_engine
from archive.models import Campaign, LineTiming, LyricLine, Song, Source, Testimony, TranscriptVersion
from archive.models.base import ID_LENGTH, LETTERS
from archive.models.source import quote_hash
from archive.settings import Settings, read_settings
from ingest.samples.collection import Collection
from ingest.samples.collection import SampleSong as SampleSong
from ingest.samples.collection import SampleSource as SampleSource
from ingest.samples.collection import SampleTestimony as SampleTestimony
from ingest.samples.loading import load_collection
from media.ffmpeg import binary
from tests import factories

PENTATONIC = (0, 2, 4, 7, 9)


def tune(path: Path, seconds: float, notes: Iterable[tuple[int, int]] = (), voice: float = 0.3) -> None:
    """A listening file: a quiet drone, and a note for every (start, end) in milliseconds."""
    rate = 22_050
    at = np.arange(int(seconds * rate)) / rate
    sound = 0.05 * np.sin(2 * np.pi * 110 * at)
    for number, (start, end) in enumerate(notes):
        stretch = slice(start * rate // 1000, end * rate // 1000)
        pitch = 330 * 2 ** (PENTATONIC[number * 3 % 5] / 12)
        length = len(at[stretch])
        shape = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.02 * rate))
        sound[stretch] += voice * shape * np.sin(2 * np.pi * pitch * at[stretch])
    wav = path.with_suffix(".wav")
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32_000).astype("<i2").tobytes())
    command = [binary(), "-v", "error", "-y", "-i", str(wav), "-c:a", "aac", "-b:a", "48k", "-movflags", "+faststart"]
    subprocess.run([*command, "-f", "ipod", str(path)], check=True)
    wav.unlink()


def known_id(name: str) -> str:
    """An id of the form of a random one, the same in every run: which testimony comes first is no matter of chance."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in hashlib.sha256(name.encode()).digest()[:ID_LENGTH])


class Filling:
    """Puts the sample collection into an archive; `songs` and `testimonies` find the rows by their sample ids."""

    def __init__(self, backends: Backends, folder: Path, collection: Collection | None = None) -> None:
        self.backends = backends
        self.collection = collection or load_collection()
        self.folder = folder
        self.testimonies: dict[str, str] = {}
        self.songs: dict[str, str] = {}

    @classmethod
    def once(cls, folder: Path) -> Path:
        """A folder with a filled archive, made by who asks first while others wait; nothing is written there later."""
        made = folder / "filled"
        with (folder / "filled.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (made / "ids.json").exists():
                made.mkdir()
                opened = open_backends(read_settings({"MESSENGER_DATA": str(made / "var"), "HOME": str(made)}))
                filling = cls(opened, made).fill()
                opened.database.compact()
                opened.database.engine.dispose()
                (made / "ids.json").write_text(json.dumps([filling.testimonies, filling.songs]))
        return made

    @classmethod
    def copy(cls, made: Path, settings: Settings, collection: Collection) -> Filling:
        """The archive that `once` made, copied into the data folder of these settings; close its engine at the end."""
        shutil.copytree(made / "var", settings.data, dirs_exist_ok=True)
        copied = cls(Backends(settings, Database(open_engine(settings.database_url))), settings.data.parent, collection)
        copied.testimonies, copied.songs = json.loads((made / "ids.json").read_text())
        return copied

    def fill(self) -> Filling:
        with self.backends.database.write() as session:
            for campaign in self.collection.campaigns:
                session.add(
                    Campaign(
                        id=campaign.id,
                        name_km=campaign.name["km"],
                        name_en=campaign.name["en"],
                        description_km=campaign.description["km"],
                        description_en=campaign.description["en"],
                    )
                )
            for narrator in self.collection.narrators:
                factories.narrator(
                    session,
                    id=narrator.id,
                    pseudonym_km=narrator.pseudonym["km"],
                    pseudonym_en=narrator.pseudonym["en"],
                    community=narrator.community,
                )
            for testimony in self.collection.testimonies:
                self._testimony(session, testimony)
            for song in self.collection.songs:
                self._song(session, song)
        return self

    def _recording(self, session: Session, kind: str, name: str, seconds: float, notes: list[tuple[int, int]]) -> str:
        described = {"kind": kind, "sha256": quote_hash(name), "original_name": name, "original_key": ""}
        recording = factories.recording(session, duration_ms=int(seconds * 1000), **described)
        path = self.folder / f"{recording.id}.m4a"
        tune(path, seconds, notes)
        recording.listening_key = whole_keys(recording.id).listening
        self.backends.store.put_file(recording.listening_key, path)
        path.unlink()
        return recording.id

    def _testimony(self, session: Session, sample: SampleTestimony) -> None:
        seconds = max(segment.span.end_ms for segment in sample.segments) / 1000 + 1
        spans = [(segment.span.start_ms, segment.span.end_ms) for segment in sample.segments]
        testimony = factories.testimony(
            session,
            id=known_id(sample.id),
            recording_id=self._recording(session, "testimony", sample.file, seconds, spans),
            narrator_id=sample.narrator,
            campaign_id=sample.campaign,
            title_km=sample.title["km"],
            title_en=sample.title["en"],
            synopsis_km=sample.synopsis["km"],
            synopsis_en=sample.synopsis["en"],
            language=sample.language,
            recorded_on=Day.on(sample.recorded_on),
            sample=True,
            heard_through_at=datetime.now(UTC),
        )
        self.testimonies[sample.id] = testimony.id
        segments = [factories.segment(s.text, s.span.start_ms, s.span.end_ms) for s in sample.segments]
        version = factories.transcript_version(session, testimony.id, segments, language=sample.language)
        other = "en" if sample.language == "km" else "km"
        factories.transcript_version(session, testimony.id, language=other, translates_id=version.id)
        for grant in sample.consent:
            factories.permission(
                session,
                testimony.id,
                form=grant.form,
                audience=grant.audience,
                purpose=grant.purpose,
                level=grant.level or "",
                start=datetime.combine(grant.start, time(), UTC),
                end=datetime.combine(grant.end, time(), UTC) if grant.end else None,
            )
        for mark in sample.redactions:
            span = sample.segments[mark.segment].span
            times = {"start_ms": span.start_ms, "end_ms": span.end_ms, "heard_at": datetime.now(UTC)}
            factories.redaction(session, testimony.id, **times)

    def _song(self, session: Session, sample: SampleSong) -> None:
        song = factories.song(
            session,
            slug=sample.id,
            title_km=sample.title["km"],
            title_en=sample.title["en"],
            title_romanised=sample.title["romanised"],
            year=sample.year,
            sample=True,
            campaign_id=self.collection.campaigns[len(self.songs) % len(self.collection.campaigns)].id,
            credits=[{"role": "words", "km": "ក្រុមអ្នកនាំសារ", "en": "Messenger Band"}],
        )
        self.songs[sample.id] = song.id
        version = factories.lyric_version(session, song.id)
        arrangements = [self._arrangement(session, song, sample, kind) for kind in ("studio", "instrumental")]
        for position, line in enumerate(sample.lines):
            row = LyricLine(
                version_id=version.id,
                position=position,
                section=line.section,
                km=line.km,
                romanised=line.romanised,
                en=line.en,
                words=[word.text for word in line.words],
                own=line.own,
                sources=[self._source(session, source) for source in line.sources],
            )
            session.add(row)
            session.flush()
            timing = LineTiming(
                arrangement_id=arrangements[0], line_id=row.id, start_ms=line.span.start_ms, end_ms=line.span.end_ms
            )
            timing.words = tuple(line.words)
            session.add(timing)

    def _arrangement(self, session: Session, song: Song, sample: SampleSong, kind: str) -> str:
        notes = [(w.start_ms, w.end_ms) for line in sample.lines for w in line.words] if kind == "studio" else []
        seconds = max(line.span.end_ms for line in sample.lines) / 1000 + 2
        recording = self._recording(session, "song", f"{sample.id}-{kind}", seconds, notes)
        return factories.arrangement(session, song.id, recording, kind=kind).id

    def _source(self, session: Session, sample: SampleSource) -> Source:
        testimony_id = self.testimonies[sample.testimony]
        testimony = session.get_one(Testimony, testimony_id)
        version = session.query(TranscriptVersion).filter_by(testimony_id=testimony_id, language=sample.language).one()
        told = next(t for t in self.collection.testimonies if t.id == sample.testimony)
        quote = sample.quote
        said = [s for s in told.segments if quote in s.text or quote in "".join(s.translation.values())]
        span = said[0].span if said else told.segments[0].span
        return Source(
            testimony_id=testimony.id,
            version_id=version.id,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            quote=quote,
            quote_hash=quote_hash(quote),
            relation=sample.relation,
        )
