"""Taken back while it is being played: the answer under way ends, on a real server, and the next request finds nothing.

The listener's telephone is slow: it reads a little, and then her consent ends. What was on its way may still arrive;
how much that can be is what these tests hold to.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from archive.access import sound
from archive.accounts import accounts, sessions
from archive.backends import Backends
from archive.consent import decisions, redaction
from archive.db import Database
from archive.models import Account
from archive.settings import Settings
from archive.timing import Span
from archive.withdrawal import purge, withdraw
from tests.archive.testimonies import GIVEN, a_testimony, a_version
from tests.web.server.serving import serving
from web.api.media import ASK_AGAIN, LONGEST_PART
from web.app import create_app
from web.site.viewer import COOKIE

WHOLE = 24 * 1024 * 1024  # six hours and more of speech
PIPE = 64 * 1024  # the listener's own buffer
STILL_COMES = 8 * 1024 * 1024  # what a system's socket buffers may hold on one machine, and the server's
FIRST = 256 * 1024

pytestmark = pytest.mark.commits  # the site's threads have connections of their own


@pytest.fixture
def archive(database: Database, settings: Settings) -> Backends:
    settings.data.mkdir(parents=True, exist_ok=True)
    return Backends(settings, database)


@pytest.fixture
def told(archive: Backends) -> tuple[str, str]:
    """A testimony that everybody may hear, and its recording, of many hours."""
    with archive.database.write() as session:
        testimony = a_testimony(session)
        a_version(session, testimony.id)
        decisions.grant(session, testimony.id, decisions.PRESETS["public"], GIVEN)
        ids = testimony.id, testimony.recording_id
    keys = sound.whole_keys(ids[1])
    archive.store.put_bytes(keys.listening, bytes(range(256)) * (WHOLE // 256))
    return ids


@contextmanager
def served(archive: Backends) -> Iterator[int]:
    """The site on a port of this machine, by the server and the settings that people are served with."""
    with serving(create_app(archive)) as port:
        yield port


class Listener:
    """A player that reads slowly."""

    def __init__(self, port: int, path: str, headers: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIPE)
        plain.settimeout(20)
        plain.connect(("127.0.0.1", port))
        self._connection.sock = plain
        self._connection.request("GET", path, headers=headers or {})
        self.answer = self._connection.getresponse()
        self.got = len(self.answer.read(FIRST)) if self.answer.status < 300 else 0

    def words(self) -> bytes:
        """A short answer, to its end."""
        with closing(self._connection):
            return self.answer.read()

    def rest(self) -> int:
        """Read on to the end, whichever way it comes; how many bytes came in all."""
        try:
            while piece := self.answer.read(PIPE):
                self.got += len(piece)
        except (http.client.IncompleteRead, ConnectionError) as ended:
            self.got += len(getattr(ended, "partial", b""))
        self._connection.close()
        return self.got


def _withdrawn(mode: str) -> Callable[[Backends, str], None]:
    def take_back(archive: Backends, testimony_id: str) -> None:
        withdraw.withdraw(archive, testimony_id, mode, GIVEN)
        purge.purge(archive, testimony_id)

    return take_back


def _suspended(archive: Backends, testimony_id: str) -> None:
    with archive.database.write() as session:
        decisions.suspend(session, testimony_id, GIVEN)


def _marked(archive: Backends, testimony_id: str) -> None:
    """The whole is no longer what this listener may hear, though there is still something."""
    with archive.database.write() as session:
        redaction.mark(session, testimony_id, Span(1000, 2000), None)


@pytest.mark.parametrize(
    "closing", [_withdrawn("restrict"), _withdrawn("destroy"), _suspended, _marked],
    ids=["restricted", "destroyed", "suspended", "marked"],
)  # fmt: skip
def test_an_answer_under_way_ends(
    archive: Backends, told: tuple[str, str], closing: Callable[[Backends, str], None]
) -> None:
    testimony, recording = told
    with served(archive) as port:
        whole = Listener(port, f"/media/{recording}")
        assert whole.answer.status == 200
        assert int(whole.answer.headers["Content-Length"]) == WHOLE
        part = Listener(port, f"/media/{recording}", {"Range": "bytes=0-"})
        assert part.answer.status == 206
        assert part.answer.headers["Content-Range"] == f"bytes 0-{LONGEST_PART - 1}/{WHOLE}"
        closing(archive, testimony)
        assert whole.rest() < STILL_COMES < WHOLE
        assert part.rest() <= LONGEST_PART
        refused = Listener(port, f"/media/{recording}", {"Range": f"bytes={LONGEST_PART}-"})
        nobody = Listener(port, "/media/nobodyknowsit0", {"Range": f"bytes={LONGEST_PART}-"})
        assert refused.answer.status == nobody.answer.status == 404
        assert refused.words() == nobody.words()


def test_what_stays_allowed_is_played_to_its_end(archive: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    with served(archive) as port:
        listener = Listener(port, f"/media/{recording}")
        with archive.database.write() as session:
            decisions.narrow(session, testimony, decisions.PRESETS["heard-not-quoted"], GIVEN)
        assert listener.rest() == WHOLE


def test_an_account_that_is_shut_out_hears_no_more(archive: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    with archive.database.write() as session:
        decisions.narrow(session, testimony, decisions.BAND_ONLY, GIVEN)
        who = accounts.create(session, "some-band", "a long enough one", "band", ("MB",))
        token = sessions.sign_in(session, "some-band", "a long enough one", shared=False)
        account_id = who.id
    with served(archive) as port:
        listener = Listener(port, f"/media/{recording}", {"Cookie": f"{COOKIE}={token}"})
        assert listener.answer.status == 200
        with archive.database.write() as session:
            session.get_one(Account, account_id).disabled = True
        assert listener.rest() < STILL_COMES


def test_the_gate_is_asked_again_every_so_many_bytes(archive: Backends, told: tuple[str, str]) -> None:
    """Without a network between: not one chunk beyond the next asking comes."""
    testimony, recording = told
    response = create_app(archive).test_client().get(f"/media/{recording}", buffered=False)
    chunks = iter(response.response)
    got = len(next(chunks))
    with archive.database.write() as session:
        decisions.suspend(session, testimony, GIVEN)
    got += sum(len(chunk) for chunk in chunks)
    assert got == ASK_AGAIN
