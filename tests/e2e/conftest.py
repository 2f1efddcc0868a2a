"""The site on a port of its own, and a real browser in front of it."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from archive.settings import read_settings
from ingest.samples.collection import Collection
from tests.conftest import CHROMIUM_ARGUMENTS, chromium
from tests.e2e.recorder import Opened
from tests.web.filling import Filling
from tests.web.server.serving import serving
from web.app import create_app
from web.site.files import STATIC

# What is awaited comes at once on a quiet machine; a busy one is given the time it needs, and a failure is rare.
expect.set_options(timeout=30_000)

if TYPE_CHECKING:
    from typing import Any

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from playwright.sync_api import Response


@pytest.fixture(scope="session")
def archive_filled(
    filled_once: Path, sample_collection: Collection, tmp_path_factory: pytest.TempPathFactory
) -> Filling:
    folder = tmp_path_factory.mktemp("site")
    settings = read_settings({"MESSENGER_DATA": str(folder / "var"), "HOME": str(folder)})
    return Filling.copy(filled_once, settings, sample_collection)


@pytest.fixture(scope="session")
def site(archive_filled: Filling) -> Iterator[str]:
    """The address of the running site."""
    assert (STATIC / "vendor" / "fonts" / "noto-sans-khmer.woff2").exists(), "run `python -m web.assets` first"
    app = create_app(archive_filled.backends)
    app.wsgi_app = _from_everywhere(app.wsgi_app)  # type: ignore[method-assign]
    with serving(app) as port:
        yield f"http://127.0.0.1:{port}"


def _from_everywhere(site: WSGIApplication) -> WSGIApplication:
    """Each request as if from another address: a hundred people of a hundred tests do not share one's rate limit."""
    number = count()

    def serve(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = str(IPv4Address(0x0A000000 + next(number) % 0xFFFFFF))
        return site(environ, start)

    return serve


@pytest.fixture(scope="session", autouse=True)
def whole_pages() -> Iterator[None]:
    """A page is there once its script is: what is pressed before that, on a busy machine, presses nothing."""
    go = Page.goto

    def goto(self: Page, url: str, **given: Any) -> Response | None:
        answer = go(self, url, **given)
        self.wait_for_selector("html.scripted main[data-module]:not([data-ready])", state="detached")
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Page, "goto", goto)
        yield


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, site: str) -> Iterator[Page]:
    """A page that fails its test when a script throws, the console complains or anything foreign is asked for."""
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    opened.on("request", lambda asked: None if asked.url.startswith(site) else troubles.append(asked.url))
    yield opened
    assert troubles == []


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody who speaks: bursts of sound with pauses between."""
    path = tmp_path_factory.mktemp("microphone") / "voice.wav"
    rate = 48_000
    at = np.arange(rate * 20) / rate
    voice = 0.3 * np.sin(2 * np.pi * 220 * at) * (np.sin(2 * np.pi * 1.3 * at) > 0) + 0.0005 * np.sin(at * 9000)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((voice * 32_000).astype("<i2").tobytes())
    return path


@pytest.fixture
def telephone(tmp_path: Path, browser: Browser, microphone: Path) -> Opened:
    """The same telephone, opened as often as one likes."""

    @contextmanager
    def opened() -> Iterator[BrowserContext]:
        context = browser.browser_type.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium(),
            viewport={"width": 360, "height": 740},
            reduced_motion="reduce",
            args=[
                *CHROMIUM_ARGUMENTS,
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
            ],
        )
        try:
            yield context
        finally:
            with suppress(Error):  # it was killed
                context.close()

    return opened


def late_by(page: Page, line: str, enough_ms: float) -> float:
    """How far from their moment words light up while a song is sung, at p95 of what `seen` noted, in milliseconds.

    The best of three listenings, since other tests are at work beside it; no more are made than are needed.
    """
    found = []
    for _ in range(3):
        page.locator(line).nth(2).click()
        expect(page.locator(".line.is-now .word.is-now").first).to_be_visible()
        page.evaluate("seen.length = 0")  # where somebody has sought, no word was awaited
        page.wait_for_timeout(4500)
        seen = sorted(abs(off) for off in page.evaluate("seen"))
        assert len(seen) >= 3
        found.append(float(seen[int(len(seen) * 0.95) - 1]))
        if found[-1] <= enough_ms:
            break
    return min(found)


def sign_in(page: Page, site: str, name: str, password: str, language: str = "en", *, own: bool = False) -> None:
    """Sign in on a page and wait until the site has answered: who goes on before that goes on as nobody."""
    page.goto(f"{site}/sign-in?lang={language}")
    page.fill("#name", name)
    page.fill("#password", password)
    page.set_checked("#mine", own)
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def no_violations(page: Page, *, preload: bool = True) -> None:
    """axe finds nothing on the page, and nothing runs off its side; from a stick it can read no stylesheet itself."""
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    run = "(preload) => axe.run({ preload }).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    assert page.evaluate(run, preload) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
