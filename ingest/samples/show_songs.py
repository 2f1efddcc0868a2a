"""The sample collection's songs: their recordings through the stages, their lines tied to what was said."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.lyrics import sources
from archive.models import Arrangement, LineTiming, LyricLine, LyricVersion, Song, Testimony, now
from archive.timing import Word
from archive.transcripts import quotations, transcript_versions
from ingest import samples
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from ingest.stages.contract import Watcher


def show_song(
    backends: Backends,
    collection: samples.Collection,
    given: samples.SampleSong,
    testimonies: Mapping[str, str],
    watcher: Watcher,
) -> str:
    """Take in one song, unless it is there; returns its id."""
    recordings: dict[str, str] = {}
    for kind, file in given.files.items():
        receipt = submit(backends, collection.folder / file, None, original_name=file)
        pipeline.run(backends, receipt.recording_id, watcher=watcher)
        recordings[kind] = receipt.recording_id
    with backends.database.read() as session:
        known = session.scalars(select(Song.id).where(Song.slug == given.id)).one_or_none()
    if known is not None:
        return known
    cover_key = f"covers/{given.id}.svg"
    backends.store.put_file(cover_key, collection.folder / given.cover)
    with backends.database.write() as session:
        song = Song(
            slug=given.id,
            title_km=given.title["km"],
            title_romanised=given.title["romanised"],
            title_en=given.title["en"],
            year=given.year,
            cover_key=cover_key,
            credits=[
                {"role": role, "km": getattr(given.credits, role), "en": getattr(given.credits, role)}
                for role in ("lyrics", "music", "voice")
            ],
            state="published",
            published_at=now(),
            sample=True,
        )
        session.add(song)
        session.flush()
        song.campaign_id = _campaign_of(session, given, testimonies)
        arrangements = [
            Arrangement(song_id=song.id, recording_id=recording_id, kind=kind)
            for kind, recording_id in recordings.items()
        ]
        session.add_all(arrangements)
        _write_lines(session, song, given, arrangements, testimonies)
        return song.id


def _campaign_of(session: Session, given: samples.SampleSong, testimonies: Mapping[str, str]) -> str | None:
    """The campaign that most of the song's sources belong to."""
    sources = [source.testimony for line in given.lines for source in line.sources]
    named = [testimonies[one] for one in sources if one in testimonies]
    campaigns = [session.get_one(Testimony, one).campaign_id for one in named]
    known = [campaign for campaign in campaigns if campaign]
    return max(set(known), key=known.count, default=None) if known else None


def _write_lines(
    session: Session,
    song: Song,
    given: samples.SampleSong,
    arrangements: list[Arrangement],
    testimonies: Mapping[str, str],
) -> None:
    lyric = LyricVersion(song_id=song.id, number=1, note="Sample")
    session.add(lyric)
    session.flush()
    for position, sung in enumerate(given.lines):
        line = LyricLine(version_id=lyric.id, position=position, section=sung.section, own=sung.own)
        session.add(line)
        if any(source.testimony not in testimonies for source in sung.sources):
            line.held = True  # its narrator took it back: the words are not here, and the band decides about the line
            continue
        line.km, line.romanised, line.en = sung.km, sung.romanised, sung.en
        line.words = [word.text for word in sung.words]
        session.flush()
        for arrangement in arrangements:
            session.add(_timing(arrangement, line, sung.span.start_ms, sung.span.end_ms, sung.words))
        for source in sung.sources:
            approved = transcript_versions.current(session, testimonies[source.testimony], approved_only=True)
            version = approved and quotations.version_in(session, approved, source.language)
            if version is None:
                raise LookupError(f"{given.id}, line {position + 1}: its source has no approved transcript.")
            sources.tie(session, line, version, source.quote, source.relation)


def _timing(
    arrangement: Arrangement, line: LyricLine, start_ms: int, end_ms: int, words: tuple[Word, ...]
) -> LineTiming:
    timing = LineTiming(
        arrangement_id=arrangement.id, line_id=line.id, start_ms=start_ms, end_ms=end_ms, origin="human"
    )
    timing.words = words
    return timing
