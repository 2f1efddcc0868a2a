"""The recorder's long way in a real browser, and what a long recording costs it.

    python -m tests.bench.recorder [--minutes 10] [--kills 3] [--cuts 20]   recorded without a line, killed, sent
    python -m tests.bench.recorder --hours 2 [--minutes 10]                memory of the page, recording and sending

The microphone is a file: the samples' English testimonies, one after another. Printed are the seconds that each kill
cost, whether the hash is the same, what a recogniser wrote down, what the consent room plays, and the page's memory; it
ends with an error where one of these is not as it should be. A recording of hours is not waited for: its pieces are put
where the recorder puts them; it is gone on with for so many minutes, and then sent.
"""

from __future__ import annotations

import argparse
import base64
import os
import signal
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from playwright.sync_api import BrowserContext, Error, Page, Playwright, Route, sync_playwright
from sqlalchemy import select

from archive.accounts import accounts
from archive.backends import Backends, open_backends
from archive.consent import decisions
from archive.models import Recording, Testimony
from archive.settings import read_settings
from archive.transcripts import transcript_versions
from ingest.jobs import pipeline
from media.decode import read_mono
from media.ffmpeg import binary
from tests.conftest import CHROMIUM_ARGUMENTS, chromium
from tests.web.server.serving import serving
from web.app import create_app
from web.site.security import limiter

PASSWORD = "a long enough one"
MOST_LOST_S = 3.0
MOST_MB = 150
SAMPLES = Path(__file__).resolve().parents[2] / "ingest" / "samples"
SPOKEN = ("until-my-son-comes-home.wav", "on-the-truck.ogg")
KEPT = """async () => {
  const opened = (asked) => new Promise((done, not) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = not;
  });
  const named = (await indexedDB.databases()).map(({ name }) => name).find((one) => one.startsWith("recorder-"));
  const shop = await opened(indexedDB.open(named));
  const rows = await opened(shop.transaction("rows").objectStore("rows").getAll());
  shop.close();
  return rows[0].sittings.map(({ ms }) => ms);
}"""
PLAYED = """async (audio) => {
  const heard = new Promise((done) => audio.addEventListener("pause", () => done(audio.currentTime), { once: true }));
  await audio.play();
  const begun = audio.currentTime;
  return [begun, await heard];
}"""
FILL = """async ([files, account, owner, text]) => {
  const { Shelf } = await import(`${files}shelf.js`);
  const { drawn } = await import(`${files}sealed.js`);
  const sound = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const shelf = new Shelf(account);
  const { key, wrapped } = await drawn(owner);
  const row = { id: "ab".repeat(16), begun: Date.now(), type: "audio/webm", state: "open", step: "telling", next: 0,
    sittings: [{ ms: 0, bytes: 0, key: wrapped }] };
  const note = (said) => shelf.add(row, key, "note", new TextEncoder().encode(JSON.stringify(said)));
  for (let at = 0; at < sound.length; at += 8000) {
    await shelf.add(row, key, "sound", sound.slice(at, at + 8000), (at / 4) | 0);
  }
  await note({ kind: "answer", ref: "a", question: "hear", answer: "band", sitting: 0, start: 0, end: 1000 });
  return row.next;
}"""


def voice(path: Path) -> Path:
    """Somebody who speaks, as the file that the browser takes for its microphone."""
    rate = 16_000
    sound = np.concatenate([np.append(read_mono(SAMPLES / name, 0, 60_000), np.zeros(rate)) for name in SPOKEN])
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1, 1) * 32_000).astype("<i2").tobytes())
    return path


class Telephone:
    """One browser profile of one member, opened as often as it is killed."""

    def __init__(self, playwright: Playwright, folder: Path, site: str) -> None:
        self.playwright, self.profile, self.site = playwright, folder / "profile", site
        self.microphone = voice(folder / "voice.wav")

    @contextmanager
    def opened(self, *, offline: bool = False) -> Iterator[Page]:
        context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=chromium(),
            viewport={"width": 360, "height": 740},
            args=[
                *CHROMIUM_ARGUMENTS,
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={self.microphone}",
                "--enable-precise-memory-info",
            ],
        )
        try:
            context.set_offline(offline)
            page = context.new_page()
            if not offline:
                page.goto(f"{self.site}/sign-in?lang=en")
                if page.locator("#name").count():  # a killed browser may have forgotten who she is
                    self.sign_in(page)
            page.goto(f"{self.site}/record")
            if (mine := page.locator("form[action='/record/own'] button")).count():
                mine.click()
            page.wait_for_selector("main[data-ready]")
            yield page
        finally:
            with suppress(Error):
                context.close()

    def sign_in(self, page: Page) -> None:
        page.fill("#name", "theary")
        page.fill("#password", PASSWORD)
        page.check("#mine")
        page.locator("form.form button[type=submit]").click()
        page.wait_for_url(lambda address: "/sign-in" not in address)

    def kill(self) -> None:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if str(self.profile).encode() in entry.read_bytes():
                    os.kill(int(entry.parent.name), signal.SIGKILL)


