// The second screen, on the device that plays: it says which song plays and where it stands, whenever that changes and
// now and then. Like the player it lives as long as the page's window: whoever goes on to another song, or looks
// something up meanwhile, takes the screen along. A page that has a song shows the code.

import { offset } from "./offset.js";
import { ServerClock } from "./server-clock.js";
import { player } from "./sound.js";

const EVERY = 2000;
const TOGETHER = 40;
const SONG = /^\/song\/([^/?#]+)$/;

class Teller extends EventTarget {
  constructor() {
    super();
    this.clock = new ServerClock();
    /** @type {{code: string, address: string, picture: string, state: string, end: string} | null} */
    this.open = null;
    /** @type {"" | "over" | "trouble"} what is wrong */
    this.wrong = "";
    const soon = () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.tell(), TOGETHER);
    };
    for (const name of ["state", "moved", "rate", "track", "voice"]) player.addEventListener(name, soon);
    setInterval(() => this.tell(), EVERY);
  }

  /** @param {string} address @param {object} body */
  async send(address, body) {
    const token = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=csrf_token]")); // an account's
    const sent = performance.now();
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token?.value ?? "", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    if (typeof said.now === "number") this.clock.hear(sent, said.now);
    return { ok: answer.ok, status: answer.status, said };
  }

  /** A code for a song. @param {string} address */
  async begin(address) {
    const { ok, said } = await this.send(address, {});
    if (!ok) throw new Error(said.words);
    this.open = said;
    this.tell();
  }

  /** The song that plays, by the end of its page's address; empty where none does, or a testimony. */
  get song() {
    const page = player.track && !player.track.end ? player.track.page : "";
    return decodeURIComponent(SONG.exec(page)?.[1] ?? "");
  }

  /** What the ear hears now, and when that is by the site's clock. */
  async tell() {
    if (!this.open) return;
    const song = this.song;
    const at = this.clock.known ? Math.floor(this.clock.time()) : null;
    const body = {
      position: song ? Math.round(player.time() - offset() - player.delay) : 0,
      rate: player.rate,
      playing: Boolean(song) && player.reading().running,
      at,
      song: song || null,
    };
    try {
      const { ok, status } = await this.send(this.open.state, body);
      if (!ok && status === 404) {
        this.open = null;
        this.say("over");
      } else if (ok) this.say("");
    } catch {
      this.say("trouble");
    }
  }

  async end() {
    const ending = this.open;
    this.open = null;
    if (ending) await this.send(ending.end, {}).catch(() => {});
  }

  /** @param {"" | "over" | "trouble"} wrong */
  say(wrong) {
    this.wrong = wrong;
    this.dispatchEvent(new Event("said"));
  }
}

/** One for the window, whatever is sung. */
export const teller = new Teller();

export class SecondScreen {
  /** @param {HTMLElement} main @param {AbortSignal} signal */
  constructor(main, signal) {
    this.panel = /** @type {HTMLElement | null} */ (main.querySelector(".second"));
    if (!this.panel) return;
    this.panel.querySelector(".second-end")?.addEventListener("click", () => this.end(), { signal });
    teller.addEventListener("said", () => this.say(this.panel?.dataset[teller.wrong] ?? ""), { signal });
    if (teller.open) this.show();
  }

  toggle() {
    if (!this.panel) return;
    this.panel.hidden = !this.panel.hidden;
    if (!this.panel.hidden && !teller.open) this.begin();
    document.querySelector('[data-tool="second"]')?.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (!this.panel.hidden) this.panel.scrollIntoView({ block: "nearest" });
  }

  async begin() {
    this.say("");
    try {
      await teller.begin(this.panel?.dataset.open ?? "");
      this.show();
    } catch (error) {
      this.say(/** @type {Error} */ (error).message || (this.panel?.dataset.trouble ?? ""));
    }
  }

  show() {
    if (!this.panel || !teller.open) return;
    const code = /** @type {HTMLElement} */ (this.panel.querySelector(".second-code"));
    code.textContent = teller.open.code.replace(/(...)/, "$1 ");
    const link = /** @type {HTMLAnchorElement} */ (this.panel.querySelector(".second-address"));
    link.href = link.textContent = teller.open.address;
    const picture = /** @type {HTMLImageElement} */ (this.panel.querySelector(".second-picture"));
    picture.src = teller.open.picture;
    /** @type {HTMLElement} */ (this.panel.querySelector(".second-open")).hidden = false;
  }

  async end() {
    if (this.panel) {
      this.panel.hidden = true;
      /** @type {HTMLElement} */ (this.panel.querySelector(".second-open")).hidden = true;
    }
    document.querySelector('[data-tool="second"]')?.setAttribute("aria-expanded", "false");
    await teller.end();
  }

  /** @param {string} words */
  say(words) {
    const said = this.panel?.querySelector(".second-said");
    if (said && said.textContent !== words) said.textContent = words;
  }
}
