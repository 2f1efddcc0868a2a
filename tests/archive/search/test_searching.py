"""Searching as somebody: what is found, from where it plays, and what nobody else learns."""

from __future__ import annotations

import time

import pytest
from sqlalchemy.orm import Session

from archive import models
from archive.access.gate import Viewer
from archive.models import LyricLine, Permission, SegmentTranslation, TranscriptVersion, now
from archive.retrieval import indexing
from archive.retrieval.searching import Results
from archive.search.whoosh_index import WhooshIndex
from archive.transcripts.readable_text import TAKEN_OUT
from tests.archive.search.world import LISTENING, Archive, Told, add_song, add_term

BAND = Viewer(role="band")
STEWARD = Viewer(role="steward")


def marked(results: Results) -> list[str]:
    return [part.text for hit in results.hits for part in hit.snippet if part.hit]


LONG = "ខ្ញុំត្រូវការថ្នាំសម្រាប់មនុស្សចាស់ ហើយកម្មកររោងចក្រមានបំណុលច្រើន"


@pytest.mark.parametrize("word", ["ថ្នាំ", "មនុស្ស", "កម្មករ", "បំណុល"])
def test_a_khmer_word_is_found_inside_running_text_and_marked_as_whole_clusters(archive: Archive, word: str) -> None:
    archive.holds(Told("old", [(LONG, "")]))
    results = archive.search(word, expand=False)
    assert results.total == 1
    assert marked(results) == [word]
    assert "".join(part.text for part in results.hits[0].snippet) == LONG


def test_the_original_spelling_is_shown_with_its_zero_width_spaces(archive: Archive) -> None:
    archive.holds(Told("old", [("យើងមានបំ\u200bណុល\u200bច្រើន", "")]))
    assert marked(archive.search("បំណុល", expand=False)) == ["បំ\u200bណុល"]


def test_a_hit_plays_from_half_a_second_before_the_word(archive: Archive) -> None:
    archive.holds(
        Told("a", [("", "We planted rice and the rain came late"), ("", "then the bank took it")], language="en")
    )
    hit = archive.search("bank").hits[0]
    assert hit.start_ms is not None
    assert 10_000 < hit.start_ms < 19_000
    assert hit.play_from_ms == hit.start_ms - 500
    assert archive.search("planted").hits[0].start_ms < 9_000  # type: ignore[operator]


def test_the_aligned_translation_is_found_and_plays_from_its_segment(archive: Archive) -> None:
    archive.holds(Told("a", [("ភ្លៀងធ្លាក់", "It rained"), ("គាត់ជំពាក់គេ", "He owed a moneylender")]))
    hit = archive.search("moneylender").hits[0]
    assert (hit.language, hit.start_ms) == ("en", 10_000)
    assert "ជំពាក់" in "".join(part.text for part in hit.aligned["km"])
    english = archive.search("ជំពាក់", expand=False).hits[0]
    assert english.language == "km"
    assert "moneylender" in "".join(part.text for part in english.aligned["en"])


def test_hits_are_grouped_by_testimony_with_the_best_first(archive: Archive) -> None:
    said = [("", "rice rice rice"), *[("", "nothing of it")] * 4, ("", "some rice with fish and salt")]
    archive.holds(Told("a", said, language="en"), Told("b", [("", "one rice")], language="en"))
    results = archive.search("rice")
    assert (results.total, results.groups_total) == (3, 2)
    group = next(group for group in results.groups if group.id == "a")
    starts = [hit.start_ms or 0 for hit in group.hits]
    assert starts[0] == 0
    assert 50_000 < starts[1] < 55_000


def test_flagged_text_is_found_by_nobody(archive: Archive) -> None:
    archive.holds(Told("a", [("", "clear words"), ("", "garbled nonsense")], language="en", flagged=[1]))
    assert archive.found("nonsense", BAND) == set()
    assert archive.found("clear", BAND) == {"a"}


def test_a_draft_is_found_by_the_band_and_by_nobody_else(archive: Archive) -> None:
    forms = ("existence", "redacted_transcript", "full_transcript")
    archive.holds(
        Told("draft", [("", "uncertain harvest")], language="en", stage="machine", forms=forms, audience="public"),
    )
    with archive.database.write() as session:
        session.add(Permission(testimony_id="draft", form="redacted_transcript", audience="band"))
    assert archive.found("harvest", BAND) == {"draft"}
    assert archive.found("harvest") == set()
    assert archive.found("harvest", Viewer(role="researcher", named=frozenset({"draft"}))) == set()


def test_an_unapproved_translation_is_not_found_by_the_public(archive: Archive) -> None:
    archive.holds(Told("a", [("គាត់ជំពាក់គេ", "He owed money")], translation_stage="machine"))
    assert archive.found("owed") == set()
    assert archive.found("ជំពាក់") == {"a"}
    assert archive.found("owed", BAND) == {"a"}
    assert archive.search("ជំពាក់", BAND, expand=False).total == 1, "one edition is found, not two"


