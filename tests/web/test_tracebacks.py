"""The file that tracebacks go to: bounded, private, and without what anybody told."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from web import tracebacks


def _fail(words: str) -> Exception:
    try:
        raise ValueError(words)
    except ValueError as error:
        return error


def test_it_stays_within_its_bound_and_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setattr(tracebacks, "LONGEST", 20_000)
    log = tmp_path / "var" / tracebacks.LOG
    for number in range(300):
        assert tracebacks.keep(_fail(f"what she told {number}")) == f"; where is written in {log}"
    tracebacks.keep(KeyError("the last one"))
    kept = sorted(log.parent.glob(f"{log.name}*"))
    assert [path.name for path in kept] == ["errors.log", "errors.log.1"]
    longest = len("".join(tracebacks._places(tracebacks.traceback.TracebackException.from_exception(_fail("")))))
    assert sum(path.stat().st_size for path in kept) <= tracebacks.LONGEST + 2 * longest
    assert log.read_text().rstrip().endswith("KeyError")
    assert "ValueError" in log.with_name("errors.log.1").read_text()
    assert not any("she told" in path.read_text() for path in kept)
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_where_it_cannot_be_written_a_sentence_says_how_to_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "var").write_text("no folder")
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    assert tracebacks.keep(_fail("x")) == "; set MESSENGER_DEBUG=1 to see where"