def press(page: Page, what: str) -> None:
    page.locator(f"[data-step]:not([hidden]) {what}").click()


def recorded(telephone: Telephone, minutes: float, kills: int) -> float:
    """Record so long in all, killed so often on the way; the seconds that were told."""
    stretch = minutes * 60 / (kills + 1)
    with telephone.opened() as page:
        page.wait_for_selector(".recorder[data-kept]")
    told, last = 0.0, 0.0
    for number in range(kills + 1):
        with telephone.opened(offline=True) as page:
            if number:
                lost = last - page.evaluate(KEPT)[-1] / 1000
                print(f"  kill {number}: {lost:.1f} s of {last:.1f} missing")
                failing(lost > MOST_LOST_S, "too much is missing")
            press(page, "[data-do=go-on]" if number else "[data-do=start]")
            if not number:
                press(page, "[data-do=ask]")
            page.wait_for_selector(".recorder.is-recording")
            began = time.monotonic()
            if not number:
                agreed(page)
            page.wait_for_timeout(stretch * 1000)
            last = time.monotonic() - began
            told += last
            if number < kills:
                telephone.kill()
            else:
                described(page)
    return told


def agreed(page: Page) -> None:
    """She answers aloud, each answer some seconds after its question."""
    for answer in ("songs", "yes", "none"):
        page.wait_for_timeout(3000)
        press(page, f"[data-answer={answer}]")


def described(page: Page) -> None:
    press(page, "[data-do=finish]")
    press(page, "[data-do=about]")
    page.check("[name=community][value=farmer]")
    press(page, "form .record-big")
    page.wait_for_selector(".record-one")


def failing(wrong: bool, why: str) -> None:
    if wrong:
        raise SystemExit(f"  not as it should be: {why}")


def sent(telephone: Telephone, cuts: int) -> str:
    """Send over a line of 50 KB a second that is cut so often; the hash that the archive answered."""
    left = cuts
    asked = 0
    hashes: list[str] = []

    def line(route: Route) -> None:
        nonlocal left, asked
        asked += route.request.method == "PATCH"
        if left and route.request.method == "PATCH" and asked % 2:
            left -= 1
            route.abort("internetdisconnected")
        else:
            route.continue_()

    with telephone.opened() as page:
        page.context.new_cdp_session(page).send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 200, "downloadThroughput": 100_000, "uploadThroughput": 50_000},
        )
        page.route("**/ingest/uploads/*", line)
        page.locator(".recorder").evaluate(
            "(room) => { room.dataset.piece = '65536'; }"
        )  # so that there is much to cut
        page.on(
            "requestfinished",
            lambda one: hashes.append(one.response().json()["sha256"]) if one.url.endswith("/parcel") else None,
        )
        press(page, "[data-do=send]")
        page.wait_for_selector(".record-one [data-said] a", timeout=900_000)
        heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
    print(f"  sent through {cuts - left} cuts; {heap:.0f} MB of JavaScript heap at the end")
    return hashes[0]


def arrived(backends: Backends, digest: str, told: float, kills: int) -> str:
    """It came whole, and is transcribed; its testimony."""
    with backends.database.read() as session:
        testimony = session.scalars(select(Testimony).order_by(Testimony.created_at.desc()).limit(1)).one()
        recording = session.get_one(Recording, testimony.recording_id)
    print(f"  the same hash: {recording.sha256 == digest}; {recording.size / 2**20:.1f} MB for {told:.0f} s")
    failing(recording.sha256 != digest, "another hash")
    began = time.monotonic()
    pipeline.run(backends, recording.id)
    with backends.database.read() as session:
        decoded = (session.get_one(Recording, recording.id).duration_ms or 0) / 1000
        version = transcript_versions.current(session, testimony.id, approved_only=False)
        words = " ".join(one.text for one in version.segments) if version else ""
        end = max((one.end_ms for one in version.segments), default=0) / 1000 if version else 0
    print(f"  {decoded:.1f} s can be heard, {told - decoded:.1f} s less than were told")
    took = time.monotonic() - began
    print(f"  transcribed in {took:.0f} s: {len(words.split())} words until {end:.0f} s: {words[:90]}…")
    failing(told - decoded > MOST_LOST_S * kills + 1, "too little can be heard")
    failing(end < decoded - 60 or len(words.split()) < decoded, "it is not transcribed to its end")
    return testimony.id


def heard_by_a_steward(playwright: Playwright, backends: Backends, site: str, testimony_id: str) -> None:
    """What the consent room plays of her answers, in a browser of its own."""
    with backends.database.read() as session:
        given = [one.evidence for one in decisions.events_of(session, testimony_id)]
    browser = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_ARGUMENTS))
    page = browser.new_page()
    page.goto(f"{site}/sign-in?lang=en")
    page.fill("#name", "chanthy")
    page.fill("#password", PASSWORD)
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.goto(f"{site}/steward/testimony/{testimony_id}?lang=en")
    answers = page.locator(".spoken:has(audio)")
    shown = answers.all_inner_texts()
    for one in given:
        start, end = (int(str(one[name])) / 1000 for name in ("start_ms", "end_ms"))
        here = answers.locator(f"audio[src$='#t={start},{end}']")
        begun, ended = here.evaluate(PLAYED)
        told = f"{one['question']}: {one['answer']}, from {start} to {end} s"
        print(f"  {told}, is played from {begun:.2f} to {ended:.2f} s")
        failing(abs(begun - start) > 0.3 or abs(ended - end) > 0.5, "it is not her answer that is played")
    print(f"  as the consent room says it: {' | '.join(' '.join(one.split()) for one in shown)}")
    failing([one["answer"] for one in given] != ["songs", "yes"], "her answers are not those that she gave")
    browser.close()


