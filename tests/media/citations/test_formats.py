"""Citations are read back by other people's software, and say the same second everywhere."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
import rispy
from pybtex.database import parse_string

from archive.days import Day
from media.citations import bibtex, csl_json, ris, styles
from media.citations.citation import Citation, whole_seconds

CITED = Citation(
    id="told0001",
    title="Debt & land: 50% of {it}",
    name="Sok Chanthou",
    recorded_on=Day.of("2013-04-21"),
    language="km",
    version=2,
    start_ms=20_000,
    end_ms=31_000,
    address="https://songs.example/testimony/told0001?v=2&t=20000-31000",
    seen_on=date(2026, 11, 28),
)


def test_ris_is_read_by_rispy() -> None:
    (entry,) = rispy.loads(ris.ris(CITED))
    assert entry["type_of_reference"] == "SOUND"
    assert entry["title"] == CITED.title
    assert entry["authors"] == ["Sok Chanthou,"]
    assert entry["year"] == "2013"
    assert entry["date"] == "2013/04/21/"
    assert entry["urls"] == [CITED.address]
    assert entry["start_page"] == "0:20–0:31"


def test_bibtex_is_read_by_pybtex() -> None:
    entry = parse_string(bibtex.bibtex(CITED), "bibtex").entries[CITED.key]
    assert entry.fields["title"] == r"{Debt \& land: 50\% of \{it\}}"
    assert (entry.fields["year"], entry.fields["month"], entry.fields["day"]) == ("2013", "April", "21")
    assert entry.fields["url"] == CITED.address
    assert entry.fields["note"] == "Transcript version 2, 0:20–0:31"
    assert str(entry.persons["author"][0]) == "{Sok Chanthou}"
    khmer = replace(CITED, title="បំណុលទី១", name="ចាន់ធូ")
    assert parse_string(bibtex.bibtex(khmer), "bibtex").entries[CITED.key].fields["title"] == "{បំណុលទី១}"


def test_csl_json_has_what_a_processor_asks_for() -> None:
    (item,) = json.loads(csl_json.csl_json(CITED))
    assert item["type"] == "interview"
    assert item["author"] == [{"literal": "Sok Chanthou"}]
    assert item["issued"] == {"date-parts": [[2013, 4, 21]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 28]]}
    assert (item["URL"], item["version"], item["section"]) == (CITED.address, "2", "0:20–0:31")
    (vague,) = json.loads(csl_json.csl_json(replace(CITED, recorded_on=Day.of("2010~"))))
    assert vague["issued"] == {"date-parts": [[2010]], "circa": True}


@pytest.mark.parametrize(
    ("day", "chicago", "apa"),
    [
        ("2013-04-21", "April 21, 2013.", "(2013, April 21)."),
        ("2013-04", "April 2013.", "(2013, April)."),
        ("2010~", "Ca. 2010.", "(ca. 2010)."),
        ("201X", "2010s.", "(2010s)."),
        ("2011/2013", "2011–2013.", "(2011–2013)."),
        (None, "” Oral testimony", "(n.d.)."),
    ],
)
def test_sentences_say_the_day_as_far_as_it_is_known(day: str | None, chicago: str, apa: str) -> None:
    cited = replace(CITED, recorded_on=Day.of(day) if day else None)
    assert chicago in styles.chicago(cited)
    assert apa in styles.apa(cited)


def test_a_narrator_who_is_not_named_leaves_the_title_first() -> None:
    unnamed = replace(CITED, name="", title="Debt", start_ms=None, end_ms=None)
    assert styles.chicago(unnamed).startswith(
        "“Debt.” April 21, 2013. Oral testimony, sound recording, transcript version 2. "
    )
    assert styles.apa(unnamed).startswith("Debt [Oral testimony; transcript version 2]. (2013, April 21). ")
    assert "author" not in bibtex.bibtex(unnamed)
    assert "AU  -" not in ris.ris(unnamed)


@pytest.mark.parametrize(
    ("given", "cited"),
    [((20_999, None), (20_000, None)), ((20_400, 30_100), (20_000, 31_000)), ((9_000, 9_000), (9_000, None)),
     ((None, 5_000), (None, None)), ((0, 900), (0, 1_000))],
)  # fmt: skip
def test_moments_are_whole_seconds(given: tuple[int | None, int | None], cited: tuple[int | None, int | None]) -> None:
    assert whole_seconds(*given) == cited
    text = replace(CITED, start_ms=cited[0], end_ms=cited[1]).moment
    assert re.fullmatch(r"(\d+:\d\d(–\d+:\d\d)?)?", text)
