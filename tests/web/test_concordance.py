"""A word in its contexts: whole words on both sides, sorted, heard, taken as a table, and no more than may be read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient

from archive.access import gate
from archive.language.words import words
from archive.models import Release, Testimony, now
from archive.retrieval import concordance, indexing
from archive.retrieval.concordance import Concordance
from tests.web.filling import Filling

DEBT = "បំណុល"
LINE = re.compile(
    r'<td class="line-left"[^>]*>(.*?)</td>\s*<th[^>]*class="line-word"[^>]*>(.*?)</th>\s*'
    r'<td class="line-right"[^>]*>(.*?)</td>'
)


@pytest.fixture
def found(filled: Filling) -> Filling:
    """The sample collection, findable."""
    indexing.reindex(filled.backends.database, filled.backends.index)
    return filled


def asked(found: Filling, typed: str, sort: str = "told") -> Concordance:
    with found.backends.database.read() as session:
        return concordance.concordance(session, found.backends.index, gate.PUBLIC, typed, sort)


def lines(client: FlaskClient, query: str) -> list[tuple[str, ...]]:
    answer = client.get(f"/search/in-context?lang=en&{query}")
    assert answer.status_code == 200
    return LINE.findall(unescape(answer.get_data(as_text=True)))


def test_each_place_stands_between_whole_words(found: Filling) -> None:
    answer = asked(found, DEBT)
    assert answer.lines
    assert not answer.cut
    for line in answer.lines:
        assert line.word.replace("\u200b", "") == DEBT
        for side in (line.left, line.right):
            assert sum(piece.is_word for piece in words(side)) <= concordance.BESIDE
    assert sum(one.testimonies for one in answer.communities.values()) == answer.testimonies > 0


def test_lines_are_sorted_by_what_stands_beside_the_word(found: Filling) -> None:
    after = [line.right for line in asked(found, "the", "right").lines if line.right]
    firsts = [next(piece.text.lower() for piece in words(text) if piece.is_word) for text in after]
    assert firsts == sorted(firsts)
    before = [line.left for line in asked(found, "the", "left").lines if line.left]
    lasts = [[piece.text.lower() for piece in words(text) if piece.is_word][-1] for text in before]
    assert lasts == sorted(lasts)


def test_a_page_reads_it_and_whatever_is_typed_is_no_error(found: Filling, client: FlaskClient) -> None:
    assert len(lines(client, f"q={DEBT}")) == len(asked(found, DEBT).lines)
    assert lines(client, "q=nobodysaysthis&sort=nonsense&page=9") == []
    assert lines(client, "q=%22%00*-") == []
    assert lines(client, "") == []


def test_what_is_cut_is_said(found: Filling, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concordance, "MOST_TESTIMONIES", 1)
    monkeypatch.setattr(concordance, "MOST_OF_ONE", 1)
    assert asked(found, "the").cut
    assert "not all of them are laid out here" in client.get("/search/in-context?lang=en&q=the").get_data(as_text=True)


def test_a_table_goes_out_and_is_noted_and_what_is_taken_back_is_gone(
    found: Filling, client: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    assert client.post("/search/in-context/csv", data={"q": DEBT}).status_code in {400, 404}
    researcher = signed_in("researcher")
    researcher.application.config["WTF_CSRF_ENABLED"] = False
    taken = researcher.post("/search/in-context/csv", data={"q": DEBT}).get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(taken.lstrip("\ufeff"))))
    assert rows
    with found.backends.database.write() as session:
        noted = {one for release in session.query(Release) for one in release.testimonies}
        told = {re.search("/testimony/([^?]+)", row["address"])[1] for row in rows}  # type: ignore[index]
        assert told == noted
        gone = sorted(told)[0]
        session.get_one(Testimony, gone).withdrawn_at = now()
    after = asked(found, DEBT)
    assert gone not in {line.testimony for line in after.lines}
