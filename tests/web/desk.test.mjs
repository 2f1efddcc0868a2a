// What a draft's page reckons by itself: which letters are new, where a caret goes, and where a line comes to stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { carried, difference } from "../../web/static/js/desk/binding.js";
import { between } from "../../web/static/js/desk/document.js";

test("of equal letters the caret says which is new", () => {
  assert.deepEqual(difference("«ក»", "««ក»", 1), { at: 0, taken: 0, put: "«" });
  assert.deepEqual(difference("«ក»", "««ក»", 2), { at: 1, taken: 0, put: "«" });
  assert.deepEqual(difference("ាាា", "ាា", 1), { at: 1, taken: 1, put: "" });
  assert.deepEqual(difference("មួយពីរ", "មួយបីពីរ", 5), { at: 3, taken: 0, put: "បី" });
  assert.deepEqual(difference("ចាស់", "ថ្មី", 4), { at: 0, taken: 4, put: "ថ្មី" });
});

test("whatever was typed, the difference makes the one of the other", () => {
  let seed = 7;
  const chance = (most) => (seed = (seed * 48271) % 2147483647) % most;
  for (let turn = 0; turn < 2000; turn++) {
    const before = Array.from({ length: chance(8) }, () => "កខ«"[chance(3)]).join("");
    const from = chance(before.length + 1);
    const until = from + chance(before.length - from + 1);
    const put = Array.from({ length: chance(3) }, () => "កខ«"[chance(3)]).join("");
    const after = before.slice(0, from) + put + before.slice(until);
    const found = difference(before, after, from + put.length);
    assert.equal(before.slice(0, found.at) + found.put + before.slice(found.at + found.taken), after);
    if (until === from && put) assert.equal(found.at, from);
  }
});

test("a caret stays among its letters", () => {
  assert.equal(carried(3, [{ retain: 1 }, { insert: "ខ្ញុំ" }]), 8);
  assert.equal(carried(3, [{ retain: 3 }, { insert: "ក" }]), 3);
  assert.equal(carried(5, [{ retain: 1 }, { delete: 2 }]), 3);
  assert.equal(carried(2, [{ retain: 1 }, { delete: 4 }]), 1);
});

test("a line finds a place between any two, again and again", () => {
  let [low, high] = ["0000100000", "0000200000"];
  for (let turn = 0; turn < 200; turn++) {
    const middle = between(low, high);
    assert.ok(low < middle && middle < high, `${low} ${middle} ${high}`);
    if (turn % 3) low = middle;
    else high = middle;
    assert.ok(middle.length < 250);
  }
  let last = "";
  for (let turn = 0; turn < 300; turn++) {
    const next = between(last, "");
    assert.ok(next > last && next.length === 10);
    last = next;
  }
  assert.ok(between("", "0000100000") < "0000100000");
});
