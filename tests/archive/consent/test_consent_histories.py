"""Random histories of consent: the function, the query and the search filter always say the same.

The grants the function judges come from the events themselves, those the query reads from the permission rows, so the
rows are held to the events as well. A thousand histories, with the search engines' own answers, are in
`test_found_histories`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import models
from archive.access import clock, gate
from archive.access.gate import PUBLIC, Viewer
from archive.access.rule import HEARD_FIRST, LEVELS, PURPOSES, Grant, decide
from archive.consent import decisions, heard_through
from archive.consent.effective import after, covers
from archive.consent.effective import effective_consent as adds_up
from archive.db import Database, open_engine
from archive.ledgers import chain
from archive.models import Redaction, now
from archive.models.consent import AUDIENCES, FORMS
from archive.schema import migrate
from archive.timing import Span
from tests.archive.testimonies import GIVEN, a_mark, a_testimony, a_version

TODAY = now()
TOLD = 10  # testimonies in one world: 100 worlds are 1,000 histories

days = st.integers(-900, 900).map(lambda n: TODAY + timedelta(days=n))
times = st.one_of(st.none(), st.none(), st.none(), days)
purposes = st.one_of(st.just(""), st.just(""), st.just(""), st.sampled_from(PURPOSES))


def _grant(form: str, audience: str, purpose: str, times: list[datetime | None], level: str) -> Grant:
    start, end = times
    if start and end and end <= start:
        start, end = end, start + timedelta(days=1)
    return Grant(form, audience, purpose, start, end, level if form == "place" else "")


grants = st.builds(
    _grant,
    st.sampled_from(FORMS) | st.just("existence"),
    st.sampled_from(AUDIENCES),
    purposes,
    st.lists(times, min_size=2, max_size=2),
    st.sampled_from(LEVELS),
)
some_grants = st.lists(grants, min_size=1, max_size=6)
acts = st.one_of(
    st.tuples(st.just("grant"), some_grants),
    st.tuples(st.just("grant"), some_grants),
    st.tuples(st.just("narrow"), some_grants),
    st.tuples(st.just("reconfirm"), st.just([]) | some_grants),
    st.tuples(st.sampled_from(["suspend", "withdraw"]), st.just([])),
)
facts = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["machine", "reviewed", "approved"]),
        "marks": st.lists(st.booleans(), max_size=2),
        "heard": st.booleans(),
    }
)
# Most histories begin with a testimony that is listed, or nearly everything else would be refused for one reason.
opening = st.sampled_from(
    [
        [],
        [("grant", [Grant("existence", "public")])],
        [
            (
                "grant",
                [
                    Grant("existence", "public"),
                    *(Grant(form, "public") for form in ("full_transcript", *sorted(HEARD_FIRST))),
                ],
            )
        ],
        [("grant", [Grant(form, "researcher") for form in FORMS])],
    ]
)
histories = st.tuples(st.builds(lambda first, then: first + then, opening, st.lists(acts, max_size=5)), facts)


def _act(session: Session, testimony_id: str, kind: str, given_grants: list[Grant]) -> None:
    try:
        if kind == "grant":
            decisions.grant(session, testimony_id, given_grants, GIVEN)
        elif kind == "narrow":
            decisions.narrow(session, testimony_id, given_grants, GIVEN)
        elif kind == "reconfirm":
            decisions.reconfirm(session, testimony_id, GIVEN, given_grants)
        elif kind == "suspend":
            decisions.suspend(session, testimony_id, GIVEN)
        else:
            decisions.withdraw(session, testimony_id, GIVEN)
    except decisions.Withdrawn:
        assert session.get_one(models.Testimony, testimony_id).withdrawn_at is not None


def _tell(session: Session, history: tuple[list[tuple[str, list[Grant]]], dict[str, object]]) -> str:
    told = a_testimony(session, heard=bool(history[1]["heard"])).id
    a_version(session, told, stage=str(history[1]["stage"]))
    for heard in history[1]["marks"]:  # type: ignore[attr-defined]
        a_mark(session, told, Span(1400, 2300), heard=heard)
    for kind, given_grants in history[0]:
        _act(session, told, kind, given_grants)
    return told


def _viewers(told: list[str]) -> Iterator[Viewer]:
    yield PUBLIC
    yield Viewer("r", "researcher")
    yield Viewer("n", "researcher", named=frozenset(told[::2]))
    yield Viewer("g", "researcher", frozenset({"WNU", "SAC"}))
    yield Viewer("b", "band", frozenset({"MB"}))
    yield Viewer("s", "steward")


def _agree(session: Session, told: list[str], at: datetime, purpose: str | None = None) -> None:
    moment = clock.moment(session, at)
    states = {}
    for one in told:
        state = gate.consent_state(session, one)
        assert state is not None
        events = adds_up(decisions.events_of(session, one))
        assert set(state.grants) == set(events.grants)
        assert state.withdrawn == events.withdrawn
        states[one] = state
    for viewer in _viewers(told):
        found = gate.allowed(session, viewer, at)
        for form in FORMS:
            if form == "original_sound" and not viewer.inside:
                unheard = select(models.Testimony.id).where(models.Testimony.heard_through_at.is_(None))
                assert found.forms[form].isdisjoint(session.scalars(unheard))
            by_function = {one for one, state in states.items() if decide(state, viewer, form, moment)}
            assert found.forms[form] == by_function, (viewer.role, form)
            if purpose is not None:
                by_function = {one for one, state in states.items() if decide(state, viewer, form, moment, purpose)}
                assert set(session.scalars(gate.permitted(viewer, form, at, purpose))) == by_function


def _check_worlds(database: Database, worlds: int) -> None:
    @settings(
        max_examples=worlds,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.lists(histories, min_size=TOLD, max_size=TOLD), days, st.none() | st.sampled_from(PURPOSES))
    def agree(world: list[tuple[list[tuple[str, list[Grant]]], dict[str, object]]], at: datetime, purpose: str) -> None:
        with database.engine.connect() as connection, Session(connection) as session:
            told = [_tell(session, history) for history in world]
            _agree(session, told, at, purpose)
            session.rollback()

    agree()


def test_a_hundred_random_histories_agree(sqlite_database: Database) -> None:
    _check_worlds(sqlite_database, 10)


class Archive(RuleBasedStateMachine):
    """A day at the steward's desk: events, approvals, marks and hearings in any order, the gate asked after each."""

    database: Database

    @initialize()
    def open_the_archive(self) -> None:
        self.connection = self.database.engine.connect()
        self.session = Session(self.connection)
        self.told = [a_testimony(self.session, heard=False).id for _ in range(3)]
        self.at = TODAY

    @rule(which=st.integers(0, 2), act=acts)
    def the_narrator_decides(self, which: int, act: tuple[str, list[Grant]]) -> None:
        _act(self.session, self.told[which], *act)

    @rule(which=st.integers(0, 2), stage=st.sampled_from(["corrected", "approved"]), number=st.integers(2, 999))
    def a_version_is_saved(self, which: int, stage: str, number: int) -> None:
        version = a_version(self.session, self.told[which], stage=stage, number=1000 + number)
        version.number = 10_000 + self._numbers()
        self.session.flush()

    def _numbers(self) -> int:
        self.saved = getattr(self, "saved", 0) + 1
        return self.saved

    @rule(which=st.integers(0, 2))
    def something_is_marked(self, which: int) -> None:
        a_mark(self.session, self.told[which], Span(0, 400))

    @rule(which=st.integers(0, 2))
    def what_is_left_is_heard(self, which: int) -> None:
        for one in self.session.scalars(select(Redaction).where(Redaction.testimony_id == self.told[which])):
            one.heard_at = now()
        self.session.flush()

    @rule(which=st.integers(0, 2), back=st.booleans())
    def somebody_listens_to_the_end(self, which: int, back: bool) -> None:
        try:
            if back:
                heard_through.take_back(self.session, self.told[which], None)
            else:
                heard_through.hear(self.session, self.told[which], None)
        except gate.Unknown:
            assert self.session.get_one(models.Testimony, self.told[which]).withdrawn_at is not None

    @rule(at=days)
    def the_clock_is_set(self, at: datetime) -> None:
        self.at = at

    @precondition(lambda self: hasattr(self, "session"))
    @invariant()
    def all_three_agree(self) -> None:
        _agree(self.session, self.told, self.at)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            assert chain.verify(self.session) == []
            self.session.close()
            self.connection.close()


