"""A bag taken in: verified, described where it says so, closed whatever it says, and refused where it is hostile."""

from __future__ import annotations

import json
import math
import os
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import bagit
import pytest
from sqlalchemy import select

from archive.access import gate
from archive.access.gate import Viewer
from archive.backends import Backends, open_backends
from archive.consent import decisions
from archive.models import Recording, Testimony
from archive.settings import Settings, read_settings
from archive.withdrawal import withdraw
from ingest.exports.bags import CannotBag, make_bag
from ingest.intake import bags_taken
from ingest.intake.bags_taken import take_bag
from ingest.intake.submit import submit
from ingest.stages.taken_back import TakenBack
from tests.archive.testimonies import GIVEN
from web.cli import run

DC = """<?xml version="1.0"?><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="en">The flood year</dc:title>
 <dc:title>ឆ្នាំទឹកជំនន់</dc:title><dc:creator>Sok Real-Name</dc:creator><dc:language>khm</dc:language>
 <dc:date>2011</dc:date><dc:description>She tells of the flood.</dc:description></oai_dc:dc>"""
BAND, NOBODY = Viewer(role="band"), gate.PUBLIC


@pytest.fixture
def backends(settings: Settings) -> Iterator[Backends]:
    opened = open_backends(settings)
    yield opened
    opened.database.engine.dispose()


def tone(path: Path, pitch: int = 440) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(pitch * at / 8000 * 6.28))) for at in range(8000))
        )
    return path


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Another archive's bag of one recording with its Dublin Core."""
    folder = tmp_path / "bag"
    tone(folder / "tapes" / "tape 1.wav")
    (folder / "dc.xml").write_text(DC, encoding="utf-8")
    (folder / "notes.txt").write_text("Some notes")
    bagit.make_bag(str(folder), checksums=["md5", "sha256"])
    return folder


def told(backends: Backends, testimony_id: str | None) -> Testimony:
    with backends.database.read() as session:
        found = session.get_one(Testimony, testimony_id)
        _ = found.narrator.pseudonym_en, found.recording.original_name
        session.expunge_all()
        return found


def rows(backends: Backends) -> int:
    with backends.database.read() as session:
        return len(session.scalars(select(Recording.id)).all())


def test_another_archives_bag_comes_in_described_and_closed(backends: Backends, bag: Path) -> None:
    (one,) = take_bag(backends, bag)
    assert one.receipt is not None
    found = told(backends, one.receipt.testimony_id)
    assert (found.title_en, found.title_km, found.language) == ("The flood year", "ឆ្នាំទឹកជំនន់", "km")
    assert (str(found.recorded_on), found.synopsis_en) == ("2011", "She tells of the flood.")
    assert (found.narrator.pseudonym_en, found.recording.original_name) == ("", "tape 1.wav")
    with backends.database.read() as session:
        for viewer in (NOBODY, BAND, Viewer(role="researcher")):
            for form in ("existence", "original_sound", "full_transcript"):
                assert not gate.may(session, viewer, found.id, form), (viewer.role, form)
    (again,) = take_bag(backends, bag)
    assert again.receipt is not None
    assert (again.receipt.new, again.receipt.testimony_id) == (False, found.id)


def test_our_own_bag_comes_back_and_what_it_says_of_consent_opens_nothing(
    backends: Backends, settings: Settings, tmp_path: Path
) -> None:
    (first,) = take_bag(backends, _plain_bag(tmp_path / "plain"))
    assert first.receipt is not None
    testimony_id, recording_id = first.receipt.testimony_id or "", first.receipt.recording_id
    with backends.database.write() as session:
        recording = session.get_one(Recording, recording_id)
        recording.original_key = f"recordings/{recording_id}/original"
        one = session.get_one(Testimony, testimony_id)
        one.title_en, one.narrator.pseudonym_en = "Debt", "Chan"
        decisions.grant(session, testimony_id, decisions.PRESETS["public"], GIVEN)
    backends.store.put_bytes(f"recordings/{recording_id}/original", tone(tmp_path / "again.wav").read_bytes())
    made = make_bag(backends, testimony_id, tmp_path / "out")
    assert "existence" in (made / "data" / "consent.json").read_text()
    other = open_backends(_elsewhere(settings, tmp_path / "there"))
    (back,) = take_bag(other, made)
    assert back.receipt is not None
    found = told(other, back.receipt.testimony_id)
    assert (found.title_en, found.narrator.pseudonym_en) == ("Debt", "Chan")
    with other.database.read() as session:
        assert not gate.may(session, BAND, found.id, "existence")
    other.database.engine.dispose()
    withdraw.withdraw(backends, testimony_id, "destroy", GIVEN)
    (refused,) = take_bag(backends, made)
    assert isinstance(refused.refused, TakenBack)


