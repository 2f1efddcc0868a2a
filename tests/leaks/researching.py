"""What researchers ask for: exploring, citing, and what other archives' software reads."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from archive.pages.harvesting import record_id
from tests.leaks import canaries
from tests.leaks.asking import NOBODY, Ask, get, head, post
from tests.leaks.searches import CHOSEN, SOUGHT
from tests.leaks.told import COMMON, DRAFT, SECRET, SECRET_DRAFT, SECRET_SONG, SONG
from tests.leaks.worlds import COLLECTION, PASSAGE

_SONGS = (SONG, DRAFT, SECRET_DRAFT, SECRET_SONG, NOBODY)
_TOLD = (COMMON[0].testimony, COMMON[-1].testimony, SECRET.testimony, NOBODY)


def _explored() -> Iterator[Ask]:
    """Pictures and list, narrowed to what only the hidden testimony tells, and to what others do."""
    yield get("/explore")
    yield head("/explore")
    yield get("/explore?lang=en&sort=long&page=2")
    told = ({"q": canaries.NAME_EN}, {"q": canaries.LINE_EN}, {"q": "Debt"}, {"open": "closed"}, {"length": "short"})
    for chosen in (*(one for one in CHOSEN if "q" not in one), *told, {"length": "short", "place": "place-03"}):
        yield get(f"/explore?{urlencode({'lang': 'en', **chosen})}")


RESEARCHING: dict[str, tuple[Ask, ...]] = {
    "concordance.show": tuple(
        get(f"/search/in-context?lang=en&sort={sort}&q={quote(word)}")
        for word in (*SOUGHT, "បំណុល", "walked", "")
        for sort in ("left", "right")
    ),
    "concordance.export": tuple(post("/search/in-context/csv", q=word) for word in (*SOUGHT, "walked")),
    "explore.browse": tuple(_explored()),
    "records.dublin_core": tuple(get(f"/testimony/{one}/record.xml") for one in _TOLD),
    "records.as_pbcore": tuple(get(f"/testimony/{one}/pbcore.xml") for one in _TOLD),
    "records.finding_aid": (get("/explore/finding-aid.xml"),),
    "iiif.of_testimony": tuple(get(f"/iiif/testimony/{one}/manifest.json") for one in _TOLD),
    "iiif.words_of_testimony": tuple(
        get(f"/iiif/testimony/{one}/words/{language}.vtt") for one in _TOLD for language in ("km", "en", "fr")
    ),
    "iiif.search_testimony": tuple(
        get(f"/iiif/testimony/{one}/search?{urlencode({'q': word})}")
        for one in _TOLD
        for word in (canaries.WORD_EN, canaries.WORD_KM, "walked", "")
    ),
    "iiif.of_song": tuple(get(f"/iiif/song/{one}/manifest.json") for one in _SONGS),
    "iiif.words_of_song": tuple(
        get(f"/iiif/song/{one}/words/{language}.vtt") for one in _SONGS for language in ("km", "en")
    ),
    "iiif.everything": (get("/iiif/collection.json"),),
    "iiif.listed": tuple(
        get(f"/iiif/collection/{kind}/{page}.json") for kind in ("songs", "testimonies", "no") for page in (0, 1, 2)
    ),
    "oai.answer": (
        get("/oai"),
        *(get(f"/oai?verb={verb}&metadataPrefix=oai_dc") for verb in ("ListRecords", "ListIdentifiers", "Identify")),
        get("/oai?verb=Identify"),
        get("/oai?verb=ListRecords&metadataPrefix=oai_dc&from=2012-01-01&until=2030-01-01"),
        get("/oai?verb=ListRecords&metadataPrefix=pbcore"),
        *(get(f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:localhost:{record_id(one)}") for one in _TOLD),
    ),
    "steward.originals": (get("/steward/originals"), get("/steward/originals?lang=en&page=2")),
    "account.access": (get("/account/access"), get("/account/access?lang=en&page=2")),
    "gathering.room": (get("/collections"), get("/collections?lang=en&q=debts"), head("/collections")),
    "gathering.begin": (post("/collections", name=""),),
    "gathering.show": tuple(
        get(f"/collections/{one}{more}")
        for one in (COLLECTION, NOBODY)
        for more in ("", "?lang=en&sort=told", "?code=commoncode0000", f"?{urlencode({'q': canaries.WORD_EN})}")
    ),
    "gathering.gather": tuple(
        post("/collections/gather", testimony=one, at=at, until=until)
        for one in _TOLD
        for at, until in (("1000", ""), ("0", "2500"), ("90000000", ""))
    ),
    "gathering.annotate": tuple(
        post(f"/collections/{COLLECTION}/passages/{one}", note="a", codes="b, c") for one in (PASSAGE, NOBODY)
    ),
    "gathering.remove_passage": tuple(
        post(f"/collections/{COLLECTION}/passages/{PASSAGE}/remove", deed=deed) for deed in ("", "put-back")
    ),
    "gathering.keep": tuple(post(f"/collections/{one}", name="Debts", note="") for one in (COLLECTION, NOBODY)),
    "gathering.use": (post(f"/collections/{COLLECTION}/use"),),
    "gathering.share": tuple(
        post(f"/collections/{COLLECTION}/readers", name=name, deed=deed)
        for name in ("some-steward", canaries.NAME_EN)
        for deed in ("", "end")
    ),
    "gathering.heard_of": (post(f"/collections/{COLLECTION}/read"),),
    "gathering.take": tuple(
        post(f"/collections/{one}/take", kind=kind)
        for one in (COLLECTION, NOBODY)
        for kind in ("csv", "docx", "qdpx", "ris", "no")
    ),
    "gathering.remove": tuple(post(f"/collections/{COLLECTION}/remove", deed=deed) for deed in ("", "put-back")),
    "testimony.cite": tuple(get(f"/testimony/{one}/cite?lang=en&v=1&from=0:01") for one in _TOLD),
    "testimony.cite_file": tuple(
        get(f"/testimony/{one}/cite.{kind}?v=1&t=1000-2000") for one in _TOLD for kind in ("ris", "bib", "json", "no")
    ),
    "testimony.changes": tuple(get(f"/testimony/{one}/changes?v=1") for one in _TOLD),
}
