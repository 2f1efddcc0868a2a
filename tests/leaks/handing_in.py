"""What is asked of the room where recordings come in, with their bytes and without."""

from __future__ import annotations

from tests.leaks.asking import NOBODY, Ask, get, head, pages, post
from tests.leaks.told import COMMON, SECRET, SECRET_DRAFT, SECRET_SONG, SONG, chirp, sung_recording

RECORDED = (
    COMMON[0].recording,
    COMMON[-1].recording,
    sung_recording(SONG),
    SECRET.recording,
    sung_recording(SECRET_SONG),
    sung_recording(SECRET_DRAFT),
    NOBODY,
)
_TUS = (("Tus-Resumable", "1.0.0"),)
_INVITED = ("X-Invitation", NOBODY)

HANDING_IN: dict[str, tuple[Ask, ...]] = {
    "ingest.room": (
        *(get(f"/ingest?narrator={one}") for one in (f"{COMMON[0].key}woman0", NOBODY)),
        get("/ingest"),
        get("/ingest?lang=en"),
        head("/ingest"),
    ),
    "ingest.progress": (get("/ingest/progress"),),
    "ingest.row": tuple(pages("/ingest/row/{}", RECORDED)),
    "ingest.discarding": tuple(pages("/ingest/{}/discard", RECORDED)),
    "ingest.discard": tuple(post(f"/ingest/{one}/discard", reason="") for one in RECORDED),
    "ingest.begin_upload": (Ask("POST", "/ingest/uploads", _TUS), post("/ingest/uploads")),
    "ingest.look_at_upload": (Ask("HEAD", f"/ingest/uploads/{NOBODY}", _TUS),),
    "ingest.append_upload": (Ask("PATCH", f"/ingest/uploads/{NOBODY}", _TUS),),
    "ingest.drop_upload": (Ask("DELETE", f"/ingest/uploads/{NOBODY}", _TUS),),
    "record.room": (get("/record"), get("/record?lang=en"), head("/record")),
    "record.own_device": (post("/record/own"),),
    "record.worker": (get("/record/worker.js"),),
    "record.keys": (
        post("/record/keys"),
        Ask("POST", "/record/keys", document='{"keys": [{"point": "AAAA", "wrapped": "AAAA"}]}'),
    ),
    "record.take": (
        post("/record/parcel"),
        Ask(
            "POST",
            "/record/parcel",
            document=f'{{"id": "{"0" * 32}", "upload": "{NOBODY}", "sittings": [1], "answers": [], "taps": []}}',
        ),
    ),
    "invited.room": (get("/record/with"), get("/record/with?lang=en"), head("/record/with")),
    "invited.worker": (get("/record/with/worker.js"),),
    "invited.invitation": (get("/record/with/invitation"), get("/record/with/invitation", _INVITED)),
    "invited.keys": (Ask("POST", "/record/with/keys", (_INVITED,)), post("/record/with/keys")),
    "invited.take": (Ask("POST", "/record/with/parcel", (_INVITED,)), post("/record/with/parcel")),
    "invited.begin_upload": (Ask("POST", "/record/with/uploads", (*_TUS, _INVITED)), post("/record/with/uploads")),
    "invited.look_at_upload": (Ask("HEAD", f"/record/with/uploads/{NOBODY}", _TUS),),
    "invited.append_upload": (Ask("PATCH", f"/record/with/uploads/{NOBODY}", _TUS),),
    "invited.drop_upload": (Ask("DELETE", f"/record/with/uploads/{NOBODY}", _TUS),),
    "steward.invitation_room": (get("/steward/invitations"),),
    "steward.invite_to_record": (post("/steward/invitations", label="a", days="7", group="WNU"),),
    "steward.take_back_invitation": (post(f"/steward/invitations/{NOBODY}/take-back"),),
    "ingest.clear_refused": (post(f"/ingest/refused/{NOBODY}/clear"),),
    "ingest.stop": tuple(post(f"/ingest/{one}/stop") for one in RECORDED),
    "ingest.salvage": tuple(post(f"/ingest/{one}/salvage") for one in RECORDED),
    "ingest.go_on": tuple(post(f"/ingest/{one}/go-on") for one in RECORDED),
    "ingest.take": (
        post("/ingest", community="farmer", consent="band-only", consent_method="signed", language="km"),
        *(
            Ask(
                "POST",
                "/ingest",
                (("Accept", "application/json"),),
                (("narrator", one), ("consent", "band-only"), ("consent_method", "signed"), ("language", "km")),
                b"no sound at all",
            )
            for one in (f"{SECRET.key}woman0", NOBODY)
        ),
        Ask(
            "POST",
            "/ingest",
            (("Accept", "application/json"),),
            (("community", "farmer"), ("consent", "band-only"), ("consent_method", "signed"), ("language", "km")),
            chirp(1234),
        ),
        Ask(
            "POST",
            "/ingest",
            (("Accept", "application/json"),),
            (("community", "farmer"), ("consent", "band-only"), ("consent_method", "signed"), ("language", "km")),
            chirp(SECRET.pitch),  # the hidden testimony's own bytes
        ),
    ),
}
