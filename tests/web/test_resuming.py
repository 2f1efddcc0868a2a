"""A long recording comes in pieces over a line that breaks, and is handed in when all of it is here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from archive.models import Recording, Testimony
from tests.web.filling import Filling
from tests.web.test_ingest import form, left_behind, recordings, sound, token

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
Enter = Callable[..., FlaskClient]


@pytest.fixture
def band(signed_in: Enter) -> FlaskClient:
    return signed_in("band", ("MB",))


def begun(client: FlaskClient, size: int) -> str:
    head = {**TUS, "Upload-Length": str(size), "X-CSRFToken": token(client)}
    answer = client.post("/ingest/uploads", headers=head)
    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (201, "1.0.0")
    return answer.headers["Location"]


def sent(client: FlaskClient, address: str, offset: int, data: bytes) -> TestResponse:
    head = {**PIECE, "Upload-Offset": str(offset), "X-CSRFToken": token(client)}
    return client.patch(address, headers=head, data=data)


def test_a_recording_comes_in_pieces_and_then_with_its_form(band: FlaskClient, filled: Filling) -> None:
    content = sound(2).getvalue()
    address = begun(band, len(content))
    assert sent(band, address, 0, content[:9000]).headers["Upload-Offset"] == "9000"
    # The answer to the next was lost: the browser asks how far it is, and goes on there.
    sent(band, address, 9000, content[9000:20_000])
    assert band.head(address, headers=TUS).headers["Upload-Offset"] == "20000"
    assert sent(band, address, 9000, content[9000:]).status_code == 409
    unfinished = {**form(band), "upload": address.rsplit("/", 1)[1], "upload_name": "told.wav"}
    assert band.post("/ingest", data=unfinished).status_code == 400
    assert sent(band, address, 20_000, content[20_000:]).status_code == 204
    json = band.post(
        "/ingest", data={**unfinished, "title_en": "In pieces"}, headers={"Accept": "application/json"}
    ).json
    assert [(one["name"], one["kind"]) for one in json["taken"]] == [("told.wav", "new")]
    with filled.backends.database.read() as session:
        recording = session.scalars(
            select(Recording)
            .join(Testimony, Testimony.recording_id == Recording.id)
            .where(Testimony.title_en == "In pieces")
        ).one()
    assert (recording.size, recording.original_name) == (len(content), "told.wav")
    assert list((filled.backends.settings.data / "unfinished").iterdir()) == []
    assert left_behind(filled) == []
    assert band.head(address, headers=TUS).status_code == 404


def test_what_is_no_recording_is_let_go_of_when_that_is_known(band: FlaskClient, filled: Filling) -> None:
    address = begun(band, 5000)
    sent(band, address, 0, b"#!/bin/sh\n" * 500)
    before = recordings(filled)
    given = {**form(band), "upload": address.rsplit("/", 1)[1], "upload_name": "trap.wav"}
    taken = band.post("/ingest", data=given, headers={"Accept": "application/json"}).json["taken"]
    assert [one["kind"] for one in taken] == ["refused"]
    assert recordings(filled) == before
    assert band.head(address, headers=TUS).status_code == 404


def test_nobody_else_reaches_it(band: FlaskClient, client: FlaskClient, signed_in: Enter) -> None:
    address = begun(band, 5000)
    assert sent(band, address, 0, b"R" * 1000).status_code == 204
    assert band.patch(address, headers={**PIECE, "Upload-Offset": "1000"}, data=b"x").status_code == 400, "no token"
    unknown = f"{address.rsplit('/', 1)[0]}/nobodyknowsit0"
    for other in (client, signed_in("researcher"), signed_in("steward")):
        for path in (address, unknown):
            assert other.head(path, headers=TUS).status_code == 404
    assert band.head(address, headers=TUS).headers["Upload-Offset"] == "1000"
    gone = band.delete(address, headers={**TUS, "X-CSRFToken": token(band)})
    assert (gone.status_code, band.head(address, headers=TUS).status_code) == (204, 404)


def test_what_cannot_be_is_refused_in_the_protocol_s_words(band: FlaskClient, filled: Filling) -> None:
    csrf = token(band)
    too_large = str(filled.backends.settings.max_upload_mb * 1024 * 1024 + 1)
    for head, status in (
        ({"Tus-Resumable": "0.2.2", "Upload-Length": "10"}, 412),
        ({**TUS, "Upload-Length": "ten"}, 400),
        ({**TUS, "Upload-Length": "-1"}, 400),
        (TUS, 400),
        ({**TUS, "Upload-Length": too_large}, 413),
    ):
        assert band.post("/ingest/uploads", headers={**head, "X-CSRFToken": csrf}).status_code == status
    refused = band.post("/ingest/uploads?lang=en", headers={**TUS, "Upload-Length": too_large, "X-CSRFToken": csrf})
    assert "Cut it in two" in refused.text
    address = begun(band, 10)
    plain = {**TUS, "Upload-Offset": "0", "X-CSRFToken": csrf, "Content-Type": "text/plain"}
    assert band.patch(address, headers=plain, data=b"0").status_code == 415
    assert sent(band, address, 0, b"0" * 11).status_code == 409
    assert band.head(address, headers=TUS).headers["Upload-Offset"] == "0"
