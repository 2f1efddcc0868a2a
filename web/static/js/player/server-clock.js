// The site's clock as this device sees it: of all answers the one that came back fastest tells it best.

const KEPT = 12;
const STEPPED = 100;

export class ServerClock {
  /** @param {() => number} now this device's time in milliseconds */
  constructor(now = () => performance.now()) {
    this.now = now;
    /** @type {{trip: number, ahead: number}[]} */
    this.heard = [];
  }

  /**
   * @param {number} sent this device's time when the question left
   * @param {number} now the site's time when it answered
   * @param {number} [held] how long the site kept the question, in milliseconds
   */
  hear(sent, now, held = 0) {
    const back = this.now();
    const trip = Math.max(0, back - sent - held);
    const ahead = now + trip / 2 - back;
    // No two answers can disagree by more than half of both trips, unless the site's clock was set meanwhile.
    this.heard = this.heard.filter((one) => Math.abs(one.ahead - ahead) <= (one.trip + trip) / 2 + STEPPED);
    this.heard.push({ trip, ahead });
    if (this.heard.length > KEPT) this.heard.shift();
  }

  get known() {
    return this.heard.length > 0;
  }

  /** The site's time now, in milliseconds. */
  time() {
    const best = this.heard.reduce((a, b) => (b.trip < a.trip ? b : a), this.heard[0]);
    return this.now() + (best?.ahead ?? 0);
  }
}
