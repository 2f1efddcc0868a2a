"""The steward's room: only a steward's, nothing written by looking, and what is written holds at once."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from archive.access.rule import Grant
from archive.access.sound import original_key, redacted_keys, redacted_spans, sealed_key
from archive.accounts import access_requests, accounts
from archive.consent import decisions, redaction
from archive.consent.decisions import PRESETS, ConsentGiven
from archive.models import AccessRequest, Account, ConsentEvent, Redaction, StageRun, Testimony
from archive.models.consent import KINDS
from archive.transcripts import transcript_versions
from tests.web.filling import Filling
from web.steward import log_words

SAID = "the-day-the-line-fell"
WISH = {"kind": "narrow", "answer": "band-only", "until": "", "method": "signed", "from_s": "", "to_s": "", "note": ""}


@pytest.fixture
def told(filled: Filling) -> str:
    """A testimony that is open to everyone, by an event of its ledger."""
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        decisions.grant(session, testimony_id, PRESETS["public"], ConsentGiven("recorded-verbal", None))
    return testimony_id


@pytest.fixture
def steward(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")
    return client


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/steward").get_data(as_text=True))
    assert found is not None
    return found[1]


def events(filled: Filling) -> int:
    with filled.backends.database.read() as session:
        return session.scalar(select(func.count()).select_from(ConsentEvent)) or 0


def confirmed(client: FlaskClient, testimony_id: str, **changed: str) -> dict[str, str]:
    """What the preview's form sends."""
    wish = WISH | changed
    shown = client.get(f"/steward/testimony/{testimony_id}/change", query_string=wish)
    assert shown.status_code == 200
    seen = re.search(r'name="seen" value="(\d+)"', shown.get_data(as_text=True))
    assert seen is not None
    return wish | {"seen": seen[1], "read_out": "yes", "csrf_token": token(client)}


def test_the_room_is_a_steward_s(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], told: str, filled: Filling
) -> None:
    room = client.get("/steward")
    assert (room.status_code, room.headers["Location"]) == (303, "/sign-in?next=/steward")
    addresses = [f"/steward/testimony/{told}", "/steward/log", f"/steward/testimony/{told}/redacted"]
    unknown = client.get("/no-such-room").data
    for address in addresses:
        assert client.get(address).data == unknown
    for role in ("band", "researcher"):
        other = signed_in(role)
        for address in ["/steward", *addresses]:
            assert other.get(address).status_code == 404
        other.application.config["WTF_CSRF_ENABLED"] = False
        assert other.post(f"/steward/testimony/{told}/change", data=WISH).status_code == 404
        other.application.config["WTF_CSRF_ENABLED"] = True


def test_consent_is_seen_at_a_glance(steward: FlaskClient, told: str) -> None:
    room = page(steward, "/steward")
    assert "Open to everyone, in part" in room
    assert "Said so in the recording" in room
    dossier = page(steward, f"/steward/testimony/{told}")
    assert "Everyone may hear the narrator's own voice." in dossier
    assert "Nobody may see the real name." in dossier


def test_a_preview_reads_out_what_changes_and_writes_nothing(steward: FlaskClient, told: str, filled: Filling) -> None:
    before = events(filled)
    shown = unescape(steward.get(f"/steward/testimony/{told}/change", query_string=WISH).get_data(as_text=True))
    assert "Everyone may hear the narrator's own voice." in shown
    assert "Only the band may hear the narrator's own voice." in shown
    assert "Lines that stop being sung at once" in shown
    assert events(filled) == before


def test_narrowing_holds_from_the_next_request(
    steward: FlaskClient, client: FlaskClient, told: str, filled: Filling
) -> None:
    assert client.get(f"/testimony/{told}").status_code == 200
    sent = confirmed(steward, told, note="On the telephone.", from_s="3", to_s="9")
    assert steward.post(f"/steward/testimony/{told}/change", data=sent).status_code == 303
    assert client.get(f"/testimony/{told}").status_code == 404
    with filled.backends.database.read() as session:
        last = decisions.events_of(session, told)[-1]
        assert (last.kind, last.method, last.note) == ("narrow", "signed", "On the telephone.")
        assert last.evidence == {"start_ms": 3000, "end_ms": 9000}
        assert last.recorded_by_id is not None


