import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";

import type { StepLoad } from "../load/generator.ts";
import { createLatencyHistogram, recordMs } from "../load/latency-histogram.ts";
import type { Interval } from "../load/step-measurement.ts";
import { measurement } from "../load/testing/measurement.ts";
import { watchInterrupt } from "./bench-interrupt.ts";
import { BenchProgress, progressText } from "./bench-progress.ts";

function second(number: number, failures = 0): Interval {
  const latency = createLatencyHistogram();
  for (let count = 0; count < 100; count++) recordMs(latency, 2);
  return { second: number, latency, failures };
}

const plan = { mode: "open", loads: [100, 200], holdMs: 10_000, settleMs: 1_000 } as const;
const step: StepLoad = {
  mode: "open",
  ratePerSecond: 100,
  warmUpMs: 2_000,
  holdMs: 10_000,
  maxConnections: 1,
  maxQueue: 1,
};

function follow(stream: { isTTY?: boolean; columns?: number }): {
  progress: BenchProgress;
  written: string[];
  pass: (ms: number) => void;
} {
  const written: string[] = [];
  let nowMs = 1_000;
  const progress = new BenchProgress({
    stream: { ...stream, write: (text) => written.push(text) },
    plan,
    label: "",
    nowMs: () => nowMs,
    paint: (_, text) => text,
  });
  return { progress, written, pass: (ms) => void (nowMs += ms) };
}

describe("progress", () => {
  test("says rate, percentiles, errors and time left", () => {
    const state = { name: "100/s", warmingUp: false, stepLeftMs: 12_300, runLeftMs: 72_300 };
    assert.equal(
      progressText(second(3, 1), state),
      "100/s: now 100/s, p50 2.00 ms, p99 2.00 ms, errors 0.99%; 12s left (at most 1m12s in all)",
    );
  });

  test("is one line that changes on a terminal, never wider than it", () => {
    const { progress, written, pass } = follow({ isTTY: true, columns: 40 });
    progress.stepBegins(100, step, false);
    pass(1_000);
    progress.progress(100, second(-1));
    pass(1_000);
    progress.progress(100, second(0));
    pass(1_000);
    progress.progress(100, second(1));
    assert.ok(written.every((text) => text.startsWith("\r\u001b[2K") && !text.includes("\n")));
    assert.ok(written.every((text) => text.length <= 40 + 5));
    assert.match(written[1] ?? "", /warm-up/);
    assert.doesNotMatch(written[2] ?? "", /warm-up/);
  });

  test("takes a width of 0 for none", () => {
    const { progress, written } = follow({ isTTY: true, columns: 0 });
    progress.stepBegins(100, step, false);
    assert.match(written[0] ?? "", /warming up$/);
  });

  test("is a line now and then elsewhere, and one at each step's end", () => {
    const { progress, written, pass } = follow({});
    progress.stepBegins(100, step, false);
    for (let count = 1; count <= 12; count++) {
      pass(1_000);
      progress.progress(100, second(count - 2));
    }
    progress.stepEnds({
      load: 100,
      bisected: false,
      measurement: measurement(10),
      judgement: { verdict: "missed", reasons: ["slow"] },
    });
    progress.close();
    assert.equal(written.length, 3);
    assert.ok(written.every((text) => text.endsWith("\n") && !text.includes("\u001b")));
    assert.match(written[2] ?? "", /^100\/s: 100\/s, p50 10.0 ms, p99 10.0 ms: missed: slow\n$/);
  });

  test("says when a step is repeated", () => {
    const { progress, written } = follow({});
    progress.stepBegins(100, step, true);
    assert.match(written.join(""), /once more/);
  });
});

describe("Ctrl-C", () => {
  test("asks to end, and ends the second time", () => {
    const source = new EventEmitter();
    const happened: string[] = [];
    using interrupt = watchInterrupt(source, (signal) => happened.push(`end by ${signal}`));
    interrupt.whenInterrupted(() => happened.push("asked"));
    interrupt.beforeEnd(() => happened.push("last"));
    assert.equal(interrupt.interrupted, false);
    source.emit("SIGINT", "SIGINT");
    assert.equal(interrupt.interrupted, true);
    interrupt.whenInterrupted(() => happened.push("asked late"));
    source.emit("SIGTERM", "SIGTERM");
    assert.deepEqual(happened, ["asked", "asked late", "last", "end by SIGTERM"]);
    assert.equal(source.listenerCount("SIGINT"), 0);
  });

  test("is the system's again afterwards", () => {
    const source = new EventEmitter();
    watchInterrupt(source, () => {})[Symbol.dispose]();
    assert.deepEqual(source.eventNames(), []);
  });
});
