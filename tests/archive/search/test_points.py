"""Index points are found: where, by whom, and never through what is taken out."""

from __future__ import annotations

from archive.access.gate import PUBLIC, Viewer
from archive.models import IndexPoint, Permission, Redaction, TranscriptVersion, now
from archive.retrieval import indexing
from archive.retrieval.searching import Hit
from tests.archive.search.world import Archive, Told, add_term

BAND = Viewer(role="band")
SAID = [("ភ្លៀងធ្លាក់", "It rained"), ("គាត់លក់ដី", "He sold the field")]


def points(archive: Archive, query: str, viewer: Viewer = PUBLIC) -> list[Hit]:
    return [hit for hit in archive.search(query, viewer).hits if hit.kind == "point"]


def test_a_point_is_found_in_both_languages_and_plays_from_its_moment(archive: Archive) -> None:
    archive.holds(Told("a", SAID, points=[(12_345, "លក់គោ", "Selling the cows", ())]))
    (hit,) = points(archive, "cow")
    assert (hit.testimony, hit.language) == ("a", "en")
    assert (hit.start_ms, hit.play_from_ms) == (12_345, 12_345)
    assert [part.text for part in hit.snippet if part.hit] == ["cows"]
    assert "".join(part.text for part in hit.aligned["km"]) == "លក់គោ"
    assert [hit.language for hit in points(archive, "លក់គោ")] == ["km"]


def test_a_point_is_found_by_its_synopsis_and_by_its_themes(archive: Archive) -> None:
    archive.holds(
        lambda session: add_term(session, "loan-sharks", en=("loan sharks", "usury"), km=("អ្នកចងការប្រាក់",)),
        Told("a", SAID, points=[(0, "", "The year it began", ["loan-sharks"])]),
        Told("b", SAID, themes=["loan-sharks"]),
    )
    with archive.database.write() as session:
        session.get_one(IndexPoint, "p-a-0").synopsis_km = "ទឹកជំនន់ធំ"
    indexing.reconcile(archive.database, archive.index)
    assert len(points(archive, "ទឹកជំនន់")) == 1
    assert len(points(archive, "sharks")) == 1
    assert len(points(archive, "អ្នកចងការប្រាក់")) == 1
    assert archive.found("theme:sharks") == {"a", "b"}
    assert [one.id for one in archive.search("theme:sharks").themes] == ["loan-sharks"]
    facets = archive.search("began").facets["theme"]
    assert [(one.value, one.count) for one in facets] == [("loan-sharks", 1)]


def test_whoever_may_not_read_finds_no_point(archive: Archive) -> None:
    only_listed = ("existence", "original_sound")
    archive.holds(Told("a", SAID, title_en="Listed", forms=only_listed, points=[(0, "", "Canarybird", ["canary"])]))
    assert archive.found("listed") == {"a"}
    for query in ("canarybird", "canar*", "theme:canary", "canary"):
        answer = archive.search(query)
        assert (answer.total, answer.expansions, answer.suggestion) == (0, (), None), query
    assert archive.search("").facets["theme"] == ()
    with archive.database.write() as session:
        session.add(Permission(testimony_id="a", form="redacted_transcript", audience="band"))
    assert archive.found("canarybird", BAND) == {"a"}
    assert archive.found("canarybird") == set()


def test_a_point_in_what_is_taken_out_is_told_only_with_the_full_text(archive: Archive) -> None:
    titled = [(3_000, "", "Dara is arrested", ["arrests"]), (5_500, "", "Going home", ())]
    said = [("", "my cousin Dara was arrested")]
    archive.holds(Told("a", said, language="en", taken_out=[(3_000, 5_500)], points=titled))
    assert points(archive, "Dara") == []
    assert archive.found("theme:arrests") == set()
    assert archive.search("").facets["theme"] == ()
    assert [hit.start_ms for hit in points(archive, "home")] == [5_500]
    assert [hit.start_ms for hit in points(archive, "Dara", BAND)] == [3_000]
    assert archive.search("home", BAND).total == 1, "a point is found in one edition, not in two"


def test_a_mark_hides_a_point_before_the_index_hears_of_it(archive: Archive) -> None:
    archive.holds(Told("a", SAID, points=[(12_345, "", "Selling the cows", ())]))
    with archive.database.write() as session:
        session.add(Redaction(testimony_id="a", start_ms=12_000, end_ms=13_000))
    assert archive.search("cows").groups == ()
    with archive.database.write() as session:
        session.query(Redaction).one().heard_at = now()
    assert archive.search("cows").groups == ()


def test_points_are_found_before_there_is_a_transcript_that_can_be_trusted(archive: Archive) -> None:
    titled = [(0, "", "Her cows", ()), (50, "", "Selling the cows", ())]
    forms = ("existence", "redacted_transcript")
    archive.holds(
        Told("a", [("", "garbled nonsense")], stage="machine", taken_out=[(0, 50)], points=titled, forms=forms)
    )
    with archive.database.write() as session:
        session.query(TranscriptVersion).filter_by(stage="machine").one().verdict = "needs a person: noise"
    indexing.reconcile(archive.database, archive.index)
    assert archive.found("nonsense", BAND) == set()
    assert [hit.start_ms for hit in points(archive, "cows", BAND)] == [50]
    assert archive.found("cows") == set()
    with archive.database.write() as session:
        session.add(Permission(testimony_id="a", form="full_transcript", audience="band"))
    assert [hit.start_ms for hit in points(archive, "cows", BAND)] == [0, 50]


def test_a_point_follows_every_change_in_place_and_in_a_rebuild_alike(archive: Archive) -> None:
    archive.holds(Told("a", SAID, points=[(12_345, "", "Selling the cows", ())]))

    def indexed() -> None:
        indexing.index_testimony(archive.database, archive.index, "a")
        assert indexing.reconcile(archive.database, archive.index) == 0

    with archive.database.write() as session:
        session.get_one(IndexPoint, "p-a-0").title_en = "Selling the ox"
    indexed()
    assert (len(points(archive, "cows")), len(points(archive, "ox"))) == (0, 1)
    with archive.database.write() as session:
        session.delete(session.get_one(IndexPoint, "p-a-0"))
    assert points(archive, "ox") == [], "the database decides"
    indexed()
    assert archive.search("ox").total == 0
    with archive.database.write() as session:
        session.add(IndexPoint(testimony_id="a", start_ms=2_000, title_en="Selling the ox"))
    indexed()
    before = points(archive, "ox")
    indexing.reindex(archive.database, archive.index)
    assert [hit.start_ms for hit in before] == [2_000]
    assert points(archive, "ox") == before
