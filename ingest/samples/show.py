"""Putting the sample collection on show: through the same intake and the same stages as any recording.

What the recogniser hears is kept as it heard it; the text that people approved is the collection's. Every step looks
whether it was done already, so that a demonstration that was interrupted goes on where it was, and a second one
starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access.rule import Grant
from archive.backends import Backends
from archive.catalogue import tagging
from archive.catalogue.descriptions import Description
from archive.consent import heard_through
from archive.days import Day
from archive.models import Campaign, Narrator, Redaction, Tagging, Testimony, TranscriptVersion, now
from archive.retrieval import indexing
from archive.timing import Utterance, Word
from archive.transcripts import quotations, transcript_versions
from archive.transcripts.word_times import carry_times
from ingest import samples
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from ingest.samples.show_songs import show_song
from ingest.stages.contract import Watcher
from ingest.stages.redacted_sound import make_redacted
from ingest.stages.taken_back import TakenBack

Watching = Callable[[str], AbstractContextManager[Watcher]]
"""Gives somebody who looks on while the recording of that name is taken through the stages."""


def put_on_show(backends: Backends, watching: Watching, *, steward_id: str | None = None) -> None:
    """Take in whatever of the sample collection is not there yet."""
    collection = samples.load_collection()
    with backends.database.write() as session:
        campaigns = {one.id: _campaign(session, one) for one in collection.campaigns}
    narrators = {one.id: one for one in collection.narrators}
    shown: dict[str, str] = {}
    known: dict[str, str] = {}
    for testimony in collection.testimonies:
        # A sample can be taken back as well, and then stays so.
        with suppress(TakenBack), watching(testimony.title["en"]) as watcher:
            shown[testimony.id] = _show_testimony(
                backends, collection, testimony, narrators[testimony.narrator], known, campaigns, steward_id, watcher
            )
    songs = []
    for song in collection.songs:
        with watching(song.title["en"]) as watcher:
            songs.append(show_song(backends, collection, song, shown, watcher))
    with backends.database.read() as session:
        indexing.index_songs(session, backends.index, songs)


def _campaign(session: Session, given: samples.SampleCampaign) -> str:
    known = session.scalars(select(Campaign).where(Campaign.name_en == given.name["en"])).first()
    campaign = known or Campaign(name_km=given.name["km"], name_en=given.name["en"], slug=given.id, state="shown")
    campaign.description_km, campaign.description_en = given.description["km"], given.description["en"]
    session.add(campaign)
    session.flush()
    return campaign.id


def _show_testimony(
    backends: Backends,
    collection: samples.Collection,
    given: samples.SampleTestimony,
    narrator: samples.SampleNarrator,
    known: dict[str, str],
    campaigns: dict[str, str],
    steward_id: str | None,
    watcher: Watcher,
) -> str:
    description = Description(
        title_km=given.title["km"],
        title_en=given.title["en"],
        synopsis_km=given.synopsis["km"],
        synopsis_en=given.synopsis["en"],
        language=given.language,
        recorded_on=Day.on(given.recorded_on),
        setting=given.setting,
        collected_by=given.interviewer,
        narrator_km=narrator.pseudonym["km"],
        narrator_en=narrator.pseudonym["en"],
        community=narrator.community,
        narrator=known.get(narrator.id, ""),
    )
    receipt = submit(
        backends,
        collection.folder / given.file,
        description,
        original_name=given.file,
        account_id=steward_id,
        grants=_grants(given),
    )
    pipeline.run(backends, receipt.recording_id, watcher=watcher)
    assert receipt.testimony_id is not None
    with backends.database.write() as session:
        testimony = session.get_one(Testimony, receipt.testimony_id)
        known[narrator.id] = testimony.narrator_id
        if transcript_versions.current(session, testimony.id, approved_only=True) is None:
            testimony.sample = True
            testimony.campaign_id = campaigns.get(given.campaign or "")
            _place(session, testimony.narrator_id, narrator)
            _approve(session, testimony, given, steward_id)
    make_redacted(backends, receipt.testimony_id)
    indexing.index_testimony(backends.database, backends.index, receipt.testimony_id)
    return receipt.testimony_id


def _place(session: Session, narrator_id: str, given: samples.SampleNarrator) -> None:
    narrator = session.get_one(Narrator, narrator_id)
    narrator.province, narrator.district = given.place.province, given.place.district


def _grants(given: samples.SampleTestimony) -> dict[str, list[Grant]]:
    """The collection's grants, by the method in which they were given."""
    found: dict[str, list[Grant]] = {}
    for one in given.consent:
        end = time_zone.closes_after(one.end) if one.end else None
        grant = Grant(one.form, one.audience, one.purpose, time_zone.opens_on(one.start), end, one.level or "")
        found.setdefault(one.method, []).append(grant)
    return found


def _approve(session: Session, testimony: Testimony, given: samples.SampleTestimony, steward_id: str | None) -> None:
    """The text people approved, beside what the machine heard, with its translation, marks and terms."""
    heard = transcript_versions.current(session, testimony.id, approved_only=False)
    words = [word for segment in heard.segments if not segment.flags for word in segment.words] if heard else []
    version = transcript_versions.add_version(
        session,
        testimony.id,
        given.language,
        [_utterance(segment, words) for segment in given.segments],
        stage="reviewed",
        parent=heard,
        made_by_id=steward_id,
    )
    transcript_versions.approve(session, version, steward_id)
    heard_through.hear(session, testimony.id, steward_id)
    languages = {language for segment in given.segments for language in segment.translation}
    for language in sorted(languages):
        texts = {
            kept.id: segment.translation[language]
            for kept, segment in zip(version.segments, given.segments, strict=True)
            if segment.translation.get(language)
        }
        transcript_versions.add_translation(session, version, language, texts, stage="approved", made_by_id=steward_id)
    _mark(session, testimony.id, version, given.redactions, steward_id)
    tagging.suggest(session, version)
    _confirm(session, testimony.id, steward_id)


def _utterance(given: samples.SampleSegment, heard: Sequence[Word]) -> Utterance:
    return Utterance(
        given.span.start_ms,
        given.span.end_ms,
        given.text,
        words=carry_times(given.text, given.span, heard),
        speaker=given.speaker,
    )


def _mark(
    session: Session,
    testimony_id: str,
    version: TranscriptVersion,
    marks: Sequence[samples.SampleRedaction],
    steward_id: str | None,
) -> None:
    """Each mark takes the time of the words it names; the sample's steward has listened to what is left."""
    for mark in marks:
        place = quotations.anchor(session, version, mark.quote)
        session.add(
            Redaction(
                testimony_id=testimony_id,
                start_ms=place.span.start_ms,
                end_ms=place.span.end_ms,
                reason=mark.reason,
                marked_by_id=steward_id,
                heard_by_id=steward_id,
                heard_at=now(),
            )
        )
    session.flush()


def _confirm(session: Session, testimony_id: str, steward_id: str | None) -> None:
    """In the sample, every suggestion but places has been looked at and confirmed."""
    query = select(Tagging.term_id).where(
        Tagging.testimony_id == testimony_id, Tagging.state == "suggested", Tagging.term_id.not_like("place-%")
    )
    for term_id in set(session.scalars(query)):
        tagging.decide(session, testimony_id, term_id, steward_id, confirm=True)
