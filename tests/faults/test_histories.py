"""Histories drawn from a seed: taking in, publishing, sealing, withdrawing and backing up, with faults at any moment.

Each act is a process that may be killed in any of its writes or at any time, whose disk may be full or read-only, and
whose database somebody may hold. In between files break off, the stick with the keys is pulled out, and the database is
another one, an older one or the backup's. No original is lost, nothing is given to anybody after the withdrawal that
took it back, and whatever failed has a sentence.

`MESSENGER_TEST_HISTORIES` says how many (200), `MESSENGER_TEST_SEED` which is the first (0): a failure names its own.
A kill by the clock falls as it falls; everything else is the same when a seed is drawn again.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults.breaking import told_by
from tests.faults.disks import small_disk
from tests.faults.history import History
from tests.faults.program import Acting, settings_for

HISTORIES = int(os.environ.get("MESSENGER_TEST_HISTORIES", "200"))
FIRST = int(os.environ.get("MESSENGER_TEST_SEED", "0"))
AT_ONCE = 20
STEPS = 5
MEGABYTES = 48


@pytest.fixture(scope="module")
def acting() -> Iterator[Acting]:
    program = Acting()
    yield program
    program.close()


@pytest.fixture(scope="module")
def template(acting: Acting, _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that has been started once, its stick, an empty database and another archive's: copied as files."""
    return made_template(
        acting, _sqlite_template, tmp_path_factory.mktemp("history"), tmp_path_factory.mktemp("another")
    )


def made_template(acting: Acting, new: Path, made: Path, another: Path) -> Path:
    """The archive in `made`, another one beside it in `another`; `new` is a database with nothing in it."""
    for folder in (made, another):
        folder.mkdir(exist_ok=True)
        env, settings = settings_for(folder)
        settings.data.mkdir()
        shutil.copy(new, settings.data / "archive.db")
        facts = acting.do({"env": env, "acts": [("make_vault", {}), ("start", {})]})
        assert facts[-1]["status"] == 0, facts
    shutil.copy(new, made / "new.db")
    shutil.copy(another / "var" / "archive.db", made / "another.db")
    return made


@pytest.fixture(scope="module")
def seen() -> Counter[str]:
    """How often something was taken in, withdrawn, killed, failed with a sentence, or given out while allowed."""
    return Counter()


@pytest.mark.parametrize("first", range(FIRST, FIRST + HISTORIES, AT_ONCE))
def test_no_history_loses_an_original_or_lets_out_what_was_taken_back(
    first: int, acting: Acting, template: Path, tmp_path: Path, seen: Counter[str]
) -> None:
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        for seed in range(first, min(first + AT_ONCE, FIRST + HISTORIES)):
            history = History(seed, acting, disk, template)
            try:
                for _ in range(STEPS):
                    history.step()
                history.end()
            except BaseException as error:
                error.add_note(f"history {seed}: {', '.join(history.done)}")
                raise
            finally:
                history.close()
            seen.update(taken_in=len(history.originals), withdrawn=len(history.withdrawn), killed=history.killed)
            seen.update(failed=len(history.sentences), open=history.was_open)


@pytest.mark.parametrize(
    "broken",
    [
        "withdrawing does nothing",
        "the file is not told of a withdrawal",
        "a start clears what the database does not know",
        "a start writes over an original",
        "a purge leaves out its step keys",
        "a backup leaves an original out",
    ],
)
def test_a_broken_archive_does_not_get_through_these_histories(
    broken: str, acting: Acting, template: Path, tmp_path: Path
) -> None:
    """What they are there to catch they do catch; `python -m tests.bench.broken` counts how often, of every kind."""
    with small_disk(tmp_path / "disk", MEGABYTES) as disk:
        histories = (partial(History, seed, acting, disk, template, broken) for seed in range(AT_ONCE))
        assert any(told_by(history, STEPS) for history in histories)


def test_these_histories_had_in_them_what_they_are_about(seen: Counter[str]) -> None:
    if not seen:
        pytest.skip("no history was drawn before this one")
    assert {name for name, number in seen.items() if not number} == set(), seen


@pytest.mark.mounts
def test_the_disk_of_these_histories_is_a_real_one(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        disk.fill(leaving=4096)
        with pytest.raises(OSError, match="No space left on device"):
            (disk.place / "more").write_bytes(bytes(20_000))
        disk.give_room()
        (disk.place / "more").write_bytes(bytes(20_000))
