"""The sample collection put straight into a database, with short tones for sound.

The tests of pages need songs with lines, times, sources and consent, and not the pipeline that makes them from sound.
"""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Iterable
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.models import (
    Arrangement,
    Campaign,
    LineTiming,
    LyricLine,
    LyricVersion,
    Narrator,
    Permission,
    Recording,
    Redaction,
    Segment,
    Song,
    Source,
    Testimony,
    TranscriptVersion,
)
from archive.models.source import quote_hash
from archive.services.sound import whole_keys
from ingest.samples.collection import Collection
from ingest.samples.collection import Song as SampleSong
from ingest.samples.collection import Source as SampleSource
from ingest.samples.collection import Testimony as SampleTestimony
from ingest.samples.loading import load_collection
from media.ffmpeg import binary

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


class Filling:
    """Puts the sample collection into an archive; `songs` and `testimonies` find the rows by their sample ids."""

    def __init__(self, backends: Backends, folder: Path, collection: Collection | None = None) -> None:
        self.backends = backends
        self.collection = collection or load_collection()
        self.folder = folder
        self.testimonies: dict[str, str] = {}
        self.songs: dict[str, str] = {}

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
                session.add(
                    Narrator(
                        id=narrator.id,
                        pseudonym_km=narrator.pseudonym["km"],
                        pseudonym_en=narrator.pseudonym["en"],
                        community=narrator.community,
                    )
                )
            session.flush()
            for testimony in self.collection.testimonies:
                self._testimony(session, testimony)
            for song in self.collection.songs:
                self._song(session, song)
        return self

    def _recording(self, session: Session, kind: str, name: str, seconds: float, notes: list[tuple[int, int]]) -> str:
        recording = Recording(
            kind=kind,
            sha256=quote_hash(name),
            size=1,
            original_name=name,
            duration_ms=int(seconds * 1000),
            state="ready",
        )
        session.add(recording)
        session.flush()
        path = self.folder / f"{recording.id}.m4a"
        tune(path, seconds, notes)
        recording.listening_key = whole_keys(recording.id).listening
        self.backends.store.put_file(recording.listening_key, path)
        path.unlink()
        return recording.id

    def _testimony(self, session: Session, sample: SampleTestimony) -> None:
        seconds = max(segment.span.end_ms for segment in sample.segments) / 1000 + 1
        spans = [(segment.span.start_ms, segment.span.end_ms) for segment in sample.segments]
        testimony = Testimony(
            recording_id=self._recording(session, "testimony", sample.file, seconds, spans),
            narrator_id=sample.narrator,
            campaign_id=sample.campaign,
            title_km=sample.title["km"],
            title_en=sample.title["en"],
            synopsis_km=sample.synopsis["km"],
            synopsis_en=sample.synopsis["en"],
            language=sample.language,
            recorded_on=sample.recorded_on,
            sample=True,
        )
        session.add(testimony)
        session.flush()
        self.testimonies[sample.id] = testimony.id
        version = TranscriptVersion(testimony_id=testimony.id, number=1, language=sample.language, stage="approved")
        version.segments = [
            Segment(position=i, start_ms=s.span.start_ms, end_ms=s.span.end_ms, text=s.text)
            for i, s in enumerate(sample.segments)
        ]
        session.add(version)
        session.flush()
        other = "en" if sample.language == "km" else "km"
        session.add(
            TranscriptVersion(
                testimony_id=testimony.id, number=1, language=other, stage="approved", translates_id=version.id
            )
        )
        for grant in sample.consent:
            session.add(
                Permission(
                    testimony_id=testimony.id,
                    form=grant.form,
                    audience=grant.audience,
                    purpose=grant.purpose,
                    level=grant.level or "",
                    start=datetime.combine(grant.start, time(), UTC),
                    end=datetime.combine(grant.end, time(), UTC) if grant.end else None,
                )
            )
        for mark in sample.redactions:
            session.add(
                Redaction(
                    testimony_id=testimony.id,
                    start_ms=sample.segments[mark.segment].span.start_ms,
                    end_ms=sample.segments[mark.segment].span.end_ms,
                    heard_at=datetime.now(UTC),
                )
            )
        session.flush()

    def _song(self, session: Session, sample: SampleSong) -> None:
        song = Song(
            slug=sample.id,
            title_km=sample.title["km"],
            title_en=sample.title["en"],
            title_romanised=sample.title["romanised"],
            year=sample.year,
            state="published",
            sample=True,
            campaign_id=self.collection.campaigns[len(self.songs) % len(self.collection.campaigns)].id,
            credits=[{"role": "words", "km": "ក្រុមអ្នកនាំសារ", "en": "Messenger Band"}],
        )
        session.add(song)
        session.flush()
        self.songs[sample.id] = song.id
        version = LyricVersion(song_id=song.id, number=1)
        session.add(version)
        session.flush()
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
        arrangement = Arrangement(song_id=song.id, recording_id=recording, kind=kind)
        session.add(arrangement)
        session.flush()
        return arrangement.id

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
