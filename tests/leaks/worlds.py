"""Two archives that are the same but for one testimony.

One small archive is made and copied: ids, times, keys, sessions and index are the same in every copy. Into some of the
copies the testimony is put that nobody there may know of, with everything that hangs on a testimony: its sound, text,
translation, marks, name, place, themes, points, a campaign, a draft song and a published one that draw on it.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import sound
from archive.access.rule import Grant
from archive.accounts import accounts, api_tokens, sessions
from archive.backends import Backends, open_backends, secret_key
from archive.catalogue import thesaurus
from archive.consent import decisions
from archive.consent.decisions import ConsentGiven
from archive.days import Day
from archive.models import (
    Account,
    Arrangement,
    Campaign,
    CollectionReader,
    GatheredPassage,
    IndexPoint,
    KeptSearch,
    LineTiming,
    LinkCandidate,
    LyricLine,
    LyricVersion,
    PassageCode,
    PassageCoding,
    PassageCollection,
    Recording,
    Redaction,
    SegmentTranslation,
    SetEntry,
    SetList,
    Song,
    Source,
    Tagging,
    Term,
    TermLabel,
    now,
)
from archive.models.source import quote_hash
from archive.retrieval import indexing
from archive.settings import read_settings
from tests import factories
from tests.leaks import canaries, lists
from tests.leaks.told import (
    COMMON,
    DRAFT,
    SECONDS,
    SECRET,
    SECRET_DRAFT,
    SECRET_SONG,
    SONG,
    Told,
    chirp,
    sung_recording,
)

PASSWORD = "a long enough one"
GIVEN = ConsentGiven("signed", None)
ROLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "researcher": ("researcher", ()),
    "alliance": ("researcher", ("WNU",)),
    "band": ("band", ("MB",)),
    "steward": ("steward", ()),
}


KEPT = "commonkeptone0"  # the researcher's search for a hidden word, which they follow
COLLECTION = "commoncollect0"  # passages that the researcher gathered and shares with the band
PASSAGE = "commonpassage0"
SET = "commonsetlist0"  # the band's set of songs; where the hidden song is sung, it stands in the middle of it


# A consent, and roles that it leaves out. Where nothing was granted every role is asked everything; elsewhere those
# whose way into the rule differs.
_YEAR = timedelta(days=365)
_PUBLIC = decisions.PRESETS["public"]
_EVERYBODY = ("public", "researcher", "alliance", "band")
KINDS: dict[str, tuple[tuple[Grant, ...], tuple[str, ...]]] = {
    "nothing granted": ((), _EVERYBODY),
    "band only": (decisions.PRESETS["band-songs"][: len(decisions.BAND_ONLY)], ("public", "alliance")),
    "researchers only": (tuple(replace(one, audience="researcher") for one in decisions.BAND_ONLY), ("public", "band")),
    "one group only": (tuple(replace(one, audience="WIC") for one in _PUBLIC), ("alliance", "band")),
    "suspended": (_PUBLIC, ("public", "band")),
    "embargoed": (tuple(replace(one, start=now() + _YEAR) for one in _PUBLIC), ("public", "band")),
    "ended": (tuple(replace(one, start=now() - 2 * _YEAR, end=now() - _YEAR) for one in _PUBLIC), ("public",)),
    "withdrawn": (_PUBLIC, ("public",)),
    "destroyed": (_PUBLIC, ("public", "band")),
}


class World:
    """An archive in a folder of its own; `sounds` are the listening files by pitch, made once."""

    def __init__(
        self, folder: Path, sounds: dict[int, bytes], tokens: dict[str, str] | None = None, database_url: str = ""
    ) -> None:
        self.folder = folder
        self.sounds = sounds
        self.tokens = tokens or {}
        env = {"MESSENGER_DATA": str(folder / "var"), "XDG_CONFIG_HOME": str(folder / "keys"), "HOME": str(folder)}
        env |= {"MESSENGER_DATABASE_URL": database_url, "MESSENGER_HARVEST_CONTACT": "archive@example.org"}
        self.backends: Backends = open_backends(read_settings(env))

    def copy(self, folder: Path) -> World:
        """The same archive once more, in another folder."""
        self.backends.database.compact()
        shutil.copytree(self.folder, folder)
        return World(folder, self.sounds, self.tokens)

    def close(self) -> None:
        self.backends.database.engine.dispose()

    def fill(self) -> World:
        """Put in what is common to every world, the key of its cookies and entity tags too."""
        secret_key(self.backends.settings)
        with self.backends.database.write() as session:
            thesaurus.load_thesaurus(session)
            for name, (role, groups) in ROLES.items():
                accounts.create(session, f"some-{name}", PASSWORD, role, groups)
                self.tokens[name] = sessions.sign_in(session, f"some-{name}", PASSWORD, shared=False)
                self.tokens[f"program of {name}"] = api_tokens.make(
                    session, accounts.named(session, f"some-{name}"), "A notebook", 90
                )
            session.flush()
            keeper = session.scalars(select(Account.id).where(Account.name == "some-researcher")).one()
            wide = f"{canaries.WORD_EN} OR {canaries.TITLE_EN.split()[-1]} OR debt"
            session.add(KeptSearch(id=KEPT, account_id=keeper, name="debts", query=wide, feed=1, followed=True))
            session.add(Campaign(id="commoncampaign", name_km="បំណុលសុខភាព", name_en="Health debt"))
            session.flush()
            for told in COMMON:
                self.tell(session, told, _PUBLIC if told is not COMMON[-1] else decisions.PRESETS["listed-sealed"])
            _gathered(session, keeper)
            self.sing(session, SONG, COMMON[0], state="published")
            self.sing(session, DRAFT, None, state="draft")
            session.add(SetList(id=SET, title="One evening"))
            session.flush()
            _put_in_the_set(session, SONG, 1)
            _put_in_the_set(session, DRAFT, 3)
            lists.listening_lists(session)
        indexing.reindex(self.backends.database, self.backends.index)
        return self

    def tell(self, session: Session, told: Told, grants: tuple[Grant, ...]) -> None:
        """Put a testimony in, whole."""
        store = self.backends.store
        wav, listening = chirp(told.pitch), self.sounds[told.pitch]
        narrator = factories.narrator(
            session,
            id=f"{told.key}woman0",
            pseudonym_km=told.name[0],
            pseudonym_en=told.name[1],
            community=told.community,
            province=told.province,
        )
        keys = sound.whole_keys(told.recording)
        recording = factories.recording(
            session,
            id=told.recording,
            sha256=hashlib.sha256(wav).hexdigest(),
            size=len(wav),
            original_name=told.file_name,
            original_key=sound.original_key(told.recording),
            listening_key=keys.listening,
            peaks_key=keys.peaks,
            duration_ms=told.duration_ms,
        )
        store.put_bytes(recording.original_key, wav)
        redacted = sound.redacted_keys(told.recording, [told.mark])
        for pair in (keys, redacted):
            store.put_bytes(pair.listening, listening)
            store.put_bytes(pair.peaks, f'{{"peaks":[{told.pitch}]}}'.encode())
        factories.testimony(
            session,
            id=told.testimony,
            recording_id=told.recording,
            narrator_id=narrator.id,
            campaign_id=told.campaign,
            title_km=told.title[0],
            title_en=told.title[1],
            synopsis_km=told.synopsis[0],
            synopsis_en=told.synopsis[1],
            setting=told.said_place,
            recorded_on=Day.on(told.recorded_on),
        )
        self._words(session, told)
        self._described(session, told)
        if grants:
            decisions.grant(session, told.testimony, grants, GIVEN)

    def _words(self, session: Session, told: Told) -> None:
        segments = [
            factories.segment(text, n * 1000, n * 1000 + 1000, id=f"{told.key}part{n:02}")
            for n, text in enumerate(told.km)
        ]
        version = factories.transcript_version(session, told.testimony, segments, id=f"{told.key}words0")
        given = {"id": f"{told.key}other0", "language": "en", "translates_id": version.id}
        other = factories.transcript_version(session, told.testimony, **given)
        for n, text in enumerate(told.en):
            session.add(SegmentTranslation(version_id=other.id, segment_id=f"{told.key}part{n:02}", text=text))

    def _described(self, session: Session, told: Told) -> None:
        tags = {"testimony_id": told.testimony, "origin": "human", "matched": told.en[0][:40]}
        session.add_all(
            [
                Tagging(id=f"{told.key}theme0", term_id=told.theme, state="confirmed", **tags),
                Tagging(id=f"{told.key}place0", term_id=f"place-{told.province}", state="confirmed", **tags),
                IndexPoint(
                    id=f"{told.key}point0",
                    testimony_id=told.testimony,
                    start_ms=1000,
                    title_km=told.moment[0],
                    title_en=told.moment[1],
                    terms=[told.theme],
                ),
                IndexPoint(
                    id=f"{told.key}point1",
                    testimony_id=told.testimony,
                    start_ms=told.mark.start_ms,
                    title_km=told.km[2],
                    title_en=told.en[2],
                    terms=[told.theme],
                ),
                Redaction(
                    id=f"{told.key}mark00",
                    testimony_id=told.testimony,
                    start_ms=told.mark.start_ms,
                    end_ms=told.mark.end_ms,
                    heard_at=now(),
                ),
            ]
        )
        session.flush()

    def sing(self, session: Session, slug: str, told: Told | None, *, state: str, alone: bool = False) -> None:
        """A song of two lines, or `alone` of the first, which is drawn from `told`, with a recording and times."""
        key = hashlib.sha256(slug.encode()).hexdigest()[:8]
        song = Song(
            id=f"{key}song00",
            slug=slug,
            title_km=f"បទ{slug}",
            title_en=f"Song of {slug}",
            state=state,
            year=2024,
            campaign_id=told.campaign if told else None,
        )
        session.add(song)
        recording = Recording(
            id=sung_recording(slug),
            kind="song",
            sha256=quote_hash(slug),
            size=1,
            duration_ms=SECONDS * 1000,
            state="ready",
        )
        recording.listening_key = sound.whole_keys(recording.id).listening
        session.add(recording)
        session.flush()
        self.backends.store.put_bytes(recording.listening_key, self.sounds[COMMON[0].pitch])
        arrangement = Arrangement(id=f"{key}arrang", song_id=song.id, recording_id=recording.id, kind="studio")
        lyric = LyricVersion(id=f"{key}lyric0", song_id=song.id, number=1)
        lyric.lines = [
            LyricLine(
                id=f"{key}line00",
                position=0,
                km=told.km[1] if told else "ដីរបស់យើង",
                en=told.en[1] if told else "our land",
                words=[told.km[1]] if told else [],
                own=told is None,
            ),
            LyricLine(id=f"{key}line01", position=1, km="យើងច្រៀង", en="we sing", own=True),
        ]
        if alone:
            lyric.lines.pop()
        session.add_all([arrangement, lyric])
        session.flush()
        session.add(LineTiming(arrangement_id=arrangement.id, line_id=f"{key}line00", start_ms=0, end_ms=900))
        if told:
            session.add(_source(told, key))
        session.flush()

    def hide(self, kind: str) -> World:
        """Put in the testimony that is kept from some, with the consent of that kind."""
        return self.put_in(SECRET, KINDS[kind][0], suspended=kind == "suspended")

    def put_in(self, told: Told, grants: tuple[Grant, ...], *, suspended: bool = False) -> World:
        """Put in a testimony with the campaign and the theme that are its alone, and a likeness found by a machine."""
        with self.backends.database.write() as session:
            _only_hers(session)
            self.tell(session, told, grants)
            line = hashlib.sha256(DRAFT.encode()).hexdigest()[:8] + "line00"
            session.add(
                LinkCandidate(
                    id="secretlikeness",
                    line_id=line,
                    segment_id=f"{told.key}part00",
                    testimony_id=told.testimony,
                    language="km",
                    score=0.9,
                    shared=[told.km[0]],
                )
            )
            if suspended:
                decisions.suspend(session, told.testimony, GIVEN)
        indexing.index_testimony(self.backends.database, self.backends.index, told.testimony)
        return self

    def sing_hers(self) -> World:
        """Songs out of the hidden testimony, a draft and a published one."""
        slugs = {SECRET_DRAFT: "draft", SECRET_SONG: "published"}
        with self.backends.database.write() as session:
            for slug, state in slugs.items():
                self.sing(session, slug, SECRET, state=state, alone=state == "published")
            _put_in_the_set(session, SECRET_SONG, 2)
            lists.her_moments(session)
        with self.backends.database.read() as session:
            indexing.index_songs(session, self.backends.index, indexing.songs_from(session, SECRET.testimony))
        indexing.index_testimony(self.backends.database, self.backends.index, SECRET.testimony)
        return self


def _gathered(session: Session, keeper: str) -> None:
    """What the researcher gathered of what everybody may read, with a note and a code."""
    session.add(PassageCollection(id=COLLECTION, account_id=keeper, name="Debts", note="For a chapter"))
    session.flush()
    band = session.scalars(select(Account.id).where(Account.name == "some-band")).one()
    session.add_all(
        [
            CollectionReader(collection_id=COLLECTION, name="some-band", account_id=band),
            PassageCode(id="commoncode0000", collection_id=COLLECTION, name="debt"),
            GatheredPassage(
                id=PASSAGE,
                collection_id=COLLECTION,
                testimony_id=COMMON[0].testimony,
                version=1,
                start_ms=0,
                end_ms=1000,
                note="The first of them",
            ),
        ]
    )
    session.flush()
    session.add(PassageCoding(passage_id=PASSAGE, code_id="commoncode0000"))


def _put_in_the_set(session: Session, slug: str, position: int) -> None:
    song = session.scalars(select(Song.id).where(Song.slug == slug)).one()
    session.add(SetEntry(id=set_song(slug), set_id=SET, song_id=song, position=position))


def set_song(slug: str) -> str:
    """The id of a song's place in the set."""
    return f"{slug.replace('-', '')[:10]}set0"


def _only_hers(session: Session) -> None:
    """The campaign and the theme that nothing but the hidden testimony belongs to."""
    session.add(Campaign(id="secretcampaign", name_km=canaries.CAMPAIGN_KM, name_en=canaries.CAMPAIGN_EN))
    labels = {"km": canaries.THEME_KM, "en": canaries.THEME_EN}
    term = Term(id="canary-theme", kind="theme")
    term.labels = [TermLabel(language=language, text=text, preferred=True) for language, text in labels.items()]
    session.add(term)
    session.flush()


def _source(told: Told, key: str) -> Source:
    """The tie between the first line of the song under `key` and what was told, word for word."""
    return Source(
        id=f"{key}source",
        line_id=f"{key}line00",
        testimony_id=told.testimony,
        version_id=f"{told.key}words0",
        segment_id=f"{told.key}part01",
        start_ms=1000,
        end_ms=2000,
        quote=told.km[1],
        quote_hash=quote_hash(told.km[1]),
        relation="verbatim",
    )
