"""Khmer first, English beside it, and a choice that is remembered."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.site.language import clock, either, either_marked, ngettext


def test_a_newcomer_reads_khmer_whatever_the_browser_asks_for(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="km">' in answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == "km"


def test_english_is_one_link_away_and_stays(client: FlaskClient) -> None:
    assert 'href="/song/one-length-of-thread?lang=en"' in client.get("/song/one-length-of-thread").get_data(
        as_text=True
    )
    first = client.get("/song/one-length-of-thread?lang=en")
    assert '<html lang="en">' in first.get_data(as_text=True)
    assert '<html lang="en">' in client.get("/").get_data(as_text=True)
    assert '<html lang="km">' in client.get("/?lang=km").get_data(as_text=True)
    assert '<html lang="km">' in client.get("/").get_data(as_text=True)


def test_a_language_nobody_here_speaks_is_passed_over(client: FlaskClient) -> None:
    answer = client.get("/?lang=xx")
    assert '<html lang="km">' in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_the_choice_of_language_keeps_the_rest_of_the_address(client: FlaskClient) -> None:
    page = client.get("/?q=a%26b&lang=en").get_data(as_text=True)
    assert 'href="/?q=a%26b&amp;lang=km"' in page


@pytest.mark.parametrize(("lang", "expected"), [("km", "ប្រហែល ១២ នាទីទៀត"), ("en", "about 12 minutes left")])
def test_numbers_are_written_in_the_digits_of_the_page(app: Flask, lang: str, expected: str) -> None:
    with app.test_request_context(f"/?lang={lang}"):
        assert ngettext("about {n} minute left", "about {n} minutes left", 12) == expected


def test_lengths_are_minutes_and_seconds(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert [clock(0), clock(187_900), clock(3_600_000)] == ["0:00", "3:07", "1:00:00"]
    with app.test_request_context("/?lang=km"):
        assert clock(187_900) == "៣:០៧"


def test_what_is_there_in_one_language_only_is_shown_and_marked(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert either("ដី", "") == "ដី"
        assert either_marked("ដី", "") == '<span lang="km">ដី</span>'
        assert either_marked("ដី", "Land & home") == "Land &amp; home"
