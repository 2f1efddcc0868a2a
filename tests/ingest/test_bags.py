"""A testimony in a bag: whole by the Library of Congress's own check, and nothing open in it that is sealed here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import bagit
import pytest

from archive.access.gate import Unknown
from archive.backends import Backends, open_backends
from archive.models import ConsentEvent, Release, Testimony, now
from archive.settings import Settings
from ingest.exports import bags
from ingest.exports.bags import CannotBag, check_bag, make_bag
from tests import factories
from web.cli import run

SOUND = b"RIFF as it came in"
EVIDENCE = b"age-encryption.org/v1 noise"


@pytest.fixture
def backends(settings: Settings) -> Iterator[Backends]:
    opened = open_backends(settings)
    with opened.database.write() as session:
        recording = factories.recording(
            session, id="sound0", sha256=sha256(SOUND).hexdigest(), original_key="recordings/sound0/original"
        )
        factories.testimony(session, id="told0", recording_id=recording.id, title_en="Debt")
        version = factories.transcript_version(session, "told0", [factories.segment("បំណុល", 0, 900)])
        factories.transcript_version(session, "told0", language="en", translates_id=version.id)
        told = {"testimony_id": "told0", "kind": "grant", "method": "signed", "previous_hash": "", "hash": "a"}
        session.add(ConsentEvent(seq=1, evidence={"blob": "evidence/told0/a.age"}, **told))
    opened.store.put_bytes("recordings/sound0/original", SOUND)
    opened.store.put_bytes("evidence/told0/a.age", EVIDENCE)
    yield opened
    opened.database.engine.dispose()


def test_a_bag_is_whole_and_says_what_it_holds(backends: Backends, tmp_path: Path) -> None:
    made = make_bag(backends, "told0", tmp_path / "out")
    assert bagit.Bag(str(made)).is_valid()
    data = made / "data"
    assert (data / "original" / "original").read_bytes() == SOUND
    assert "បំណុល" in "".join(path.read_text() for path in (data / "transcripts").iterdir())
    assert json.loads((data / "catalogue.json").read_text())["title_en"] == "Debt"
    (event,) = json.loads((data / "consent.json").read_text())["events"]
    assert (data / event["evidence"]).read_bytes() == EVIDENCE
    kinds = [one.text for one in ElementTree.parse(data / "premis.xml").iter("{http://www.loc.gov/premis/v3}eventType")]
    assert kinds == ["ingestion", "fixity check"]
    with backends.database.read() as session:
        assert [one.kind for one in session.query(Release)] == ["handed-over"]
    with pytest.raises(CannotBag):
        make_bag(backends, "told0", tmp_path / "out")


def test_a_changed_bag_is_not_whole(backends: Backends, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_bag(backends, "told0", tmp_path)
    assert run(["bag", "--check", str(made)]) == 0
    (made / "data" / "README.txt").write_text("another")
    with pytest.raises(CannotBag):
        check_bag(made)
    assert run(["bag", "--check", str(made)]) == 2
    assert "is not whole" in capsys.readouterr().err


def test_what_was_taken_back_or_is_damaged_goes_into_no_bag(backends: Backends, tmp_path: Path) -> None:
    backends.store.put_bytes("recordings/sound0/original", b"something else")
    with pytest.raises(CannotBag):
        make_bag(backends, "told0", tmp_path)
    with backends.database.write() as session:
        session.get_one(Testimony, "told0").withdrawn_at = now()
    with backends.database.read() as session:
        assert bags.testimonies(session) == []
    with pytest.raises(Unknown):
        make_bag(backends, "told0", tmp_path)
    assert list(tmp_path.glob("*testimony*")) == []


def test_a_bag_lies_outside_the_data_folder_and_says_where_it_cannot(backends: Backends, tmp_path: Path) -> None:
    """What lies in the data folder would stay there, open, when she takes her words back."""
    for inside in (backends.settings.data, backends.settings.data / "bags"):
        with pytest.raises(CannotBag, match="data folder"):
            make_bag(backends, "told0", inside)
    closed = tmp_path / "a-file"
    closed.write_text("")
    with pytest.raises(CannotBag, match="cannot be written"):
        make_bag(backends, "told0", closed / "out")
    with backends.database.read() as session:
        assert session.query(Release).count() == 0
