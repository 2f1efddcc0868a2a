"""Addresses that look like a page of this site and are not, one by one and as a browser reads them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st

from archive.accounts import accounts
from tests.web.conftest import PASSWORD
from tests.web.filling import Filling
from web.site.local_address import local_address

HOME = "/home"
TRICKS = (
    "",
    "evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example\n",
    "/\x00/evil.example",
    "/\x0b/evil.example",
    "/\x7f/evil.example",
    "/\x85/evil.example",
    "/\xa0/evil.example",
    "/\u2028/evil.example",
    "/\u200e/evil.example",
    "/\u202e/evil.example",
    "/\ufeff/evil.example",
    "/\ud800/evil.example",
    "/desk\r\nSet-Cookie: a=b",
    "/desk\nLocation: //evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/desk//evil.example",
    "/desk/../..//evil.example",
    "/%2e%2e//evil.example",
    "/%2Fevil.example",
    "/%5Cevil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%250a/evil.example",
    "/%2509%2Fevil.example",
    "/%25252509/evil.example",
    "/desk%0d%0aSet-Cookie:a=b",
    "/search?q=%0d%0aLocation:x",
    "http://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "sokha@evil.example",
    "//sokha:word@evil.example/",
    "//localhost@evil.example/",
    "//[::1",
    "?next=/",
    "#there",
    "desk",
    "./desk",
    "\uff0f\uff0fevil.example",
    "/" + "a" * 3000,
)
PAGES = (
    ("/", "/"),
    ("/desk", "/desk"),
    ("/desk/song/one-length-of-thread", "/desk/song/one-length-of-thread"),
    ("/testimony/abc123?t=4000#at-4000", "/testimony/abc123?t=4000#at-4000"),
    ("/search?q=debt&page=2", "/search?q=debt&page=2"),
    ("/search?q=two words", "/search?q=two%20words"),
    ("/search?q=https://archive.example//here", "/search?q=https://archive.example//here"),
    ("/search?q=បំណុល\u200bស្រែ", "/search?q=" + quote("បំណុល\u200bស្រែ")),
    ("/search?q=100%25", "/search?q=100%25"),
)


@pytest.mark.parametrize("address", TRICKS, ids=ascii)
def test_what_is_no_page_of_this_site_is_not_taken(address: str) -> None:
    assert local_address(address, HOME) == HOME


@pytest.mark.parametrize(("address", "taken"), PAGES, ids=ascii)
def test_a_page_of_this_site_is_taken_as_a_header_can_carry_it(address: str, taken: str) -> None:
    assert local_address(address, HOME) == taken


def _as_a_browser(address: str) -> str:
    """Where a browser goes: it strips what it does not see, and reads a backslash as a slash."""
    seen = "".join(letter for letter in address.strip("".join(map(chr, range(33)))) if letter not in "\t\r\n")
    return urljoin("http://site.example/sign-in", seen.replace("\\", "/"))


@given(st.text(alphabet="/\\.:%@?#\t\n\r 02579ACDFacdfev\u2028\uff0f", max_size=24).map(lambda tail: "/" + tail))
@example("/\t/evil.example")
@example("/%2e%2e//evil.example")
def test_wherever_it_leads_it_is_this_site(address: str) -> None:
    taken = local_address(address, HOME)
    assert urlsplit(_as_a_browser(taken)).netloc == "site.example"
    assert taken.isascii()
    assert not any(letter.isspace() or ord(letter) < 33 for letter in taken)


@pytest.mark.parametrize(
    "wanted", ["/%09/evil.example", "/%0a/evil.example", "/%0d%0a/evil.example", "/%5Cevil.example"]
)
def test_signing_in_stays_on_this_site(client: FlaskClient, filled: Filling, wanted: str) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    with filled.backends.database.write() as session:
        accounts.create(session, "sokha-here", PASSWORD, "band", ())
    said = client.post(f"/sign-in?next={wanted}", data={"name": "sokha-here", "password": PASSWORD})
    assert (said.status_code, said.headers["Location"]) == (303, "/")
    again = client.get(f"/sign-in?next={wanted}")
    assert (again.status_code, again.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("wanted", TRICKS[2:16], ids=ascii)
def test_the_desk_stays_on_this_site(signed_in: Callable[..., FlaskClient], filled: Filling, wanted: str) -> None:
    band = signed_in("band", ("MB",))
    band.application.config["WTF_CSRF_ENABLED"] = False
    told = filled.testimonies["the-day-the-line-fell"]
    said = band.post("/desk/clip", data={"testimony": told, "at": "0", "next": wanted})
    assert said.status_code == 303
    assert said.headers["Location"].startswith("/desk")
