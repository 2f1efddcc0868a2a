"""A sheet's rows that are parts of one telling are one woman's; rows with her name alone are not."""

from __future__ import annotations

import wave
from pathlib import Path

from archive.backends import open_backends
from archive.catalogue.descriptions import describe
from archive.models import Testimony
from archive.settings import Settings
from ingest.intake.submit import submit
from ingest.intake.tellings import Tellings


def wav(path: Path, frames: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\x00\x10" * frames)
    return path


def test_rows_with_one_word_are_one_womans(settings: Settings, tmp_path: Path) -> None:
    backends = open_backends(settings)
    tellings = Tellings(backends)
    told: list[str] = []
    for number, part in enumerate(("rain 1", "rain 2", "", "drum 1")):
        row = tellings.of_one_woman(describe({"narrator_en": "Dara", "part": part}))
        receipt = submit(backends, wav(tmp_path / f"{number}.wav", 8_000 + number), row, original_name=f"{number}.wav")
        tellings.taken(row, receipt.testimony_id)
        assert receipt.testimony_id is not None
        told.append(receipt.testimony_id)
    with backends.database.read() as session:
        rows = [session.get_one(Testimony, one) for one in told]
        assert [(one.whole, one.part_number) for one in rows] == [("rain", 1), ("rain", 2), ("", None), ("drum", 1)]
        assert rows[0].narrator_id == rows[1].narrator_id
        assert len({one.narrator_id for one in rows}) == 3
    backends.database.engine.dispose()
