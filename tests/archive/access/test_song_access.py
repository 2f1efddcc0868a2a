"""What of a song may be sung now: a line is silent, the song stays, and no recording sings what is silent.

The rule is stated once more here in plain Python, from `decide` and the rows; over random histories of consent, of
words and of recordings the two say the same, on both databases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import clock, gate, song_access, sound
from archive.access.gate import PUBLIC, Grant, Viewer
from archive.consent import decisions, holds
from archive.db import Database
from archive.models import Arrangement, LineTiming, LyricLine, LyricVersion, Song, now
from archive.songs import song_export, song_view
from tests import factories
from tests.archive.testimonies import GIVEN, a_testimony, a_version, draw

TODAY = now()
BAND = Viewer("b", "band", frozenset({"MB"}))
STEWARD = Viewer("s", "steward")
RESEARCHER = Viewer("r", "researcher", frozenset({"WNU"}))
VIEWERS = (PUBLIC, RESEARCHER, BAND, STEWARD)
SAID = "ខ្ញុំជំពាក់ប្រាក់"
SUNG = ("ដីរបស់យើង", "ទឹកភ្នែកម៉ែ", "យើងច្រៀង")
ALL = tuple(Grant(form, "public") for form in ("quotation", "paraphrase"))


def _record(session: Session, song: Song, kind: str, at: datetime = TODAY, offset_ms: int = 0) -> Arrangement:
    recording = factories.recording(session, kind="song", created_at=at, listening_key=f"recordings/{kind}.m4a")
    recording.listening_key = sound.whole_keys(recording.id).listening
    made = Arrangement(song_id=song.id, recording_id=recording.id, kind=kind, offset_ms=offset_ms)
    session.add(made)
    session.flush()
    return made


def _words(session: Session, song: Song, number: int, texts: Collection[str], at: datetime) -> list[LyricLine]:
    version = LyricVersion(song_id=song.id, number=number, made_at=at)
    version.lines = [LyricLine(position=at, km=text, own=True) for at, text in enumerate(texts)]
    session.add(version)
    session.flush()
    return list(version.lines)


def _published(session: Session) -> tuple[Song, str, list[LyricLine]]:
    """A song that is out, of three lines; the second is what somebody said, who allows everybody to sing it."""
    told = a_testimony(session)
    decisions.grant(session, told.id, list(ALL), GIVEN)
    song = factories.song(session, title_km="បំណុល", title_en="Debt", state="published")
    lines = _words(session, song, 1, (SUNG[0], SAID, SUNG[2]), TODAY - timedelta(days=9))
    lines[1].own = False
    draw(session, lines[1], a_version(session, told.id))
    return song, told.id, lines


def _page(session: Session, viewer: Viewer, song: Song) -> song_view.SongPage:
    page = song_view.song_page(session, viewer, song.slug)
    assert page is not None
    return page


def _texts(page: song_view.SongPage) -> list[str]:
    return ["".join(word.text for word in line.words) for line in page.lines]


def test_a_song_keeps_its_page_and_its_other_lines(database: Database) -> None:
    with database.write() as session:
        song, told, _ = _published(session)
        voice, music = _record(session, song, "studio"), _record(session, song, "instrumental", offset_ms=200)
        whole = _page(session, PUBLIC, song)
        assert (_texts(whole), whole.silent, whole.voice_silent) == ([SUNG[0], SAID, SUNG[2]], False, False)
        assert {track.recording_id for track in whole.tracks} == {voice.recording_id, music.recording_id}
        decisions.withdraw(session, told, GIVEN)
        assert song.state == "held"
        for viewer in VIEWERS:
            page = _page(session, viewer, song)
            assert (_texts(page), page.silent, page.voice_silent) == ([SUNG[0], SUNG[2]], True, True)
            assert [track.recording_id for track in page.tracks] == [music.recording_id]
            assert [(line.silent_before, line.silent_after) for line in page.lines] == [(False, True), (False, False)]
        for viewer in (PUBLIC, RESEARCHER):
            assert sound.playable(session, viewer, voice.recording_id) is None
            assert sound.playable(session, viewer, music.recording_id) is not None
        heard = sound.playable(session, BAND, voice.recording_id)
        assert heard is not None, "the studio works with it"
        assert not heard.public
        assert not gate.song_visible(session, PUBLIC, song.id), "what was not taught about silent lines gives nothing"


def test_the_words_keep_the_time_of_the_instrumental(database: Database) -> None:
    with database.write() as session:
        song, told, lines = _published(session)
        voice = _record(session, song, "studio")
        _record(session, song, "instrumental", offset_ms=200)
        session.add(LineTiming(arrangement_id=voice.id, line_id=lines[2].id, start_ms=5000, end_ms=6000))
        session.flush()
        assert _page(session, PUBLIC, song).lines[2].start_ms == 5000
        decisions.withdraw(session, told, GIVEN)
        page = _page(session, PUBLIC, song)
        assert (page.lines[1].start_ms, page.lines[1].end_ms, page.tracks[0].offset_ms) == (4800, 5800, 0)


def test_an_end_day_silences_before_anybody_holds_the_line(database: Database) -> None:
    later = now() + timedelta(days=400)
    with database.write() as session:
        song, told, lines = _published(session)
        voice = _record(session, song, "live")
        decisions.narrow(
            session, told, [Grant(one.form, "public", end=later - timedelta(days=9)) for one in ALL], GIVEN
        )
        assert not lines[1].held
        at = {"at": later}
        assert song_access.song_shown(session, PUBLIC, song.id, **at)
        assert song_access.lines_of(session, PUBLIC, [song.id], **at) == {lines[0].id, lines[2].id}
        assert song_access.played(session, PUBLIC, [song.id], **at) == set()
        assert song_access.played(session, PUBLIC, [song.id]) == {voice.id}


def test_a_line_that_says_the_same_is_silent_too(database: Database) -> None:
    with database.write() as session:
        song, told, lines = _published(session)
        lines[2].km = f"{SAID} ណា"
        decisions.withdraw(session, told, GIVEN)
        assert _texts(_page(session, PUBLIC, song)) == [SUNG[0]]


@pytest.mark.parametrize("where", ["title_km", "note_km"])
def test_a_song_whose_title_or_story_says_the_silent_words_is_off(database: Database, where: str) -> None:
    with database.write() as session:
        song, told, _ = _published(session)
        setattr(song, where, f"នេះ {SAID[:5]}\u200b{SAID[5:]}")
        assert song_view.may_open(session, PUBLIC, song.slug)
        decisions.withdraw(session, told, GIVEN)
        assert not song_view.may_open(session, PUBLIC, song.slug)
        assert song_view.may_open(session, BAND, song.slug)


def test_a_song_of_which_nothing_is_left_is_off(database: Database) -> None:
    with database.write() as session:
        song, told, lines = _published(session)
        lines[0].km = lines[2].km = SAID
        decisions.withdraw(session, told, GIVEN)
        assert not song_view.may_open(session, PUBLIC, song.slug)


def test_a_new_version_without_the_line_does_not_make_the_old_recording_sing_again(database: Database) -> None:
    with database.write() as session:
        song, told, _ = _published(session)
        voice = _record(session, song, "studio", TODAY - timedelta(days=5))
        decisions.withdraw(session, told, GIVEN)
        _words(session, song, 2, (SUNG[0], SUNG[1], SUNG[2]), TODAY)
        assert _texts(_page(session, PUBLIC, song)) == list(SUNG)
        song.state = "published"
        session.flush()
        page = _page(session, PUBLIC, song)
        assert (page.tracks, page.silent, page.voice_silent) == ((), False, True)
        assert sound.playable(session, PUBLIC, voice.recording_id) is None
        assert song_export.refused(session, PUBLIC, song_export.sheet_of(session, song), "sound") == "held"
        anew = _record(session, song, "studio", TODAY + timedelta(days=1))
        assert [one.recording_id for one in _page(session, PUBLIC, song).tracks] == [anew.recording_id]


def test_taken_up_again_and_let_out_again_it_sings_as_before(database: Database) -> None:
    with database.write() as session:
        song, told, lines = _published(session)
        voice = _record(session, song, "studio")
        decisions.suspend(session, told, GIVEN)
        decisions.reconfirm(session, told, GIVEN, list(ALL))
        assert _texts(_page(session, PUBLIC, song)) == [SUNG[0], SUNG[2]], "nothing is taken up again by itself"
        holds.take_up_again(session, lines[1].id, factories.account(session).id)
        page = _page(session, PUBLIC, song)
        assert (_texts(page), page.tracks) == ([SUNG[0], SAID, SUNG[2]], ()), (
            "the voice waits until a person lets it out"
        )
        song.state = "published"
        session.flush()
        assert [one.recording_id for one in _page(session, PUBLIC, song).tracks] == [voice.recording_id]


def test_a_recording_of_two_songs_is_silent_in_both(database: Database) -> None:
    with database.write() as session:
        song, told, _ = _published(session)
        voice = _record(session, song, "studio")
        other = factories.song(session, title_km="ផ្សេង", state="published")
        _words(session, other, 1, SUNG, TODAY)
        session.add(Arrangement(song_id=other.id, recording_id=voice.recording_id, kind="live"))
        session.flush()
        assert _page(session, PUBLIC, other).tracks
        decisions.withdraw(session, told, GIVEN)
        assert not _page(session, PUBLIC, other).tracks
        assert sound.playable(session, PUBLIC, voice.recording_id) is None


def test_typed_credits_do_not_name_whoever_is_silent(database: Database) -> None:
    with database.write() as session:
        song, told, lines = _published(session)
        who = lines[1].sources[0]
        narrator = session.get_one(type(a_testimony(session)), who.testimony_id).narrator
        narrator.pseudonym_km = "ចាន់ធូ"
        song.credits = [{"role": "voice", "km": "ចាន់ធូ", "en": ""}, {"role": "words", "km": "ក្រុម", "en": ""}]
        decisions.withdraw(session, told, GIVEN)
        assert [one.km for one in _page(session, PUBLIC, song).credits] == ["ក្រុម"]


# Random histories: what is said in the SQL of the module, said again of the rows.

texts = st.sampled_from((SAID, *SUNG, "", "we sing", f"{SAID} {SUNG[0]}"))
a_line = st.tuples(texts, st.lists(st.tuples(st.integers(0, 2), st.sampled_from(("verbatim", "inspired"))), max_size=2))
a_word_history = st.lists(st.lists(a_line, min_size=1, max_size=4), min_size=1, max_size=3)
an_act = st.tuples(
    st.integers(0, 2),
    st.sampled_from(("grant", "grant", "grant", "narrow", "suspend", "withdraw")),
    st.lists(
        st.builds(
            Grant,
            st.sampled_from(("quotation", "paraphrase")),
            st.sampled_from(("public", "public", "band", "WNU")),
            end=st.none() | st.integers(-9, 9).map(lambda n: TODAY + timedelta(days=n)),
        ),
        min_size=1,
        max_size=3,
    ),
)
a_world = st.fixed_dictionaries(
    {
        "words": a_word_history,
        "before": st.lists(an_act, max_size=4),
        "after": st.lists(an_act, max_size=4),
        "state": st.sampled_from(("published", "published", "published", "held", "draft", "retired")),
        "title": st.sampled_from(("បំណុល", SAID)),
        "sounds": st.lists(
            st.tuples(st.sampled_from(("studio", "live", "instrumental", "guide")), st.integers(-5, 5)), max_size=3
        ),
        "hold": st.booleans(),
    }
)


def _bare(text: str) -> str:
    return text.replace(" ", "").replace("\u200b", "").lower()


class _Plainly:
    """The rule in plain Python, for one viewer at one moment."""

    def __init__(self, session: Session, viewer: Viewer, at: datetime, song: Song) -> None:
        self.session, self.viewer, self.song = session, viewer, song
        self.moment = clock.moment(session, at)
        versions = session.scalars(select(LyricVersion).where(LyricVersion.song_id == song.id))
        self.versions = sorted(versions, key=lambda one: one.number)
        self.now = list(self.versions[-1].lines) if self.versions else []

    def closed(self, line: LyricLine) -> bool:
        return line.held or (self.viewer.role != "steward" and any(map(self.falls, line.sources)))

    def falls(self, source: object) -> bool:
        state = gate.consent_state(self.session, source.testimony_id)  # type: ignore[attr-defined]
        assert state is not None
        form = gate.FORM_OF_RELATION[source.relation]  # type: ignore[attr-defined]
        refused = not gate.decide(state, self.viewer, form, self.moment, gate.SUNG_FOR)
        return refused or (not self.viewer.inside and source.state == "held")  # type: ignore[attr-defined]

    def never(self) -> list[str]:
        return [_bare(line.km) for line in self.now if self.closed(line) and line.km]

    def says(self, text: str) -> bool:
        said = _bare(text)
        return any(said == one or (len(one) >= song_access.LONG_ENOUGH and one in said) for one in self.never())

    def lines(self) -> set[str]:
        mine = [line for line in self.now if not self.closed(line)]
        return {line.id for line in mine if self.viewer.inside or not self.says(line.km)}

    def shown(self) -> bool:
        if self.viewer.role == "steward":
            return True
        if self.viewer.inside:
            return not any(self.closed(line) and not line.held for line in self.now)
        if self.song.state == "published" and not any(map(self.closed, self.now)):
            return True
        left = self.lines()
        some = any(line.id in left and line.km for line in self.now)
        return self.song.state in {"published", "held"} and some and not self.says(self.song.title_km)

    def played(self, arrangement: Arrangement) -> bool:
        return self.shown() and (arrangement.kind == "instrumental" or self._voice(arrangement))

    def _voice(self, arrangement: Arrangement) -> bool:
        out = self.song.state != "held" if self.viewer.inside else self.song.state == "published"
        if not out or any(map(self.closed, self.now)):
            return False
        came = arrangement.recording.created_at
        for version in self.versions:
            if any(later.number > version.number and later.made_at < came for later in self.versions):
                continue
            for line in filter(self.closed, version.lines):
                if not (line.km and any(_bare(line.km) == _bare(one.km) for one in self.now)):
                    return False
        return True


def _live(session: Session, world: dict[str, object]) -> Iterator[Song]:
    told = [a_testimony(session).id for _ in range(3)]
    said = [a_version(session, one) for one in told]
    _decide(session, told, world["before"])
    song = factories.song(session, title_km=str(world["title"]), title_en="", state="published")
    for number, lines in enumerate(world["words"]):  # type: ignore[arg-type]
        made = _words(session, song, number + 1, [text for text, _ in lines], TODAY + timedelta(days=2 * number - 2))
        for line, (_, sources) in zip(made, lines, strict=True):
            for which, relation in sources:
                draw(session, line, said[which], relation=relation)
    for kind, days in world["sounds"]:  # type: ignore[attr-defined]
        _record(session, song, kind, TODAY + timedelta(days=days))
    _decide(session, told, world["after"])
    if world["hold"]:
        for one in told:
            holds.hold_lines(session, one)
    song.state = str(world["state"])
    session.flush()
    session.expire_all()
    yield song


def _decide(session: Session, told: list[str], acts: object) -> None:
    for which, kind, grants in acts:  # type: ignore[attr-defined]
        try:
            if kind in {"grant", "narrow"}:
                getattr(decisions, kind)(session, told[which], grants, GIVEN)
            else:
                getattr(decisions, kind)(session, told[which], GIVEN)
        except decisions.Withdrawn:
            continue


def _agree(session: Session, song: Song, at: datetime) -> None:
    arrangements = session.scalars(select(Arrangement).where(Arrangement.song_id == song.id)).all()
    for viewer in VIEWERS:
        plain = _Plainly(session, viewer, at, song)
        assert song_access.song_shown(session, viewer, song.id, at) is plain.shown(), viewer
        assert song_access.lines_of(session, viewer, [song.id], at) == plain.lines(), viewer
        heard = song_access.played(session, viewer, [song.id], at)
        assert heard == {one.id for one in arrangements if plain.played(one)}, viewer
        if gate.song_visible(session, viewer, song.id, at):
            assert plain.shown(), "what is whole has a page"


@pytest.mark.parametrize("worlds", [40])
def test_the_rule_and_the_queries_agree(database: Database, worlds: int) -> None:
    @settings(max_examples=worlds, deadline=None, suppress_health_check=list(HealthCheck))
    @given(a_world, st.integers(-12, 12))
    def agree(world: dict[str, object], days: int) -> None:
        with database.engine.connect() as connection, Session(connection) as session:
            for song in _live(session, world):
                _agree(session, song, TODAY + timedelta(days=days))
            session.rollback()

    agree()
