"""The sentences that are read to a narrator say what the gate answers, to everybody and on every day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import time_zone
from archive.access.clock import Moment
from archive.access.gate import FORM_OF_RELATION, PUBLIC, SUNG_FOR, Unknown, Viewer, may
from archive.access.rule import PURPOSES, STEWARD_FORMS, ConsentState, Grant, decide, finest_place
from archive.consent import decisions, holds, wording
from archive.consent.decisions import PRESETS
from archive.db import Database
from archive.models.consent import AUDIENCES, FORMS
from tests.archive.testimonies import GIVEN, a_song, a_testimony, a_version

FIRST_DAY = date(2026, 11, 28)
NOON = Moment(*[time_zone.opens_on(FIRST_DAY) + timedelta(hours=12)] * 2)
LISTED = Grant("existence", "public")
TO_ALL = [LISTED, Grant("original_sound", "public"), Grant("quotation", "public")]


def _state(*grants: Grant, **facts: bool) -> ConsentState:
    return ConsentState("t", grants=grants, **{"approved": True, "heard_through": True, **facts})


# What sentences say, read again by somebody who has never seen how they were made.

WHAT = {
    "know that this testimony is here": "existence",
    "hear the narrator's own voice": "original_sound",
    "hear the narrator's own voice, even what is taken out": "whole",
    "hear the narrator's own voice without what is taken out": "original_sound",
    "hear it in another voice": "disguised_sound",
    "read every word, even what is taken out": "full_transcript",
    "read the words": "redacted_transcript",
    "read the words without what is taken out": "redacted_transcript",
    "hear these words in a song": "quotation",
    "hear the story told in other words": "paraphrase",
    "see the name the narrator chose": "pseudonym",
    "see the real name": "name",
    "know the place, as far as the country": "place country",
    "know the place, as far as the province": "place province",
    "know the place, as far as the district": "place district",
    "know the place, as far as the commune or factory": "place commune",
}
FOR = {
    ", to listen": "listening",
    ", for research": "research",
    ", to make songs": "song",
    ", for campaigns": "campaign",
    ", on radio and television": "broadcast",
}
_WHAT, _FOR = ("|".join(map(re.escape, sorted(some, key=len, reverse=True))) for some in (WHAT, FOR))
SENTENCE = re.compile(
    rf"(?P<who>Everyone|Nobody|Only .+?|.+?) may (?P<what>{_WHAT})(?P<purpose>{_FOR})?"
    r"(?:, from (?P<start>\d+ \w+ \d+))?(?:, until (?P<end>\d+ \w+ \d+))?(?P<once>(?:, once [^,]+)*)\.$"
)


@dataclass(frozen=True)
class Said:
    """A sentence, understood."""

    who: str
    what: str
    purpose: str
    start: date
    end: date
    waits: bool

    def is_of(self, viewer: Viewer) -> bool:
        return self.who == "Everyone" or any(_means(words, viewer) for words in self.who.split(" and "))

    def holds(self, viewer: Viewer, uses: frozenset[str], day: date) -> bool:
        fits = self.purpose in uses if self.purpose else bool(uses - {"broadcast"})
        return self.is_of(viewer) and fits and self.start <= day <= self.end


def _means(words: str, viewer: Viewer) -> bool:
    words, _, group = words.removeprefix("Only ").replace(" let in by name", " let-in").partition(" who are in ")
    if group and group not in viewer.groups:
        return False
    words = words[0].lower() + words[1:]
    if words in {"mB", "wNU", "wIC", "sAC"}:
        return words.upper() in viewer.groups
    return {
        "the band": viewer.role == "band",
        "those of the band": viewer.role == "band",
        "researchers": viewer.role == "researcher",
        "researchers with an account": viewer.role == "researcher",
        "researchers who were let-in": viewer.role == "researcher" and "t" in viewer.named,
    }[words]


def _day(text: str | None, otherwise: date) -> date:
    return datetime.strptime(text, "%d %B %Y").replace(tzinfo=UTC).date() if text else otherwise


def _understood(passages: tuple[str, ...]) -> Iterator[Said]:
    for passage in passages:
        text = passage.replace("let in by name and are in", "let in by name who are in")
        for sentence in re.split(r"(?<=\.) ", text):
            if sentence in {"This does not include radio and television.", "Nothing is taken out of them so far."}:
                continue
            if sentence.startswith("The stewards, who look after this,"):
                continue
            found = SENTENCE.match(sentence)
            assert found is not None, sentence
            if found["who"] != "Nobody":
                starts, ends = _day(found["start"], date.min), _day(found["end"], date.max)
                purpose = FOR.get(found["purpose"] or "", "")
                yield Said(found["who"], WHAT[found["what"]], purpose, starts, ends, bool(found["once"]))


some_days = st.integers(-60, 60).map(lambda n: FIRST_DAY + timedelta(days=n))


def _grant(form: str, audience: str, purpose: str, first: date | None, last: date | None, level: str) -> Grant:
    if first and last and last < first:
        first, last = last, first
    start, end = first and time_zone.opens_on(first), last and time_zone.closes_after(last)
    return Grant(form, audience, purpose, start, end, level if form == "place" else "")


grants = st.builds(
    _grant,
    st.sampled_from(FORMS) | st.just("existence"),
    st.sampled_from(AUDIENCES) | st.just("public"),
    st.just("") | st.just("") | st.sampled_from(PURPOSES),
    st.none() | some_days,
    st.none() | some_days,
    st.sampled_from(["country", "province", "district", "commune"]),
)
# Half of them are listed, or nearly everything would be refused for one reason.
states = st.builds(
    lambda listed, some, facts: ConsentState("t", grants=(*listed, *some), **facts),
    st.sampled_from([(), (LISTED,), (Grant("existence", "researcher"), Grant("existence", "band"))]),
    st.lists(grants, max_size=8) | st.sampled_from([*PRESETS.values()]),
    st.fixed_dictionaries(dict.fromkeys(("approved", "marks", "heard", "heard_through"), st.booleans())),
)
VIEWERS = (
    PUBLIC,
    Viewer("r", "researcher"),
    Viewer("n", "researcher", named=frozenset({"t"})),
    Viewer("w", "researcher", frozenset({"WNU"})),
    Viewer("v", "researcher", frozenset({"WNU"}), named=frozenset({"t"})),
    Viewer("b", "band"),
    Viewer("m", "band", frozenset({"MB"})),
    Viewer("c", "band", frozenset({"SAC"})),
)
SUNG = frozenset(FORM_OF_RELATION.values())
_DONE = {"approved": True, "heard": True, "heard_through": True}


def _agrees(state: ConsentState, said: list[Said], viewer: Viewer, day: date) -> None:
    noon = Moment(*[time_zone.opens_on(day) + timedelta(hours=12)] * 2)
    for form in FORMS:
        asked = replace(state, marks=True) if form == "full_transcript" else state
        purpose = SUNG_FOR if form in SUNG else None
        uses = frozenset(viewer.purposes if purpose is None else (purpose,))
        mine = [one for one in said if one.what.split()[0] == form or (form, one.what) == ("original_sound", "whole")]
        mine = [one for one in mine if one.holds(viewer, uses, day)]
        now = [one for one in mine if not one.waits]
        assert bool(now) == bool(decide(asked, viewer, form, noon, purpose)), (form, viewer, day, said)
        assert bool(mine) == bool(decide(replace(asked, **_DONE), viewer, form, noon, purpose)), (form, viewer, day)
        if form == "original_sound" and state.marks and now:
            whole = bool(decide(state, viewer, "full_transcript", noon))
            assert whole == any(one.what == "whole" for one in now), (viewer, day, said)
        if form == "place" and now:
            level = finest_place(state, viewer, noon)
            order = ("country", "province", "district", "commune")
            assert level == order[max(order.index(one.what.split()[1]) for one in now)]
        if form in SUNG:
            on_air = any(one.purpose == "broadcast" and one.is_of(viewer) for one in mine_of(said, form, day))
            assert on_air == bool(decide(state, viewer, form, noon, "broadcast"))


def mine_of(said: list[Said], form: str, day: date) -> list[Said]:
    return [one for one in said if one.what == form and one.start <= day <= one.end]


@given(states, st.integers(0, 90))
@settings(max_examples=150, deadline=None)
def test_every_sentence_is_what_the_gate_answers(state: ConsentState, later: int) -> None:
    """For a stranger, researchers, members of groups and the band, today and on some later day."""
    passages = wording.at_a_glance(state, NOON, "en")
    said = list(_understood(passages))
    for viewer in VIEWERS:
        for day in (FIRST_DAY, FIRST_DAY + timedelta(days=later)):
            _agrees(state, said, viewer, day)
    steward = Viewer("s", "steward")
    assert passages[-1].startswith("The stewards, who look after this, may always know of it, read it, hear it")
    assert all(decide(state, steward, form, NOON) for form in STEWARD_FORMS)
    for form in set(FORMS) - STEWARD_FORMS:
        assert bool(decide(state, steward, form, NOON)) == bool(decide(state, PUBLIC, form, NOON)), "as everybody else"


def test_what_was_taken_back_is_nobody_s_not_even_a_steward_s() -> None:
    passages = wording.at_a_glance(replace(_state(*PRESETS["public"]), withdrawn=True), NOON, "en")
    assert len(passages) == len(FORMS)
    assert all(one.startswith("Nobody may ") for one in passages)


@pytest.mark.parametrize(
    ("grants", "english", "khmer"),
    [
        ([], "Nobody may hear the narrator's own voice.", "គ្មានអ្នកណាអាចស្ដាប់សំឡេងពិតរបស់អ្នកនិទានបានទេ។"),
        (
            [Grant("original_sound", "band"), Grant("existence", "band")],
            "Only the band may hear the narrator's own voice.",
            "មានតែក្រុមអ្នកនាំសារប៉ុណ្ណោះដែលអាចស្ដាប់សំឡេងពិតរបស់អ្នកនិទានបាន។",
        ),
        (
            [LISTED, Grant("original_sound", "public"), Grant("original_sound", "band")],
            "Everyone may hear the narrator's own voice.",
            "អ្នកណាក៏អាចស្ដាប់សំឡេងពិតរបស់អ្នកនិទានបាន។",
        ),
        (
            [LISTED, Grant("original_sound", "WNU", "research", None, time_zone.closes_after(date(2026, 12, 31)))],
            "Only WNU may hear the narrator's own voice, for research, until 31 December 2026.",
            "មានតែក្រុម WNU ប៉ុណ្ណោះដែលអាចស្ដាប់សំឡេងពិតរបស់អ្នកនិទានបាន សម្រាប់ការស្រាវជ្រាវ រហូតដល់ថ្ងៃទី៣១ ខែធ្នូ ឆ្នាំ២០២៦។",
        ),
        (
            [
                LISTED,
                Grant("original_sound", "band"),
                Grant("original_sound", "public", "", time_zone.opens_on(date(2027, 1, 1))),
            ],
            "The band may hear the narrator's own voice. "
            "Everyone may hear the narrator's own voice, from 1 January 2027.",
            "ក្រុមអ្នកនាំសារអាចស្ដាប់សំឡេងពិតរបស់អ្នកនិទានបាន។ អ្នកណាក៏អាចស្ដាប់សំឡេងពិតរបស់អ្នកនិទានបាន ចាប់ពីថ្ងៃទី១ ខែមករា ឆ្នាំ២០២៧។",
        ),
    ],
    ids=["nobody", "only the band", "everyone", "a group for a purpose until a day", "the band now, everyone later"],
)
def test_consent_is_said_in_words_a_narrator_would_use(grants: list[Grant], english: str, khmer: str) -> None:
    assert wording.says("original_sound", _state(*grants), NOON, "en") == english
    assert wording.says("original_sound", _state(*grants), NOON, "km") == khmer


def test_with_marks_nobody_outside_is_said_to_read_every_word() -> None:
    """As it was read before: everyone reads every word, and nobody the text with parts taken out."""
    state = _state(LISTED, Grant("full_transcript", "public"), Grant("original_sound", "public"), marks=True)
    assert (
        wording.says("full_transcript", state, NOON, "en")
        == "Only the band may read every word, even what is taken out."
    )
    assert wording.says("redacted_transcript", state, NOON, "en") == (
        "Everyone may read the words without what is taken out."
    )
    assert wording.says("original_sound", state, NOON, "en") == (
        "Only the band may hear the narrator's own voice, even what is taken out. "
        "Everyone may hear the narrator's own voice without what is taken out."
    )


def test_without_marks_whoever_reads_has_every_word_and_is_said_to() -> None:
    state = _state(LISTED, Grant("redacted_transcript", "public"))
    assert wording.says("redacted_transcript", state, NOON, "en") == (
        "Everyone may read the words. Nothing is taken out of them so far."
    )


def test_what_a_yes_still_waits_for_is_said() -> None:
    state = _state(*TO_ALL, heard_through=False)
    assert wording.says("original_sound", state, NOON, "en") == (
        "The band may hear the narrator's own voice. "
        "Everyone may hear the narrator's own voice, once somebody of the band has listened to the end."
    )


def test_a_time_that_is_over_is_not_said_to_be_open() -> None:
    over = Grant("original_sound", "public", end=time_zone.closes_after(FIRST_DAY - timedelta(days=1)))
    assert wording.says("original_sound", _state(LISTED, over), NOON, "en").startswith("Nobody may")
    assert wording.says_of(over, _state(LISTED, over), NOON, "en") == (
        "Everyone may hear the narrator's own voice, until 27 November 2026. That time is over."
    )


def test_one_grant_says_what_it_opens_of_itself() -> None:
    whole = Grant("full_transcript", "public")
    assert wording.says_of(whole, _state(whole, marks=True), NOON, "en") == (
        "The band may read every word, even what is taken out. Everyone may read the words without what is taken out."
    )
    group = Grant("original_sound", "WNU")
    assert wording.says_of(group, _state(group), NOON, "en") == "WNU may hear the narrator's own voice."


def test_a_place_is_told_as_far_as_a_level() -> None:
    place = _state(LISTED, Grant("place", "public", level="province"))
    assert "as far as the province" in wording.says("place", place, NOON, "en")
    any_researcher = _state(Grant("existence", "researcher"))
    assert "researchers with an account" in wording.says("existence", any_researcher, NOON, "en")
    assert len(wording.at_a_glance(_state(*PRESETS["public"]), NOON)) == len(FORMS) + 1, "and the stewards"


def test_radio_and_television_are_said_by_themselves() -> None:
    on_air, public, closed = (_state(*PRESETS[name]) for name in ("public-on-air", "public", "heard-not-quoted"))
    assert wording.says("quotation", on_air, NOON, "en") == (
        "Everyone may hear these words in a song. Everyone may hear these words in a song, on radio and television."
    )
    assert wording.says("paraphrase", public, NOON, "km").endswith("នេះមិនរួមបញ្ចូលវិទ្យុ និងទូរទស្សន៍ទេ។")
    assert "television" not in wording.says("quotation", closed, NOON, "en")
    assert "television" not in wording.says("original_sound", public, NOON, "en")


def test_a_preview_says_what_would_change_and_changes_nothing(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, TO_ALL, GIVEN)
        song, line = a_song(session, a_version(session, told))
        shown = wording.preview(
            session, told, "narrow", [Grant("existence", "public"), Grant("original_sound", "band")], "en"
        )
        assert [(one.form, one.before, one.after) for one in shown.changes] == [
            (
                "original_sound",
                "Everyone may hear the narrator's own voice.",
                "Only the band may hear the narrator's own voice.",
            ),
            (
                "quotation",
                "Everyone may hear these words in a song. This does not include radio and television.",
                "Nobody may hear these words in a song.",
            ),
        ]
        assert [(use.song_id, use.state, [one.line_id for one in use.lines]) for use in shown.songs] == [
            (song.id, "published", [line.id])
        ]
        assert wording.preview(session, told, "narrow", TO_ALL, "en") == wording.Preview((), ())
        assert may(session, PUBLIC, told, "quotation")
        assert not line.held
        assert [use.song_id for use in holds.songs_from(session, told)] == [song.id]
        with pytest.raises(Unknown):
            wording.preview(session, "nothing", "suspend")
