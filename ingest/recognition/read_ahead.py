"""Work done ahead: a stream is read on a thread of its own while its reader is busy with what came before.

Decoding and looking for speech take one core for a moment, recognising takes all of them for seconds and leaves
Python alone meanwhile; side by side none of them waits for the others.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing
from queue import Queue
from typing import Any, TypeVar

T = TypeVar("T")


def ahead(source: Generator[T, None, None], most: int) -> Generator[T, None, None]:
    """The items of `source`, in order, with up to `most` of them made before they are asked for.

    What `source` raises is raised here, after the items before it. Closing this ends the thread, once the item it is
    at is made, and closes `source`.
    """
    made: Queue[tuple[T] | BaseException | None] = Queue(most)
    over = threading.Event()

    def work() -> None:
        end: BaseException | None = None
        try:
            with closing(source):
                for item in source:
                    if over.is_set():
                        return
                    made.put((item,))
        except BaseException as error:
            end = error
        finally:
            made.put(end)

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while isinstance(item := made.get(), tuple):
            yield item[0]
        if item is not None:
            raise item
    finally:
        over.set()
        while thread.is_alive():
            _emptied(made)
            thread.join(0.05)


def _emptied(queue: Queue[Any]) -> None:
    """Make room for whoever waits to put something in."""
    while not queue.empty():
        queue.get_nowait()
