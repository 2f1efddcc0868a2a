// The clock of the song.
//
// An audio element says where it is in steps, late, and on some browsers a moment ago it was further. The clock runs by
// the machine's own time from an anchor, lets small differences close slowly, goes to where the sound is when the
// difference is large, and never shows a time before the one it showed, unless somebody has moved the song.

/** Differences above this are not smoothed away, in milliseconds. */
export const SNAP = 250;
/** The share of a small difference that each frame takes away. */
const SLEW = 0.12;
/** A sound that stays far behind for this long really is there; one that is a little behind catches up. */
const BEHIND = 1000;

/**
 * @typedef {{time: number, rate: number, running: boolean}} Reading
 *   Where the sound says it is in milliseconds, how fast it goes, and whether it is going.
 */

export class AudioClock {
  /**
   * @param {() => Reading} read
   * @param {() => number} now the machine's time in milliseconds
   */
  constructor(read, now = () => performance.now()) {
    this.read = read;
    this.now = now;
    this.anchor();
  }

  /** Start again from where the sound is, forwards or back: somebody has moved it. */
  anchor() {
    this.shown = this.take();
    this.behindSince = null;
  }

  /** Start again from where the sound is without stepping back: after a stall, a change of rate, a return to the page. */
  lean() {
    return this.forward(this.take(), this.at);
  }

  take() {
    const { time, rate, running } = this.read();
    this.from = time;
    this.at = this.now();
    this.rate = rate;
    this.running = running;
    return time;
  }

  /** The song's time in milliseconds, to be asked once a frame. */
  time() {
    const { time, rate, running } = this.read();
    if (!running || !this.running || rate !== this.rate) return this.lean();
    const now = this.now();
    const expected = this.from + (now - this.at) * rate;
    const difference = time - expected;
    if (Math.abs(difference) > SNAP) {
      this.from = time;
    } else {
      this.from = expected + difference * SLEW;
    }
    this.at = now;
    return this.forward(this.from, now);
  }

  /** Show this time, or wait for it to come up to what was shown. @param {number} time @param {number} now */
  forward(time, now) {
    if (time < this.shown && this.behindSince === null) this.behindSince = now;
    if (time >= this.shown || (this.shown - time > SNAP && now - this.behindSince > BEHIND)) {
      this.shown = time;
      this.behindSince = null;
    }
    return this.shown;
  }
}
