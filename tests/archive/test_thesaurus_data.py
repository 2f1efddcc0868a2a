"""The shipped thesaurus: whole, in both languages, and finding in testimonies what a person would find there."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from archive.catalogue.tagging import Matcher
from archive.language.normalise import normalise

TERMS = Path(__file__).parents[2] / "archive" / "thesaurus" / "terms.json"
KHMER = re.compile(r"[\u1780-\u17d3\u17d7\u17dd .(),A-Z\u17e0-\u17e90-9]+")

# What the alliance says of itself, theme by theme: top concept, then what belongs under it.
THEMES = {
    "livelihood": [
        "debt",
        "microfinance",
        "loss-of-assets",
        "poverty",
        "subsistence-farming",
        "contract-farming",
        "agribusiness",
        "health-debt",
    ],
    "land": ["economic-land-concession", "eviction", "landlessness", "compensation"],
    "migration": ["unsafe-migration", "rural-to-urban-migration", "remittance"],
    "garment-work": [
        "low-wage",
        "minimum-wage",
        "overtime",
        "short-term-contract",
        "hazardous-conditions",
        "mass-fainting",
        "sexual-harassment",
        "social-security",
        "dismissal",
        "union",
        "strike",
        "multi-fibre-agreement",
        "better-factories",
        "buyers",
    ],
    "sex-work": [
        "sex-work-is-work",
        "police-raid",
        "arrest",
        "detention",
        "extortion",
        "violence",
        "stigma",
        "lshtse",
        "hiv-programmes",
    ],
    "health": ["right-to-health-care", "hospital-fees", "privatised-services", "hospital-autonomy"],
    "gender": ["gender-inequality", "violence-against-women", "care-work", "women-leadership"],
    "organising": ["drop-in-centre", "collective-action", "forum", "campaign", "cultural-performance", "legal-aid"],
}


@pytest.fixture(scope="module")
def terms() -> dict[str, dict[str, Any]]:
    entries = json.loads(TERMS.read_text(encoding="utf-8"))
    assert [name for name, times in Counter(entry["id"] for entry in entries).items() if times > 1] == []
    return {entry["id"]: entry for entry in entries}


@pytest.fixture(scope="module")
def matcher(terms: dict[str, dict[str, Any]]) -> Matcher:
    return Matcher((term_id, "theme", language, name) for term_id, language, name in _names(terms))


def _names(terms: dict[str, dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (term_id, language, name)
        for term_id, term in terms.items()
        for language in ("km", "en")
        for name in (term["labels"][language], *term["variants"][language])
    ]


def _broader(terms: dict[str, dict[str, Any]], term_id: str) -> list[str]:
    chain: list[str] = []
    while (above := terms[term_id]["broader"]) is not None:
        assert above not in chain, f"{term_id} is broader than itself"
        chain.append(above)
        term_id = above
    return chain


def test_every_theme_of_the_alliance_is_there_under_its_top_concept(terms: dict[str, dict[str, Any]]) -> None:
    for top, narrower in THEMES.items():
        assert terms[top]["broader"] is None
        for term_id in narrower:
            assert _broader(terms, term_id)[-1] == top


def test_nothing_stands_outside_the_themes(terms: dict[str, dict[str, Any]]) -> None:
    assert set(terms) == set(THEMES) | {term_id for narrower in THEMES.values() for term_id in narrower}


def test_health_debt_is_a_kind_of_debt(terms: dict[str, dict[str, Any]]) -> None:
    assert _broader(terms, "health-debt") == ["debt", "livelihood"]


def test_every_name_is_in_the_script_of_its_language(terms: dict[str, dict[str, Any]]) -> None:
    for term_id, language, name in _names(terms):
        assert unicodedata.normalize("NFC", name) == name.strip()
        if language == "km":
            assert KHMER.fullmatch(name), f"{term_id}: {name} is not in Khmer script"
        else:
            assert name.isascii(), f"{term_id}: {name} is not plain English"


def test_a_name_leads_to_one_term_however_it_is_spelled(terms: dict[str, dict[str, Any]]) -> None:
    found = defaultdict(list)
    for term_id, _, name in _names(terms):
        found[normalise(name).text.strip()].append(term_id)
    assert {name: owners for name, owners in found.items() if len(owners) > 1} == {}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("I borrowed money and I still owe it.", {"debt"}),
        ("Three of us lost our jobs after the strike.", {"dismissal", "strike"}),
        ("Twelve women fainted during overtime.", {"mass-fainting", "overtime"}),
        ("ខ្ញុំលក់គោលក់ស្រែនៅតែជំពាក់។", {"loss-of-assets", "debt"}),
        ("ក្រុមហ៊ុនមានសម្បទានដីសេដ្ឋកិច្ចប្រាំពាន់ហិកតា។", {"economic-land-concession"}),
        ("គេបណ្ដេញចេញពីដី", {"eviction"}),
        ("ខ្ញុំគ្មានប.ស.ស.ទេ", {"social-security"}),
        ("រោងចក្រធ្វើកូដកម្មទាមទារប្រាក់ឈ្នួលអប្បបរមា", {"garment-work", "strike", "collective-action", "minimum-wage"}),
        ("It rained in the morning.", set()),
        ("ព្រឹកនេះភ្លៀង។", set()),
    ],
)
def test_what_is_said_finds_its_terms(matcher: Matcher, said: str, expected: set[str]) -> None:
    assert {match.term_id for match in matcher.matches(said)} == expected


def test_every_name_of_a_term_is_found_where_it_stands_alone(
    terms: dict[str, dict[str, Any]], matcher: Matcher
) -> None:
    title_of_the_law = set(terms["lshtse"]["labels"].values())  # nobody says it whole; its short names are variants
    lost = [
        (term_id, name)
        for term_id, _, name in _names(terms)
        if name not in title_of_the_law and term_id not in {match.term_id for match in matcher.matches(name)}
    ]
    assert lost == []
