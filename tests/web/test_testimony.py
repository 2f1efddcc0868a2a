"""A testimony's page: what is read and heard, what is closed, and what cannot be told apart from nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from archive.access.sound import whole_keys
from archive.catalogue.thesaurus import load_thesaurus
from archive.models import AccessRequest, Permission, Redaction, Segment, Source, Tagging, TranscriptVersion
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_it_can_be_read_and_heard_without_a_script(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    page = text(client, f"/testimony/{testimony_id}?t=12000")
    told = next(t for t in filled.collection.testimonies if t.id == SAID)
    plain = re.sub(r"<[^>]+>", "", page)
    for segment in told.segments:
        assert segment.text in plain
        assert f'data-start="{segment.span.start_ms}" data-end="{segment.span.end_ms}"' in page
    assert re.search(r'<audio [^>]*src="/media/\w+#t=12\.0"', page)


def test_each_word_carries_its_moment(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        version = session.scalars(
            select(TranscriptVersion).where(
                TranscriptVersion.testimony_id == testimony_id, TranscriptVersion.translates_id.is_(None)
            )
        ).one()
        first = version.segments[0]
        pieces = first.text.split()
        first.word_rows = [[word, 100 * n, 100 * n + 90, None] for n, word in enumerate(pieces)]
    page = text(client, f"/testimony/{testimony_id}")
    for n, word in enumerate(pieces):
        assert f'<span class="word" data-s="{100 * n}" data-e="{100 * n + 90}">{word}</span>' in page


def test_every_line_that_came_of_it_is_tied_to_its_moment(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    page = text(client, f"/testimony/{testimony_id}")
    with filled.backends.database.read() as session:
        lines = session.scalars(select(Source.line_id).where(Source.testimony_id == testimony_id)).all()
    assert lines
    for line_id in lines:
        assert f"#line-{line_id}" in page


def test_refused_is_unknown_to_the_byte(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == testimony_id))
    for end in ("", "/peaks"):
        refused, unknown = client.get(f"/testimony/{testimony_id}{end}"), client.get(f"/testimony/nothing{end}")
        assert refused.status_code == unknown.status_code == 404
        assert refused.data == unknown.data
        assert refused.headers.to_wsgi_list() == unknown.headers.to_wsgi_list()


def test_listed_and_sealed_says_that_it_is_here_and_why_it_is_closed(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        mine = Permission.testimony_id == testimony_id
        session.execute(delete(Permission).where(mine, Permission.form != "existence"))
    page = text(client, f"/testimony/{testimony_id}?lang=en")
    told = next(t for t in filled.collection.testimonies if t.id == SAID)
    assert told.title["en"] in page
    assert "This testimony is closed" in page
    assert "The narrator has not allowed this." in page
    assert "/media/" not in page
    assert told.segments[1].text not in re.sub(r"<[^>]+>", "", page)
    assert client.get(f"/testimony/{testimony_id}/peaks").status_code == 404


def test_what_is_taken_out_is_shown_as_a_block_and_never_said(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        segment = session.scalars(
            select(Segment)
            .join(TranscriptVersion)
            .where(TranscriptVersion.testimony_id == testimony_id, Segment.position == 3)
        ).first()
        assert segment is not None
        gone, start, end = segment.text, segment.start_ms, segment.end_ms
        session.add(Redaction(testimony_id=testimony_id, start_ms=start, end_ms=end, heard_at=datetime.now(UTC)))
    page = text(client, f"/testimony/{testimony_id}?lang=en")
    plain = re.sub(r"<[^>]+>", "", page)
    assert gone not in plain
    assert "▇▇▇" in page
    assert "taken out" in page


def test_peaks_are_those_of_the_sound_that_may_be_heard(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    page = text(client, f"/testimony/{testimony_id}")
    recording = re.search(r"/media/(\w+)", page)
    assert recording is not None
    kept = json.dumps({"version": 1, "duration_ms": 60_000, "per_second": 20, "peaks": [10, 20]})
    filled.backends.store.put_bytes(whole_keys(recording[1]).peaks, kept.encode())
    answer = client.get(f"/testimony/{testimony_id}/peaks")
    assert answer.get_json()["peaks"] == [10, 20]


def test_a_machine_s_draft_is_for_the_band_and_says_so(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    testimony_id = filled.testimonies[SAID]
    told = next(t for t in filled.collection.testimonies if t.id == SAID)
    with filled.backends.database.write() as session:
        mine = TranscriptVersion.testimony_id == testimony_id
        session.execute(update(TranscriptVersion).where(mine).values(stage="machine"))
        session.add(Permission(testimony_id=testimony_id, form="full_transcript", audience="band"))
        session.add(Permission(testimony_id=testimony_id, form="existence", audience="band"))
    outside = re.sub(r"<[^>]+>", "", text(client, f"/testimony/{testimony_id}?lang=en"))
    inside = re.sub(r"<[^>]+>", "", text(signed_in("band"), f"/testimony/{testimony_id}?lang=en"))
    assert told.segments[1].text not in outside
    assert told.segments[1].text in inside
    assert "A machine wrote it and nobody has looked at it yet." in inside


def test_the_band_decides_about_a_suggested_theme_and_can_undo_it(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    testimony_id = filled.testimonies[SAID]
    address = f"/testimony/{testimony_id}"
    with filled.backends.database.write() as session:
        load_thesaurus(session)
        session.add(Permission(testimony_id=testimony_id, form="existence", audience="band"))
        session.add(Tagging(testimony_id=testimony_id, term_id="debt", origin="machine", matched="the lender came"))

    def state() -> str:
        with filled.backends.database.read() as session:
            return session.scalars(select(Tagging.state).where(Tagging.testimony_id == testimony_id)).one()

    assert "the lender came" not in text(client, address)
    band = signed_in("band")
    page = text(band, address)
    assert "the lender came" in page
    assert band.post(f"{address}/theme", data={"term": "debt", "answer": "yes"}).status_code == 400
    sent = {"term": "debt", "csrf_token": token(page)}
    assert band.post(f"{address}/theme", data=sent | {"answer": "yes"}).status_code == 303
    assert state() == "confirmed"
    after = text(band, address)
    assert 'class="undo"' in after
    assert band.post(f"{address}/theme", data=sent | {"answer": "no"}).status_code == 303
    assert state() == "rejected"
    researcher = signed_in("researcher")
    form = {"term": "debt", "answer": "yes", "csrf_token": token(text(researcher, "/"))}
    assert researcher.post(f"{address}/theme", data=form).status_code == 404


def test_a_researcher_asks_once_and_a_stranger_not_at_all(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    testimony_id = filled.testimonies[SAID]
    address = f"/testimony/{testimony_id}"
    researcher = signed_in("researcher")
    sent = {"purpose": "A study of wages.", "csrf_token": token(text(researcher, address))}
    for _ in range(2):
        assert researcher.post(f"{address}/ask", data=sent).status_code == 303
    with filled.backends.database.read() as session:
        asked = session.scalars(select(AccessRequest)).all()
    assert [one.purpose for one in asked] == ["A study of wages."]
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post(f"{address}/ask", data={"purpose": "x"}).status_code == 404
