// A screen that follows: the words of a song that is played elsewhere. It asks where the song stands, knows the site's
// clock, and lets the song's own clock run between two answers. Where another song is played, its words come in place
// of these, and a screen that was filled stays so.

import { open } from "../site/nav.js";
import { AudioClock } from "./clock.js";
import { countIn, LEAD, readLines } from "./lines.js";
import { ServerClock } from "./server-clock.js";
import { Stage } from "./stage.js";

const AGAIN = 60;
const LOST = 1500;

class FollowingScreen {
  /** @param {HTMLElement} main @param {HTMLElement} page */
  constructor(main, page) {
    this.page = page;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("page:ready", () => this.leaving.abort(), { once: true });
    this.lines = readLines(main);
    this.stage = new Stage(/** @type {HTMLElement} */ (main.querySelector(".stage")), this.lines, signal);
    this.server = new ServerClock();
    /** @type {{number: number, position: number, playing: boolean, rate: number, at: number} | null} */
    this.place = null;
    this.clock = new AudioClock(() => this.reading());
    for (const layer of ["romanised", "english"]) {
      const button = /** @type {HTMLElement | null} */ (main.querySelector(`[data-layer="${layer}"]`));
      button?.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        this.stage.show(layer, on);
      }, { signal });
    }
    main.querySelector(".screen-fill")?.addEventListener("click", () => this.stage.open(), { signal });
    main.querySelector(".stage-fill")?.addEventListener("click", () => this.stage.fill(), { signal });
    document.addEventListener("visibilitychange", () => this.keepAwake(), { signal });
    this.stage.raise();
    this.keepAwake();
    this.listen(signal);
    this.frame();
  }

  /** Where the song stands by the last answer. */
  reading() {
    const place = this.place;
    if (!place) return { time: -Infinity, rate: 1, running: false };
    const since = place.playing ? Math.max(0, this.server.time() - place.at) : 0;
    return { time: place.position + since * place.rate, rate: place.rate, running: place.playing };
  }

  frame() {
    if (this.leaving.signal.aborted) return;
    if (this.place) {
      const time = this.clock.time() + LEAD;
      this.stage.draw(time);
      this.stage.count(countIn(this.lines, time)?.lit ?? 0);
    }
    requestAnimationFrame(() => this.frame());
  }

  /** @param {AbortSignal} signal */
  async listen(signal) {
    while (!signal.aborted) {
      const sent = performance.now();
      try {
        const after = this.place ? `?after=${this.place.number}` : "";
        const answer = await fetch(`${this.page.dataset.state}${after}`, { signal, headers: { Accept: "application/json" } });
        if (answer.status === 404) {
          this.say("over");
          return;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        const said = await answer.json();
        if (said.song !== this.page.dataset.song) return open(location.href, false);
        this.hear(sent, said);
      } catch {
        if (signal.aborted) return;
        this.say("lost");
        await new Promise((resolve) => setTimeout(resolve, LOST));
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }

  /** @param {number} sent @param {any} said */
  hear(sent, said) {
    this.server.hear(sent, said.now, said.held);
    const before = this.place;
    const fresh = said.number !== before?.number;
    const expected = before ? this.reading().time : -Infinity;
    this.place = said;
    const moved = !before || before.playing !== said.playing || Math.abs(this.reading().time - expected) > 100;
    if (fresh && moved) this.clock.anchor();
    this.say(said.playing || said.position > 0 ? "" : "waiting");
  }

  /** @param {string} which */
  say(which) {
    const said = /** @type {HTMLElement} */ (this.page.querySelector(".screen-said"));
    const words = which ? (said.dataset[which] ?? "") : "";
    if (said.textContent !== words) said.textContent = words;
    const shown = document.querySelector(".stage-said");
    if (shown && shown.textContent !== words) shown.textContent = words;
  }

  async keepAwake() {
    try {
      if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
    } catch {
      // The battery is low; the words go on.
    }
  }
}

/** @param {HTMLElement} main */
export function ready(main) {
  const page = /** @type {HTMLElement | null} */ (main.querySelector("[data-screen]"));
  if (page) new FollowingScreen(main, page);
}
