"""The tree that what is typed becomes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.highlight import hits, snippet
from archive.search.query import EVERYTHING, NOTHING, And, Field, Node, Not, Or, Words, parse, wanted


def words(*terms: str, typed: str = "", prefix: bool = False) -> Words:
    return Words(terms, typed or " ".join(terms), prefix)


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("", EVERYTHING),
        ("  ", EVERYTHING),
        ("!?", NOTHING),
        ("debt", And((words("debt"),))),
        ("Debts", And((words("debt", typed="Debts"),))),
        ('"health debt"', And((words("health", "debt"),))),
        ("“health debt”", And((words("health", "debt"),))),
        ("evict*", And((words("evict", typed="evict", prefix=True),))),
        ("a -b", And((words("a"), Not(words("b"))))),
        ("a b OR c", And((words("a"), Or((words("b"), words("c")))))),
        ("a or b", And((words("a"), words("or"), words("b")))),
        ("OR a", And((words("a"),))),
        ("well-being", And((words("well", "being", typed="well-being"),))),
        ('theme:"sex work"', And((Field("theme", "sex work"),))),
        ("Theme: debt", And((Field("theme", "debt"),))),
        ("-year:2012", And((Not(Field("year", "2012")),))),
        ("ប្រធានបទ:បំណុល", And((Field("theme", "បំណុល"),))),
        ("mystery:x", And((words("mystery", "x", typed="mystery:x"),))),
        ('rice "open', And((words("rice"), words("open")))),
    ],
)
def test_what_is_typed_becomes(typed: str, tree: Node) -> None:
    assert parse(typed) == tree


@given(st.text(alphabet=st.sampled_from('ab "*-:|ORtheme()ក្រ\u200bា«» '), max_size=40), st.text(max_size=60))
def test_anything_may_be_typed_and_any_text_be_marked(query: str, text: str) -> None:
    asked = list(wanted(parse(query)))
    for one in (text, query + text, query):
        found = hits(one, asked)
        assert all(a < b for a, b in found)
        assert all(first[1] <= second[0] for first, second in pairwise(found))
        parts = snippet(one, found, shown=30)
        shown = "".join(part.text for part in parts).strip("…")
        assert shown in one or len(one) > 30


def test_a_long_text_is_cut_around_the_first_hit_between_clusters() -> None:
    text = "ខ្ញុំត្រូវការថ្នាំ" * 40 + "បំណុល" + "សម្រាប់មនុស្ស" * 40
    parts = snippet(text, hits(text, wanted(parse("បំណុល"))))
    assert [part.text for part in parts if part.hit] == ["បំណុល"]
    assert parts[0].text == parts[-1].text == "…"
    inner = "".join(part.text for part in parts[1:-1])
    assert inner in text
    assert len(inner) <= 240
    assert not any(part.text and "\u17b6" <= part.text[0] <= "\u17d3" for part in parts), "no cluster is cut"
