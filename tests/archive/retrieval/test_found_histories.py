"""Random histories of consent, searched for: what a search engine answers is what the function allows, and no more.

Each world is written into a real index and asked as the site asks: the query goes through `searching.search`, with the
filter that the gate makes of the database, and comes back as hits. What the function says of each document is worked
out beside it from the events of the ledger. On the same worlds the function is held to the query and to the filter.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from archive.access import clock
from archive.access.gate import consent_state
from archive.access.rule import PURPOSES, ConsentState, Viewer, decide
from archive.consent import decisions
from archive.consent.effective import effective_consent
from archive.db import Database
from archive.models import IndexPoint, Testimony
from archive.ports import SearchDocument
from archive.retrieval import documents, searching
from archive.retrieval.search_request import SearchRequest
from archive.search.index import EDITIONS, SearchIndex
from tests.archive.consent.test_consent_histories import TOLD, _agree, _tell, _viewers, days, histories

WORD = "ដី"  # it stands in every title and point, and in a segment of every transcript that no mark touches
OPEN_MS, COVERED_MS = 0, 1500  # where the points begin; the second in what the marks take out, where there are any
DRAFTS = {"draft_redacted": "redacted_transcript", "draft_full": "full_transcript"}


PAIRS = [
    pytest.param("sqlite", "whoosh", id="sqlite-whoosh"),
    pytest.param("postgres", "postgresql", marks=pytest.mark.postgres, id="postgresql"),
]


def _from_its_events(session: Session, testimony_id: str) -> ConsentState:
    """The facts about a testimony with the grants that its events add up to, not those that the rows say."""
    state = consent_state(session, testimony_id)
    assert state is not None
    events = effective_consent(decisions.events_of(session, testimony_id))
    return ConsentState(
        testimony_id, events.withdrawn, events.grants, state.approved, state.marks, state.heard, state.heard_through
    )  # fmt: skip


def _allows(state: ConsentState, viewer: Viewer, form: str, moment: clock.Moment) -> bool:
    if form in DRAFTS:
        return viewer.inside and bool(decide(state, viewer, DRAFTS[form], moment))
    return bool(decide(state, viewer, form, moment))


def _to_be_found(
    written: list[SearchDocument], state: ConsentState, viewer: Viewer, moment: clock.Moment
) -> set[tuple[str, str, str]]:
    """(kind, form, id) of what the viewer finds of a testimony: of several editions the last she may have."""
    may = [one for one in written if _allows(state, viewer, one.form, moment)]
    last = max((one.form for one in may if one.form in EDITIONS), key=EDITIONS.index, default="")
    return {(one.kind, one.form, one.ref) for one in may if one.form not in EDITIONS or one.form == last}


def _expected(
    written: dict[str, list[SearchDocument]], states: dict[str, ConsentState], viewer: Viewer, moment: clock.Moment
) -> set[tuple[str, str, str, str]]:
    """(testimony, kind, form, id) of what the viewer finds of all of them."""
    return {
        (one, *which) for one, state in states.items() for which in _to_be_found(written[one], state, viewer, moment)
    }


def _points_told(state: ConsentState, viewer: Viewer, moment: clock.Moment) -> set[int]:
    """When the points begin that the viewer may be told of, in ms, whatever documents were written."""
    full, redacted = (bool(decide(state, viewer, form, moment)) for form in ("full_transcript", "redacted_transcript"))
    if not (state.approved or viewer.inside) or not (full or redacted):
        return set()
    return {OPEN_MS, COVERED_MS} if full or not state.marks else {OPEN_MS}


def _check(database: Database, index: SearchIndex, worlds: int) -> None:
    found_at_all: set[tuple[str, str, str]] = set()
    points_told: set[tuple[str, tuple[int, ...]]] = set()

    @settings(
        max_examples=worlds,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.lists(histories, min_size=TOLD, max_size=TOLD), days, st.none() | st.sampled_from(PURPOSES))
    def agree(
        world: list[tuple[list[tuple[str, list[object]]], dict[str, object]]], at: datetime, purpose: str | None
    ) -> None:
        with (
            database.engine.connect() as connection,
            Session(connection) as session,
            pytest.MonkeyPatch.context() as on,
        ):
            on.setattr(searching, "now", lambda: at)
            told = [_tell(session, history) for history in world]  # type: ignore[arg-type]
            for one in told:
                session.get_one(Testimony, one).title_km = WORD
                for start in (OPEN_MS, COVERED_MS):
                    session.add(IndexPoint(testimony_id=one, start_ms=start, title_km=WORD))
            session.flush()
            _agree(session, told, at, purpose)
            written = {one: documents.testimony_documents(session, one) for one in told}
            index.rebuild([document for group in written.values() for document in group])
            moment = clock.moment(session, at)
            states = {one: _from_its_events(session, one) for one in told}
            for viewer in _viewers(told):
                answer = searching.search(
                    session, index, viewer, SearchRequest(WORD, exact=True), limit=100, per_group=20
                )
                found = {(hit.testimony, hit.kind, hit.form, hit.id) for hit in answer.hits}
                expected = _expected(written, states, viewer, moment)
                assert found == expected, viewer
                for one, state in states.items():
                    starts = {hit.start_ms for hit in answer.hits if (hit.testimony, hit.kind) == (one, "point")}
                    assert starts == _points_told(state, viewer, moment), viewer
                    points_told.add((viewer.role, tuple(sorted(starts))))
                assert answer.total == len(expected)
                assert answer.groups_total == len({one for one, *_ in expected})
                found_at_all.update((viewer.role, kind, form) for _, kind, form, _ in expected)
            session.rollback()

    agree()
    assert {("public", "testimony", "existence"), ("steward", "passage", "full_transcript")} <= found_at_all
    assert {("public", ()), ("steward", (OPEN_MS, COVERED_MS))} <= points_told


def test_a_search_finds_what_the_function_allows(database: Database, index: SearchIndex) -> None:
    _check(database, index, 6)


@pytest.mark.slow
@pytest.mark.parametrize(("database", "index"), PAIRS, indirect=True)
def test_a_thousand_random_histories_are_found_as_the_function_allows(
    database: Database,
    index: SearchIndex,
) -> None:
    _check(database, index, 100)
