import { test } from "node:test";
import assert from "node:assert/strict";
import { BEAT_MS, createLookRhythm } from "./look-rhythm.ts";

/** Times of the beats at which it looked. */
function looksWithin(rhythm: ReturnType<typeof createLookRhythm>, fromMs: number, toMs: number) {
  const looks: number[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += BEAT_MS) if (rhythm.isDue(atMs)) looks.push(atMs);
  return looks;
}

test("it looks once a second while nothing happens", () => {
  assert.deepEqual(looksWithin(createLookRhythm(), 0, 4000), [0, 1000, 2000, 3000]);
});

test("after a change it looks at each beat for five seconds, then once a second again", () => {
  const rhythm = createLookRhythm();
  assert.deepEqual(looksWithin(rhythm, 0, 400), [0]);
  rhythm.disturbed(400);
  assert.equal(looksWithin(rhythm, 400, 5400).length, 25);
  assert.deepEqual(looksWithin(rhythm, 5400, 8000), [6200, 7200]);
});

test("beats that come a little early or late do not skip a look", () => {
  const rhythm = createLookRhythm();
  assert.equal(rhythm.isDue(0), true);
  assert.equal(rhythm.isDue(970), true);
  rhythm.disturbed(970);
  assert.equal(rhythm.isDue(1130), true);
  assert.equal(rhythm.isDue(1180), false);
});

test("a clock that was set back makes a look due, and no pause", () => {
  const rhythm = createLookRhythm();
  assert.equal(rhythm.isDue(1_000_000), true);
  rhythm.disturbed(1_000_000);
  assert.equal(rhythm.isDue(10_000), true);
  assert.deepEqual(looksWithin(rhythm, 10_200, 12_000), [11_000]);
});
