"""The catalogue as a file: out, corrected, looked at, applied, undone; for stewards alone, and by command too."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from archive.models import Release, Testimony
from tests.web.filling import Filling
from web import cli

ROOM = "/steward/catalogue"


@pytest.fixture
def steward(app: Flask, filled: Filling, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("steward")
    client.get("/?lang=en")
    return client


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]*)"', client.get(ROOM).get_data(as_text=True))
    assert found is not None
    return found[1]


def taken(client: FlaskClient, form: str) -> bytes:
    answer = client.post(f"{ROOM}/file", data={"csrf_token": token(client), "form": form})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    return answer.data


def bring(client: FlaskClient, **given: object) -> TestResponse:
    form = {"csrf_token": token(client), **given}
    return client.post(ROOM, data=form, content_type="multipart/form-data")


def rows_of(page: str) -> str:
    found = re.search(r'<textarea name="rows" hidden>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def test_it_goes_out_and_comes_back_without_a_change(steward: FlaskClient, filled: Filling) -> None:
    for form in ("csv", "xlsx"):
        data = taken(steward, form)
        page = bring(steward, sheet=(io.BytesIO(data), f"catalogue.{form}")).get_data(as_text=True)
        assert "Nothing would change" in page
        assert f"As it is: {len(filled.testimonies)}" in unescape(page)
        assert 'class="is-bad"' not in page
        assert taken(steward, form) == data, "byte for byte"
    with filled.backends.database.read() as session:
        left = session.scalars(select(Release)).all()
        assert {tuple(one.testimonies) for one in left} == {tuple(sorted(filled.testimonies.values()))}


def test_a_correction_is_looked_at_applied_found_and_undone(steward: FlaskClient, filled: Filling) -> None:
    data = taken(steward, "csv").decode()
    told = next(iter(filled.testimonies.values()))
    with filled.backends.database.read() as session:
        before = session.get_one(Testimony, told).title_en
    assert before in data
    corrected = data.replace(before, "The day the line stood still", 1)
    page = bring(steward, sheet=(io.BytesIO(corrected.encode()), "c.csv")).get_data(as_text=True)
    assert f"<del>{before}</del> <ins>The day the line stood still</ins>" in unescape(page)
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).title_en == before, "looking changes nothing"
    assert bring(steward, rows=rows_of(page), deed="apply").status_code == 303
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).title_en == "The day the line stood still"
    room = steward.get(ROOM).get_data(as_text=True)
    undo = re.search(rf'action="({ROOM}/undo/[^"]+)"', room)
    assert undo is not None
    assert steward.post(undo[1], data={"csrf_token": token(steward)}).status_code == 303
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).title_en == before
    assert "undone" in steward.get(ROOM).get_data(as_text=True)


def test_a_bad_row_is_shown_with_its_line_in_the_language_of_the_page(steward: FlaskClient) -> None:
    data = b"testimony,title_en\r\nnobodyknowsit0,Hello\r\n"
    page = bring(steward, sheet=(io.BytesIO(data), "c.csv"))
    assert "there is no testimony" in unescape(page.get_data(as_text=True))
    steward.get("/?lang=km")
    in_khmer = bring(steward, sheet=(io.BytesIO(data), "c.csv")).get_data(as_text=True)
    assert "there is no testimony" not in in_khmer
    assert "nobodyknowsit0" in in_khmer
    assert bring(steward, sheet=(io.BytesIO(b"testimony,consent\r\n"), "c.csv")).status_code == 400
    assert bring(steward).status_code == 400


def test_it_is_a_steward_s_alone(client: FlaskClient, signed_in: Callable[..., FlaskClient]) -> None:
    for role in ("band", "researcher"):
        other = signed_in(role)
        other.application.config["WTF_CSRF_ENABLED"] = False
        assert other.get(ROOM).status_code == 404
        assert other.post(f"{ROOM}/file", data={"form": "csv"}).status_code == 404
        assert other.post(f"{ROOM}/undo/x").status_code == 404
        other.application.config["WTF_CSRF_ENABLED"] = True
    assert client.get(ROOM).status_code == 404


def test_the_command_does_the_same(
    filled: Filling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = filled.backends.settings
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(settings.vault_key))
    for form in ("csv", "xlsx"):
        first, second = tmp_path / f"one.{form}", tmp_path / f"two.{form}"
        assert cli.run(["catalogue", "export", str(first)]) == 0
        assert cli.run(["catalogue", "import", str(first), "--yes"]) == 0
        assert cli.run(["catalogue", "export", str(second)]) == 0
        assert first.read_bytes() == second.read_bytes()
    told = next(iter(filled.testimonies.values()))
    with filled.backends.database.read() as session:
        before = session.get_one(Testimony, told).title_en
    sheet = tmp_path / "mine.csv"
    sheet.write_text(f"testimony,title_en\n{told},Another\nnobodyknowsit0,x\n")
    capsys.readouterr()
    assert cli.run(["catalogue", "import", str(sheet), "--yes"]) == 2
    said = capsys.readouterr()
    assert "line 3: there is no testimony “nobodyknowsit0”" in said.err
    assert f"“{before}” → “Another”" in said.out
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).title_en == before, "a bad row holds the good ones back"
    assert cli.run(["catalogue", "import", str(sheet), "--yes", "--good-rows"]) == 2
    act = re.search(r"catalogue undo (\w+)", capsys.readouterr().out)
    assert act is not None
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).title_en == "Another"
    assert cli.run(["catalogue", "undo", act[1]]) == 0
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).title_en == before
    assert cli.run(["catalogue", "export", str(tmp_path / "one.ods")]) == 2
