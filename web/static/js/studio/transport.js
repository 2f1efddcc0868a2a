// The song under the hands: playing, its exact time, its speed, and one line over and over.

import { AudioClock } from "../player/clock.js";
import { offset } from "../player/offset.js";
import { player } from "../player/sound.js";

export const SLOWEST = 0.5;

export class Transport extends EventTarget {
  /** @param {HTMLAudioElement} audio @param {AbortSignal} signal */
  constructor(audio, signal) {
    super();
    this.audio = audio;
    this.audio.preservesPitch = true;
    /** @type {[number, number] | null} */
    this.loop = null;
    this.clock = new AudioClock(() => ({
      time: audio.currentTime * 1000,
      rate: audio.playbackRate,
      running: !audio.paused && audio.readyState > 2 && !audio.seeking,
    }));
    for (const name of ["play", "pause", "ended", "waiting", "playing", "seeked", "ratechange", "loadedmetadata", "error"]) {
      audio.addEventListener(name, () => {
        this.clock.anchor();
        this.dispatchEvent(new Event(name === "error" ? "trouble" : "state"));
      }, { signal });
    }
    signal.addEventListener("abort", () => audio.pause());
  }

  get playing() {
    return !this.audio.paused && !this.audio.ended;
  }

  get length() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration * 1000 : Number(this.audio.dataset.length) || 0;
  }

  /** The song's time in milliseconds; to be asked once a frame. */
  time() {
    const time = this.clock.time();
    if (this.loop && this.playing && (time >= this.loop[1] || time < this.loop[0] - 1500)) {
      this.seek(this.loop[0]);
      return this.loop[0];
    }
    return time;
  }

  /** What was heard when somebody pressed: by the moment of the press, and by how late this device's loudspeaker is.
   * @param {Event} event */
  pressed(event) {
    const since = performance.now() - event.timeStamp;
    const late = this.playing ? since * this.audio.playbackRate + offset() * this.audio.playbackRate : 0;
    return Math.max(0, Math.round(this.clock.time() - late));
  }

  play() {
    player.pause();
    return this.audio.play().catch((error) => {
      if (error.name !== "AbortError") this.dispatchEvent(new Event("trouble"));
    });
  }

  toggle() {
    if (this.playing) this.audio.pause();
    else this.play();
  }

  /** @param {number} time milliseconds */
  seek(time) {
    this.audio.currentTime = Math.max(0, Math.min(time, Math.max(0, this.length - 30))) / 1000;
    this.clock.anchor();
    this.dispatchEvent(new Event("state"));
  }

  /** @param {number} by */
  speed(by) {
    this.audio.playbackRate = Math.round(Math.max(SLOWEST, Math.min(1, this.audio.playbackRate + by)) * 10) / 10;
    this.audio.defaultPlaybackRate = this.audio.playbackRate;
  }
}
