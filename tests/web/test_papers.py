"""Transcripts and narrators' sheets as PDF: as far as the gate allows, and written in the ledger."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.consent import redaction
from archive.models import Release, Testimony
from archive.timing import Span, Utterance
from archive.transcripts import transcript_versions
from archive.withdrawal import withdraw
from ingest.exports.transcript_paper import TranslatedStretch, transcript_pdf
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling
from web.review import exporting

TOLD = "before-the-rice-was-ripe"


def printed(content: bytes, folder: Path) -> str:
    """The text of a PDF, with its rows joined."""
    (folder / "made.pdf").write_bytes(content)
    made = subprocess.run(["pdftotext", str(folder / "made.pdf"), "-"], check=True, capture_output=True)
    return " ".join(made.stdout.decode().split())


def notes(filled: Filling) -> list[tuple[str, str, list[str]]]:
    with filled.backends.database.read() as session:
        return [(one.kind, one.note, list(one.testimonies)) for one in session.scalars(select(Release))]


@pytest.mark.poppler
def test_a_transcript_is_printed_as_far_as_it_may_be_read(client: FlaskClient, filled: Filling, tmp_path: Path) -> None:
    told = filled.testimonies[TOLD]
    address = f"/testimony/{told}/transcript"
    page = client.get(f"/testimony/{told}?lang=en").get_data(as_text=True)
    assert '<option value="pdf">' in page
    with filled.backends.database.read() as session:
        version = transcript_versions.current(session, told, approved_only=True)
        assert version is not None
        span = version.segments[0].span
    answer = client.post(address, data={"kind": "pdf"})
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    said = printed(answer.data, tmp_path)
    assert "Before the rice was ripe" in said
    assert "0:00" in said
    assert "0:00" not in printed(client.post(address, data={"kind": "pdf-untimed"}).data, tmp_path)
    assert notes(filled) == [("export", "transcript, pdf", [told])] * 2
    with filled.backends.database.write() as session:
        redaction.mark(session, told, Span(span.start_ms, span.end_ms), None)
    assert client.post(address, data={"kind": "pdf"}).status_code == 404, "nobody listened to what is taken out yet"
    withdraw.withdraw(filled.backends, told, "restrict", GIVEN)
    refused = client.post(address, data={"kind": "pdf"})
    unknown = client.post("/testimony/nobody00000000/transcript", data={"kind": "pdf"})
    assert (refused.status_code, refused.data) == (unknown.status_code, unknown.data)


@pytest.mark.poppler
def test_a_translation_stands_under_what_it_translates_once(tmp_path: Path) -> None:
    said = [
        Utterance(0, 2000, "One \u2587\u2587 day", speaker="Sreymom"),
        Utterance(2000, 4000, "Two", speaker="Sreymom"),
    ]
    translated = [TranslatedStretch(Span(0, 4000), "Both of them")]
    made = transcript_pdf("A title", ["By her", ""], said, translated, "https://x.example/t", times=True)
    assert printed(made, tmp_path).startswith("A title By her 0:00 Sreymom One […] day Both of them 0:02 Two A title")
    long = [Utterance(at * 1000, at * 1000 + 900, f"Row {at}", speaker=f"S{at}") for at in range(200)]
    many = printed(transcript_pdf("A title", [], long, [], "", times=False), tmp_path)
    assert all(f"S{at} Row {at}" in many for at in range(200))
    assert "1 / " in many


@pytest.mark.poppler
def test_a_narrators_sheet_is_printed_for_the_band_and_noted(
    band: FlaskClient, client: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    told = filled.testimonies[TOLD]
    with filled.backends.database.read() as session:
        woman = session.get_one(Testimony, told).narrator_id
    address = f"/desk/narrator/{woman}/sheet.pdf"
    assert client.post(address).status_code == 404
    assert notes(filled) == []
    page = band.get(f"/desk/narrator/{woman}?lang=en").get_data(as_text=True)
    assert address in page
    answer = band.post(address)
    said = printed(answer.data, tmp_path)
    assert "Where your words have gone" in said
    assert "Became: " in said
    assert ("export", "narrator's sheet, pdf", [told]) in notes(filled)


@pytest.mark.parametrize("kind", ["pdf", "xml"])
def test_nobody_waits_for_a_turn_to_write_while_a_file_is_made(
    client: FlaskClient, filled: Filling, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Hours of words take seconds: what left is written down before, and the turn is given back."""

    def made(*_given: object, **_named: object) -> bytes:
        with filled.backends.database.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=0")
            other.exec_driver_sql("UPDATE song SET year = year")
            other.rollback()
        return b"made"

    monkeypatch.setattr(exporting, "transcript_pdf", made)
    monkeypatch.setattr(exporting.transcript_files, "write", made)
    answer = client.post(f"/testimony/{filled.testimonies[TOLD]}/transcript", data={"kind": kind})
    assert answer.data == b"made"
    assert [note for _, note, _ in notes(filled)] == [f"transcript, {kind}"]
