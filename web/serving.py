"""Serving: the processes that answer, with workers beside them unless the queue is elsewhere."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress

from archive.backends import Backends, secret_key
from archive.catalogue.thesaurus import load_thesaurus
from archive.consent import decisions
from archive.errors import ArchiveError
from archive.language.compiling import compile_stale
from archive.language.messages import Message
from archive.originals import archive_identity
from archive.preservation import found_sound
from archive.settings import Settings, usable_cores
from archive.songs import second_screens
from archive.withdrawal import carrying_out
from web.server.site import WAITING_TO_BE_ACCEPTED
from web.site.shared_limits import open_shared
from web.supervisor import Kept, Supervisor

log = logging.getLogger(__name__)

MOST_PROCESSES = 4
"""That are started by themselves; more of them want a database that takes more than one writer."""


class PortTaken(ArchiveError, ValueError):
    """Something else listens on that port."""


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow is done.

    Raises:
        PortTaken: somebody else has it.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(WAITING_TO_BE_ACCEPTED)
    except OSError as error:
        listening.close()
        raise PortTaken(
            Message("Port {port} is taken; choose another, as in --port {next}."), port=port, next=port + 1
        ) from error
    return listening


def make_ready(backends: Backends) -> None:
    """What has to be done before the first request is answered.

    A restored backup may hold what was withdrawn after it was made: that is withdrawn again first, and a purge that was
    broken off is finished. The site looks the index over itself, and answers with the old one until then.

    Raises:
        archive.originals.archive_identity.StoreMismatch: the database and the store do not belong together.
        archive.tombstones.TombstonesUnreadable: nothing may be served until somebody has looked.
        archive.withdrawal.withdraw.NothingDone: something withdrawn cannot be made to hold.
    """
    _texts_compiled()
    archive_identity.confirm(backends)
    carrying_out.at_start(backends)
    if unknown := found_sound.look(backends):
        log.warning(
            "%d recording(s) lie in the store that the database does not know; they are kept. "
            "The consent room and `messenger unclaimed list` name them.",
            unknown,
        )
    with backends.database.write() as session:
        decisions.lapse(session)
        second_screens.sweep(session)
        load_thesaurus(session)


def _texts_compiled() -> None:
    """After an upgrade by hand the compiled texts are older than their source; nothing else would say so."""
    try:
        for made in compile_stale():
            log.info("%s was compiled anew", made.name)
    except OSError as error:
        log.warning("The texts are newer than their compiled form, which cannot be written: %s", error)


def serve_site(backends: Backends, listening: socket.socket, started: Callable[[], None] = lambda: None) -> None:
    """Serve until interrupted.

    The archive has been made ready, and is closed here: those who answer open it for themselves.

    Args:
        started: called as soon as the site answers.

    Raises:
        web.supervisor.NotStarted: it does not come to that.
    """
    settings = backends.settings
    secret_key(settings)  # made by one, before several want it
    backends.queue.depth()
    backends.database.engine.dispose()
    with ExitStack() as opened:
        alive, _ = _pipe(opened)
        answering, ready = _pipe(opened)
        shared = open_shared()
        opened.callback(os.close, shared)
        files = (alive, ready, shared, listening.fileno())
        site = [
            "-m", "web.site_process", "--parent", str(alive), "--ready", str(ready), "--shared", str(shared),
            "--listening", str(listening.fileno()),
        ]  # fmt: skip
        worker = ["-m", "ingest.jobs.worker_process", "--parent", str(alive)]
        beside = settings.workers if settings.queue_url.startswith("inline:") else 0
        kept = [Kept([*site, *(["--index"] if not number else [])], files, ["--index"], vital=True)
                for number in range(processes(settings))]  # fmt: skip
        kept += [Kept(worker, (alive,), apart=True) for _ in range(beside)]
        threading.Thread(target=_tell, args=(answering, started), daemon=True).start()
        Supervisor(kept).run()
    listening.close()


def processes(settings: Settings) -> int:
    """How many processes answer: as many as there are cores to answer with, within reason."""
    return settings.processes or max(1, min(MOST_PROCESSES, usable_cores()))


def _pipe(opened: ExitStack) -> tuple[int, int]:
    reading, writing = os.pipe()
    opened.callback(os.close, reading)
    opened.callback(os.close, writing)
    return reading, writing


def _tell(answering: int, started: Callable[[], None]) -> None:
    with suppress(OSError):
        if os.read(answering, 1):
            started()
