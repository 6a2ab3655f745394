import { test } from "node:test";
import assert from "node:assert/strict";
import { createPatientOutput } from "./patient-output.ts";

/** A pipe with so much room, and the timers that wait for more. */
function pipe(room: number) {
  const state = { room, text: "", gone: false };
  const timers: (() => void)[] = [];
  const output = createPatientOutput((lines) => `lost ${lines}\n`, {
    maxBytes: 10,
    later: (run) => timers.push(run),
    put(bytes) {
      if (state.gone) throw Object.assign(new Error("gone"), { code: "EPIPE" });
      if (state.room === 0) throw Object.assign(new Error("full"), { code: "EAGAIN" });
      const taken = Math.min(state.room, bytes.length);
      state.room -= taken;
      state.text += bytes.toString("latin1", 0, taken);
      return taken;
    },
  });
  const pass = (more: number): void => {
    state.room += more;
    for (const run of timers.splice(0)) run();
  };
  return { state, output, timers, pass };
}

test("with room, a line is out before the call returns", () => {
  const { state, output, timers } = pipe(100);
  output.write("one\n");
  output.write("two\n");
  assert.equal(state.text, "one\ntwo\n");
  assert.equal(timers.length, 0);
});

test("without room, lines wait in order, torn ones included", () => {
  const { state, output, timers, pass } = pipe(2);
  output.write("one\n");
  output.write("two\n");
  assert.equal(state.text, "on");
  assert.equal(timers.length, 1, "one timer for all");
  pass(3);
  assert.equal(state.text, "one\nt");
  pass(100);
  assert.equal(state.text, "one\ntwo\n");
});

test("beyond its bound lines are dropped, and their number is told", () => {
  const { state, output, pass } = pipe(0);
  for (const line of ["one\n", "two\n", "three\n", "four\n"]) output.write(line);
  pass(100);
  assert.equal(state.text, "one\ntwo\nlost 2\n");
  output.write("five\n");
  assert.equal(state.text, "one\ntwo\nlost 2\nfive\n");
});

test("a line longer than the bound passes where nothing waits", () => {
  const { state, output } = pipe(100);
  output.write("a rather long line\n");
  assert.equal(state.text, "a rather long line\n");
});

test("a reader that is gone costs nothing", () => {
  const { state, output, timers } = pipe(0);
  output.write("one\n");
  state.gone = true;
  for (const run of timers.splice(0)) run();
  output.write("two\n");
  assert.equal(timers.length, 0);
  assert.equal(state.text, "");
});
