// A sound and a machine clock whose time a test moves, in place of the browser's own, before any script of the page runs.
// The sound says where it is in steps, as browsers do, and can be made to stall, to tell of it late, and to jump back.

(() => {
  const machine = { now: 1000, frames: [] };
  performance.now = () => machine.now;
  window.requestAnimationFrame = (act) => machine.frames.push(act);

  class Sound extends EventTarget {
    constructor() {
      super();
      Object.assign(this, { preload: "", preservesPitch: true, volume: 1, muted: false, defaultPlaybackRate: 1 });
      Object.assign(this, { duration: 600, readyState: 4, ended: false, paused: true, seeking: false });
      Object.assign(this, { rate: 1, real: 0, jump: 0, stalled: 0, frozen: 0, address: "" });
      machine.sound ??= this;
    }
    get currentTime() { return Math.max(0, Math.floor((this.real - this.jump) / 20) * 20) / 1000; }
    set currentTime(seconds) {
      this.real = seconds * 1000;
      this.seeking = true;
      this.landing = 120;
      machine.sought = true;
    }
    get playbackRate() { return this.rate; }
    set playbackRate(rate) {
      if (rate === this.rate) return;
      this.rate = rate;
      this.dispatchEvent(new Event("ratechange"));
    }
    get src() { return this.address; }
    set src(address) { this.address = address; }
    getAttribute() { return this.address; }
    removeAttribute() { this.address = ""; }
    load() {}
    pause() { this.paused = true; this.dispatchEvent(new Event("pause")); }
    play() {
      this.paused = false;
      this.dispatchEvent(new Event("play"));
      this.dispatchEvent(new Event("playing"));
      return Promise.resolve();
    }
    stall(length) {
      this.stalled = length;
      this.readyState = 2;
      this.dispatchEvent(new Event("waiting"));
    }
    pass(length) {
      if (this.seeking && (this.landing -= length) <= 0) {
        this.seeking = false;
        this.dispatchEvent(new Event("seeked"));
      } else if (this.stalled > 0) {
        this.stalled -= length;
        if (this.stalled <= 0) {
          this.readyState = 4;
          this.dispatchEvent(new Event("playing"));
        }
      } else if (this.frozen > 0) this.frozen -= length;
      else if (!this.paused && !this.seeking) this.real += length * this.rate;
    }
  }
  window.Audio = Sound;
  window.machine = machine;

  /** One frame: the sound goes on, then the page draws. */
  machine.frame = (length) => {
    machine.now += length;
    machine.sound?.pass(length);
    for (const act of machine.frames.splice(0)) act(machine.now);
  };
})();