def test_the_gate_agrees_with_itself_whatever_happens(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    migrate(engine)
    Archive.database = Database(engine)
    run_state_machine_as_test(
        Archive,
        settings=settings(
            max_examples=5, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    engine.dispose()


@given(st.lists(acts, max_size=6), some_grants)
def test_narrowing_only_takes_away(history: list[tuple[str, list[Grant]]], remaining: list[Grant]) -> None:
    before = adds_up([])
    for kind, given_grants in history:
        before = after(before, kind, given_grants)
    for grant in after(before, "narrow", remaining).grants:
        wider = [
            Grant(one.form, grant.audience, one.purpose, one.start, one.end, one.level)
            for one in before.grants
            if one.audience in {grant.audience, "public"}
        ]
        assert any(covers(one, grant) for one in wider)


@given(st.lists(acts, max_size=6), some_grants, days)
def test_narrowing_opens_nothing_to_anybody_for_any_purpose(
    history: list[tuple[str, list[Grant]]], remaining: list[Grant], at: datetime
) -> None:
    before = adds_up([])
    for kind, given_grants in history:
        before = after(before, kind, given_grants)
    was, then = (
        gate.ConsentState("t", holds.withdrawn, holds.grants, approved=True, heard_through=True)
        for holds in (before, after(before, "narrow", remaining))
    )
    moment = clock.Moment(at, at)
    for viewer in _viewers(["t"]):
        for form in FORMS:
            for purpose in (None, *PURPOSES):
                if decide(then, viewer, form, moment, purpose):
                    assert decide(was, viewer, form, moment, purpose), (viewer.role, form, purpose)


@given(st.lists(acts, max_size=6), days)
def test_nothing_goes_on_the_air_that_no_event_names(history: list[tuple[str, list[Grant]]], at: datetime) -> None:
    holds, named = adds_up([]), set()
    for kind, given_grants in history:
        holds = after(holds, kind, given_grants)
        named |= {one.form for one in given_grants if one.purpose == "broadcast" and kind != "narrow"}
    state = gate.ConsentState("t", holds.withdrawn, holds.grants, approved=True, heard_through=True)
    moment = clock.Moment(at, at)
    for form in {"quotation", "paraphrase"} - named:
        assert not any(decide(state, viewer, form, moment, "broadcast") for viewer in _viewers(["t"]))


@given(some_grants)
def test_naming_everything_that_holds_narrows_nothing(given_grants: list[Grant]) -> None:
    holds = after(adds_up([]), "grant", given_grants)
    assert after(holds, "narrow", holds.grants) == holds
