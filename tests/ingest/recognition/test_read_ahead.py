"""A stream read ahead gives what it would have given, raises what it would have raised, and leaves no thread behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ingest.recognition.read_ahead import ahead


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ahead"]


def counted(until: int, seen: list[int], closed: list[bool] | None = None) -> Iterator[int]:
    try:
        for number in range(until):
            seen.append(number)
            yield number
    finally:
        if closed is not None:
            closed.append(True)


@pytest.mark.parametrize("most", [1, 3, 100])
def test_every_item_comes_in_order(most: int) -> None:
    assert list(ahead(counted(50, []), most)) == list(range(50))
    assert not threads()


def test_no_more_is_made_than_was_allowed() -> None:
    seen: list[int] = []
    stream = ahead(counted(50, seen), 3)
    assert [next(stream), next(stream)] == [0, 1]
    stream.close()
    assert len(seen) <= 2 + 3 + 2, "those taken, those waiting, the one in the hand, and the one in the making"


def test_what_the_source_raises_is_raised_after_what_came_before() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("cut off")

    stream = ahead(broken(), 10)
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(ValueError, match="cut off"):
        next(stream)
    assert not threads()


def test_a_reader_who_leaves_closes_the_source() -> None:
    closed: list[bool] = []
    stream = ahead(counted(1000, [], closed), 2)
    next(stream)
    stream.close()
    assert closed == [True]
    assert not threads()
