"""Packs on the site: for the band, made beside everything else, given for a form that was sent, and written down."""

from __future__ import annotations

import io
import re
import zipfile

from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Release
from ingest.exports.packs import pack_jobs
from ingest.jobs.queue import HueyQueue
from tests.web.filling import Filling

ONE = "songs:one-length-of-thread"


def test_packs_are_the_band_s(client: FlaskClient) -> None:
    assert client.get("/packs").status_code == 303
    assert client.get(f"/packs/making?kind=zip&of={ONE}").status_code == 404


def test_a_member_has_one_made_and_takes_it(band: FlaskClient, filled: Filling) -> None:
    assert "3 songs" in band.get("/packs").get_data(as_text=True)
    chosen = band.get("/packs?song=one-length-of-thread").get_data(as_text=True)
    assert f'value="{ONE}"' in chosen
    asked = band.post("/packs", data={"of": ONE, "kind": "zip"})
    assert asked.status_code == 303
    waiting = band.get(asked.headers["Location"])
    assert waiting.headers["Refresh"] == "3"
    assert band.get(f"/packs/progress?of={ONE}&kind=zip").get_json()["state"] == "waiting"
    assert band.post("/packs/take", data={"of": ONE, "kind": "zip"}).status_code == 404
    queue = filled.backends.queue
    assert isinstance(queue, HueyQueue)
    message = queue.take()
    assert message is not None
    pack_jobs.run(filled.backends, message)
    assert "It is ready." in band.get(asked.headers["Location"]).get_data(as_text=True)
    taken = band.post("/packs/take", data={"of": ONE, "kind": "zip", "to": "a  centre"})
    with zipfile.ZipFile(io.BytesIO(taken.data)) as opened:
        assert "messenger-songs/index.html" in opened.namelist()
    with filled.backends.database.read() as session:
        [row] = session.scalars(select(Release)).all()
    assert row.kind == "carried"
    assert re.fullmatch(r"zip \d{4}-\d\d-\d\d, a centre", row.note)
    assert row.account_id


def test_there_is_nothing_to_pack_of_what_is_not_there(band: FlaskClient) -> None:
    for of in ("songs:no-such-song", "set:nothing", "campaign:none", "words"):
        assert band.get(f"/packs?of={of}").status_code == 404
    assert band.post("/packs", data={"of": ONE, "kind": "exe"}).status_code == 404
