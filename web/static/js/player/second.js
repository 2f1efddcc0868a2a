// The second screen, on the device that plays: it says where the song stands, whenever that changes and now and then.

import { offset } from "./offset.js";
import { ServerClock } from "./server-clock.js";
import { player } from "./sound.js";

const EVERY = 2000;
const TOGETHER = 40;

export class SecondScreen {
  /** @param {HTMLElement} main @param {() => boolean} mine whether this page's song is what plays @param {AbortSignal} signal */
  constructor(main, mine, signal) {
    this.panel = /** @type {HTMLElement | null} */ (main.querySelector(".second"));
    if (!this.panel) return;
    this.mine = mine;
    this.clock = new ServerClock();
    /** @type {{code: string, address: string, picture: string, state: string, end: string} | null} */
    this.open = null;
    const soon = () => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.tell(), TOGETHER);
    };
    for (const name of ["state", "moved", "rate", "track", "voice"]) player.addEventListener(name, soon, { signal });
    this.panel.querySelector(".second-end")?.addEventListener("click", () => this.end(), { signal });
    const every = setInterval(() => this.tell(), EVERY);
    signal.addEventListener("abort", () => {
      clearInterval(every);
      clearTimeout(this.soon);
      this.open = null;
    });
  }

  toggle() {
    if (!this.panel) return;
    this.panel.hidden = !this.panel.hidden;
    if (!this.panel.hidden && !this.open) this.begin();
    document.querySelector('[data-tool="second"]')?.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (!this.panel.hidden) this.panel.scrollIntoView({ block: "nearest" });
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
    if (typeof said.now === "number") this.clock?.hear(sent, said.now);
    return { ok: answer.ok, status: answer.status, said };
  }

  async begin() {
    this.say("");
    try {
      const { ok, said } = await this.send(this.panel?.dataset.open ?? "", {});
      if (!ok) throw new Error(said.words);
      this.open = said;
      this.show();
      this.tell();
    } catch (error) {
      this.say(/** @type {Error} */ (error).message || (this.panel?.dataset.trouble ?? ""));
    }
  }

  show() {
    if (!this.panel || !this.open) return;
    const code = /** @type {HTMLElement} */ (this.panel.querySelector(".second-code"));
    code.textContent = this.open.code.replace(/(...)/, "$1 ");
    const link = /** @type {HTMLAnchorElement} */ (this.panel.querySelector(".second-address"));
    link.href = link.textContent = this.open.address;
    const picture = /** @type {HTMLImageElement} */ (this.panel.querySelector(".second-picture"));
    picture.src = this.open.picture;
    /** @type {HTMLElement} */ (this.panel.querySelector(".second-open")).hidden = false;
  }

  /** What the ear hears now, and when that is by the site's clock. */
  async tell() {
    if (!this.open || !this.clock) return;
    const mine = this.mine?.() ?? false;
    const at = this.clock.known ? Math.floor(this.clock.time()) : null;
    const body = {
      position: mine ? Math.round(player.time() - offset() - player.delay) : 0,
      rate: player.rate,
      playing: mine && player.reading().running,
      at,
    };
    try {
      const { ok, status } = await this.send(this.open.state, body);
      if (!ok && status === 404) {
        this.open = null;
        this.say(this.panel?.dataset.over ?? "");
      } else if (ok) this.say("");
    } catch {
      this.say(this.panel?.dataset.trouble ?? "");
    }
  }

  async end() {
    const ending = this.open;
    this.open = null;
    if (this.panel) {
      this.panel.hidden = true;
      /** @type {HTMLElement} */ (this.panel.querySelector(".second-open")).hidden = true;
    }
    document.querySelector('[data-tool="second"]')?.setAttribute("aria-expanded", "false");
    if (ending) await this.send(ending.end, {}).catch(() => {});
  }

  /** @param {string} words */
  say(words) {
    const said = this.panel?.querySelector(".second-said");
    if (said && said.textContent !== words) said.textContent = words;
  }
}
