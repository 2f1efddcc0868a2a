"""What is searched for: the canaries' own words, words near them, and what anybody would ask."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from tests.leaks import canaries
from tests.leaks.asking import Ask, get, head, post
from tests.leaks.told import SECRET

SOUGHT = (
    canaries.WORD_KM,
    canaries.LINE_EN,
    canaries.NAME_EN,
    "quilfeather",  # near enough to be put right, if it were in the index
    f"theme:{canaries.THEME_EN.split()[0]}",
    "debt",
)
SOUGHT_TOO = (
    *(word for word in canaries.WORDS if word not in SOUGHT),
    "ត្រីបាឡែន",  # the beginning of a hidden word
    "quillfeathers",
    f'"{canaries.LINE_EN}"',
    f"speaker:{canaries.NAME_EN.split()[0]}",
    f"speaker:{canaries.NAME_KM}",
    "theme:canary-theme",
    "place:Ratanak",
    "community:sex-worker",
    "year:2017",
    f"song:{canaries.LINE_EN.split()[1]}",
    "dept",
    "បំណុល",
    "factory -walked",
    "Vesperlight OR field",
    SECRET.testimony,
    SECRET.recording,
)
CHOSEN = (
    {"community": "sex-worker"},
    {"theme": "canary-theme"},
    {"place": "place-16"},
    {"year": "2017"},
    {"language": "km"},
    {"q": "debt", "community": "farmer"},
    {"q": "debt", "sort": "date"},
    {"q": "debt", "page": "2"},
    {"q": "debt", "page": "99"},
    {"q": "debt", "exact": "1"},
    {"q": "បំណុល", "theme": "debt", "sort": "date", "page": "2"},
    {"q": canaries.WORD_KM, "exact": "1"},
)


def searches() -> Iterator[Ask]:
    yield get("/search")
    yield get("/search?lang=en")
    for words in SOUGHT + SOUGHT_TOO:
        yield get(f"/search?lang=en&q={quote(words)}")
    for chosen in CHOSEN:
        yield get(f"/search?{urlencode(chosen)}")
    yield head(f"/search?q={quote(canaries.WORD_KM)}")
    yield get("/search?q=debt", ("Accept-Encoding", "gzip"))


def feeds() -> Iterator[Ask]:
    yield get("/search/feed")
    for words in (*SOUGHT, canaries.TITLE_EN, "year:2017"):
        yield get(f"/search/feed?lang=en&q={quote(words)}")
    yield get("/search/feed?community=sex-worker")
    yield get("/search/feed?theme=canary-theme&exact=1")


def exports() -> Iterator[Ask]:
    for words in (canaries.WORD_KM, canaries.WORD_EN, "debt", "បំណុល"):
        yield post("/search/csv", q=words)
    yield post("/search/csv", community="sex-worker")
    yield post("/search/csv", theme="canary-theme", sort="date")
