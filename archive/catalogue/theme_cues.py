"""What the archive knows of how people speak of its themes: the shipped cues, and those its stewards keep."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue import thesaurus
from archive.catalogue.spoken_units import khmer_forms
from archive.catalogue.theme_finder import HINTED, NEVER, Forms, SaidCue, SaidName, SpeechWords, Themes
from archive.language import english
from archive.models import Term

CUES = Path(__file__).parents[1] / "thesaurus" / "cues.json"


@cache
def _shipped_file() -> dict[str, Any]:
    return dict(json.loads(CUES.read_text(encoding="utf-8")))


def shipped_cues() -> list[SaidCue]:
    """The cues every archive begins with."""
    return [
        SaidCue(term, language, text)
        for term, by_language in _shipped_file()["cues"].items()
        for language, texts in by_language.items()
        for text in texts
    ]


def shipped_of(term_id: str) -> dict[str, list[str]]:
    """The shipped cues of one theme by language; none for a theme that stewards made."""
    return dict(_shipped_file()["cues"].get(term_id, {}))


def bare(text: str) -> str:
    """A cue without the mark that says how far it is trusted."""
    return text[1:].strip() if text[:1] in {NEVER, HINTED} else text


def cues_of(session: Session) -> tuple[SaidCue, ...]:
    """The cues that hold now: those of stewards where they have changed a theme's, else the shipped ones."""
    own = {term_id: some for term_id, some in session.execute(select(Term.id, Term.cues)) if some}
    if not own:
        return _shipped_cues()
    kept = [one for one in _shipped_cues() if one.language not in own.get(one.term_id, ())]
    theirs = [
        SaidCue(term_id, language, text)
        for term_id, by_language in sorted(own.items())
        for language, texts in sorted(by_language.items())
        for text in texts
    ]
    return (*kept, *theirs)


@cache
def _shipped_cues() -> tuple[SaidCue, ...]:
    return tuple(shipped_cues())


@cache
def speech() -> SpeechWords:
    """The words that say how a sentence is meant."""
    given = _shipped_file()["speech"]
    return SpeechWords(
        denying=_forms(given["not"]),
        not_after_all=_forms(given["not after all"]),
        you=_forms(given["you"]),
        asking=_forms(given["asks"]),
        please=_forms(given["please"]),
    )


def missing() -> frozenset[str]:
    """Themes that are spoken of by what is missing."""
    return frozenset(_shipped_file()["missing"])


def _forms(by_language: dict[str, list[str]]) -> Forms:
    english_words = tuple((english.stem(word),) for word in by_language["en"])
    return english_words + tuple(tuple(khmer_forms(word)) for word in by_language["km"])


@cache
def shipped_themes() -> Themes:
    """The themes as they are shipped, for use without a database."""
    entries = list(thesaurus.themes())
    names = [
        SaidName(entry.id, language, text)
        for entry in entries
        for language, texts in entry.labels.items()
        for text in texts
    ]
    broader = {entry.id: entry.broader for entry in entries}
    return Themes(broader, names, shipped_cues(), missing(), speech())
