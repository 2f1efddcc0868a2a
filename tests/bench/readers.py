"""Time against size for every reader of foreign text: `python -m tests.bench.readers [UNIT_NUMBER ...]`.

For each format every flood of `tests.media.hostile` is read at a sixteenth, a quarter and the whole of its size limit,
in this process and without limits; a linear reader takes four times as long from column to column, or refuses at once.

`python -m tests.bench.readers --hostile` reads the whole hostile corpus (transcripts, song files, sheets, sound) as an
upload is read, in processes of their own, and prints for each kind how many files there were, how many were refused,
the processor's time and the memory of the worst, and all that is not one sentence or takes over 2 s or 300 MB.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from archive.language.normalise import normalise, tidy
from archive.language.romanise import romanise
from archive.language.words import words
from archive.search.query import parse
from ingest.intake import table, transcript_files
from media import apart
from media.apart import Overrun, read_apart
from media.timed import song_files, ttml
from media.timed.limits import LARGEST, LARGEST_SONG, MOST_LETTERS, Unreadable
from tests.media import hostile, hostile_sound
from tests.media.test_hostile_sound import is_one_sentence, treated

SHARES = (16, 4, 1)
Read = Callable[[bytes], object]


def readers() -> list[tuple[str, bytes, int, Read]]:
    """Name, beginning, size limit in bytes and reader."""
    found: list[tuple[str, bytes, int, Read]] = []
    for kind, head in hostile.HEADS.items():
        found.append((kind, head, LARGEST, lambda data, kind=kind: transcript_files.plainly(data, kind.lower(), None)))
    for kind, head in hostile.SONG_HEADS.items():
        found.append(
            (f"song {kind}", head, LARGEST_SONG, lambda data, kind=kind: song_files.plainly(data, f"x.{kind}"))
        )
    found.append(("ttml", b'<tt xmlns="http://www.w3.org/ns/ttml">', LARGEST, lambda data: ttml.read(data.decode())))
    found.append(("sheet", b"file,title_en\n", table.LARGEST, table.plainly))
    for work in (tidy, normalise, words, romanise, parse):
        found.append((work.__name__, b"", MOST_LETTERS, lambda data, work=work: work(data.decode())))
    return found


Treat = Callable[[str, hostile_sound.Content, Path], str]


def _as_transcript(name: str, content: hostile_sound.Content, path: Path) -> str:
    try:
        transcript_files.read(name, hostile_sound.write(path, content).read_bytes())
    except transcript_files.CannotTake as refused:
        return str(refused)
    return "Taken."


def _as_song(name: str, content: hostile_sound.Content, path: Path) -> str:
    try:
        song_files.read(name, hostile_sound.write(path, content).read_bytes())
    except (Unreadable, Overrun) as refused:
        return str(refused)
    return "Taken."


def _as_sheet(_name: str, content: hostile_sound.Content, path: Path) -> str:
    try:
        found = read_apart("ingest.intake.table:plainly", hostile_sound.write(path, content).read_bytes())
    except Overrun as refused:
        return str(refused)
    return str(found.get("wrong", "Taken."))


def _as_sound(_name: str, content: hostile_sound.Content, path: Path) -> str:
    return treated(hostile_sound.write(path, content), path.with_name("made.m4a"))[0]


def corpus(folder: Path, seed: int = 20261128) -> Iterator[tuple[str, Treat, list[tuple[str, hostile_sound.Content]]]]:
    """Each kind of file: its name, how it is read, and the files."""
    yield "transcripts", _as_transcript, list(hostile.texts(seed))
    yield "song files", _as_song, list(hostile.songs(seed))
    yield "sheets", _as_sheet, list(hostile.sheets(seed))
    yield "sound", _as_sound, list(hostile_sound.sounds(seed, hostile_sound.real_sounds(folder)))


def read_all() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, treat, files in corpus(folder):
            refused, worst, before = 0, 0.0, 0
            for file, content in files:
                began = os.times()
                try:
                    said = treat(file, content, folder / "x")
                except Exception as error:  # what a reader must not do is what is looked for
                    said = f"{type(error).__name__}: {error}"
                spent = sum(os.times()[:4]) - sum(began[:4])
                memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
                refused += said != "Taken."
                worst = max(worst, spent)
                if not is_one_sentence(said) or spent > apart.CPU_S or memory > max(before, apart.MEMORY):
                    print(f"  {file:<32}{spent:6.2f} s {memory >> 20:4} MB  {said}", flush=True)
                before = max(before, memory)
            print(
                f"{kind:<12}{len(files):5} files, {refused:4} refused, worst {worst:5.2f} s, {before >> 20} MB",
                flush=True,
            )


def main(numbers: list[int]) -> None:
    for name, head, limit, read in readers():
        for number in numbers or range(len(hostile.UNITS)):
            unit = hostile.UNITS[number]
            spent = []
            for share in SHARES:
                data = head + unit * ((limit // share - len(head) - 1) // len(unit))
                began = time.process_time()
                with suppress(Unreadable, UnicodeDecodeError):
                    read(data)
                spent.append(time.process_time() - began)
            print(f"{name:<12}{unit!r:<44}" + "".join(f"{seconds:8.3f}" for seconds in spent), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--hostile"]:
        read_all()
    else:
        main([int(argument) for argument in sys.argv[1:]])
