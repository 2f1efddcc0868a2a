"""The catalogues compiled for reading: `python -m archive.language.compiling`, run at set-up.

A compiled catalogue is left alone while it is newer than its source.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from archive.language.messages import FOLDER


def compile_stale(folder: Path = FOLDER) -> Iterator[Path]:
    """Compile each `.po` of a folder whose `.mo` is missing or older; yields what was made.

    The new file is moved into place whole, so that somebody who reads meanwhile has the old one or the new.
    """
    for source in sorted(folder.glob("*.po")):
        made = source.with_suffix(".mo")
        if made.exists() and made.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as opened:
            catalogue = read_po(opened, locale=source.stem, abort_invalid=True)
        beside = made.with_suffix(".mo.new")
        with beside.open("wb") as written:
            write_mo(written, catalogue)
        shutil.copymode(source, beside)
        beside.replace(made)
        yield made


def main() -> None:
    for made in compile_stale():
        sys.stdout.write(f"{made.name} compiled\n")


if __name__ == "__main__":
    main()
