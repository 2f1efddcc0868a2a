"""The funder's report: what members wrote down and what the ledger holds, and nobody who listened."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from archive.access import gate
from archive.consent import releases
from archive.models import Release, Song
from archive.songs import song_export
from ingest.exports.song_files import FORMS, consent_statements, make
from tests.web.filling import Filling
from tests.web.test_sets import EVENING, SONGS, entries


def test_a_steward_prints_what_was_done_and_no_listener_is_counted(
    signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    band, steward = signed_in("band", ("MB",)), signed_in("steward")
    band.application.config["WTF_CSRF_ENABLED"] = False
    here = band.post("/sets", data=EVENING).headers["Location"]
    for slug in SONGS:
        band.post(f"{here}/songs", data={"song": slug})
    band.get(f"/song/{SONGS[0]}")
    before = steward.get("/steward/report?from=2026-12-01&until=2026-12-31&lang=en").get_data(as_text=True)
    assert "0 sessions were held." in before
    band.post(f"{here}/sung", data={"sung": entries(band, here)[:2], "people": "42"})
    with filled.backends.database.write() as session:
        session.get_one(Song, filled.songs[SONGS[0]]).published_at = datetime(2026, 12, 3, 20, tzinfo=UTC)
        taken = releases.record(session, "carried", f"song:{filled.songs[SONGS[0]]}", [])
        taken.at = datetime(2026, 12, 11, tzinfo=UTC)
    page = steward.get("/steward/report?from=2026-12-31&until=2026-12-01").get_data(as_text=True)
    for said in ("1 song came out.", "1 session was held.", "2 songs were sung there.", "42 people came, as counted"):
        assert said in page
    assert "December 2026" in page
    assert "Carried away in packs" in page
    assert EVENING["place"] not in page
    table = steward.get("/steward/report.csv?from=2026-12-01&until=2026-12-31").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(table.lstrip("\ufeff"))))
    assert rows[1][:6] == ["2026-12", "1", "1", "2", "42", "0"]
    assert rows[-1] == ["2026-12-04", "Do not condemn me"]
    assert band.get("/steward/report").status_code == 404


def test_a_campaign_s_songs_are_a_book_to_print(client: FlaskClient, filled: Filling) -> None:
    campaign = filled.collection.campaigns[0].id
    client.application.config["WTF_CSRF_ENABLED"] = False
    book = client.post(f"/campaign/{campaign}/book")
    assert book.mimetype == "application/pdf"
    assert book.data.startswith(b"%PDF")
    with filled.backends.database.read() as session:
        songs = session.scalars(select(Song.id).where(Song.campaign_id == campaign, Song.state == "published")).all()
        noted = session.scalars(select(Release.subject)).all()
    assert sorted(noted) == sorted(f"song:{one}" for one in songs)
    assert client.post("/campaign/no-such/book").status_code == 404


def test_a_station_is_told_what_each_narrator_allowed(filled: Filling, tmp_path: Path) -> None:
    with filled.backends.database.read() as session:
        sheet = song_export.sheet(session, gate.PUBLIC, SONGS[2])
    assert sheet is not None
    named = [one for one in sheet.credits if one.role == "told"]
    statements = consent_statements(sheet)
    assert len(statements) == sheet.told_by >= len(named)
    assert all("has allowed radio and television" in en for _km, en in statements)
    assert sum("not named" in en for _km, en in statements) == sheet.told_by - len(named)
    packed = make(filled.backends, sheet, FORMS["radio"], tmp_path, lambda _share: None)
    with zipfile.ZipFile(packed) as opened:
        assert opened.read(f"{SONGS[2]}-cue-sheet.pdf").startswith(b"%PDF")


def test_a_station_s_name_is_asked_for_and_written_down(band: FlaskClient, filled: Filling) -> None:
    from ingest.exports import export_jobs

    with filled.backends.database.read() as session:
        viewer = gate.Viewer(role="band")
        sheets = [song_export.sheet(session, viewer, one) for one in SONGS]
        free = [one for one in sheets if one and not song_export.refused(session, viewer, one, "broadcast")]
    assert free
    sheet = free[0]
    export_jobs.run(filled.backends, f"export:{sheet.song_id}:radio")
    asked = band.post(f"/song/{sheet.slug}/take", data={"form": "radio"})
    assert asked.status_code == 303
    assert re.search(r'name="to"[^>]*required', band.get(asked.headers["Location"]).get_data(as_text=True))
    taken = band.post(f"/song/{sheet.slug}/take", data={"form": "radio", "to": "Radio Takeo"})
    assert taken.mimetype == "application/zip"
    with filled.backends.database.read() as session:
        [row] = session.scalars(select(Release)).all()
    assert (row.kind, row.note) == ("broadcast", "radio, Radio Takeo")