def _plain_bag(folder: Path) -> Path:
    tone(folder / "a.wav")
    bagit.make_bag(str(folder), checksums=["sha512"])
    return folder


def _elsewhere(settings: Settings, folder: Path) -> Settings:
    env = {"MESSENGER_DATA": str(folder / "var"), "XDG_CONFIG_HOME": str(folder / "keys"), "HOME": str(folder)}
    return read_settings(env)


def _changed(bag: Path) -> None:
    (bag / "data" / "notes.txt").write_text("Other notes")


def _missing(bag: Path) -> None:
    (bag / "data" / "notes.txt").unlink()


def _one_more(bag: Path) -> None:
    (bag / "data" / "more.txt").write_text("Nobody counted this")


def _link(bag: Path) -> None:
    (bag / "data" / "passwd").symlink_to("/etc/passwd")


def _linked_folder(bag: Path) -> None:
    (bag / "data" / "elsewhere").symlink_to(bag.parent)


def _pipe(bag: Path) -> None:
    os.mkfifo(bag / "data" / "pipe")


def _outside(bag: Path) -> None:
    with (bag / "manifest-sha256.txt").open("a") as file:
        file.write(f"{'0' * 64}  ../bag-secrets.txt\n")


def _absolute(bag: Path) -> None:
    with (bag / "manifest-sha256.txt").open("a") as file:
        file.write(f"{'0' * 64}  /etc/passwd\n")


def _no_bag(bag: Path) -> None:
    (bag / "bagit.txt").unlink()


def _noise(bag: Path) -> None:
    (bag / "manifest-sha256.txt").write_bytes(b"\xff\xfe\x00" * 20)


def _no_encoding(bag: Path) -> None:
    (bag / "bagit.txt").write_text("BagIt-Version: 0.97\nTag-File-Character-Encoding: no-such\n")


def _huge_manifest(bag: Path) -> None:
    with (bag / "manifest-sha256.txt").open("ab") as file:
        file.truncate(bags_taken.LARGEST_TAGS + 1)


def _holes(bag: Path) -> None:
    with (bag / "data" / "hole.wav").open("wb") as file:
        file.truncate(bags_taken.LARGEST_BAG + 1)


HOSTILE = (
    _changed, _missing, _one_more, _link, _linked_folder, _pipe, _outside, _absolute, _no_bag, _noise, _no_encoding,
    _huge_manifest, _holes,
)  # fmt: skip


@pytest.mark.parametrize("spoil", HOSTILE, ids=[one.__name__[1:] for one in HOSTILE])
def test_a_hostile_bag_is_refused_in_a_sentence_and_nothing_comes_in(
    backends: Backends, bag: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(bag)
    with pytest.raises(CannotBag) as refused:
        take_bag(backends, bag)
    assert str(refused.value)
    assert refused.value.said("km") != str(refused.value)
    assert rows(backends) == 0


def test_what_a_description_says_badly_leaves_the_rest(backends: Backends, tmp_path: Path) -> None:
    folder = tmp_path / "bag"
    tone(folder / "original" / "one.wav")
    said = {"title_en": "Rain", "language": "no such language", "recorded_on": "yesterday", "community": 7, "id": "x"}
    (folder / "catalogue.json").write_text(json.dumps(said))
    bagit.make_bag(str(folder))
    (one,) = take_bag(backends, folder)
    assert one.receipt is not None
    found = told(backends, one.receipt.testimony_id)
    assert (found.title_en, found.language, found.recorded_on) == ("Rain", "", None)
    assert found.id != "x"


def test_a_bag_without_sound_and_one_by_the_command(
    backends: Backends,
    bag: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.txt").write_text("Only notes")
    bagit.make_bag(str(empty))
    with pytest.raises(CannotBag):
        take_bag(backends, empty)
    monkeypatch.setenv("MESSENGER_DATA", str(backends.settings.data))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["bag", "--take", str(bag)]) == 0
    assert "closed until consent is written down" in capsys.readouterr().out
    assert rows(backends) == 1
    assert submit(backends, bag / "data" / "tapes" / "tape 1.wav", None).new is False
