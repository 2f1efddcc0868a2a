// Beside every button stands an ear: what the button says is heard, and nothing is done. The sound is the one that a steward
// recorded; where there is none the device's own voice speaks, if it has one in the page's language that needs no line.

/** A voice of this device itself: what is on the page is told to nobody. @param {string} language */
const voiceIn = (language) => self.speechSynthesis?.getVoices().find(({ lang, localService }) =>
  localService && lang.toLowerCase().replace("_", "-").split("-")[0] === language);

export class Ears {
  /** @param {HTMLElement} room */
  constructor(room) {
    this.room = room;
    this.sound = document.createElement("audio");
    this.sound.hidden = true;
    this.sound.addEventListener("ended", () => this.hush());
    this.sound.addEventListener("error", () => this.hush());
    room.append(this.sound);
    this.language = document.documentElement.lang.split("-")[0];
    self.speechSynthesis?.addEventListener?.("voiceschanged", () => this.offer());
    this.offer();
    room.addEventListener("click", (event) => this.#pressed(/** @type {HTMLElement} */ (event.target)));
  }

  /** Show the ears without a recording where the device can speak. */
  offer() {
    this.voice = voiceIn(this.language);
    const inside = [this.room, ...[...this.room.querySelectorAll("template")].map(({ content }) => content)];
    for (const part of inside) {
      for (const ear of part.querySelectorAll("[data-say]:not([data-hear])")) ear.toggleAttribute("hidden", !this.voice);
    }
  }

  /** The addresses of what is heard, to be kept for when there is no line. @returns {string[]} */
  addresses() {
    const inside = [this.room, ...[...this.room.querySelectorAll("template")].map(({ content }) => content)];
    const ears = inside.flatMap((part) => [...part.querySelectorAll("[data-hear]")]);
    const told = ears.map((ear) => new URL(ear.getAttribute("data-hear") ?? "", location.href).href);
    const read = [...this.room.querySelectorAll("audio[data-aloud]")].map((one) => /** @type {HTMLAudioElement} */ (one).src);
    return [...new Set([...read, ...told])];
  }

  /** Silence, as before something is recorded or another step is shown. */
  hush() {
    for (const sound of this.room.querySelectorAll("audio")) sound.pause();
    self.speechSynthesis?.cancel();
    this.heard?.setAttribute("aria-pressed", "false");
    this.heard = undefined;
  }

  /** @param {HTMLElement} target */
  #pressed(target) {
    const ear = /** @type {HTMLElement | null} */ (target.closest("[data-say]"));
    if (!ear) return;
    const again = this.heard === ear;
    this.hush();
    if (again) return;
    this.heard = ear;
    ear.setAttribute("aria-pressed", "true");
    if (ear.dataset.hear) {
      this.sound.src = ear.dataset.hear;
      this.sound.play().catch(() => this.heard === ear && this.hush());
    } else {
      const said = Object.assign(new SpeechSynthesisUtterance(ear.dataset.say), { voice: this.voice, lang: this.voice?.lang });
      said.addEventListener("end", () => this.heard === ear && this.hush());
      self.speechSynthesis.speak(said);
    }
  }
}
