"""What is told in the archives that are the same but for one testimony: those that all have, and the hidden one."""

from __future__ import annotations

import hashlib
import io
import subprocess
import wave
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from archive.timing import Span
from media.ffmpeg import binary
from tests.leaks import canaries

RATE = 16_000
SECONDS = 4
MARK = Span(2000, 3000)


@dataclass(frozen=True, slots=True)
class Told:
    """A testimony to be put in; every id is made from `key` and known beforehand."""

    key: str
    title: tuple[str, str]
    synopsis: tuple[str, str]
    km: tuple[str, str, str]
    en: tuple[str, str, str]
    name: tuple[str, str] = ("ចាន់ធូ", "Chanthou")
    community: str = "farmer"
    province: str = "03"
    theme: str = "debt"
    said_place: str = "at the market"
    moment: tuple[str, str] = ("នៅផ្សារ", "At the market")
    recorded_on: date = date(2024, 3, 1)
    file_name: str = "walk.wav"
    campaign: str = "commoncampaign"
    pitch: int = 220
    duration_ms: int = SECONDS * 1000
    mark: Span = MARK

    @property
    def testimony(self) -> str:
        return f"{self.key}told00"

    @property
    def recording(self) -> str:
        return f"{self.key}sound0"


COMMON = tuple(
    Told(
        f"common{number:02}",
        (f"បំណុលទី{number}", f"Debt {number}"),
        ("រឿងអំពីបំណុល និងស្រែ", "About a debt and a field"),
        ("ខ្ញុំជំពាក់បំណុលគេ", f"ស្រែទី{number} ត្រូវបានលក់", "យើងដើរទៅរោងចក្រ"),
        ("I owed a debt", f"Field {number} was sold", "We walked to the factory"),
        community=("farmer", "garment-worker", "landless")[number % 3],
        recorded_on=date(2022 + number % 3, 1 + number % 12, 5),
    )
    for number in range(14)
)
SECRET = Told(
    "secret01",
    (canaries.TITLE_KM, canaries.TITLE_EN),
    (f"បំណុល និង{canaries.WORD_KM}", f"A debt, and {canaries.PLACE_SAID}"),
    (f"ខ្ញុំជំពាក់បំណុល {canaries.WORD_KM}", canaries.LINE_KM, "យើងដើរទៅរោងចក្រ"),
    (f"I owed a debt for the {canaries.WORD_EN}", canaries.LINE_EN, f"We walked with {canaries.TAKEN_OUT_EN}"),
    name=(canaries.NAME_KM, canaries.NAME_EN),
    community="sex-worker",
    province="16",
    theme="canary-theme",
    said_place=canaries.PLACE_SAID,
    moment=(canaries.LINE_KM, canaries.PLACE_SAID),
    recorded_on=date(2017, 7, 7),
    file_name=canaries.FILE_NAME,
    campaign="secretcampaign",
    pitch=700,
)
SONG, DRAFT, SECRET_DRAFT, SECRET_SONG = "the-debt", "half-made", "under-the-moon", "madder-lane"

# The same to whoever may only know that it is there: all that is listed is equal, titled
# moments among it, and nothing else is.
SEALED = replace(
    SECRET,
    km=("ខ្ញុំមិននិយាយទេ", "ស្ងាត់ដូចទឹក", "គ្មានអ្វី"),
    en=("I say nothing", "quiet as water", "there is nothing"),
    name=("សុភា", "Sophea"),
    province="20",
    said_place="by the river",
    file_name="another.wav",
    pitch=COMMON[0].pitch,
    duration_ms=3300,
    mark=Span(2500, 3200),
)


def chirp(pitch: int) -> bytes:
    """A WAV whose tone rises from `pitch`, so that no other sound has these samples."""
    at = np.arange(SECONDS * RATE) / RATE
    tone = 0.4 * np.sin(2 * np.pi * (pitch * at + pitch / 4 * at**2))
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((tone * 32_000).astype("<i2").tobytes())
    return held.getvalue()


def squeezed(wav: bytes, folder: Path) -> bytes:
    """The same as a listening file."""
    path = folder / "listening.m4a"
    command = [binary(), "-v", "error", "-y", "-i", "-", "-c:a", "aac", "-b:a", "32k", "-f", "ipod", str(path)]
    subprocess.run(command, input=wav, check=True)
    content = path.read_bytes()
    path.unlink()
    return content


def sung_recording(slug: str) -> str:
    """The id of the song's recording."""
    return hashlib.sha256(slug.encode()).hexdigest()[:8] + "sung00"
