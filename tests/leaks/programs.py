"""What programs ask for: the interface of `/api/v1`, with the token of whoever crawls."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.leaks import canaries
from tests.leaks.asking import NOBODY, Ask, get, head, post
from tests.leaks.searches import CHOSEN, SOUGHT
from tests.leaks.told import COMMON, DRAFT, SECRET, SECRET_DRAFT, SECRET_SONG, SONG
from tests.leaks.worlds import COLLECTION

API = "/api/v1"
_TOLD = (COMMON[0].testimony, COMMON[-1].testimony, SECRET.testimony, NOBODY)
_WRONG = ("Authorization", "Bearer messenger_of_nobody")

PROGRAMS: dict[str, tuple[Ask, ...]] = {
    "account.tokens": (get("/account/tokens"), get("/account/tokens?lang=en")),
    "account.make_token": (post("/account/tokens", name="A notebook", days="4"), post("/account/tokens", name="")),
    "account.end_token": (post(f"/account/tokens/{NOBODY}/end"),),
    "api.guide": (get(f"{API}/"), get(f"{API}/?lang=en"), head(f"{API}/")),
    "api.openapi": (get(f"{API}/openapi.json"),),
    "api.testimonies": (
        *(get(f"{API}/testimonies?{urlencode(chosen)}") for chosen in CHOSEN),
        *(get(f"{API}/testimonies?{urlencode({'q': word})}") for word in (canaries.NAME_EN, canaries.LINE_EN, "Debt")),
        get(f"{API}/testimonies"),
        get(f"{API}/testimonies?open=closed&sort=long&page=2"),
        get(f"{API}/testimonies", _WRONG),
    ),
    "api.one_testimony": tuple(get(f"{API}/testimonies/{one}{more}") for one in _TOLD for more in ("", "?v=1", "?v=9")),
    "api.search": (
        get(f"{API}/search"),
        *(get(f"{API}/search?{urlencode({'q': word})}") for word in SOUGHT),
        *(get(f"{API}/search?{urlencode(chosen)}") for chosen in CHOSEN),
    ),
    "api.songs": (get(f"{API}/songs"), get(f"{API}/songs?page=2"), head(f"{API}/songs")),
    "api.one_song": tuple(get(f"{API}/songs/{one}") for one in (SONG, DRAFT, SECRET_DRAFT, SECRET_SONG, NOBODY)),
    "api.terms": tuple(get(f"{API}/terms?page={page}") for page in (1, 2, 3, 4)),
    "api.one_term": tuple(get(f"{API}/terms/{one}") for one in ("debt", "canary-theme", NOBODY)),
    "api.campaigns": (get(f"{API}/campaigns"),),
    "api.one_campaign": tuple(
        get(f"{API}/campaigns/{one}{more}")
        for one in ("commoncampaign", "secretcampaign", NOBODY)
        for more in ("", "?page=2")
    ),
    "api.own_collections": (get(f"{API}/collections"), get(f"{API}/collections?q=debts")),
    "api.one_collection": tuple(
        get(f"{API}/collections/{one}{more}")
        for one in (COLLECTION, NOBODY)
        for more in ("", f"?{urlencode({'q': canaries.WORD_EN})}")
    ),
    "api.nothing": (get(f"{API}/no-such-thing"), get(f"{API}/testimonies/{SECRET.testimony}/words")),
}
