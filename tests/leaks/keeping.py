"""What is asked of the rooms where the catalogue is kept: themes, campaigns, and what is said of songs."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.leaks import canaries
from tests.leaks.asking import NOBODY, Ask, get, head, pages, post
from tests.leaks.told import COMMON, DRAFT, SECRET, SECRET_DRAFT, SECRET_SONG, SONG

CAMPAIGNS = (COMMON[0].campaign, SECRET.campaign, NOBODY)
SLUGS = (SONG, DRAFT, SECRET_DRAFT, SECRET_SONG, NOBODY)

_TOLD = (COMMON[0].testimony, SECRET.testimony, NOBODY)
_TOGETHER = (
    ("setting", "A shed"),
    ("add-theme", "debt"),
    ("drop-theme", "canary-theme"),
    ("campaign", "secretcampaign"),
)

KEEPING: dict[str, tuple[Ask, ...]] = {
    "testimony.whole": tuple(pages("/testimony/{}/whole", _TOLD)),
    "testimony.joining": tuple(pages("/testimony/{}/parts", _TOLD)),
    "testimony.join": tuple(
        post(f"/testimony/{one}/parts", deed=deed, seen="0", **numbers)
        for one in _TOLD
        for deed in ("look", "apply")
        for numbers in ({f"n-{COMMON[0].testimony}": "2", f"n-{SECRET.testimony}": "1"}, {f"n-{one}": "x"}, {})
    ),
    "testimony.several": (
        *(get(f"/testimonies?{asked}") for asked in ("", "page=2", urlencode({"q": canaries.NAME_EN}), "lang=en")),
        head("/testimonies"),
    ),
    "testimony.choose_several": tuple(post("/testimonies", t=one, q=canaries.TITLE_EN, page="1") for one in _TOLD),
    "testimony.change_several": tuple(
        post("/testimonies/change", t=one, field=field, value=value, deed=deed)
        for one in _TOLD
        for field, value in _TOGETHER
        for deed in ("", "look", "apply")
    ),
    "testimony.undo_several": (post("/testimonies/undo", act=NOBODY),),
    "theme.show": tuple(
        ask
        for one in ("debt", "livelihood", "place-16", "canary-theme", NOBODY)
        for ask in (get(f"/theme/{one}"), get(f"/theme/{one}?lang=en"), head(f"/theme/{one}"))
    ),
    "thesaurus.room": (get("/steward/thesaurus"), get("/steward/thesaurus?lang=en&q=debt")),
    "thesaurus.term": tuple(get(f"/steward/thesaurus/term/{one}") for one in ("debt", "canary-theme", NOBODY)),
    "thesaurus.add": (post("/steward/thesaurus", en=canaries.THEME_EN, known="yes"),),
    "thesaurus.rename": (post("/steward/thesaurus/term/canary-theme/names", en="Other"),),
    "thesaurus.change_cues": (post("/steward/thesaurus/term/canary-theme/cues", cues_en="other"),),
    "thesaurus.move": (post("/steward/thesaurus/term/canary-theme/place", broader="debt"),),
    "thesaurus.retire": (post("/steward/thesaurus/term/canary-theme/retire", deed="retire"),),
    "thesaurus.merging": (get("/steward/thesaurus/term/canary-theme/merge?into=debt"),),
    "thesaurus.merge": (post("/steward/thesaurus/term/canary-theme/merge", into="debt"),),
    "thesaurus.undo": (post(f"/steward/thesaurus/undo/{NOBODY}"),),
    "thesaurus.exchange": (get("/steward/thesaurus/skos"),),
    "thesaurus.take": (get("/steward/thesaurus/skos/themes.ttl"), get("/steward/thesaurus/skos/themes.rdf")),
    "thesaurus.bring": (post("/steward/thesaurus/skos", text="@prefix a: <b> ."),),
    "desk.about_song": tuple(pages("/desk/song/{}/about", SLUGS)),
    "desk.write_about_song": tuple(post(f"/desk/song/{one}/about", year="x") for one in SLUGS),
    "desk.undo_detail": tuple(post(f"/desk/song/{one}/about/undo/{NOBODY}") for one in SLUGS),
    "desk.put_cover": tuple(post(f"/desk/song/{one}/cover", deed="stitched") for one in SLUGS),
    "desk.deleting_song": tuple(pages("/desk/song/{}/delete", SLUGS)),
    "desk.delete_song": tuple(post(f"/desk/song/{one}/delete", sure="no") for one in SLUGS),
    "campaign.show": tuple(pages("/campaign/{}", CAMPAIGNS)),
    "campaigns.room": (get("/campaigns"), get("/campaigns?lang=en"), head("/campaigns")),
    "campaigns.begin": (post("/campaigns", name_en=""),),
    "campaigns.write": tuple(
        get(f"/campaigns/{one}?{urlencode({'q': text})}")
        for one in CAMPAIGNS
        for text in ("", canaries.TITLE_EN, canaries.TITLE_KM, "Debt")
    ),
    "campaigns.keep": tuple(post(f"/campaigns/{one}", name_en="") for one in CAMPAIGNS),
    "campaigns.let_out": tuple(post(f"/campaigns/{one}/show", deed="no") for one in CAMPAIGNS),
    "campaigns.undo": tuple(post(f"/campaigns/{one}/undo/{NOBODY}") for one in CAMPAIGNS),
    "campaigns.member": tuple(
        post(f"/campaigns/{one}/member", kind=kind, id=member, into="")
        for one in CAMPAIGNS
        for kind, member in (("testimony", SECRET.testimony), ("testimony", NOBODY), ("song", SECRET_SONG))
    ),
}