def test_words_taken_out_are_found_only_by_whoever_may_have_the_full_text(archive: Archive) -> None:
    told = Told("a", [("", "my cousin Dara was arrested")], language="en", taken_out=[(3_000, 5_500)])
    archive.holds(told)
    assert archive.found("Dara") == set()
    shown = "".join(part.text for part in archive.search("arrested").hits[0].snippet)
    assert "Dara" not in shown
    assert TAKEN_OUT in shown
    assert archive.found("Dara", BAND) == {"a"}
    assert archive.search("arrested", BAND).total == 1, "the redacted edition is not found beside the full one"


def test_a_mark_takes_the_translation_of_its_segment_with_it(archive: Archive) -> None:
    archive.holds(Told("a", [("ភ្លៀងធ្លាក់ខ្លាំង", "It rained on Dara")], taken_out=[(8_000, 9_000)]))
    assert archive.found("rained") == set()
    assert archive.found("ភ្លៀង") == {"a"}


def test_what_is_left_of_a_translation_written_around_a_mark_is_found_in_both_languages(archive: Archive) -> None:
    archive.holds(Told("a", [("ភ្លៀងធ្លាក់ខ្លាំង", "It rained on Dara")], taken_out=[(8_000, 9_000)]))

    def write_anew(approved: bool) -> None:
        with archive.database.write() as session:
            translation = session.query(TranscriptVersion).filter(TranscriptVersion.translates_id.is_not(None)).one()
            translation.made_at, translation.approved_at = now(), now() if approved else None
            session.query(SegmentTranslation).one().text = f"It rained on {TAKEN_OUT} all night"
        indexing.reconcile(archive.database, archive.index)

    write_anew(approved=False)
    assert archive.found("rained") == set(), "nobody has approved it"
    write_anew(approved=True)
    (hit,) = archive.search("rained").hits
    assert (hit.language, hit.form) == ("en", "redacted_transcript")
    assert "".join(part.text for part in hit.snippet) == f"It rained on {TAKEN_OUT} all night"
    assert "ភ្លៀង" in "".join(part.text for part in hit.aligned["km"])
    (hit,) = archive.search("ភ្លៀង", expand=False).hits
    assert "".join(part.text for part in hit.aligned["en"]) == f"It rained on {TAKEN_OUT} all night"
    for query in ("Dara", "dar*", TAKEN_OUT):
        assert archive.search(query).total == 0, query


def test_what_the_gate_refuses_touches_nothing(archive: Archive) -> None:
    open_one = Told("open", [("", "common words of rice")], language="en", themes=["drought"])
    archive.holds(open_one)
    before = [archive.search(q, sort=s) for q in ("", "rice", "ri* OR com*", "ryce") for s in ("relevance", "date")]
    secret = Told(
        "secret",
        [("", "ryce rice rice canarybird common")],
        language="en",
        community="landless",
        year=2009,
        province="12",
        themes=["canary-theme"],
        pseudonym="Canary",
        forms=[],
        points=[(0, "កាណារី", "ryce rice pointedbird", ["canary-theme"])],
    )
    archive.holds(secret)
    after = [archive.search(q, sort=s) for q in ("", "rice", "ri* OR com*", "ryce") for s in ("relevance", "date")]
    assert before == after
    assert archive.search("canarybrd").suggestion is None
    assert archive.search("pointedbrd").suggestion is None
    for query in (
        "canarybird",
        "canar*",
        "theme:canary",
        "speaker:canary",
        "year:2009",
        "canary theme",
        "pointedbird",
        "កាណារី",
    ):
        answer = archive.search(query)
        assert (answer.total, answer.expansions) == (0, ()), query


def test_place_and_pseudonym_are_told_only_where_they_may_be(archive: Archive) -> None:
    archive.holds(
        Told("told", [("", "water")], language="en", province="12"),
        Told("country", [("", "water")], language="en", province="13", level="country"),
        Told("silent", [("", "water")], language="en", province="14", forms=LISTENING, pseudonym="Hidden"),
    )
    results = archive.search("water")
    assert {value.value: value.count for value in results.facets["place"]} == {"place-12": 1}
    assert archive.found("speaker:sophea") == {"told", "country"}
    assert archive.found("speaker:hidden") == set()


def test_fields_are_understood_as_people_type_them(archive: Archive) -> None:
    archive.holds(
        Told("a", [("", "water")], language="en", community="garment-worker", year=2012, themes=["debt"]),
        Told("b", [("ទឹក", "")], language="km", community="farmer", year=2015),
        lambda session: add_song(session, "machine", [("ទឹក", "water of the line")], title="Sewing Machine"),
    )
    assert archive.found('community:"garment workers"') == {"a"}
    assert archive.found("community:កសិករ") == {"b"}
    assert archive.found("year:2011-2012 water") == {"a"}
    assert archive.found("year:២០១៥") == {"b"}
    assert archive.found("lang:khmer") == {"b"}
    assert archive.found("song:sewing") == {"machine"}
    assert archive.found("water -song:sewing") == {"a"}
    assert archive.found("theme:debt") >= {"a"}
    assert archive.found("theme: debt year:2012") == {"a"}
    assert archive.found("theme:nosuchtheme") == set()


