"""What the histories of faults would catch: `python -m tests.bench.broken [--histories 40] [WORDS ...]`.

The archive is broken in each way that `tests.faults.breaking` knows, and the histories of `tests.faults.test_histories`
are drawn over it from the first seed on. Printed are how many of them fail, the first that does, and why. WORDS leave
out every way without one of them.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

from archive.db import open_engine
from archive.schema import migrate
from tests.faults.breaking import BREAKS, IN_THE_SITE, told_by
from tests.faults.disks import small_disk
from tests.faults.history import History
from tests.faults.program import Acting
from tests.faults.test_histories import MEGABYTES, STEPS, made_template


def run(folder: Path, histories: int, words: list[str]) -> None:
    engine = open_engine(f"sqlite:///{folder / 'new.db'}")
    migrate(engine)
    engine.dispose()
    acting = Acting()
    template = made_template(acting, folder / "new.db", folder / "made", folder / "another")
    for broken in (*BREAKS, IN_THE_SITE, ""):
        if words and not any(word in broken for word in words):
            continue
        failed: dict[int, str] = {}
        with small_disk(folder / "disk", MEGABYTES) as disk:
            for seed in range(histories):
                if said := told_by(partial(History, seed, acting, disk, template, broken), STEPS):
                    failed[seed] = said
        first, said = next(iter(failed.items()), ("-", "\n"))
        why = said.splitlines()[0][:120]
        print(f"{broken or 'nothing is broken':58} {len(failed):3} of {histories}, first {first}: {why}", flush=True)
    acting.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--histories", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-broken-") as folder:
        run(Path(folder), options.histories, options.words)


if __name__ == "__main__":
    main()
