// The song's clock against a sound that stalls, seeks, changes speed and jumps back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AudioClock, SNAP } from "../../web/static/js/player/clock.js";
import { ServerClock } from "../../web/static/js/player/server-clock.js";

const FRAME = 1000 / 60;

/** A sound whose place is told in steps of 20 ms, like a browser's, and a machine whose time a test moves. */
class Bench {
  constructor() {
    this.now = 0;
    this.true = 0;
    this.rate = 1;
    this.running = true;
    this.told = (time) => Math.floor(time / 20) * 20;
    this.clock = new AudioClock(
      () => ({ time: this.told(this.true), rate: this.rate, running: this.running }),
      () => this.now,
    );
    this.errors = [];
    this.last = -Infinity;
    this.steppedBack = 0;
  }

  run(milliseconds, { measure = true } = {}) {
    for (let spent = 0; spent < milliseconds; spent += FRAME) {
      this.now += FRAME;
      if (this.running) this.true += FRAME * this.rate;
      const shown = this.clock.time();
      if (measure) this.errors.push(Math.abs(shown - this.true));
      if (shown < this.last - 1e-6) this.steppedBack += 1;
      this.last = shown;
    }
    return this;
  }

  seek(time) {
    this.true = time;
    this.clock.anchor();
    this.last = -Infinity;
    return this;
  }

  p95() {
    return this.errors.toSorted((a, b) => a - b)[Math.floor(this.errors.length * 0.95)];
  }
}

test("three minutes of stalls, seeks, speeds and a told time that jumps back stay within 50 ms and never step back", () => {
  const bench = new Bench();
  bench.run(20_000);
  for (const rate of [0.75, 1.25, 1]) {
    bench.rate = rate;
    bench.run(20_000);
    bench.running = false;
    bench.clock.anchor();
    bench.run(700);
    bench.running = true;
    bench.clock.anchor();
    bench.run(10_000).seek(bench.true - 4000).run(10_000);
  }
  const steady = bench.told;
  for (let glitch = 0; glitch < 6; glitch += 1) {
    bench.told = (time) => steady(time) - 400;
    bench.run(50);
    bench.told = steady;
    bench.run(9_000);
  }
  assert.ok(bench.p95() <= 50, `p95 ${bench.p95()}`);
  assert.equal(bench.steppedBack, 0);
});

test("a small difference is closed little by little and not in one step", () => {
  const bench = new Bench();
  bench.told = (time) => time;
  bench.run(1000);
  bench.true += 80;
  const before = bench.clock.shown;
  bench.run(FRAME);
  assert.ok(bench.clock.shown - before < 40);
  bench.run(800);
  assert.ok(Math.abs(bench.clock.shown - bench.true) < 5);
});

test("a large difference is taken at once", () => {
  const bench = new Bench();
  bench.told = (time) => time;
  bench.run(1000);
  bench.true += SNAP + 50;
  bench.run(FRAME);
  assert.ok(Math.abs(bench.clock.shown - bench.true) < 1);
});

test("a sound that stays behind is believed after a second", () => {
  const bench = new Bench();
  bench.told = (time) => time;
  bench.run(5000);
  bench.true -= 3000;
  bench.last = -Infinity;
  bench.run(900);
  assert.equal(bench.steppedBack, 0);
  bench.last = -Infinity;
  bench.run(400, { measure: false });
  assert.ok(Math.abs(bench.clock.shown - bench.true) < 30);
});

test("the site's clock is told by the fastest answer, and anew when it was set", () => {
  let now = 1000;
  const clock = new ServerClock(() => now);
  const answer = (trip, site, held = 0) => {
    now += trip + held;
    clock.hear(now - trip - held, site(now - trip / 2), held);
  };
  const before = (moment) => moment + 5000;
  answer(200, (moment) => before(moment) + 90);
  answer(20, before, 1500);
  answer(400, (moment) => before(moment) - 190);
  assert.ok(Math.abs(clock.time() - (now + 5000)) < 1);
  const set = (moment) => moment - 60_000;
  answer(30, set);
  assert.ok(Math.abs(clock.time() - (now - 60_000)) < 1);
  answer(60, (moment) => set(moment) + 25);
  assert.ok(Math.abs(clock.time() - (now - 60_000)) < 1);
});
