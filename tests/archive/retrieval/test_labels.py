"""What people call things, and what a word is searched for besides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue.thesaurus import load_thesaurus
from archive.db import Database
from archive.retrieval import labels
from archive.retrieval.labels import Thesaurus, may_begin_with
from archive.search.analysis import terms
from archive.search.query import And, Words

KHMER = st.text(st.sampled_from("កខគចជដតថនបផពមយរលសហអឦឪាិីុូេែោំះ់្័៊៉\u200b ០១a's-"), min_size=1, max_size=20)


@pytest.fixture
def thesaurus(sqlite_database: Database) -> Thesaurus:
    with sqlite_database.write() as session:
        load_thesaurus(session)
    with sqlite_database.read() as session:
        return Thesaurus(session)


def test_labels_passed_over_unread_would_not_have_been_taken(
    thesaurus: Thesaurus, monkeypatch: pytest.MonkeyPatch
) -> None:
    themes = {term for term, kind in thesaurus.kinds.items() if kind == "theme"}
    typed = [label.text for theme in sorted(themes) for label in thesaurus.labels[theme]][::9]
    questions = [And((Words(("before",), "before"), Words(terms(text), text))) for text in typed]
    quick = [thesaurus.expand(question, themes) for question in questions]
    monkeypatch.setattr(labels, "may_begin_with", lambda _text, _forms: True)
    assert quick == [thesaurus.expand(question, themes) for question in questions]
    assert sum(bool(expansions) for _, expansions in quick) > 40


@given(KHMER)
def test_no_label_is_passed_over_that_begins_with_what_was_typed(text: str) -> None:
    forms = terms(text)
    assert not forms or may_begin_with(text, forms[:1])