def memory(telephone: Telephone, folder: Path, hours: float, minutes: float) -> None:
    """The page's memory while a recording of hours is gone on with for some minutes, and while it is sent."""
    path = noise(folder / "long.webm", hours)
    text = base64.b64encode(path.read_bytes()).decode()
    with telephone.opened() as page:
        room = page.locator(".recorder")
        script = page.locator("main").get_attribute("data-module") or ""
        files = script.rsplit("/", 1)[0] + "/"
        given = [files, room.get_attribute("data-account"), room.get_attribute("data-key"), text]
        print(f"  {page.evaluate(FILL, given)} pieces, {path.stat().st_size / 2**20:.0f} MB")
    with telephone.opened() as page:
        seen = Memory(telephone, page)
        press(page, "[data-do=go-on]")
        page.wait_for_selector(".recorder.is-recording")
        began = time.monotonic()
        first = seen.settled()
        while time.monotonic() - began < minutes * 60:
            seen.look()
        print(
            f"  recording: {seen.told()}; in {minutes:.0f} minutes what is held grew by {seen.settled() - first:.1f} MB"
        )
        failing(seen.page > MOST_MB, "recording takes too much memory")
        described(page)
    with telephone.opened() as page:
        seen = Memory(telephone, page)
        press(page, "[data-do=send]")
        began = time.monotonic()
        while not page.locator(".record-one [data-said] a").count() and time.monotonic() - began < 600:
            seen.look()
        print(f"  sent in {time.monotonic() - began:.0f} s: {page.locator('.record-one [data-said]').inner_text()}")
        print(f"  sending: {seen.told()}")
        failing(seen.page > MOST_MB, "sending takes too much memory")


def noise(path: Path, hours: float) -> Path:
    """So many hours of sound as a browser would have written them, encoded as fast as it goes."""
    sound = ["-f", "lavfi", "-i", f"anoisesrc=d={int(hours * 3600)}:a=0.1:r=48000", "-c:a", "libopus", "-b:a", "32k"]
    command = [binary(), "-v", "error", "-y", *sound, "-compression_level", "0", str(path)]
    subprocess.run(command, check=True)
    return path


class Memory:
    """The most that a page took: its heap with the buffers that hang on it, and the private memory of its process."""

    def __init__(self, telephone: Telephone, page: Page) -> None:
        self.profile, self.opened = str(telephone.profile).encode(), page
        self.cdp = page.context.new_cdp_session(page)
        self.page = self.process = 0.0

    def look(self) -> float:
        """What it takes now, in MB, a tenth of a second later."""
        self.opened.wait_for_timeout(100)
        used = self.cdp.send("Runtime.getHeapUsage")
        taken = (used["usedSize"] + used.get("backingStorageSize", 0)) / 2**20
        self.page, self.process = max(self.page, taken), max(self.process, self._of_the_largest())
        return float(taken)

    def settled(self) -> float:
        """What is held when everything that nobody holds is thrown away."""
        self.cdp.send("HeapProfiler.collectGarbage")
        return self.look()

    def _of_the_largest(self) -> float:
        """Private memory, in MB, of the largest process that draws pages in this profile."""
        most = 0
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                said = (folder / "cmdline").read_bytes()
                if b"--type=renderer" in said and self.profile in said:
                    lines = (folder / "smaps_rollup").read_text().splitlines()
                    most = max(most, sum(int(one.split()[1]) for one in lines if one.startswith("Private_")))
        return most / 1024

    def told(self) -> str:
        return f"at most {self.page:.0f} MB of heap and buffers, {self.process:.0f} MB of the whole process alone"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--hours", type=float, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        backends = open_backends(read_settings({"MESSENGER_DATA": str(folder / "var"), "HOME": name}))
        with backends.database.write() as session:
            accounts.create(session, "theary", PASSWORD, "band", ("MB",))
            accounts.create(session, "chanthy", PASSWORD, "steward")
        app = create_app(backends)
        limiter.enabled = False
        with serving(app) as port:
            telephone = Telephone(playwright, folder, f"http://127.0.0.1:{port}")
            if given.hours:
                memory(telephone, folder, given.hours, given.minutes)
            else:
                told = recorded(telephone, given.minutes, given.kills)
                testimony_id = arrived(backends, sent(telephone, given.cuts), told, given.kills)
                heard_by_a_steward(playwright, backends, telephone.site, testimony_id)


if __name__ == "__main__":
    main()
