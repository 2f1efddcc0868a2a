"""What is asked of every route: a table by endpoint, with known things, unknown things, and the hidden testimony's own.

A route of the site that the table leaves out fails the suite (`test_two_worlds.test_every_route_is_crawled`).
Whoever adds a route writes down here how it is asked for a common thing, for `NOBODY`, and for the hidden thing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from tests.leaks import canaries
from tests.leaks.asking import NOBODY, Ask, get, head, pages, post
from tests.leaks.handing_in import HANDING_IN, RECORDED
from tests.leaks.keeping import KEEPING
from tests.leaks.programs import PROGRAMS
from tests.leaks.researching import RESEARCHING
from tests.leaks.searches import SOUGHT_TOO, exports, feeds, searches
from tests.leaks.shared import SHARED
from tests.leaks.told import COMMON, DRAFT, MARK, SECRET, SECRET_DRAFT, SECRET_SONG, SONG
from tests.leaks.worlds import KEPT

_TOLD = (COMMON[0].testimony, COMMON[-1].testimony, SECRET.testimony, NOBODY)
_WRITTEN = (f"{COMMON[0].key}words0", f"{COMMON[-1].key}words0", f"{SECRET.key}words0", NOBODY)
_WOMEN = (*(f"{one.key}woman0" for one in (*COMMON[:2], SECRET)), NOBODY)
_SLUGS = (SONG, DRAFT, SECRET_DRAFT, SECRET_SONG, NOBODY)


def _media() -> Iterator[Ask]:
    for recording in RECORDED:
        path = f"/media/{recording}"
        yield get(path)
        yield head(path)
        for part in ("bytes=0-99", "bytes=100-", "bytes=-50", "bytes=99999999-", "bytes=0-1,5-9", "lines=1-2"):
            yield get(path, ("Range", part))
        yield head(path, ("Range", "bytes=0-99"))
        yield get(path, ("If-None-Match", "*"))
        yield get(path, ("If-Range", '"abc"'), ("Range", "bytes=0-9"))


def _arranged(slug: str) -> str:
    return f"/studio/{slug}/time/{hashlib.sha256(slug.encode()).hexdigest()[:8]}arrang"


def _timed(ending: str) -> tuple[Ask, ...]:
    """Of each song's own arrangement, and of one that is another's."""
    crossed = f"{_arranged(SONG).replace(SONG, SECRET_SONG)}{ending}"
    return (*(get(f"{_arranged(slug)}{ending}") for slug in _SLUGS), get(crossed))


def _wish(kind: str) -> dict[str, str]:
    return {"kind": kind, "answer": "band-only", "method": "signed", "read_out": "yes", "seen": "1"}


TABLE: dict[str, tuple[Ask, ...]] = {
    "files.send": (get("/files/0/css/base.css"), get(f"/files/0/{canaries.FILE_NAME}")),
    "listening.front": (get("/"), get("/?lang=en"), head("/")),
    "song.show": tuple(pages("/song/{}", _SLUGS)),
    "song.cover": tuple(pages("/song/{}/cover", _SLUGS)),
    "second.begin": tuple(post(f"/song/{one}/screen") for one in _SLUGS),
    "second.enter": (get("/screen"), get("/screen?code=000000"), get("/screen?lang=en&code=%E1%9F%A1")),
    "second.screen": (get("/screen/000000"), head("/screen/000000")),
    "second.state": (get("/screen/000000/state"), get("/screen/000000/state?after=0")),
    "second.picture": (get("/screen/000000/picture.svg"),),
    "second.tell": (post("/screen/000000/tell", position="1"),),
    "second.end": (post("/screen/000000/end"),),
    "exports.take": tuple(
        post(f"/song/{one}/take", form=form) for one in _SLUGS for form in ("lrc", "vtt", "m4a", "no")
    ),
    "exports.making": tuple(pages("/song/{}/take/mp3", _SLUGS)),
    "exports.progress": tuple(pages("/song/{}/take/video-wide/progress", _SLUGS)),
    "exports.cue_sheet": tuple(pages("/song/{}/cue-sheet", _SLUGS)),
    "media.listen": tuple(_media()),
    "account.sign_in": (get("/sign-in"), get(f"/sign-in?next=/testimony/{SECRET.testimony}")),
    "about.read": (get("/about"), get("/about?lang=en")),
    "about.write": (get("/about/write"),),
    "about.keep": (post("/about/write", km="a", en="b"),),
    "about.hear": (get("/about/aloud/enter"),),
    "about.keep_sound": (post("/about/aloud/enter", deed="remove"),),
    "own_words.enter": (get("/take-back"), get("/take-back?lang=en"), head("/take-back")),
    "own_words.come_in": tuple(
        post("/take-back", code=code) for code in ("", "2222-2222-2222-2222", SECRET.key * 4, canaries.NAME_EN)
    ),
    "own_words.mine": (get("/take-back/mine"),),
    "own_words.testimony": tuple(pages("/take-back/mine/{}", _TOLD)),
    "own_words.sound": tuple(pages("/take-back/mine/{}/sound", _TOLD)),
    "own_words.sure": tuple(get(f"/take-back/mine/{one}/sure?deed=restrict") for one in _TOLD),
    "own_words.decide": tuple(post(f"/take-back/mine/{one}", deed="restrict", sure="yes") for one in _TOLD),
    "own_words.end": (post("/take-back/end"),),
    "own_words.aloud": (get("/take-back/aloud/enter"), get(f"/take-back/aloud/{NOBODY}")),
    "account.still": (get("/account/still"),),
    "account.own": (get("/account"), get("/account?lang=en"), head("/account")),
    "account.welcome": (get("/welcome"), get(f"/welcome?lang=en&key={SECRET.testimony}")),
    "account.begin": (post("/welcome", key="no-such-key", display_name="a", speaks="km"),),
    "account.present": (
        post("/account/name", display_name="Somebody", speaks="km"),
        post("/account/name", display_name="", speaks="no"),
    ),
    "account.change_password": (
        post("/account/password", old_password="wrong", new_password=f"{canaries.NAME_EN}-long", again="another"),
    ),
    "account.end_sessions": (
        post("/account/sessions", which="0" * 20),
        post("/account/sessions", which="others"),
    ),
    "search.find": tuple(searches()),
    "kept.room": (get("/search/kept"), get("/search/kept?lang=en")),
    "kept.public_feed": tuple(feeds()),
    "kept.feed": tuple(get(f"/search/feed/{one}/{'0' * 32}") for one in (KEPT, NOBODY)),
    "testimony.show": tuple(pages("/testimony/{}", _TOLD)),
    "testimony.peaks": tuple(pages("/testimony/{}/peaks", _TOLD)),
    "review.room": (get("/review"), get("/review?lang=en"), head("/review")),
    "review.history": tuple(pages("/review/{}", _TOLD)),
    "review.points": tuple(pages("/review/{}/points", _TOLD)),
    "review.marked": tuple(pages("/review/{}/marked", _TOLD)),
    "review.settle_marked": tuple(
        post(f"/review/{one}/marked", place=place, field="title_en", answer="change", text="a")
        for one in _TOLD
        for place in ("testimony", NOBODY)
    ),
    "review.typed": tuple(pages("/review/{}/typed", _TOLD)),
    "review.edit": tuple(pages("/review/edit/{}", _WRITTEN)),
    "review.segments": tuple(pages("/review/edit/{}/segments", _WRITTEN)),
    "review.compare": tuple(
        get(f"/review/{told}/compare?from={one}&to={other}")
        for told, one, other in zip(_TOLD, _WRITTEN, (*_WRITTEN[1:], NOBODY), strict=True)
    ),
    "steward.room": (get("/steward"),),
    "steward.testimony": tuple(pages("/steward/testimony/{}", _TOLD)),
    "steward.preview": tuple(get(f"/steward/testimony/{one}/change?{urlencode(_wish('suspend'))}") for one in _TOLD),
    "steward.redacted": tuple(pages("/steward/testimony/{}/redacted", _TOLD)),
    "steward.one_by_one": tuple(pages("/steward/testimony/{}/one-by-one", _TOLD)),
    "steward.sound_state": tuple(pages("/steward/testimony/{}/sound", _TOLD)),
    "steward.paper": tuple(pages("/steward/testimony/{}/evidence/1", _TOLD)),
    "steward.reading": tuple(pages("/steward/testimony/{}/reading", _TOLD)),
    "steward.voiced": tuple(pages("/steward/testimony/{}/voice", _TOLD)),
    "steward.near_copies_of": tuple(pages("/steward/taken-back/{}/near-copies", _TOLD)),
    "steward.decide_near_copy": tuple(
        post(f"/steward/taken-back/{one}/near-copies", place=f"line:{NOBODY}", answer="keep") for one in _TOLD
    ),
    "steward.taken_back": (get("/steward/taken-back"), get("/steward/taken-back?page=2")),
    "steward.returning": tuple(pages("/steward/taken-back/{}", _TOLD)),
    "steward.vault_page": (get("/steward/vault"),),
    "steward.make_vault_key": (post("/steward/vault"),),
    "steward.destroyed": (get("/steward/destroyed"), get("/steward/destroyed?page=2")),
    "steward.find_destroyed": (post("/steward/destroyed"),),
    "steward.readmitting": tuple(pages("/steward/destroyed/{}", _TOLD)),
    "steward.readmit": tuple(post(f"/steward/destroyed/{one}", method="signed", read_out="yes") for one in _TOLD),
    "steward.models": (get("/steward/models"),),
    "steward.unclaimed": (get("/steward/unclaimed"), get("/steward/unclaimed?aside=yes&after=a")),
    "steward.look_for_unclaimed": (post("/steward/unclaimed"),),
    "steward.one_unclaimed": tuple(pages("/steward/unclaimed/{}", RECORDED)),
    "steward.settle_unclaimed": tuple(post(f"/steward/unclaimed/{one}", deed="adopt") for one in RECORDED),
    "steward.name": tuple(post(f"/steward/testimony/{one}/name", deed="read") for one in _TOLD),
    "steward.seal": tuple(post(f"/steward/testimony/{one}/seal", deed="seal") for one in _TOLD),
    "steward.voice": tuple(post(f"/steward/testimony/{one}/reading", agreed="yes") for one in _TOLD),
    "steward.judge": tuple(post(f"/steward/testimony/{one}/voice", deed="heard") for one in _TOLD),
    "steward.reopen": tuple(post(f"/steward/taken-back/{one}", **_wish("reconfirm")) for one in _TOLD),
    "steward.catalogue_room": (get("/steward/catalogue"), head("/steward/catalogue")),
    "steward.take_catalogue": tuple(post("/steward/catalogue/file", form=one) for one in ("csv", "xlsx", "ods")),
    "steward.bring_catalogue": tuple(
        post(
            "/steward/catalogue",
            deed="apply",
            rows=f'[[2, {{"testimony": "{one}", "title_en": "{canaries.FILE_NAME}"}}]]',
        )
        for one in (SECRET.testimony, NOBODY)
    ),
    "steward.undo_catalogue": (post(f"/steward/catalogue/undo/{NOBODY}"),),
    "steward.people": (get("/steward/accounts"), get("/steward/accounts?after=a")),
    "steward.invite": (post("/steward/accounts", name="new-one", display_name="New", role="band", language="km"),),
    "steward.change_role": (post(f"/steward/accounts/{NOBODY}/role", role="band"),),
    "steward.set_access": tuple(
        post(f"/steward/accounts/{NOBODY}/access", deed=deed) for deed in ("disable", "enable")
    ),
    "steward.reset": (post(f"/steward/accounts/{NOBODY}/reset"),),
    "steward.report": (get("/steward/report"),),
    "steward.report_table": (get("/steward/report.csv"),),
    "steward.log_page": (get("/steward/log"), get("/steward/log?check=1&before=9")),
    "steward.change": tuple(post(f"/steward/testimony/{one}/change", **_wish("suspend")) for one in _TOLD),
    "steward.mark": tuple(
        post(f"/steward/testimony/{one}/mark", from_s=str(MARK.start_ms / 1000), to_s=str(MARK.end_ms / 1000))
        for one in _TOLD
    ),
    "steward.unmark": tuple(
        post(f"/steward/testimony/{one}/unmark/{mark}") for one in _TOLD for mark in (f"{SECRET.key}mark00", NOBODY)
    ),
    "steward.heard": tuple(post(f"/steward/testimony/{one}/heard") for one in _TOLD),
    "steward.answer": tuple(post(f"/steward/request/{one}", answer="granted") for one in ("secretrequest0", NOBODY)),
    "studio.songs": (get("/studio"), get("/studio?lang=en")),
    "studio.song": tuple(pages("/studio/{}", _SLUGS)),
    "studio.lines": tuple(pages("/studio/{}/words", _SLUGS)),
    "studio.time": _timed(""),
    "studio.table": _timed("/table"),
    "studio.since": _timed("/since?after=0"),
    "studio.peaks": _timed("/peaks"),
    "studio.edit": tuple(post(f"/studio/{slug}/edits", edits="[]") for slug in _SLUGS),
    "studio.undo": tuple(post(f"/studio/{slug}/undo/{NOBODY}") for slug in _SLUGS),
    "studio.place": tuple(post(f"{_arranged(slug)}/place") for slug in _SLUGS),
    "studio.stop_placing": tuple(post(f"{_arranged(slug)}/place/stop") for slug in _SLUGS),
    "studio.read": tuple(post(f"{_arranged(slug)}/read") for slug in _SLUGS),
    "studio.coming": tuple(pages("/studio/{}/recordings", _SLUGS)),
    "studio.hand_in": tuple(post(f"/studio/{slug}/recordings", kind="live") for slug in _SLUGS),
    "studio.take_up": tuple(
        post(f"/studio/{slug}/recordings/{one}/take-up", kind="live") for slug in _SLUGS for one in RECORDED
    ),
    "studio.leave": tuple(post(f"/studio/{slug}/recordings/{one}/leave") for slug in _SLUGS for one in RECORDED),
    "studio.change": tuple(post(_arranged(slug).replace("/time/", "/arrangements/"), kind="live") for slug in _SLUGS),
    "studio.remove": tuple(
        post(_arranged(slug).replace("/time/", "/arrangements/") + "/remove")
        for slug in _SLUGS[2:]  # a way back has an id drawn at random
    ),
    "review.heard": tuple(post(f"/review/{one}/heard", deed=deed) for one in _TOLD for deed in ("heard", "undo")),
    "review.start": tuple(post(f"/review/{one}/start") for one in _TOLD),
    "review.write_again": tuple(post(f"/review/{one}/again", model="base") for one in _TOLD),
    "review.bring": tuple(post(f"/review/{one}/bring", language="km") for one in _TOLD),
    "review.stop": tuple(post(f"/review/{one}/typed/{NOBODY}/stop") for one in _TOLD),
    "review.set_point": tuple(
        post(f"/review/{one}/points", time=time, title_en="a") for one in _TOLD for time in ("0:01", "x")
    ),
    "review.remove_point": tuple(post(f"/review/{one}/points/{NOBODY}/remove") for one in _TOLD),
    "review.decide_tap": tuple(
        post(f"/review/{one}/taps/{NOBODY}", deed=deed) for one in _TOLD for deed in ("point", "")
    ),
    "review.confirm_speaker": tuple(
        post(f"/review/{one}/taps/{NOBODY}/speaker", start="0:01", end="0:09", speaker="a") for one in _TOLD
    ),
    "review.undo_speaker": tuple(post(f"/review/{one}/speakers/{NOBODY}/undo") for one in _TOLD),
    "transcript.take": tuple(
        post(f"/testimony/{told}/transcript", kind=kind, version=version)
        for told, written in zip(_TOLD, _WRITTEN, strict=True)
        for kind in ("vtt", "docx", "tei", "pdf", "txt-untimed", "no-such-kind")
        for version in ("", written, f"{SECRET.key}words0")
    ),
    "review.sync": tuple(post(f"/review/edit/{one}/sync") for one in _WRITTEN),
    "review.mark": tuple(post(f"/review/edit/{one}/mark") for one in _WRITTEN),
    "review.unmark": tuple(
        post(f"/review/edit/{one}/unmark/{mark}") for one in _WRITTEN for mark in (f"{SECRET.key}mark00", NOBODY)
    ),
    "review.translate": tuple(post(f"/review/edit/{one}/translation", language="en") for one in _WRITTEN),
    "review.reviewed": tuple(post(f"/review/edit/{one}/reviewed") for one in _WRITTEN),
    "review.approve": tuple(post(f"/review/edit/{one}/approve") for one in _WRITTEN),
    "desk.room": (get("/desk"), get("/desk?lang=en")),
    "desk.loose": (get("/desk/clippings?lang=en"), get("/desk/clippings?page=2")),
    "desk.worker": (get("/desk/worker.js"),),
    "desk.away": (get("/desk/away"),),
    "desk.draft_frame": tuple(pages("/desk/song/{}/away", _SLUGS)),
    "desk.draft": tuple(pages("/desk/song/{}", _SLUGS)),
    "desk.beside": tuple(pages("/desk/song/{}/beside", _SLUGS)),
    "desk.versions": tuple(pages("/desk/song/{}/versions", _SLUGS)),
    "desk.compare": tuple(get(f"/desk/song/{one}/compare?old=1&new={new}") for one in _SLUGS for new in ("1", "draft")),
    "desk.readiness": tuple(pages("/desk/song/{}/publish", _SLUGS)),
    "desk.song_origin": tuple(pages("/desk/song/{}/provenance", _SLUGS)),
    "desk.became": tuple(pages("/desk/testimony/{}", _TOLD)),
    "desk.sheet": tuple(pages("/desk/narrator/{}", _WOMEN)),
    "desk.sheet_pdf": tuple(post(f"/desk/narrator/{one}/sheet.pdf") for one in _WOMEN),
    "narrators.people": (
        get("/narrators"),
        get("/narrators?lang=en&page=2"),
        *(get(f"/narrators?{urlencode({'q': name})}") for name in (canaries.NAME_EN, canaries.NAME_KM, "a")),
    ),
    "narrators.person": tuple(pages("/narrators/{}", _WOMEN)),
    "narrators.same_name": tuple(
        get(f"/narrators/same-name?{urlencode({'km': km, 'en': en})}")
        for km, en in ((canaries.NAME_KM, ""), ("", canaries.NAME_EN), ("", "Chan"), ("", ""))
    ),
    "narrators.rename": tuple(post(f"/narrators/{one}/name", name_km="a", name_en="b") for one in _WOMEN),
    "narrators.give_code": tuple(post(f"/narrators/{one}/code") for one in _WOMEN),
    "narrators.merging": tuple(pages("/narrators/{}/merge", _WOMEN)),
    "narrators.merge": tuple(post(f"/narrators/{one}/merge", other=NOBODY) for one in _WOMEN),
    "narrators.splitting": tuple(get(f"/narrators/{one}/split?testimony={SECRET.testimony}") for one in _WOMEN),
    "narrators.split": tuple(post(f"/narrators/{one}/split", testimony=SECRET.testimony) for one in _WOMEN),
    "desk.syllables": (post("/desk/help/syllables", text=canaries.LINE_KM),),
    "desk.rhymes": tuple(post("/desk/help/rhymes", text=text) for text in (canaries.WORD_KM, "បំណុល", "debt")),
    "desk.usage": tuple(post("/desk/help/usage", text=text) for text in (*canaries.WORDS[:4], "បំណុល", "walked")),
    "desk.likely": tuple(
        post(f"/desk/song/{one}/likely", km=canaries.LINE_KM, en=canaries.LINE_EN)
        for one in (SONG, SECRET_SONG, NOBODY)
    ),
    "desk.clip": tuple(
        post("/desk/clip", testimony=one, at=at, song=song)
        for one in _TOLD
        for at in ("100", "2500")
        for song in ("", SONG, SECRET_DRAFT)
    ),
    "desk.take_off": tuple(post(f"/desk/clipping/{one}/off") for one in ("secretclipping", NOBODY)),
    "desk.lay": tuple(post(f"/desk/song/{one}/lay/{NOBODY}") for one in (DRAFT, SECRET_DRAFT, NOBODY)),
    "desk.sync": tuple(post(f"/desk/song/{one}/sync", vector="", update="") for one in _SLUGS),
    "desk.comment": tuple(post(f"/desk/song/{one}/comment", line="a", text="") for one in _SLUGS),
    "desk.settle": tuple(post(f"/desk/song/{one}/comment/{NOBODY}", answer="settled") for one in _SLUGS),
    "desk.rename": tuple(post(f"/desk/song/{one}/name", title_km="បំណុល", title_en="Debt") for one in _SLUGS),
    "desk.restore": tuple(post(f"/desk/song/{one}/restore", number="1") for one in _SLUGS),
    "desk.undo_restore": tuple(post(f"/desk/song/{one}/restore/undo", change="back-1-1") for one in _SLUGS),
    "desk.keep": tuple(post(f"/desk/song/{one}/keep", note="", off="1") for one in _SLUGS),
    "desk.publish": tuple(
        post(f"/desk/song/{one}/publish", answer=answer) for one in _SLUGS for answer in ("publish", "unpublish")
    ),
    "desk.take_up": tuple(post(f"/desk/song/{one}/take-up/{NOBODY}") for one in _SLUGS),
    "desk.begin_song": (
        post("/desk/song", title_en=""),
        post("/desk/song", title_en="Rain", campaign="secretcampaign"),
    ),
    "search.export": tuple(exports()),
    "kept.keep": (
        post("/search/kept", name="a", q=canaries.WORD_EN),
        post("/search/kept", name="b", theme="canary-theme"),
        post("/search/kept", name="", q=canaries.WORD_KM),
    ),
    "kept.change": tuple(
        post(f"/search/kept/{one}", deed=deed, name="c")
        for one in (KEPT, NOBODY)
        for deed in ("look", "unlook", "rename", "follow", "unfollow", "remove", "put-back", "no-such-deed")
    ),
    "account.enter": (
        post("/sign-in", name=canaries.NAME_EN, password="wrong"),
        post(f"/sign-in?next=/testimony/{SECRET.testimony}", name="some-band", password="wrong"),
    ),
    "testimony.ask": tuple(post(f"/testimony/{one}/ask", purpose=purpose) for one in _TOLD for purpose in ("a", "")),
    "testimony.describe": (
        *pages("/testimony/{}/describe", _TOLD),
        *(get(f"/testimony/{one}/describe?{urlencode({'who': canaries.NAME_EN})}") for one in _TOLD),
    ),
    "testimony.correct": tuple(
        post(f"/testimony/{one}/describe", seen="0", **fields)
        for one in _TOLD
        for fields in (
            {"recorded_on": "never"},
            {"narrator": f"{SECRET.key}woman0"},
            {"campaign": "secretcampaign", "title_en": "Debt again"},
        )
    ),
    "testimony.undo_description": tuple(post(f"/testimony/{one}/describe/undo", act=NOBODY) for one in _TOLD),
    "testimony.decide_theme": tuple(
        post(f"/testimony/{one}/theme", term=term, answer=answer)
        for one in _TOLD
        for term, answer in (("land", "yes"), ("debt", "no"), ("no-such-theme", "yes"), ("canary-theme", "yes"))
    ),
    "account.sign_out": (post("/sign-out"),),
    **HANDING_IN,
    **KEEPING,
    **PROGRAMS,
    **RESEARCHING,
    **SHARED,
}
AFTERWARDS = (get("/"), get("/search"), get(f"/testimony/{COMMON[0].testimony}"), get("/no-such-address"))


_SLOW = frozenset(get(f"/search?lang=en&q={quote(words)}") for words in SOUGHT_TOO) | {TABLE["account.enter"][1]}


def asked(*, whole: bool) -> Iterator[Ask]:
    """Every request: first what only looks, then what changes something, and what is seen after that.

    Every route is asked in any case; `whole` says that every word is searched for as well, and that what is read is
    also asked for by its head, which the same views answer.
    """
    every = [ask for asks in TABLE.values() for ask in asks if whole or (ask not in _SLOW and ask.method != "HEAD")]
    yield from (ask for ask in every if ask.method != "POST")
    ends = TABLE["ingest.take"] + TABLE["account.sign_out"]
    yield from (ask for ask in every if ask.method == "POST" and ask not in ends)
    yield from AFTERWARDS
    yield from ends
    yield from AFTERWARDS