@pytest.mark.parametrize("without", ["csrf_token", "read_out", "method", "kind", "answer"])
def test_what_is_not_whole_is_not_written(steward: FlaskClient, told: str, filled: Filling, without: str) -> None:
    before = events(filled)
    sent = confirmed(steward, told)
    sent.pop(without)
    assert steward.post(f"/steward/testimony/{told}/change", data=sent).status_code == 400
    assert events(filled) == before


def test_a_change_that_was_overtaken_is_not_written(steward: FlaskClient, told: str, filled: Filling) -> None:
    sent = confirmed(steward, told)
    with filled.backends.database.write() as session:
        decisions.suspend(session, told, ConsentGiven("witnessed", None))
    before = events(filled)
    assert steward.post(f"/steward/testimony/{told}/change", data=sent).status_code == 409
    assert events(filled) == before


def test_closing_for_now_can_be_undone(steward: FlaskClient, client: FlaskClient, told: str) -> None:
    sent = confirmed(steward, told, kind="suspend", answer="")
    steward.post(f"/steward/testimony/{told}/change", data=sent)
    assert client.get(f"/testimony/{told}").status_code == 404
    sent = confirmed(steward, told, kind="reconfirm", answer="")
    steward.post(f"/steward/testimony/{told}/change", data=sent)
    assert client.get(f"/testimony/{told}").status_code == 200


