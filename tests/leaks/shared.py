"""What is asked for other sites and programs: sitemap, podcast, share pictures, oEmbed and the embedded player."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.leaks.asking import NOBODY, Ask, get, head, pages, post
from tests.leaks.lists import HER_SET, SHOWN_SET
from tests.leaks.told import COMMON, DRAFT, SECRET, SECRET_DRAFT, SECRET_SONG, SONG
from tests.leaks.worlds import SET, set_song

_SLUGS = (SONG, DRAFT, SECRET_DRAFT, SECRET_SONG, NOBODY)
_TOLD = (COMMON[0].testimony, SECRET.testimony, NOBODY)
_CAMPAIGNS = (COMMON[0].campaign, SECRET.campaign, NOBODY)
_IN_THE_SET = (set_song(SONG), set_song(SECRET_SONG), NOBODY)
_HEARD = "&".join(
    f"m={one}" for one in (*(f"song:{slug}" for slug in _SLUGS), *(f"testimony:{told}:0-900" for told in _TOLD))
)
_LISTS = (SHOWN_SET, HER_SET, SET, NOBODY)
_PACKED = (f"campaign:{SECRET.campaign}", f"songs:{SECRET_SONG}", f"songs:{NOBODY}", "all", f"set:{SET}")
_SHOWN = (
    *(f"/song/{one}" for one in _SLUGS),
    *(f"/testimony/{one}" for one in _TOLD),
    *(f"/campaign/{one}" for one in _CAMPAIGNS),
)

SHARED: dict[str, tuple[Ask, ...]] = {
    "sharing.robots": (get("/robots.txt"),),
    "sharing.sitemap": (get("/sitemap.xml"), head("/sitemap.xml")),
    "sharing.sitemap_page": tuple(
        get(f"/sitemap/{kind}/{page}.xml")
        for kind in ("pages", "songs", "campaigns", "testimonies", "no-such-kind")
        for page in (1, 2)
    ),
    "sharing.songs_feed": (get("/songs.atom"), get("/songs.atom?lang=en&page=2")),
    "sets.room": (get("/sets"), get("/sets?lang=en&q=evening")),
    "sets.begin": (post("/sets", title=""),),
    "sets.show": tuple(
        get(f"/sets/{one}{more}") for one in (SET, SHOWN_SET, NOBODY) for more in ("", f"?q={SONG[:4]}&lang=en")
    ),
    "sets.keep": tuple(post(f"/sets/{one}", title="Another evening") for one in (SET, NOBODY)),
    "sets.put_in": (
        *(post(f"/sets/{SET}/songs", song=one) for one in (SECRET_DRAFT, SECRET_SONG, NOBODY)),
        *(post(f"/sets/{SET}/songs", link=f"/testimony/{one}?t=0-900") for one in (SECRET.testimony, NOBODY)),
    ),
    "sets.order": tuple(
        post(f"/sets/{SET}/order", deed=f"{deed}.{one}")
        for one in _IN_THE_SET
        for deed in ("down", "up", "keep", "out")
    ),
    "sets.let_out": tuple(post(f"/sets/{one}/show", deed="show") for one in (SET, NOBODY)),
    "sets.run_sheet": tuple(get(f"/sets/{one}/run-sheet.pdf") for one in (SET, SHOWN_SET, NOBODY)),
    "sets.from_list": tuple(post("/sets/from-list", title="", item=one, question="") for one in (SECRET_SONG, NOBODY)),
    "lists.room": (get("/lists"), get("/lists?lang=en&q=training"), head("/lists")),
    "lists.mine": (get("/lists/mine"),),
    "lists.heard": (get(f"/lists/heard.json?{_HEARD}"), get("/lists/heard.json?m=no")),
    "lists.show": tuple(get(f"/lists/{one}{more}") for one in _LISTS for more in ("", "?lang=en")),
    "lists.tracks": tuple(get(f"/lists/{one}/tracks.json") for one in _LISTS),
    "lists.sheet": tuple(get(f"/lists/{one}/sheet.pdf") for one in _LISTS),
    "sets.put_back": tuple(post(f"/sets/{SET}/songs/{one}/put-back") for one in _IN_THE_SET),
    "sets.write_sung": tuple(post(f"/sets/{SET}/sung", sung=one, people="3") for one in _IN_THE_SET),
    "sets.book": tuple(post(f"/sets/{one}/book") for one in (SET, NOBODY)),
    "sets.stage": tuple(get(f"/sets/{one}/stage") for one in (SET, NOBODY)),
    "sets.remove": tuple(post(f"/sets/{SET}/remove", deed=deed) for deed in ("remove", "put-back")),
    "campaign.book": tuple(post(f"/campaign/{one}/book") for one in _CAMPAIGNS),
    "installed.worker": (get("/sw.js"),),
    "installed.manifest": (get("/app.webmanifest"),),
    "installed.songs_here": (get("/kept"), get("/kept?lang=en")),
    "packs.room": (
        get("/packs"),
        *(get(f"/packs?lang=en&of=set:{one}") for one in (SET, NOBODY)),
        *(get(f"/packs?of=campaign:{one}") for one in _CAMPAIGNS),
        *(get(f"/packs?song={one}&song={SONG}") for one in (SECRET_DRAFT, SECRET_SONG, NOBODY)),
    ),
    "packs.make": tuple(post("/packs", kind="zip", of=of) for of in _PACKED),
    "packs.making": tuple(get(f"/packs/making?kind=zip&of={of}") for of in (*_PACKED, "no")),
    "packs.progress": tuple(get(f"/packs/progress?kind={kind}&of={_PACKED[0]}") for kind in ("zip", "zim", "no")),
    "packs.take": tuple(post("/packs/take", kind="zip", of=of, to="a centre") for of in _PACKED),
    "listening.queue": (get("/songs.json"), *(get(f"/songs.json?campaign={one}&page=1") for one in _CAMPAIGNS)),
    "sharing.site_picture": (get("/share.png"),),
    "sharing.song_picture": tuple(pages("/song/{}/share.png", _SLUGS)),
    "sharing.testimony_picture": tuple(pages("/testimony/{}/share.png", _TOLD)),
    "sharing.campaign_picture": tuple(pages("/campaign/{}/share.png", _CAMPAIGNS)),
    "sharing.player": tuple(pages("/song/{}/embed", _SLUGS)),
    "sharing.oembed": tuple(get(f"/oembed?{urlencode({'url': f'http://localhost{path}'})}") for path in _SHOWN),
}
