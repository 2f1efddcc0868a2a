"""Work that a page begins and does not wait for, done beside the site by a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from archive.backends import Backends
from web.site.viewer import backends

log = logging.getLogger(__name__)


def run_beside(name: str, act: Callable[[Backends], object], broken_off: str, *, daemon: bool = False) -> None:
    """Do `act` beside the site.

    Args:
        name: the thread's.
        broken_off: what the log says where it fails; somebody has to do the same again then, or something does.
        daemon: it is lost where the site ends meanwhile; else the site ends only after it.
    """
    opened = backends()

    def run() -> None:
        try:
            act(opened)
        except Exception:
            log.exception(broken_off)

    threading.Thread(target=run, name=name, daemon=daemon).start()
