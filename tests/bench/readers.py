"""Time against size for every reader of foreign text: `python -m tests.bench.readers [UNIT_NUMBER ...]`.

For each format every flood of `tests.media.hostile` is read at a sixteenth, a quarter and the whole of its size limit,
in this process and without limits; a linear reader takes four times as long from column to column, or refuses at once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress

from archive.language.normalise import normalise, tidy
from archive.language.romanise import romanise
from archive.language.words import words
from archive.search.query import parse
from ingest.intake import table, transcript_files
from media.timed import song_files, ttml
from media.timed.limits import LARGEST, LARGEST_SONG, MOST_LETTERS, Unreadable
from tests.media import hostile

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
    main([int(argument) for argument in sys.argv[1:]])
