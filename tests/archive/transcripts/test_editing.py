"""Editing a draft: once each, nobody's words lost, and no time moved that nobody moved."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.consent import redaction
from archive.db import Database
from archive.lyrics import sources
from archive.models import RivalText, Segment, SegmentTranslation, Source, TranscriptEdit, TranscriptVersion, new_id
from archive.timing import Span
from archive.transcripts import editing, editor_state, readable_text, reviewing, transcript_versions
from tests.archive.testimonies import an_account
from tests.archive.threads import add_song, add_told


def op(kind: str, **asked: Any) -> dict[str, Any]:
    return {"id": new_id() + new_id(), "kind": kind, **asked}


@pytest.fixture
def told(sqlite_database: Database) -> tuple[Database, str]:
    """A draft made from an approved text of three segments, every word timed, with a Khmer translation."""
    return draft_in(sqlite_database)


@pytest.fixture
def told_on_both(database: Database) -> tuple[Database, str]:
    """The same, on each of the two databases."""
    return draft_in(database)


def draft_in(database: Database) -> tuple[Database, str]:
    with database.write() as session:
        testimony, _ = add_told(session)
        draft = reviewing.start(session, testimony.id, None)
        return database, draft.id


def run(told: tuple[Database, str], *operations: dict[str, Any]) -> list[dict[str, Any]]:
    database, version_id = told
    with database.write() as session:
        version = session.get_one(TranscriptVersion, version_id)
        return list(editing.apply(session, version, operations, None).answers)


def rows(told: tuple[Database, str]) -> list[dict[str, Any]]:
    database, version_id = told
    with database.read() as session:
        return editor_state.drawn(session, session.get_one(TranscriptVersion, version_id))


def times(row: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {word[0]: (word[1], word[2]) for word in row["words"]}


def test_words_nobody_touched_keep_their_time(told: tuple[Database, str]) -> None:
    first = rows(told)[0]
    wanted = first["text"].replace("the factory", "the old factory")
    assert run(told, op("text", segment=first["id"], before=first["text"], text=wanted))[0]["did"] == "done"
    after = rows(told)[0]
    assert after["text"] == wanted
    assert (after["s"], after["e"], after["rev"]) == (first["s"], first["e"], first["rev"] + 1)
    kept = times(first)
    assert {word: span for word, span in times(after).items() if word in kept} == kept
    assert "old" in times(after)


def test_an_operation_sent_twice_is_done_once_and_answered_the_same(told: tuple[Database, str]) -> None:
    first = rows(told)[0]
    change = op("text", segment=first["id"], before=first["text"], text=first["text"] + " Yes.")
    once = run(told, change)
    assert run(told, change) == once
    assert rows(told)[0]["text"].endswith("sun. Yes.")
    database, version_id = told
    with database.read() as session:
        assert editing.last_change(session, version_id) == 1


def test_two_changes_that_do_not_touch_are_both_in_the_text(told: tuple[Database, str]) -> None:
    first = rows(told)[0]
    mine = op("text", segment=first["id"], before=first["text"], text=first["text"].replace("I walked", "We walked"))
    theirs = op("text", segment=first["id"], before=first["text"], text=first["text"].replace("sun", "sunrise"))
    assert [one["did"] for one in run(told, mine, theirs)] == ["done", "merged"]
    assert rows(told)[0]["text"] == "We walked to the factory before the sunrise."


def test_two_changes_of_one_word_are_both_kept_for_a_person_to_choose(told: tuple[Database, str]) -> None:
    first = rows(told)[0]
    mine = first["text"].replace("walked", "ran")
    theirs = first["text"].replace("walked", "crept")
    done = run(
        told,
        op("text", segment=first["id"], before=first["text"], text=mine),
        op("text", segment=first["id"], before=first["text"], text=theirs),
    )
    assert [one["did"] for one in done] == ["done", "rival"]
    row = rows(told)[0]
    assert (row["text"], [one["text"] for one in row["rivals"]]) == (mine, [theirs])
    run(told, op("settle", segment=row["id"], rival=row["rivals"][0]["id"], text=theirs))
    row = rows(told)[0]
    assert (row["text"], row.get("rivals")) == (theirs, None)


def test_words_for_a_segment_that_is_gone_are_kept_beside_its_neighbour(told: tuple[Database, str]) -> None:
    one, two, _ = rows(told)
    run(told, op("merge", segment=one["id"], next=two["id"]))
    late = op("text", segment=two["id"], before=two["text"], text="The debt was far larger.", at=two["s"])
    assert run(told, late)[0]["did"] == "rival"
    assert rows(told)[0]["rivals"][0]["text"] == "The debt was far larger."


def test_splitting_and_joining_again_leaves_every_word_where_it_was(told: tuple[Database, str]) -> None:
    first = rows(told)[0]
    at = first["text"].index("before")
    new = new_id()
    run(told, op("split", segment=first["id"], before=first["text"], at=at, new=new))
    left, right = rows(told)[:2]
    assert (left["text"], right["text"]) == ("I walked to the factory", "before the sun.")
    assert (left["s"], right["e"], right["id"]) == (first["s"], first["e"], new)
    assert left["e"] == right["s"]
    assert left["words"] + right["words"] == first["words"]
    run(told, op("merge", segment=first["id"], next=new))
    again = rows(told)[0]
    assert (again["text"], again["words"], again["e"]) == (first["text"], first["words"], first["e"])


def test_joining_takes_the_translations_and_the_sources_along(told_on_both: tuple[Database, str]) -> None:
    database, version_id = told_on_both
    with database.write() as session:
        version = session.get_one(TranscriptVersion, version_id)
        _, lines = add_song(session)
        source_id = sources.tie(session, lines[0], version, "larger than the field", "verbatim").id
    one, two, _ = rows(told_on_both)
    run(told_on_both, op("merge", segment=one["id"], next=two["id"]))
    joined = rows(told_on_both)[0]
    assert list(joined["tr"].values()) == [f"{next(iter(one['tr'].values()))} {next(iter(two['tr'].values()))}"]
    with database.read() as session:
        assert session.get_one(Source, source_id).segment_id == one["id"]


def test_undoing_puts_everything_back_to_the_millisecond(told_on_both: tuple[Database, str]) -> None:
    before = rows(told_on_both)
    one, two, three = before
    new = new_id()
    run(told_on_both, op("merge", segment=one["id"], next=two["id"]))
    joined = rows(told_on_both)[0]
    run(told_on_both, op("split", segment=joined["id"], before=joined["text"], at=12, new=new))
    halves = rows(told_on_both)[:2]
    run(told_on_both, op("time", segment=three["id"], start=9700))
    moved = rows(told_on_both)[-1]
    run(
        told_on_both,
        op("restore", take=[seen(moved)], put=[three]),
        op("restore", take=[seen(half) for half in halves], put=[joined]),
        op("restore", take=[seen(joined)], put=[one, two]),
    )
    assert [{**row, "rev": 0} for row in rows(told_on_both)] == [{**row, "rev": 0} for row in before]


def seen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "text", "s", "e")}


def test_undoing_what_somebody_changed_since_is_refused(told: tuple[Database, str]) -> None:
    first = rows(told)[0]
    run(told, op("text", segment=first["id"], before=first["text"], text="Mine."))
    mine = rows(told)[0]
    run(told, op("text", segment=first["id"], before="Mine.", text="Theirs."))
    assert run(told, op("restore", take=[seen(mine)], put=[first]))[0] == {
        "id": run_id(told),
        "did": "refused",
        "why": "changed",
    }
    assert rows(told)[0]["text"] == "Theirs."


def run_id(told: tuple[Database, str]) -> str:
    with told[0].read() as session:
        return session.scalars(select(TranscriptEdit.id).order_by(TranscriptEdit.seq.desc())).first() or ""


def test_edges_stay_between_their_neighbours_and_in_the_recording(told: tuple[Database, str]) -> None:
    one, two, three = rows(told)
    run(told, op("time", segment=two["id"], start=0, end=99_999))
    moved = rows(told)[1]
    assert (moved["s"], moved["e"]) == (one["s"], 14_000)
    assert run(told, op("time", segment=three["id"], end=three["s"] + 20))[0]["why"] == "edge"
    assert rows(told)[2] == three


def test_speakers_are_named_one_by_one_and_everywhere(told: tuple[Database, str]) -> None:
    ids = [row["id"] for row in rows(told)]
    run(told, op("speaker", segments=ids[:2], speaker=" S1 "), op("rename", **{"from": "S1", "speaker": "អ៊ុំ ចាន់"}))
    assert [row["who"] for row in rows(told)] == ["អ៊ុំ ចាន់", "អ៊ុំ ចាន់", ""]
    with told[0].read() as session:
        assert editing.since(session, told[1], 0).renamed == [("S1", "អ៊ុំ ចាន់")]


def test_a_person_who_listened_takes_the_flags_off(told: tuple[Database, str]) -> None:
    database, version_id = told
    with database.write() as session:
        segment = session.get_one(TranscriptVersion, version_id).segments[0]
        segment.flags = ["low-confidence"]
        segment.word_rows = [[*row[:3], 0.2] for row in segment.word_rows]
    first = rows(told)[0]
    run(told, op("vouch", segment=first["id"], text=first["text"]))
    after = rows(told)[0]
    assert (after["flags"], {row[3] for row in after["words"]}) == ([], {None})
    assert times(after) == times(first)


def test_a_new_word_beside_a_mark_cannot_be_told_from_what_was_marked(told: tuple[Database, str]) -> None:
    """The name that was marked is respelt: it stays out of the redacted text, and so does what was added to it."""
    database, version_id = told
    first = rows(told)[0]
    begin, end = times(first)["factory"]
    with database.write() as session:
        version = session.get_one(TranscriptVersion, version_id)
        redaction.mark(session, version.testimony_id, Span(begin, end), None)
    run(told, op("text", segment=first["id"], before=first["text"], text="I walked to the Canary Mill before the sun."))
    with database.read() as session:
        shown = readable_text.redacted_segments(session, session.get_one(TranscriptVersion, version_id))
    assert shown[0].text == "I walked to the ▇▇▇ before the sun."


def test_translations_are_merged_as_the_words_are(told: tuple[Database, str]) -> None:
    row = rows(told)[0]
    ((version_id, text),) = row["tr"].items()
    run(told, op("translate", segment=row["id"], translation=version_id, before=text, text="ខ្ញុំដើរ"))
    late = op("translate", segment=row["id"], translation=version_id, before=text, text="យើងរត់")
    assert run(told, late)[0]["did"] == "rival"
    after = rows(told)[0]
    assert after["tr"] == {version_id: "ខ្ញុំដើរ"}
    assert after["rivals"][0]["tr"] == version_id


def test_an_approved_text_takes_no_change_but_its_translation_does(told: tuple[Database, str]) -> None:
    database, version_id = told
    with database.write() as session:
        version = session.get_one(TranscriptVersion, version_id)
        reviewing.mark_reviewed(session, version, None)
        reviewing.approve(session, version, None)
    row = rows(told)[0]
    assert run(told, op("text", segment=row["id"], before=row["text"], text="No."))[0]["did"] == "closed"
    ((translation, text),) = row["tr"].items()
    done = run(told, op("translate", segment=row["id"], translation=translation, before=text, text="ខ្ញុំរត់"))
    assert done[0]["did"] == "done"


def test_a_change_after_the_review_asks_for_another_review(told: tuple[Database, str]) -> None:
    database, version_id = told
    with database.write() as session:
        reviewing.mark_reviewed(session, session.get_one(TranscriptVersion, version_id), None)
    row = rows(told)[0]
    run(told, op("text", segment=row["id"], before=row["text"], text="Another text."))
    with database.read() as session:
        assert session.get_one(TranscriptVersion, version_id).stage == "corrected"


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "x", "kind": "text"},
        {"id": "a" * 20, "kind": "nothing"},
        {"id": "a" * 20, "kind": "text"},
        {"id": "a" * 20, "kind": "add", "start": 0, "end": 900, "new": "../etc"},
        "text",
    ],
)
def test_what_is_no_edit_changes_nothing(told: tuple[Database, str], broken: Any) -> None:
    before = rows(told)
    good = op("text", segment=before[0]["id"], before=before[0]["text"], text="No.")
    with pytest.raises(editing.NotAnEdit):
        run(told, good, broken)
    assert rows(told) == before


def test_a_lock_is_seen_by_others_and_runs_out(told_on_both: tuple[Database, str]) -> None:
    database, version_id = told_on_both
    row = rows(told_on_both)[0]
    with database.write() as session:
        version = session.get_one(TranscriptVersion, version_id)
        one, two = an_account(session, "band").id, an_account(session, "band").id
        editor_state.hold(session, version, one, "window-1", row["id"])
        editor_state.hold(session, version, two, "window-2", row["id"])
        assert editor_state.locks_held(session, version_id, one, "window-1") == {}
        assert list(editor_state.locks_held(session, version_id, two, "window-2")) == [row["id"]]
        editor_state.hold(session, version, one, "window-1", None)
        editor_state.hold(session, version, two, "window-2", row["id"])
        assert list(editor_state.locks_held(session, version_id, one, "window-1")) == [row["id"]]


def test_a_hundred_random_edits_lose_nothing_and_move_nothing_else(told: tuple[Database, str]) -> None:
    """Every edit is sent once or twice or three times, as when the answer is lost; an independent text keeps count."""
    chance = random.Random(5)
    texts = {row["id"]: row["text"] for row in rows(told)}
    edges = {row["id"]: (row["s"], row["e"]) for row in rows(told)}
    for number in range(100):
        segment = chance.choice(list(texts))
        at = chance.randrange(len(texts[segment]) + 1)
        wanted = f"{texts[segment][:at]} w{number} {texts[segment][at:]}"
        change = op("text", segment=segment, before=texts[segment], text=wanted)
        for _ in range(chance.choice([1, 1, 2, 3])):
            run(told, change)
        texts[segment] = wanted
    after = rows(told)
    assert {row["id"]: row["text"] for row in after} == texts
    assert {row["id"]: (row["s"], row["e"]) for row in after} == edges
    for row in after:
        begins = [word[1] for word in row["words"]]
        assert begins == sorted(begins)


def test_approving_carries_the_sources_of_songs_over(database: Database) -> None:
    with database.write() as session:
        testimony, version = add_told(session)
        _, lines = add_song(session)
        kept = sources.tie(session, lines[0], version, "larger than the field", "verbatim").id
        lost = sources.tie(session, lines[1], version, "before the sun", "verbatim").id
        draft = reviewing.start(session, testimony.id, None)
        first = draft.segments[0]
        change = op("text", segment=first.id, before=first.text, text="I walked to the factory in the dark.")
        editing.apply(session, draft, [change], None)
        reviewing.mark_reviewed(session, draft, None)
        translation = transcript_versions.translations(session, draft)["km"]
        assert reviewing.approve(session, draft, None, [translation.id]) == [lost]
        assert session.get_one(Source, kept).version_id == draft.id
        assert session.get_one(Source, lost).version_id == version.id
        assert (draft.stage, translation.stage) == ("approved", "approved")


def test_nothing_doubtful_is_approved(told: tuple[Database, str]) -> None:
    database, version_id = told
    first = rows(told)[0]
    for text in ("I ran.", "I crept."):
        run(told, op("text", segment=first["id"], before=first["text"], text=text))
    with database.write() as session:
        version = session.get_one(TranscriptVersion, version_id)
        with pytest.raises(reviewing.NotYet, match="two people wrote"):
            reviewing.mark_reviewed(session, version, None)
        session.delete(session.scalars(select(RivalText)).one())
        session.flush()
        with pytest.raises(reviewing.NotYet, match="mark it as reviewed"):
            reviewing.approve(session, version, None)
        version.segments[1].flags = ["silence"]
        session.flush()
        with pytest.raises(reviewing.NotYet, match="doubtful"):
            reviewing.mark_reviewed(session, version, None)


def test_a_recording_without_a_word_can_be_written_from_nothing(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        testimony, version = add_told(session)
        for old in session.scalars(select(TranscriptVersion).order_by(TranscriptVersion.translates_id.is_(None))).all():
            clear(session, old)
        draft = reviewing.start(session, testimony.id, None)
        new = new_id()
        editing.apply(session, draft, [op("add", start=1000, end=4000, new=new, speaker="narrator")], None)
        editing.apply(session, draft, [op("text", segment=new, before="", text="ខ្ញុំមកពីវាល")], None)
        made = session.get_one(Segment, new)
        assert (made.text, made.words[-1].end_ms) == ("ខ្ញុំមកពីវាល", 4000)
        assert version.id != draft.id


def clear(session: Session, version: TranscriptVersion) -> None:
    for row in session.scalars(select(SegmentTranslation).where(SegmentTranslation.version_id == version.id)):
        session.delete(row)
    session.flush()
    session.delete(version)
    session.flush()
