// What is playing. One player lives as long as the page's window; pages come and go above it.

import { AudioClock } from "./clock.js";

/**
 * @typedef {object} Track
 * @property {string} src
 * @property {string} name
 * @property {string} sub
 * @property {string} page where it is at home
 * @property {number} length in milliseconds, 0 when not known
 * @property {string} [instrumental] the same song without the singer
 * @property {number} [instrumentalOffset] added to its clock to stand on the lead's, in milliseconds
 * @property {number} [start] a moment begins here
 * @property {number} [end] and stops here
 * @property {string} [cover] a square picture
 * @property {boolean} [alone] what follows it is somebody else's to say
 * @property {boolean} [listed] it stands in a listening list, and what comes next follows where it ends
 */

/** In step is closer than this, in milliseconds. */
const IN_STEP = 12;
/** Two recordings that sound together are led into step, and moved there when they are further apart than this. */
const OUT_OF_STEP = 150;
const LOOK_EVERY = 500;
/** How far the key can be moved, in semitones. */
const LOWEST = -6;
const HIGHEST = 6;

const openKeys = async () => (await import("./key.js")).KeyChange.open();

class Player extends EventTarget {
  constructor() {
    super();
    /** @type {Track | null} */
    this.track = null;
    /** @type {{track: Track, at: number} | null} the song that a moment has interrupted */
    this.kept = null;
    this.rate = 1;
    /** How fast somebody who tells something is heard, apart from the songs' tempo. */
    this.toldRate = 1;
    /** The singer's share, 1 for the song as it is and 0 for the music alone. */
    this.mix = 1;
    /** Semitones above the song's own key. */
    this.key = 0;
    /** @type {import("./key.js").KeyChange | null} */
    this.keys = null;
    this.lead = this.element();
    /** @type {HTMLAudioElement | null} the music alone */
    this.band = null;
    this.changes = 0;
    this.clock = new AudioClock(() => this.reading());
    setInterval(() => this.keepInStep(), LOOK_EVERY);
  }

  element() {
    const audio = new Audio();
    audio.preload = "auto";
    audio.preservesPitch = true;
    for (const name of ["play", "pause", "ended", "waiting", "playing", "seeked", "ratechange", "durationchange"]) {
      audio.addEventListener(name, () => {
        if (audio !== this.audio) return;
        if (name === "seeked") this.clock.anchor();
        else if (name !== "durationchange") this.clock.lean();
        if (["pause", "ended", "waiting"].includes(name)) this.together?.pause();
        if (name === "playing") this.together?.play().catch(() => {});
        this.tell(name === "seeked" ? "moved" : "state");
        if (name === "ended") this.tell("ended");
      });
    }
    audio.addEventListener("timeupdate", () => audio === this.audio && this.track?.end && this.time()); // unseen, no frame is drawn
    audio.addEventListener("error", () => audio === this.audio && audio.src && this.tell("trouble"));
    return audio;
  }

  /** @param {string} name */
  tell(name) {
    this.dispatchEvent(new Event(name));
  }

  /** The recording that the clock reads. */
  get audio() {
    return this.mix > 0 || !this.band ? this.lead : this.band;
  }

  /** The recording that sounds beside it, while both are heard. */
  get together() {
    return this.mix > 0 && this.mix < 1 ? this.band : null;
  }

  get voice() {
    return this.mix > 0;
  }

  get playing() {
    return !this.audio.paused && !this.audio.ended;
  }

  get shift() {
    return this.shiftOf(this.audio);
  }

  /** @param {HTMLAudioElement} audio */
  shiftOf(audio) {
    return audio === this.band ? (this.track?.instrumentalOffset ?? 0) : 0;
  }

