"""An answer that there is nothing at an address with a name in it leaves at a tick, not when it is ready.

Whether something is hidden or was never there, the same is asked of the database; but a row that is found costs some
microseconds more than one that is not, and a thousand tries would tell. So such an answer waits for the next of the
request's own ticks, counted from when it came in: a difference within a tick is not seen from outside.
"""

from __future__ import annotations

import time

from flask import Flask, Response, current_app, g, request

TICK = "NOT_FOUND_TICK"
SECONDS = 0.025
"""Longer than the work of most such answers on a laptop; a thread waits so long at most."""


def _note() -> None:
    g.came_in = time.perf_counter()


def _wait(response: Response) -> Response:
    from_an_address = request.url_rule is not None and request.url_rule.arguments
    if response.status_code == 404 and from_an_address and "came_in" in g:
        time.sleep(until_the_tick(time.perf_counter() - g.came_in, current_app.config[TICK]))
    return response


def until_the_tick(taken: float, tick: float) -> float:
    """Seconds from now until the next tick, of work that has taken so long; 0 where there are no ticks."""
    return tick - taken % tick if tick > 0 else 0.0


def init_app(app: Flask) -> None:
    """To be called before every other: first in, so that all work counts, and last out, when all of it is done."""
    app.config.setdefault(TICK, SECONDS)
    app.before_request(_note)
    app.after_request(_wait)
