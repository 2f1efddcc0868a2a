"""What every engine must do, whichever it is."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.ports import Allowed, SearchDocument
from archive.search import postgres_index
from archive.search.analysis import terms
from archive.search.index import FACETS, Paging, SearchIndex
from archive.search.query import EVERYTHING, And, Filter, Not, Or, Words, parse
from archive.timing import Span


def passage(name: str, en: str = "", km: str = "", *, of: str = "t1", **more: object) -> SearchDocument:
    values = {
        "form": "redacted_transcript",
        "facets": {},
        "span": Span(0, 1_000),
        "date": "2012-05-01",
        "digest": f"digest of {of}",
    } | more
    form = values["form"]
    texts = {language: text for language, text in (("en", en), ("km", km)) if text}
    return SearchDocument(
        f"passage:{form}:{name}", "passage", name, (of,), texts=texts, group=f"testimony:{of}", **values  # type: ignore[arg-type]
    )  # fmt: skip


def fill(index: SearchIndex, *documents: SearchDocument) -> None:
    groups: dict[str, list[SearchDocument]] = defaultdict(list)
    for document in documents:
        groups[document.group].append(document)
    for group, found in groups.items():
        index.replace(group, found)


def to(*testimonies: str, songs: Iterable[str] = (), **forms: Iterable[str]) -> Allowed:
    """A viewer who may have the redacted transcripts of these testimonies."""
    named = {form: frozenset(ids) for form, ids in forms.items()}
    return Allowed({"redacted_transcript": frozenset(testimonies), **named}, frozenset(songs))


def found(index: SearchIndex, query: str, allowed: Allowed | None = None) -> set[str]:
    every = Paging(limit=100, per_group=100)
    answer = index.search(parse(query), allowed or to("t1", "t2", "t3"), every)
    assert answer.total == len(answer.hits)
    assert answer.groups == len({hit.group for hit in answer.hits})
    return {hit.ref for hit in answer.hits}


def test_the_query_language(index: SearchIndex) -> None:
    fill(
        index,
        passage("land", "They took our land and the rice field"),
        passage("debt", "Debts for medicine, health debts", "បំណុលសុខភាព"),
        passage("rice", "Rice is dear. Land has no rice!", of="t2"),
        passage("km", km="កម្មករជំពាក់បំណុលគេច្រើន", of="t3"),
    )
    for query, expected in {
        "land": {"land", "rice"},
        "LAND rice": {"land", "rice"},
        '"rice field"': {"land"},
        '"field rice"': set(),
        '"land rice"': set(),
        "debt": {"debt"},
        "medic*": {"debt"},
        '"health deb"*': {"debt"},
        "rice -field": {"rice"},
        "-rice": {"debt", "km"},
        "field OR medicine": {"land", "debt"},
        "rice field OR dear": {"land", "rice"},
        "បំណុល": {"debt", "km"},
        "បំ\u200bណុល": {"debt", "km"},
        "ជំពាក់បំណុល": {"km"},
        "កម្មករ បំណុល": {"km"},
        "កម្មករ -បំណុល": set(),
        "បំណាល": set(),
        "m*": set(),
        "it's": set(),
        "\"o'clock": set(),
        "\\ ' & | ! : *": set(),
    }.items():
        assert found(index, query) == expected, query
    assert found(index, "") == {"land", "debt", "rice", "km"}


def test_a_phrase_does_not_reach_from_one_language_into_the_other(index: SearchIndex) -> None:
    fill(index, passage("a", "we sold the cow", "cow milk"))
    assert found(index, '"cow milk"') == {"a"}
    fill(index, passage("a", "we sold the cow", "milk"))
    assert found(index, '"cow milk"') == set()


def test_filters_are_exact_and_any_value_will_do(index: SearchIndex) -> None:
    fill(
        index,
        passage("a", "water", facets={"community": ("farmer",), "theme": ("debt", "land")}),
        passage("b", "water", of="t2", facets={"community": ("landless",), "theme": ("land",)}),
    )
    allowed = to("t1", "t2")

    def refs(node: object) -> set[str]:
        return {hit.ref for hit in index.search(node, allowed).hits}  # type: ignore[arg-type]

    assert refs(Filter("theme", ("debt",))) == {"a"}
    assert refs(Filter("theme", ("debt", "land"))) == {"a", "b"}
    assert refs(Not(Filter("theme", ("debt",)))) == {"b"}
    assert refs(Or((Filter("community", ("landless",)), Words(("nothing",), "nothing")))) == {"b"}
    assert refs(And((Words(("water",), "water"), Filter("theme", ())))) == set()


def test_nothing_outside_the_view_shows_in_anything(index: SearchIndex) -> None:
    mine = [passage(f"m{i}", f"rice {'rice ' * i}and fish", facets={"theme": ("food",)}) for i in range(4)]
    fill(index, *mine)
    queries = [parse(q) for q in ("rice", "", "ri*", "fish OR rice", '"rice and"', "-salt", "zebra")]

    def answers() -> list[object]:
        return [
            [index.search(query, to("t1"), Paging(sort=sort)) for query in queries for sort in ("relevance", "date")],
            index.values("theme", to("t1")),
            index.near("rixe", to("t1")),
        ]

    before = answers()
    fill(index, *[passage(f"h{i}", "rice rixed zebra", of="t2", facets={"theme": ("secret",)}) for i in range(30)])
    assert answers() == before
    assert found(index, "zebra", to("t2")) != set()


def test_the_fullest_edition_a_viewer_may_have_stands_for_the_others(index: SearchIndex) -> None:
    fill(
        index,
        passage("a", "he was arrested", form="redacted_transcript"),
        passage("a", "Dara was arrested", form="full_transcript"),
        passage("a", "Dara wos arrested", form="draft_full"),
    )
    assert found(index, "arrested Dara", to("t1")) == set()
    full = to("t1", full_transcript=["t1"])
    answer = index.search(parse("arrested"), full)
    assert [hit.form for hit in answer.hits] == ["full_transcript"]
    assert [hit.form for hit in index.search(parse("arrested"), to("t1", draft_full=["t1"])).hits] == ["draft_full"]


def test_a_theme_is_found_only_by_who_finds_something_under_it(index: SearchIndex) -> None:
    fill(
        index,
        passage("a", "water", of="t1", facets={"theme": ("flood",)}),
        SearchDocument(
            "term:flood", "term", "flood", (), "term", {"en": "flood"}, {"theme": ("flood",)}, group="term:flood"
        ),
    )
    answer = index.search(parse("flood"), to("t1"))
    assert [hit.ref for hit in answer.terms] == ["flood"]
    assert (answer.hits, answer.total, answer.groups) == ((), 0, 0), "a way on, and no place where it is said"
    assert index.search(parse("flood"), to("t2")).terms == ()


def test_how_many_places_of_a_story_answer_is_told_where_not_all_are_shown(index: SearchIndex) -> None:
    fill(index, *(passage(f"p{n}", "water", of="t1") for n in range(5)), passage("q", "water", of="t2"))
    answer = index.search(parse("water"), to("t1", "t2"), Paging(limit=1, per_group=2))
    assert len(answer.hits) == 2
    assert (answer.total, answer.groups) == (6, 2)
    group = answer.hits[0].group
    assert answer.within == {group: 5 if answer.hits[0].testimonies == ("t1",) else 1}


def test_songs_are_found_by_who_may_open_them(index: SearchIndex) -> None:
    song = {"form": "song", "facets": {"song": ("s1",)}, "group": "song:s1"}
    fill(
        index,
        SearchDocument("song:s1", "song", "s1", (), texts={"en": "Golden thread"}, **song),  # type: ignore[arg-type]
        SearchDocument("line:l1", "line", "l1", ("t1",), texts={"en": "golden rice"}, **song),  # type: ignore[arg-type]
        passage("a", "the rice", facets={"song": ("s1", "s2")}),
    )
    assert found(index, "golden", to(songs=["s1"])) == {"s1", "l1"}
    assert found(index, "golden", to("t1")) == set()
    assert index.search(parse("rice"), to("t1", songs=["s2"])).facets["song"] == {"s2": 1}
    index.forget_testimony("t1")
    assert found(index, "golden", to(songs=["s1"])) == {"s1"}, "a line goes with the testimony it was taken from"


def test_groups_are_paged_in_order_and_hits_inside_them_are_bounded(index: SearchIndex) -> None:
    for i in range(7):
        words = ["rice " * (n + 1) for n in range(i + 1)]
        documents = [
            passage(f"{i}-{n}", text, of=f"p{i}", span=Span(n * 1_000, n * 1_000 + 1), date=f"20{10 + i}")
            for n, text in enumerate(words)
        ]
        index.replace(f"testimony:p{i}", documents)
    allowed = to(*(f"p{i}" for i in range(7)))
    pages = [index.search(parse("rice"), allowed, Paging(limit=3, offset=o, per_group=2)) for o in (0, 3, 6, 9)]
    assert [page.groups for page in pages] == [7] * 4
    order = [list(dict.fromkeys(hit.group for hit in page.hits)) for page in pages]
    assert [len(groups) for groups in order] == [3, 3, 1, 0]
    assert len({group for groups in order for group in groups}) == 7
    every = [hit for page in pages for hit in page.hits]
    assert all(sum(hit.group == group for hit in every) <= 2 for groups in order for group in groups)
    best = [next(hit.score for hit in every if hit.group == group) for groups in order for group in groups]
    assert all(a >= b for a, b in pairwise(best))
    newest = index.search(parse("rice"), allowed, Paging(limit=7, per_group=1, sort="date"))
    assert [hit.group for hit in newest.hits] == [f"testimony:p{i}" for i in reversed(range(7))]


def test_replacing_removing_and_forgetting(index: SearchIndex) -> None:
    fill(index, passage("a", "before words"), passage("b", "other words"), passage("c", "words of hers", of="t2"))
    index.replace("testimony:t1", [passage("d", "after words", digest="new")])
    assert found(index, "words") == {"d", "c"}
    assert index.digests() == {"testimony:t1": "new", "testimony:t2": "digest of t2"}
    index.add([passage("d", "again", digest="newer")])
    assert found(index, "after") == set()
    assert index.digests()["testimony:t1"] == "newer"
    index.remove(["passage:redacted_transcript:d"])
    assert found(index, "again") == set()
    index.forget_testimony("t2")
    assert found(index, "") == set()
    assert "testimony:t2" not in index.digests()
    index.drop_groups(["testimony:t1", "testimony:unknown"])
    assert index.digests() == {}


def test_a_rebuild_takes_the_place_of_everything(index: SearchIndex) -> None:
    assert index.stale
    assert index.search(parse("x"), to("t1")).total == 0
    index.rebuild([passage("a", "first")])
    assert not index.stale
    index.rebuild(passage(str(i), f"second {i}", of=f"t{i}") for i in range(50))
    assert found(index, "first") == set()
    assert found(index, "second", to(*(f"t{i}" for i in range(50)))) == {str(i) for i in range(50)}


def test_a_rebuild_that_fails_leaves_the_old_index_answering(index: SearchIndex) -> None:
    index.rebuild([passage("a", "steadfast")])

    def broken() -> Iterable[SearchDocument]:
        yield passage("b", "half")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        index.rebuild(broken())
    assert found(index, "steadfast") == {"a"}
    index.rebuild([passage("c", "whole")])
    assert found(index, "steadfast whole") == set()
    assert found(index, "whole") == {"c"}


def test_while_it_is_made_anew_the_old_one_answers_and_a_write_waits(index: SearchIndex) -> None:
    index.rebuild([passage("a", "steadfast")])
    written = threading.Event()

    def write() -> None:
        index.replace("testimony:t2", [passage("w", "patient", of="t2")])
        written.set()

    writer = threading.Thread(target=write)

    def documents() -> Iterable[SearchDocument]:
        yield passage("b", "steadfast")
        writer.start()
        assert not written.wait(0.3)
        assert found(index, "steadfast patient OR steadfast") == {"a"}
        yield passage("c", "steadfast", of="t3")
        assert found(index, "steadfast") == {"a"}

    index.rebuild(documents())
    writer.join()
    assert found(index, "steadfast") == {"b", "c"}
    assert found(index, "patient") == {"w"}


def test_a_word_across_the_edges_of_others_is_found_however_many_have_it_whole(index: SearchIndex) -> None:
    assert terms("ក្រុមកម្មករ") == ("ក្រុម", "កម្មករ"), "មក stands across the two"
    index.replace("testimony:t1", [passage(f"{n:03}", km="គាត់មកផ្ទះ") for n in range(210)])
    index.replace("testimony:t2", [passage("across", km="ក្រុមកម្មករ", of="t2")])
    answer = index.search(parse("មក"), to("t1", "t2"), Paging(per_group=300))
    assert (answer.total, answer.bounded) == (211, False)
    assert answer.hits[-1].ref == "across"


@pytest.mark.parametrize("index", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_an_answer_at_its_bound_says_that_there_may_be_more(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_index, "MOST_CANDIDATES", 20)
    index.replace("testimony:t1", [passage(f"{n:02}", km="គាត់មកផ្ទះ") for n in range(20)])
    index.replace("testimony:t2", [passage("across", km="ក្រុមកម្មករ", of="t2")])
    for query, total, bounded in (("មក", 20, True), ("ផ្ទះ", 20, False), ("កម្មករ", 1, False), ("-គាត់", 1, False)):
        answer = index.search(parse(query), to("t1", "t2"))
        assert (answer.total, answer.bounded) == (total, bounded), query


def test_words_spelt_nearly_alike_are_those_this_viewer_may_find(index: SearchIndex) -> None:
    fill(index, passage("a", "evicted", "បំណុល"), passage("b", "evictor", of="t2"))
    assert index.near("evictid", to("t1")) == ["evicted"]
    assert set(index.near("evictod", to("t1", "t2"))) == {"evicted", "evictor"}
    assert index.near("evicted", to("t1")) == [], "a word that is there needs no other spelling"
    assert index.near("បំណាល", to("t1")) == ["បំណុល"]


WORDS = ("rice", "land", "debt", "rain", "ដី", "បំណុល")
COMMUNITIES = ("farmer", "landless", "garment-worker")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_totals_and_facets_equal_counting_by_hand(index: SearchIndex, seed: int) -> None:
    chance = random.Random(seed)
    documents: list[SearchDocument] = []
    for i in range(chance.randint(1, 6)):
        place = (f"place-{chance.randint(1, 2)}",)
        for n in range(chance.randint(1, 4)):
            facets = {
                "community": (chance.choice(COMMUNITIES),),
                "theme": tuple(chance.sample(("debt", "land", "water"), chance.randint(0, 2))),
                "place": place,
            }
            words = chance.sample(WORDS, chance.randint(1, 4))
            documents.append(passage(f"{i}-{n}", " ".join(words), of=f"t{i}", facets=facets))
    index.rebuild(documents)
    for _ in range(4):
        mine = frozenset(f"t{i}" for i in range(6) if chance.random() < 0.6)
        placed = frozenset(one for one in mine if chance.random() < 0.5)
        allowed = Allowed({"redacted_transcript": mine, "place": placed}, frozenset())
        word = chance.choice(WORDS)
        answer = index.search(parse(word), allowed)
        expected = [d for d in documents if d.testimonies[0] in mine and word in d.texts["en"].split()]
        assert answer.total == len(expected)
        for facet in FACETS:
            counts: dict[str, set[str]] = defaultdict(set)
            for document in expected:
                if facet != "place" or document.testimonies[0] in placed:
                    for value in document.facets.get(facet, ()):
                        counts[value].add(document.group)
            assert answer.facets[facet] == {value: len(groups) for value, groups in counts.items()}, facet
        everything = index.search(EVERYTHING, allowed)
        assert everything.total == sum(d.testimonies[0] in mine for d in documents)