def test_taking_back_leaves_the_next_request_nothing_and_names_the_songs(
    steward: FlaskClient, client: FlaskClient, told: str, filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    purged: list[bool] = []
    monkeypatch.setattr("web.steward.views.purge_beside", lambda: purged.append(True))
    sent = confirmed(steward, told, kind="restrict", answer="")
    answer = steward.post(f"/steward/testimony/{told}/change", data=sent)
    assert answer.status_code == 200
    assert "Songs that wait for a decision" in answer.get_data(as_text=True)
    assert purged == [True]
    for one in (client, steward):
        assert one.get(f"/testimony/{told}").status_code == 404
    assert steward.get(f"/steward/testimony/{told}").status_code == 404


def test_a_mark_on_a_sealed_recording_says_that_its_key_is_away(
    steward: FlaskClient, told: str, filled: Filling
) -> None:
    with filled.backends.database.write() as session:
        recording = session.get_one(Testimony, told).recording
        recording.original_key = sealed_key(recording.id)
        session.add(Redaction(testimony_id=told, start_ms=100, end_ms=900))
    shown = page(steward, f"/steward/testimony/{told}")
    assert "its key is away" in shown
    assert "goes on by itself" in shown
    assert "is being made" not in shown
    state = steward.get(f"/steward/testimony/{told}/sound").json
    assert state is not None
    assert (state["ready"], state["key_away"]) == (False, True)


def test_the_consent_room_says_why_the_sound_is_not_open_yet(steward: FlaskClient, told: str, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).heard_through_at = None
    assert "Listen to the end" in page(steward, "/steward")
    assert "ស្ដាប់ឱ្យចប់" in page(steward, f"/steward/testimony/{told}?lang=km")
    address = f"/steward/testimony/{told}"
    assert "somebody of the band first listens to the end" in page(steward, f"{address}?lang=en")
    wish = "kind=grant&answer=public&method=signed"
    assert "stays in the band until somebody of the band has listened" in page(steward, f"{address}/change?{wish}")
    said = steward.post(
        f"/review/{told}/heard", data={"deed": "heard", "back": "consent", "csrf_token": token(steward)}
    )
    assert said.headers["Location"].endswith(f"{address}#heard")
    assert "Listened to the end" in page(steward, address)


def test_marks_wait_for_somebody_to_listen(steward: FlaskClient, told: str, filled: Filling) -> None:
    key = {"csrf_token": token(steward)}
    wrong = steward.post(f"/steward/testimony/{told}/mark", data=key | {"from_s": "9", "to_s": "3"})
    assert wrong.status_code == 400
    sent = key | {"from_s": "3.5", "to_s": "6", "reason": "name"}
    assert steward.post(f"/steward/testimony/{told}/mark", data=sent).status_code == 303
    shown = page(steward, f"/steward/testimony/{told}")
    assert "Nobody has listened yet" in shown
    assert "The sound that others will hear is being made." in shown
    state = f"/steward/testimony/{told}/sound"
    assert steward.get(state).get_json() == {
        "ready": False,
        "key_away": False,
        "progress": 0.0,
        "words": "0%",
    }
    with filled.backends.database.write() as session:
        recording_id = session.get_one(Testimony, told).recording_id
        assert filled.backends.queue.depth() == 1
        session.add(StageRun(recording_id=recording_id, stage="redact", version=1, state="running", progress=0.42))
    assert steward.get(state).get_json() == {
        "ready": False,
        "key_away": False,
        "progress": 0.42,
        "words": "42%",
    }
    assert steward.post(f"/steward/testimony/{told}/heard", data=key).status_code == 409  # there is no sound yet
    with filled.backends.database.read() as session:
        keys = redacted_keys(session.get_one(Testimony, told).recording_id, redacted_spans(session, told))
    filled.backends.store.put_bytes(keys.listening, b"a sound")
    assert steward.get(state).get_json()["ready"] is True
    assert steward.get(f"/steward/testimony/{told}/redacted").data == b"a sound"
    assert steward.post(f"/steward/testimony/{told}/heard", data=key).status_code == 303
    with filled.backends.database.read() as session:
        mark = session.scalars(select(Redaction).where(Redaction.testimony_id == told)).one()
        assert mark.heard_at is not None
        assert mark.heard_at <= datetime.now(UTC)
    assert steward.post(f"/steward/testimony/{told}/unmark/{mark.id}", data=key).status_code == 303
    assert "Nothing is taken out." in page(steward, f"/steward/testimony/{told}")


def test_a_steward_answers_a_researcher(steward: FlaskClient, told: str, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        who = accounts.create(session, "asker", "a long enough one", "researcher", ())
        request_id = access_requests.ask(session, who, told, "A study of wages.").id
    asked = page(steward, "/steward")
    assert "A study of wages." in asked
    assert "Letting in by name opens nothing" in asked, "the narrator said nothing of researchers"
    sent = {"answer": "granted", "words": "Come and see us first.", "csrf_token": token(steward)}
    assert steward.post(f"/steward/request/{request_id}", data=sent).status_code == 303
    with filled.backends.database.read() as session:
        found = session.get_one(AccessRequest, request_id)
        assert (found.state, found.answer) == ("granted", "Come and see us first.")
    assert "They are let in by name, and that opens nothing" in page(steward, "/steward")


def test_the_log_shows_who_did_what_and_whether_the_chain_is_whole(
    steward: FlaskClient, told: str, filled: Filling
) -> None:
    log = page(steward, "/steward/log")
    assert "The narrator allowed more" in log
    assert "consent.grant" not in log
    assert "អ្នកនិទានបានអនុញ្ញាតបន្ថែម" in page(steward, "/steward/log?lang=km")
    steward.get("/?lang=en")
    assert "The chain is whole" in page(steward, "/steward/log?check=1")
    with filled.backends.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER consent_event_refuses_update"))
        connection.execute(text("UPDATE consent_event SET note = 'somebody else' WHERE seq = 1"))
    broken = page(steward, "/steward/log?check=1")
    assert "The chain is broken" in broken
    assert "The ledger 1: this row was changed after it was written" in broken


def test_letting_in_by_name_says_what_it_opens(
    steward: FlaskClient, signed_in: Callable[..., FlaskClient], told: str, filled: Filling
) -> None:
    with filled.backends.database.write() as session:
        grants = [Grant("full_transcript", "researcher")]
        decisions.grant(session, told, grants, ConsentGiven("recorded-verbal", None))
    researcher = signed_in("researcher")
    with filled.backends.database.write() as session:
        who = session.scalars(select(Account).where(Account.name == "some-researcher")).one()
        request_id = access_requests.ask(session, who, told, "A study of wages.").id
    opens = "Researchers who were let in by name may read every word, even what is taken out"
    assert opens in page(steward, "/steward")
    sent = {"answer": "granted", "words": "", "csrf_token": token(steward)}
    steward.post(f"/steward/request/{request_id}", data=sent)
    shown = page(steward, "/steward")
    assert "They are let in by name." in shown
    assert "opens nothing" not in shown
    assert opens in page(researcher, f"/testimony/{told}?lang=en")
    with filled.backends.database.write() as session:
        kept = [one for one in PRESETS["public"] if one.form == "existence"]
        decisions.narrow(session, told, kept, ConsentGiven("recorded-verbal", None))
    closed = page(researcher, f"/testimony/{told}?lang=en")
    assert "A steward has let you in by name." in closed
    assert "nothing more is open" in closed


def test_a_mark_takes_the_moments_that_the_page_shows(steward: FlaskClient, told: str, filled: Filling) -> None:
    key = {"csrf_token": token(steward)}
    for start, end in (("0:02", "0:03.5"), ("០:០៤", "០:០៥"), ("0:00:06", "7")):
        sent = key | {"from_s": start, "to_s": end, "reason": "name"}
        assert steward.post(f"/steward/testimony/{told}/mark", data=sent).status_code == 303
    with filled.backends.database.read() as session:
        marks = session.scalars(select(Redaction).where(Redaction.testimony_id == told)).all()
        assert {(one.start_ms, one.end_ms) for one in marks} >= {(2000, 3500), (4000, 5000), (6000, 7000)}
    wrong = steward.post(f"/steward/testimony/{told}/mark", data=key | {"from_s": "0:75", "to_s": "1:20"})
    assert wrong.status_code == 400
    assert 'value="0:75"' in wrong.get_data(as_text=True), "what was typed is still there"


def test_what_is_not_sealed_is_not_said_to_be_open_again(steward: FlaskClient, told: str, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        recording = session.get_one(Testimony, told).recording
        recording.state, recording.original_key = "ready", original_key(recording.id)
    answer = steward.post(f"/steward/testimony/{told}/seal", data={"deed": "unseal", "csrf_token": token(steward)})
    assert answer.status_code == 303
    shown = page(steward, f"/steward/testimony/{told}")
    assert "The original was not sealed. Nothing has changed." in shown
    assert "open again" not in shown


def test_a_reading_shows_where_something_was_taken_out(steward: FlaskClient, told: str, filled: Filling) -> None:
    whole = page(steward, f"/steward/testimony/{told}/reading")
    assert "▇▇▇" not in whole
    with filled.backends.database.write() as session:
        version = transcript_versions.current(session, told, approved_only=True)
        assert version is not None
        redaction.mark(session, told, version.segments[0].span, None)
    cut = page(steward, f"/steward/testimony/{told}/reading")
    assert '<span class="taken-out" aria-hidden="true">▇▇▇</span>' in cut
    assert "be silent there for as long as a breath" in cut


def test_every_act_has_its_words_in_the_log() -> None:
    """Every name that code writes into the log, found where it is written."""
    written = set()
    for path in [*Path("archive").rglob("*.py"), *Path("ingest").rglob("*.py"), *Path("web").rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("audit.note") and len(call.args) > 2:
                written |= set(re.findall(r"'([a-z-]+\.[a-z-]+)'", ast.unparse(call.args[2])))
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "note_change" and len(call.args) > 2:
                written |= {f"term.{name}" for name in re.findall(r"'([a-z-]+)'", ast.unparse(call.args[2]))}
    assert len(written) > 40
    assert written <= log_words.ACTIONS.keys()
    assert {f"consent.{kind}" for kind in KINDS} <= log_words.ACTIONS.keys()