  get length() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration * 1000 : (this.track?.length ?? 0);
  }

  /** Milliseconds by which the sound leaves this player later than its recording says. */
  get delay() {
    return this.keys?.delay ?? 0;
  }

  get sings() {
    return Boolean(this.track?.page.startsWith("/song/"));
  }

  /** Songs are moved to another key, and nobody's voice who tells something. */
  get wantedKey() {
    return this.sings ? this.key : 0;
  }

  reading() {
    const running = this.playing && this.audio.readyState > 2 && !this.audio.seeking;
    return { time: this.audio.currentTime * 1000 + this.shift, rate: this.audio.playbackRate, running };
  }

  /** The song's time in milliseconds; ask once a frame. */
  time() {
    const time = this.clock.time();
    if (this.track?.end && this.playing && time >= this.track.end) {
      this.audio.pause();
      if (this.track.listed) queueMicrotask(() => this.tell("ended"));
    }
    return time;
  }

  /** @param {Track} track @param {number} [at] milliseconds */
  load(track, at = track.start ?? 0) {
    this.audio.pause();
    this.band?.pause();
    this.changes += 1;
    this.band?.removeAttribute("src");
    this.mix = 1;
    this.track = track;
    this.lead.src = track.src;
    this.loudness();
    this.lead.playbackRate = this.lead.defaultPlaybackRate = this.sings ? this.rate : this.toldRate;
    this.lead.currentTime = at / 1000;
    this.keys?.set(this.wantedKey);
    this.clock.anchor();
    this.tell("track");
    this.tell("voice");
  }

  play() {
    if (this.track?.end && this.audio.currentTime * 1000 >= this.track.end - 50) this.seek(this.track.start ?? 0);
    this.keys?.context.resume();
    return this.audio.play().catch((error) => {
      if (error.name !== "AbortError") this.tell("trouble");
    });
  }

  pause() {
    this.audio.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** @param {number} time milliseconds */
  seek(time) {
    const end = this.length || Infinity;
    const there = Math.max(0, Math.min(time, end - 30));
    for (const audio of [this.audio, this.together]) {
      if (audio) audio.currentTime = Math.max(0, there - this.shiftOf(audio)) / 1000;
    }
    this.clock.anchor();
    this.tell("moved");
  }

  /** @param {number} rate */
  setRate(rate) {
    this.rate = Math.max(0.5, Math.min(1.5, Math.round(rate * 20) / 20));
    for (const audio of this.sings || !this.track ? [this.lead, this.band] : []) {
      if (audio) audio.playbackRate = audio.defaultPlaybackRate = this.rate;
    }
    this.clock.lean();
    this.tell("rate");
  }

  /** As `setRate`, of whoever tells something; the voice keeps its pitch. @param {number} rate */
  setToldRate(rate) {
    this.toldRate = Math.max(0.5, Math.min(2, rate));
    if (this.track && !this.sings) this.lead.playbackRate = this.lead.defaultPlaybackRate = this.toldRate;
    this.clock.lean();
    this.tell("rate");
  }

  /** With the singer, or without. @param {boolean} on */
  setVoice(on) {
    return this.setMix(on ? 1 : 0);
  }

  /** How much of the singer is heard; what was silent is started unheard and brought in step first. @param {number} mix */
  async setMix(mix) {
    const track = this.track;
    if (!track?.instrumental || mix === this.mix) return;
    const change = (this.changes += 1);
    const [from, to] = [this.audio, mix > 0 ? this.lead : this.music(track.instrumental)];
    const added = mix > 0 && mix < 1 ? this.music(track.instrumental) : to;
    const silent = added !== from && added !== this.together ? added : to !== from && to !== this.together ? to : null;
    if (silent && !(await this.bringIn(silent, from))) return;
    if (track !== this.track || change !== this.changes) return;
    const playing = !from.paused;
    this.mix = mix;
    this.loudness();
    for (const audio of [this.lead, this.band]) {
      if (audio && audio !== this.audio && audio !== this.together) audio.pause();
    }
    if (playing && this.audio.paused) await this.audio.play();
    this.clock.lean();
    this.tell("voice");
    this.tell("state");
  }

  /** @param {string} src */
  music(src) {
    this.band ??= this.element();
    this.keys?.take(this.band);
    if (this.band.getAttribute("src") !== src) {
      this.band.src = src;
      this.band.playbackRate = this.band.defaultPlaybackRate = this.rate;
    }
    return this.band;
  }

  /** Start a recording unheard, at the place of another and in step with it. @param {HTMLAudioElement} coming @param {HTMLAudioElement} heard */
  async bringIn(coming, heard) {
    const shift = this.shiftOf(heard) - this.shiftOf(coming);
    const wanted = () => Math.max(0, heard.currentTime + shift / 1000);
    this.volume(coming, 0);
    await settled(coming, wanted());
    if (heard.paused) return true;
    try {
      await coming.play();
    } catch {
      this.tell("trouble");
      return false;
    }
    for (let tries = 0; tries < 4 && Math.abs(coming.currentTime - wanted()) * 1000 > IN_STEP; tries += 1) {
      const late = wanted() - coming.currentTime;
      await settled(coming, wanted() + late / 2);
    }
    return true;
  }

  /** Two recordings run on two clocks: the one beside the other is led a little faster or slower, or put right. */
  keepInStep() {
    const beside = this.together;
    if (!beside || !this.playing || beside.paused || beside.seeking) return;
    const wanted = this.audio.currentTime + (this.shift - this.shiftOf(beside)) / 1000;
    const ahead = (beside.currentTime - wanted) * 1000;
    if (Math.abs(ahead) > OUT_OF_STEP) beside.currentTime = Math.max(0, wanted);
    const correction = Math.abs(ahead) > IN_STEP / 2 ? Math.max(-0.05, Math.min(0.05, ahead / LOOK_EVERY)) : 0;
    beside.playbackRate = this.rate * (1 - correction);
  }

  /** Voice and music add up to the music alone and as much of the singer as is asked for. */
  loudness() {
    this.volume(this.lead, this.mix);
    if (this.band) this.volume(this.band, 1 - this.mix);
  }

  /** @param {HTMLAudioElement} audio @param {number} share */
  volume(audio, share) {
    if (!this.keys?.volume(audio, share)) audio.volume = share;
    audio.muted = share === 0; // where the volume is the telephone's own and cannot be set
  }

  /** Another key, in semitones; false where this browser cannot. @param {number} semitones */
  async setKey(semitones) {
    this.key = Math.max(LOWEST, Math.min(HIGHEST, Math.round(semitones)));
    this.tell("rate");
    if (this.key && !this.keys) {
      try {
        this.opening ??= openKeys();
        this.keys = await this.opening;
      } catch {
        this.opening = undefined;
        this.key = 0;
        this.tell("rate");
        return false;
      }
      for (const audio of [this.lead, this.band]) if (audio) this.keys.take(audio);
      if (this.playing) this.keys.context.resume();
    }
    this.keys?.set(this.wantedKey);
    this.loudness();
    this.clock.lean();
    return true;
  }

  /** Play a moment of a testimony, and remember the song it interrupts. @param {Track} moment */
  moment(moment) {
    if (this.track && !this.track.end) this.kept = { track: this.track, at: this.time() };
    this.load(moment);
    return this.play();
  }

  /** Go on with the song that a moment interrupted. */
  back() {
    const kept = this.kept;
    this.kept = null;
    if (!kept) return undefined;
    this.load(kept.track, kept.at);
    return this.play();
  }

  stop() {
    this.audio.pause();
    for (const audio of [this.lead, this.band]) {
      audio?.removeAttribute("src");
      audio?.load();
    }
    this.track = this.kept = null;
    this.tell("track");
  }
}

/** @param {HTMLAudioElement} audio @param {string} name */
const once = (audio, name) => new Promise((resolve) => {
  audio.addEventListener(name, resolve, { once: true });
  audio.addEventListener("error", resolve, { once: true });
});

/** Move a sound to a place and wait until it is there. @param {HTMLAudioElement} audio @param {number} seconds */
async function settled(audio, seconds) {
  if (audio.readyState === 0) await once(audio, "loadedmetadata");
  const there = once(audio, "seeked");
  audio.currentTime = seconds;
  await there;
}

export const player = new Player();