def test_nothing_that_is_typed_is_an_error(archive: Archive) -> None:
    archive.holds(Told("a", [("", "water")], language="en"))
    for query in ('"', "OR", "((", "theme:", "-", "***", "a:b:c", '"" -""', "\x00", "year:abc", "x" * 9999, "្ា"):
        assert archive.search(query).total == 0, query
    for query in (
        '"water',
        "water OR",
        "OR water",
        "(water)",
        "water AND",
        "- water",
        'water "',
        "water*",
    ):
        assert archive.search(query).total == 1, query


def test_debt_finds_its_narrower_terms_and_khmer_labels_and_says_so(archive: Archive) -> None:
    def terms(session: Session) -> None:
        add_term(session, "debt", en=("debt", "loan"), km=("បំណុល",))
        add_term(session, "microfinance", en=("microfinance",), km=("មីក្រូហិរញ្ញវត្ថុ",), broader="debt")

    archive.holds(
        terms,
        Told("km", [("គាត់មានបំណុល", "")]),
        Told("loan", [("", "a loan from the bank")], language="en"),
        Told("micro", [("", "microfinance came to the village")], language="en"),
        Told("none", [("", "the rain was late")], language="en"),
    )
    results = archive.search("debt")
    assert {group.id for group in results.groups} >= {"km", "loan", "micro"}
    assert "none" not in {group.id for group in results.groups}
    (expansion,) = results.expansions
    assert expansion.typed == "debt"
    assert {"បំណុល", "loan", "microfinance"} <= set(expansion.words)
    assert archive.found("debt", expand=False) == set()
    assert archive.search("debt", expand=False).expansions == ()


def test_another_spelling_is_offered_when_nothing_is_found(archive: Archive) -> None:
    archive.holds(Told("a", [("កម្មករជំពាក់បំណុល", "the workers were evicted")]))
    assert archive.search("evikted").suggestion == "evicted"
    assert archive.search("evicted").suggestion is None
    assert archive.search("កម្មករំ").suggestion in {"កម្មករ", None}


def test_a_newly_approved_transcript_is_found_at_once(archive: Archive) -> None:
    archive.holds(Told("a", [("", "patience")], language="en", stage="reviewed"))
    assert archive.found("patience") == set()
    with archive.database.write() as session:
        version = session.query(TranscriptVersion).filter_by(stage="reviewed").one()
        version.stage = "approved"
    approved = time.process_time()
    indexing.index_testimony(archive.database, archive.index, "a")
    assert archive.found("patience") == {"a"}
    assert time.process_time() - approved < 2


def test_a_withdrawn_testimony_is_gone_before_and_after_the_index_hears_of_it(archive: Archive) -> None:
    archive.holds(Told("a", [("", "unforgettable")], language="en"), Told("b", [("", "stays")], language="en"))
    with archive.database.write() as session:
        session.get_one(models.Testimony, "a").withdrawn_at = now()
    assert archive.search("unforgettable").total == 0
    indexing.index_testimony(archive.database, archive.index, "a")
    if isinstance(archive.index, WhooshIndex):
        folder = archive.index.builds.folder
        assert not any(b"unforgettable" in p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert archive.found("stays") == {"b"}


def test_a_song_keeps_the_lines_that_stand_without_a_withdrawn_testimony(archive: Archive) -> None:
    def song(session: Session) -> None:
        add_song(session, "thread", [("", "golden rice"), ("", "golden hands")])
        for line, relation in (("l-thread-0", "verbatim"), ("l-thread-1", "inspired")):
            session.add(
                models.Source(
                    line_id=line,
                    testimony_id="a",
                    version_id=session.query(TranscriptVersion).filter_by(translates_id=None).one().id,
                    start_ms=0,
                    end_ms=9_000,
                    quote="rice",
                    quote_hash="",
                    relation=relation,
                )
            )

    archive.holds(Told("a", [("", "rice and hands")], language="en"), song)
    assert archive.search("golden", STEWARD).total == 2
    assert {value.value for value in archive.search("hands", STEWARD).facets["song"]} == {"thread"}
    with archive.database.write() as session:
        session.get_one(models.Testimony, "a").withdrawn_at = now()
        session.get_one(LyricLine, "l-thread-0").held = True
    indexing.index_testimony(archive.database, archive.index, "a")
    hits = archive.search("golden", STEWARD).hits
    assert [hit.id for hit in hits] == ["l-thread-1"]


def test_held_lines_and_unpublished_songs_are_not_found(archive: Archive) -> None:
    archive.holds(
        lambda session: add_song(session, "out", [("ស្រូវ", "golden rice"), ("", "held words")]),
        lambda session: add_song(session, "draft", [("", "golden draft")], state="draft"),
    )
    assert archive.found("golden") == {"out"}
    assert archive.found("golden", BAND) == {"out", "draft"}
    with archive.database.write() as session:
        session.get_one(LyricLine, "l-out-1").held = True
    assert "held words" not in str(archive.search("held", BAND).groups)
