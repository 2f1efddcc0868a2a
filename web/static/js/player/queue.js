// Songs one after another: what comes next, in which order, and whether one is sung again and again. It lives as long as
// the page's window, like the player, and nothing of it is kept.

import { open } from "../site/nav.js";
import { player } from "./sound.js";

/** @typedef {import("./sound.js").Track} Track */

/** Whether two are the same song, or the same moment. @param {Track} one @param {Track} other */
const same = (one, other) => one.src === other.src && one.start === other.start;

class Queue extends EventTarget {
  constructor() {
    super();
    /** @type {Track[]} in the order in which they are played */
    this.tracks = [];
    /** @type {Track[]} in the order of the list they came from */
    this.listed = [];
    this.at = -1;
    this.shuffled = false;
    this.again = false;
    /** @type {string | null} where more of the list is asked for */
    this.more = null;
    player.addEventListener("ended", () => this.ended());
    player.addEventListener("track", () => this.follow());
  }

  get active() {
    return this.tracks.length > 1;
  }

  tell() {
    this.dispatchEvent(new Event("changed"));
  }

  /** A song that was started by its own button: the queue goes on from it, or after it. */
  follow() {
    const track = player.track;
    if (!track) {
      this.tracks = this.listed = [];
      this.at = -1;
      this.more = null;
      this.again = this.shuffled = false;
      this.tell();
      return;
    }
    const now = this.tracks[this.at];
    const known = now && same(now, track) ? this.at : this.tracks.findIndex((each) => same(each, track));
    if (known < 0 && (track.end || track.alone || !player.sings)) {
      this.tell();
      return;
    }
    if (known < 0) this.put(track, this.at + 1);
    this.at = known < 0 ? this.at + 1 : known;
    this.tell();
  }

  /** @param {Track} track @param {number} at */
  put(track, at) {
    this.tracks = [...this.tracks.slice(0, at), track, ...this.tracks.slice(at)];
    this.listed = [...this.listed, track];
  }

  /** Play everything a list has. @param {string} address @param {boolean} shuffled */
  async playAll(address, shuffled) {
    const found = await told(address);
    if (!found.tracks.length) return;
    this.tracks = this.listed = found.tracks;
    this.more = found.next;
    this.shuffled = shuffled;
    this.at = shuffled ? Math.floor(Math.random() * this.tracks.length) : 0;
    if (shuffled) this.mix();
    this.start(this.at);
  }

  /** Another song after those that wait. @param {Track} track */
  add(track) {
    if (this.tracks.some((each) => same(each, track))) return;
    this.put(track, this.tracks.length);
    if (!player.track) this.start(this.tracks.length - 1);
    this.tell();
  }

  /** @param {number} at */
  remove(at) {
    if (at === this.at) return;
    const [gone] = this.tracks.splice(at, 1);
    this.listed = this.listed.filter((each) => each !== gone);
    if (at < this.at) this.at -= 1;
    this.tell();
  }

  /** @param {number} at */
  start(at) {
    const track = this.tracks[at];
    if (!track) return;
    const before = player.track?.page;
    this.at = at;
    player.kept = null;
    player.load(track);
    player.play();
    if (before && before !== track.page && location.pathname === before) open(track.page);
  }

  /** @param {1 | -1} by */
  async step(by) {
    const start = player.track?.start ?? 0;
    if (by < 0 && (player.time() - start > 4000 || this.at === 0)) {
      player.seek(start);
      return;
    }
    if (by > 0 && this.at === this.tracks.length - 1) await this.bring();
    if (this.tracks[this.at + by]) this.start(this.at + by);
  }

  /** The next page of the list, when what is known is sung through. */
  async bring() {
    if (!this.more) return;
    const found = await told(this.more);
    const fresh = found.tracks.filter((track) => !this.listed.some((each) => same(each, track)));
    this.more = found.next;
    this.listed = [...this.listed, ...fresh];
    this.tracks = [...this.tracks, ...(this.shuffled ? mixed(fresh) : fresh)];
    this.tell();
  }

  ended() {
    const track = player.track;
    if (!track || track.alone || (track.end && !track.listed)) return;
    if (this.again) {
      player.seek(track.start ?? 0);
      player.play();
    } else if (this.active || this.more) this.step(1);
  }

  repeat() {
    this.again = !this.again;
    this.tell();
  }

  shuffle() {
    this.shuffled = !this.shuffled;
    if (this.shuffled) this.mix();
    else {
      const now = this.tracks[this.at];
      this.tracks = [...this.listed];
      this.at = this.tracks.indexOf(now);
    }
    this.tell();
  }

  /** What is played stays first, and the others come in any order. */
  mix() {
    const now = this.tracks[this.at];
    this.tracks = [now, ...mixed(this.tracks.filter((each) => each !== now))];
    this.at = 0;
  }
}

/** @param {Track[]} tracks @returns {Track[]} */
function mixed(tracks) {
  return tracks.map((track) => ({ track, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ track }) => track);
}

/** @param {string} address @returns {Promise<{tracks: Track[], next: string | null}>} */
async function told(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return await answer.json();
  } catch {
    player.tell("trouble");
    return { tracks: [], next: null };
  }
}

export const queue = new Queue();
