import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AWAITS_CHECK, GIVEN_UP, TAKES_BOUND, TAKES_NEW } from "../board/board.ts";
import { endpoint, someCheck, someEjection, upstream } from "./testing/settings.ts";
import { createFixture, FAILED_DETAIL, type Fixture } from "./testing/table-fixture.ts";

const ALL = TAKES_NEW | TAKES_BOUND;
const [a, b, c] = [endpoint("a", 1), endpoint("b", 2), endpoint("c", 3)];
const checked = { check: someCheck };

const bits = ({ board }: Fixture, ...slots: number[]): number[] =>
  slots.map((slot) => board.state[slot]!);
const generation = ({ board }: Fixture): number => board.generation[1]!;

describe("checks", () => {
  test("a new endpoint takes nothing before its first pass, which alone is enough", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b], checked)]);
    assert.deepEqual(bits(fixture, 1, 2), [AWAITS_CHECK, AWAITS_CHECK]);
    assert.deepEqual([fixture.state("a"), fixture.row("a").available], ["probing", false]);
    assert.equal(fixture.asked.length, 2, "the first checks start at once");
    await fixture.clock.advance(0);
    assert.deepEqual(bits(fixture, 1, 2), [ALL, ALL]);
    assert.deepEqual([fixture.state("a"), fixture.row("a").available], ["healthy", true]);
    await fixture.table.close();
  });

  test("without a check it serves from the start", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a])]);
    assert.deepEqual(bits(fixture, 1), [ALL]);
    assert.equal(fixture.asked.length, 0);
    await fixture.table.close();
  });

  test("three failures take it out, the second and third at the fast interval", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    fixture.answers.set(a.port, "failed");
    await fixture.clock.advance(6999);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.clock.advance(1);
    const { state, reason, available, lastCheck } = fixture.row("a");
    assert.equal(state, "unhealthy");
    assert.equal(reason, `3 checks in a row failed: ${FAILED_DETAIL}`);
    assert.equal(available, false);
    assert.deepEqual(
      [lastCheck?.passed, lastCheck?.detail, lastCheck?.atMs],
      [false, FAILED_DETAIL, fixture.clock.nowMs()],
    );
    assert.deepEqual(bits(fixture, 1, 2), [GIVEN_UP, ALL]);
    assert.deepEqual(fixture.changes.at(-1), {
      upstream: "u",
      endpoint: "a",
      from: "healthy",
      to: "unhealthy",
      reason,
      atMs: fixture.clock.nowMs(),
    });
    await fixture.table.close();
  });

  test("two passes bring it back, the second at the fast interval", async () => {
    const fixture = createFixture();
    fixture.answers.set(a.port, "failed");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    assert.equal(fixture.state("a"), "unhealthy", "the first failure is enough for a new one");
    fixture.answers.set(a.port, "passed");
    await fixture.clock.advance(5999);
    assert.equal(fixture.state("a"), "unhealthy");
    await fixture.clock.advance(1);
    assert.deepEqual(
      [fixture.state("a"), fixture.row("a").reason],
      ["healthy", "2 checks in a row passed"],
    );
    await fixture.table.close();
  });

  test("an unknown result is shown and not counted", async () => {
    const fixture = createFixture();
    fixture.answers.set(a.port, "unknown");
    fixture.table.apply([upstream("u", [a], checked)]);
    await fixture.clock.advance(60_000);
    assert.equal(fixture.state("a"), "probing");
    assert.equal(fixture.row("a").lastCheck?.detail, FAILED_DETAIL);
    await fixture.table.close();
  });

  test("asks the endpoint's port or the check's own", async () => {
    const fixture = createFixture();
    const other = { check: { ...someCheck, port: 9999 } };
    fixture.table.apply([upstream("u", [a], checked), upstream("v", [b], { ...other, slot: 2 })]);
    assert.deepEqual(
      fixture.asked.map(({ port }) => port),
      [a.port, 9999],
    );
    await fixture.table.close();
  });

  test("failures before a recovery are not held against it", async () => {
    const fixture = createFixture();
    fixture.answers.set(a.port, "failed");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    fixture.requests(1, { failed: 9 });
    fixture.answers.set(a.port, "passed");
    await fixture.clock.advance(8000);
    assert.equal(fixture.state("a"), "healthy");
    assert.equal(fixture.row("a").timesEjected, 0);
    assert.equal(fixture.board.failuresInARow[1], 0);
    await fixture.table.close();
  });
});

describe("configuration changes", () => {
  test("what stays keeps its state even when the check changes, and is asked anew", async () => {
    const fixture = createFixture();
    fixture.answers.set(b.port, "failed");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    const before = fixture.row("a").sinceMs;
    await fixture.clock.advance(100);
    fixture.table.apply([upstream("u", [a, b], { check: { ...someCheck, timeoutMs: 500 } })]);
    assert.deepEqual([fixture.state("a"), fixture.state("b")], ["healthy", "unhealthy"]);
    assert.equal(fixture.row("a").sinceMs, before);
    assert.equal(fixture.asked.length, 4);
    await fixture.table.close();
  });

  test("nothing is checked out of turn when nothing about it changed", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a], checked)]);
    await fixture.clock.advance(100);
    const seen = generation(fixture);
    fixture.table.apply([upstream("u", [{ ...a }], { check: { ...someCheck } })]);
    assert.equal(fixture.asked.length, 1);
    assert.equal(generation(fixture), seen);
    await fixture.clock.advance(4900);
    assert.equal(fixture.asked.length, 2);
    await fixture.table.close();
  });

  test("a removed endpoint serves until proxies forget it, its check cancelled, new when back", async () => {
    const fixture = createFixture();
    fixture.answers.set(b.port, "hang");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    fixture.table.command("u", "a", { kind: "weight", weight: 9 });
    const seen = generation(fixture);
    fixture.table.apply([upstream("u", [b], checked)]);
    assert.deepEqual(
      bits(fixture, 1),
      [ALL],
      "no moment without endpoints while a snapshot travels",
    );
    assert.equal(fixture.board.weight[1], 9);
    assert.ok(generation(fixture) > seen);
    assert.deepEqual(
      fixture.table.list().map((row) => row.endpoint),
      ["b"],
    );
    fixture.table.apply([upstream("u", [a, b], checked)]);
    assert.deepEqual([fixture.state("a"), fixture.row("a").operatorWeight], ["probing", undefined]);
    await fixture.table.close();
  });

  test("a removed upstream goes with all its endpoints", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a], checked), upstream("v", [b], { slot: 2 })]);
    await fixture.clock.advance(0);
    const seen = generation(fixture);
    fixture.table.apply([upstream("v", [b], { slot: 2 })]);
    assert.deepEqual(bits(fixture, 1, 2), [ALL, ALL]);
    assert.ok(generation(fixture) > seen);
    await fixture.clock.advance(60_000);
    assert.equal(fixture.asked.length, 1);
    await fixture.table.close();
  });

  test("a slot handed on in the same change belongs to the new endpoint", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a]), upstream("v", [b], { slot: 2 })]);
    const taken = endpoint("new", 2);
    fixture.table.apply([upstream("u", [a, taken]), upstream("v", [], { slot: 2 })]);
    assert.deepEqual(bits(fixture, 1, 2), [ALL, ALL]);
    await fixture.table.close();
  });

  test("a first use of a slot clears its facts but for the requests in flight", async () => {
    const fixture = createFixture();
    const { board } = fixture;
    const columns = [board.failuresInARow, board.fails, board.currentWeight, board.penalty];
    const times = [board.latencyUs, board.latencyAtMs, board.accessedS, board.checkedS];
    for (const column of [...columns, ...times, board.inFlight]) column[1] = 7;
    fixture.table.apply([upstream("u", [a])]);
    for (const column of [...columns, ...times]) assert.equal(column[1], 0);
    assert.equal(board.inFlight[1], 7);
    board.fails[1] = 3;
    fixture.table.apply([upstream("u", [a, b])]);
    assert.equal(board.fails[1], 3, "what stays keeps its facts");
    await fixture.table.close();
  });

  test("an endpoint that moves to another slot starts with clean facts there", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.requests(9, { failed: 100 });
    fixture.board.fails[9] = 3;
    fixture.table.apply([upstream("u", [endpoint("a", 9), b])]);
    assert.deepEqual(bits(fixture, 1, 9), [ALL, ALL]);
    assert.equal(fixture.board.fails[9], 0);
    fixture.requests(9, { ok: 1 });
    await fixture.clock.advance(1000);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });

  test("a removed endpoint leaves no timer behind", async () => {
    const fixture = createFixture();
    const idle = fixture.clock.pending();
    const slowStart = { windowMs: 60_000, minPercent: 10 };
    fixture.table.apply([
      upstream("u", [a, b]),
      upstream("v", [c], { slot: 2, slowStart, check: someCheck }),
    ]);
    fixture.requests(1, { failed: 5 });
    await fixture.clock.advance(1500);
    assert.deepEqual([fixture.state("a"), fixture.state("c")], ["ejected", "warming"]);
    assert.ok(fixture.clock.pending() >= idle + 3);
    fixture.table.apply([]);
    assert.equal(fixture.clock.pending(), idle);
    await fixture.table.close();
  });

  test("a check taken away brings everything back; one added takes nothing out", async () => {
    const fixture = createFixture();
    fixture.answers.set(a.port, "failed");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    fixture.table.apply([upstream("u", [a, b])]);
    assert.deepEqual([fixture.state("a"), fixture.state("b")], ["healthy", "healthy"]);
    await fixture.clock.advance(60_000);
    assert.equal(fixture.asked.length, 2, "no more checks");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    assert.deepEqual([fixture.state("a"), fixture.state("b")], ["healthy", "healthy"]);
    assert.equal(fixture.asked.length, 4);
    await fixture.table.close();
  });

  test("rows come in the order of the configuration", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b]), upstream("v", [c], { slot: 2 })]);
    fixture.table.apply([upstream("v", [c], { slot: 2 }), upstream("u", [b, a])]);
    assert.deepEqual(
      fixture.table.list().map((row) => row.endpoint),
      ["c", "b", "a"],
    );
    await fixture.table.close();
  });
});

describe("the operator", () => {
  const drained = async (): Promise<Fixture> => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    assert.equal(fixture.table.command("u", "a", { kind: "drain" }), true);
    return fixture;
  };
  test("a drained endpoint serves bound clients only", async () => {
    const fixture = await drained();
    assert.deepEqual(bits(fixture, 1), [TAKES_BOUND]);
    const { state, reason, available } = fixture.row("a");
    assert.deepEqual([state, reason, available], ["draining", "drained by the operator", false]);
    fixture.table.command("u", "a", { kind: "undrain" });
    assert.deepEqual([bits(fixture, 1), fixture.state("a")], [[ALL], "healthy"]);
    await fixture.table.close();
  });
  test("a drain survives a change of configuration", async () => {
    const fixture = await drained();
    fixture.table.apply([upstream("u", [a, b, c], checked)]);
    assert.deepEqual([bits(fixture, 1), fixture.state("a")], [[TAKES_BOUND], "draining"]);
    await fixture.table.close();
  });
  test("the operator may take out even the last one", async () => {
    const fixture = await drained();
    fixture.table.command("u", "b", { kind: "eject" });
    assert.deepEqual(bits(fixture, 2), [0]);
    assert.deepEqual(fixture.table.panicking(), []);
    fixture.table.command("u", "b", { kind: "restore" });
    assert.deepEqual(bits(fixture, 2), [ALL]);
    await fixture.table.close();
  });
  test("a weight is written at once and taken back", async () => {
    const fixture = await drained();
    const seen = generation(fixture);
    fixture.table.command("u", "b", { kind: "weight", weight: 5 });
    assert.equal(fixture.board.weight[2], 5);
    assert.equal(generation(fixture), seen + 1);
    assert.deepEqual(
      [fixture.row("b").weight, fixture.row("b").operatorWeight, fixture.row("b").configuredWeight],
      [5, 5, 1],
    );
    fixture.table.command("u", "b", { kind: "weight", weight: 0 });
    assert.equal(fixture.row("b").available, false);
    fixture.table.command("u", "b", { kind: "weight", weight: undefined });
    assert.equal(fixture.board.weight[2], 1);
    await fixture.table.close();
  });
  test("unknown names are refused, impossible weights too", async () => {
    const fixture = await drained();
    assert.equal(fixture.table.command("u", "z", { kind: "drain" }), false);
    assert.equal(fixture.table.command("z", "a", { kind: "drain" }), false);
    for (const weight of [-1, 65_536, 1.5, NaN]) {
      assert.throws(() => fixture.table.command("u", "a", { kind: "weight", weight }), RangeError);
    }
    await fixture.table.close();
  });
  test("saying the same twice changes nothing", async () => {
    const fixture = await drained();
    const seen = [generation(fixture), fixture.changes.length, fixture.checkpoints];
    fixture.table.command("u", "a", { kind: "drain" });
    assert.deepEqual([generation(fixture), fixture.changes.length, fixture.checkpoints], seen);
    await fixture.table.close();
  });
});

/** One failure at the interval of a serving endpoint, two more at the fast one. */
const UNTIL_DOWN_MS = 7000;

/** Applies the settings; all pass their first check, then the checks of `failing` fail. */
async function brokenLater(
  settings: Parameters<typeof upstream>,
  failing: readonly { readonly port: number }[],
): Promise<Fixture> {
  const fixture = createFixture();
  fixture.table.apply([upstream(...settings)]);
  await fixture.clock.advance(0);
  for (const { port } of failing) fixture.answers.set(port, "failed");
  await fixture.clock.advance(UNTIL_DOWN_MS);
  return fixture;
}

describe("panic", () => {
  test("below the percentage those that failed get traffic again, and it ends by itself", async () => {
    const fixture = await brokenLater(["u", [a, b, c], checked], [a, b]);
    assert.deepEqual(bits(fixture, 1, 2, 3), [ALL, ALL, ALL]);
    assert.deepEqual(fixture.table.panicking(), ["u"]);
    assert.deepEqual([fixture.state("a"), fixture.row("a").available], ["unhealthy", true]);
    assert.deepEqual(
      fixture.panics.map(({ upstream, panicking }) => [upstream, panicking]),
      [["u", true]],
    );
    fixture.answers.set(a.port, "passed");
    await fixture.clock.advance(6000);
    assert.deepEqual(bits(fixture, 1, 2, 3), [ALL, GIVEN_UP, ALL]);
    assert.deepEqual(fixture.table.panicking(), []);
    assert.equal(fixture.panics.length, 2);
    await fixture.table.close();
  });
  test("a lone endpoint whose check fails is tried all the same, but not at 0 percent", async () => {
    for (const [panicPercent, expected] of [
      [50, ALL],
      [0, GIVEN_UP],
    ] as const) {
      const fixture = await brokenLater(["u", [a], { ...checked, panicPercent }], [a]);
      assert.deepEqual(bits(fixture, 1), [expected]);
      await fixture.table.close();
    }
  });
  test("what the operator took out stays out", async () => {
    const fixture = await brokenLater(["u", [a, b, c], checked], [b, c]);
    fixture.table.command("u", "a", { kind: "eject" });
    assert.deepEqual(bits(fixture, 1, 2, 3), [0, ALL, ALL]);
    await fixture.table.close();
  });
  test("does not begin while first checks are under way", async () => {
    const fixture = createFixture();
    fixture.answers.set(b.port, "hang");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    fixture.answers.set(a.port, "failed");
    await fixture.clock.advance(UNTIL_DOWN_MS);
    assert.deepEqual(bits(fixture, 1, 2), [GIVEN_UP, AWAITS_CHECK]);
    assert.deepEqual(fixture.table.panicking(), []);
    await fixture.table.close();
  });
  test("a changed percentage takes effect at once", async () => {
    const fixture = await brokenLater(["u", [a, b], checked], [a]);
    assert.deepEqual(bits(fixture, 1, 2), [GIVEN_UP, ALL]);
    fixture.table.apply([upstream("u", [a, b], { ...checked, panicPercent: 100 })]);
    assert.deepEqual(bits(fixture, 1, 2), [ALL, ALL]);
    await fixture.table.close();
  });
});

describe("panic and what has never passed a check", () => {
  test("endpoints that are added and still start neither begin a panic nor are part of one", async () => {
    const fixture = await brokenLater(["u", [a], checked], []);
    fixture.answers.set(b.port, "failed").set(c.port, "failed");
    fixture.table.apply([upstream("u", [a, b, c], checked)]);
    await fixture.clock.advance(0);
    assert.deepEqual([fixture.state("b"), fixture.state("c")], ["unhealthy", "unhealthy"]);
    assert.deepEqual([fixture.table.panicking(), fixture.panics], [[], []]);
    assert.deepEqual(bits(fixture, 1, 2, 3), [ALL, GIVEN_UP, GIVEN_UP]);
    fixture.answers.set(a.port, "failed");
    await fixture.clock.advance(UNTIL_DOWN_MS);
    assert.deepEqual(fixture.table.panicking(), ["u"]);
    assert.deepEqual(bits(fixture, 1, 2, 3), [ALL, GIVEN_UP, GIVEN_UP]);
    assert.deepEqual([fixture.row("a").available, fixture.row("b").available], [true, false]);
    await fixture.table.close();
  });
  test("where all are new and fail, nobody takes requests", async () => {
    const fixture = createFixture();
    fixture.answers.set(a.port, "failed").set(b.port, "failed");
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(60_000);
    assert.deepEqual(fixture.table.panicking(), []);
    assert.deepEqual(bits(fixture, 1, 2), [GIVEN_UP, GIVEN_UP]);
    await fixture.table.close();
  });
  test("one pass is enough to be part of the next one", async () => {
    const fixture = createFixture();
    fixture.answers.set(a.port, "failed");
    fixture.table.apply([upstream("u", [a], checked)]);
    await fixture.clock.advance(0);
    fixture.answers.set(a.port, "passed");
    await fixture.clock.advance(5000);
    assert.deepEqual([fixture.state("a"), bits(fixture, 1)], ["unhealthy", [ALL]]);
    await fixture.table.close();
  });
  test("a new process behind an endpoint has to pass one of its own", async () => {
    const fixture = await brokenLater(["u", [a], checked], []);
    fixture.table.process("u", "a", { state: "stopped", reason: "it exited" });
    fixture.answers.set(a.port, "failed");
    fixture.table.process("u", "a", { state: "ready", reason: "it is ready" });
    await fixture.clock.advance(0);
    assert.deepEqual([fixture.state("a"), bits(fixture, 1)], ["unhealthy", [GIVEN_UP]]);
    assert.deepEqual(fixture.table.panicking(), []);
    await fixture.table.close();
  });
  test("it is still known after a crash", async () => {
    const before = await brokenLater(["u", [a], checked], [a]);
    before.answers.set(b.port, "failed");
    const settings = [upstream("u", [a, b], checked)];
    before.table.apply(settings);
    await before.clock.advance(0);
    assert.deepEqual(bits(before, 1, 2), [ALL, GIVEN_UP]);
    const saved: unknown = JSON.parse(JSON.stringify(before.table.checkpoint()));
    await before.table.close();
    const { board, clock } = before;
    const after = createFixture({ saved, board, clock });
    after.answers.set(a.port, "failed").set(b.port, "failed");
    after.table.apply(settings);
    assert.deepEqual([bits(after, 1, 2), after.table.panicking()], [[ALL, GIVEN_UP], ["u"]]);
    await clock.advance(60_000);
    assert.deepEqual(bits(after, 1, 2), [ALL, GIVEN_UP]);
    await after.table.close();
  });
});

describe("slow start", () => {
  const slowStart = { windowMs: 10_000, minPercent: 10 };
  test("builds the weight up and publishes each step", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [endpoint("a", 1, { weight: 10 })], { slowStart })]);
    assert.deepEqual([fixture.state("a"), fixture.board.weight[1]], ["warming", 1]);
    const seen = generation(fixture);
    await fixture.clock.advance(5000);
    assert.equal(fixture.board.weight[1], 5.5);
    assert.equal(generation(fixture), seen + 20, "every 250 ms");
    await fixture.clock.advance(5000);
    assert.deepEqual([fixture.state("a"), fixture.board.weight[1]], ["healthy", 10]);
    const done = generation(fixture);
    await fixture.clock.advance(60_000);
    assert.equal(generation(fixture), done);
    await fixture.table.close();
  });
  test("begins anew after the operator's word and keeps to the operator's weight", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b], { slowStart })]);
    await fixture.clock.advance(20_000);
    fixture.table.command("u", "a", { kind: "weight", weight: 20 });
    fixture.table.command("u", "a", { kind: "drain" });
    await fixture.clock.advance(1000);
    fixture.table.command("u", "a", { kind: "undrain" });
    assert.deepEqual([fixture.state("a"), fixture.board.weight[1]], ["warming", 2]);
    await fixture.table.close();
  });
  test("switched off, the full weight is in force at once", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a], { slowStart })]);
    fixture.table.apply([upstream("u", [a])]);
    assert.deepEqual([fixture.state("a"), fixture.board.weight[1]], ["healthy", 1]);
    await fixture.table.close();
  });
});

describe("going on after a crash", () => {
  /** Both ways a checkpoint may travel. */
  for (const [way, travel] of [
    ["structured clone", (saved: unknown): unknown => structuredClone(saved)],
    ["JSON", (saved: unknown): unknown => JSON.parse(JSON.stringify(saved))],
  ] as const) {
    test(`everything is as it was, by ${way}`, async () => {
      const before = createFixture();
      const settings = [upstream("u", [a, b, c, endpoint("d", 4)], checked)];
      before.answers.set(c.port, "failed");
      before.table.apply(settings);
      await before.clock.advance(0);
      before.requests(4, { failed: 5 });
      await before.clock.advance(1000);
      before.table.command("u", "a", { kind: "drain" });
      before.table.command("u", "b", { kind: "weight", weight: 3 });
      const rows = before.table.list();
      assert.deepEqual(
        rows.map(({ state }) => state),
        ["draining", "healthy", "unhealthy", "ejected"],
      );
      const saved = travel(before.table.checkpoint());
      await before.table.close();
      const seen = before.board.generation[1];
      before.board.failuresInARow[2] = 2;

      const after = createFixture({ saved, board: before.board, clock: before.clock });
      after.answers.set(c.port, "failed");
      after.table.apply(settings);
      assert.deepEqual(after.table.list(), rows);
      assert.equal(after.board.generation[1], seen, "proxies notice nothing");
      assert.equal(after.board.failuresInARow[2], 2);
      assert.deepEqual(after.changes, []);
      await after.clock.advance(9999);
      assert.equal(after.state("d"), "ejected");
      await after.clock.advance(1);
      assert.equal(after.state("d"), "healthy");
      assert.equal(after.row("d").timesEjected, 1);
      assert.equal(after.row("d").ejections, 1);
      await after.table.close();
    });
  }
  test("a ramp goes on where it was", async () => {
    const before = createFixture();
    const settings = [upstream("u", [a], { slowStart: { windowMs: 10_000, minPercent: 0 } })];
    before.table.apply(settings);
    await before.clock.advance(5000);
    const saved = before.table.checkpoint();
    await before.table.close();
    const after = createFixture({ saved, board: before.board, clock: before.clock });
    after.table.apply(settings);
    assert.equal(after.board.weight[1], 0.5);
    await after.clock.advance(5000);
    assert.equal(after.state("a"), "healthy");
    await after.table.close();
  });
  test("a wall clock set back keeps nothing out longer than the longest time", async () => {
    const before = createFixture();
    before.table.apply([upstream("u", [a, b])]);
    before.requests(1, { failed: 5 });
    await before.clock.advance(1000);
    const saved = before.table.checkpoint();
    await before.table.close();
    before.clock.setWall(0);
    const after = createFixture({ saved, board: before.board, clock: before.clock });
    after.table.apply([upstream("u", [a, b])]);
    await after.clock.advance(someEjection.maxMs);
    assert.equal(after.state("a"), "healthy");
    await after.table.close();
  });
  test("what was saved is taken back only once", async () => {
    const before = createFixture();
    before.table.apply([upstream("u", [a, b], checked)]);
    await before.clock.advance(0);
    const saved = before.table.checkpoint();
    await before.table.close();
    const after = createFixture({ saved });
    after.table.apply([upstream("u", [b], checked)]);
    after.table.apply([upstream("u", [a, b], checked)]);
    assert.deepEqual([after.state("a"), after.state("b")], ["probing", "healthy"]);
    await after.table.close();
  });
  test("another slot, another version, or nonsense makes an endpoint a new one", async () => {
    const before = createFixture();
    before.table.apply([upstream("u", [a], checked)]);
    await before.clock.advance(0);
    const saved = before.table.checkpoint() as { version: number; endpoints: object[] };
    await before.table.close();
    const moved = [upstream("u", [endpoint("a", 9)], checked)];
    const same = [upstream("u", [a], checked)];
    const broken = { ...saved, endpoints: [{ ...saved.endpoints[0], slot: "1" }] };
    for (const [what, settings] of [
      [saved, moved],
      [{ ...saved, version: 2 }, same],
      [broken, same],
      ["nonsense", same],
    ] as const) {
      const after = createFixture({ saved: what });
      after.table.apply(settings);
      assert.equal(after.state("a"), "probing");
      await after.table.close();
    }
  });
});

describe("closing", () => {
  test("leaves no timer and cancels what runs", async () => {
    const fixture = createFixture();
    fixture.answers.set(a.port, "hang");
    const slowStart = { windowMs: 10_000, minPercent: 0 };
    fixture.table.apply([
      upstream("u", [a], checked),
      upstream("v", [b, c], { slot: 2, slowStart }),
    ]);
    fixture.requests(2, { failed: 5 });
    await fixture.clock.advance(1000);
    assert.ok(fixture.clock.pending() > 2);
    await fixture.table.close();
    assert.equal(fixture.clock.pending(), 0);
  });
});

describe("processes", () => {
  const stopped = { state: "stopped", reason: "its process exited with code 1" } as const;
  const ready = { state: "ready", reason: "its process is ready" } as const;

  test("an exit takes it out at once, readiness brings it back at once", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    assert.equal(fixture.table.process("u", "a", stopped), true);
    assert.deepEqual([fixture.state("a"), bits(fixture, 1)], ["stopped", [GIVEN_UP]]);
    assert.equal(fixture.changes.at(-1)?.reason, stopped.reason);
    fixture.table.process("u", "a", ready);
    assert.deepEqual([fixture.state("a"), bits(fixture, 1)], ["healthy", [ALL]]);
    assert.equal(fixture.table.process("u", "nobody", ready), false);
    assert.equal(fixture.table.process("nowhere", "a", ready), false);
    await fixture.table.close();
  });

  test("it is not checked while it is stopped, and at once when it is ready", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b], checked)]);
    await fixture.clock.advance(0);
    fixture.table.process("u", "a", stopped);
    fixture.asked.length = 0;
    await fixture.clock.advance(20_000);
    assert.ok(fixture.asked.every(({ port }) => port === b.port));
    // Another apply must not wake its checks up.
    fixture.table.apply([
      upstream("u", [a, b], { check: { ...someCheck, timeoutMs: someCheck.timeoutMs + 1 } }),
    ]);
    await fixture.clock.advance(20_000);
    assert.ok(fixture.asked.every(({ port }) => port === b.port));
    fixture.table.process("u", "a", ready);
    assert.equal(fixture.state("a"), "probing");
    await fixture.clock.advance(0);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });

  test("nginx's count of the process before is not held against the next", async () => {
    const fixture = createFixture();
    const judged = endpoint("a", 1, { maxFails: 1 });
    fixture.table.apply([upstream("u", [judged, b])]);
    Atomics.store(fixture.board.fails, 1, 1);
    fixture.board.checkedS[1] = Math.floor(fixture.clock.nowMs() / 1000);
    await fixture.clock.advance(1000);
    assert.equal(fixture.state("a"), "failed");
    fixture.table.process("u", "a", stopped);
    await fixture.clock.advance(1000);
    fixture.table.process("u", "a", ready);
    assert.deepEqual([fixture.state("a"), fixture.board.fails[1]], ["healthy", 0]);
    await fixture.table.close();
  });

  test("the facts of processes and signals survive a lost control thread", async () => {
    const first = createFixture();
    first.table.apply([upstream("u", [a, b, c], checked)]);
    await first.clock.advance(0);
    first.table.process("u", "a", stopped);
    first.table.signalWeight("u", "b", 25, "p99 is 900ms");
    first.table.signalEject("u", "c", 3_000_000, "p99 is 9s");
    const saved: unknown = JSON.parse(JSON.stringify(first.table.checkpoint()));
    await first.table.close();
    const { board, clock } = first;
    const second = createFixture({ saved, board, clock });
    second.table.apply([upstream("u", [a, b, c], checked)]);
    assert.equal(second.row("a").reason, stopped.reason);
    assert.equal(second.row("b").signal?.percent, 25);
    assert.equal(second.state("c"), "ejected");
    await clock.advance(0);
    assert.ok(second.asked.every(({ port }) => port !== a.port));
    assert.deepEqual([board.weight[2], bits(second, 1)], [0.25, [GIVEN_UP]]);
    await clock.advance(2_999_000);
    assert.equal(second.state("c"), "ejected", "longer than passive ejection's longest");
    await clock.advance(1000);
    assert.equal(second.state("c"), "healthy");
    await second.table.close();
  });

  test("no panic is declared for processes that are all down", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.table.process("u", "a", stopped);
    fixture.table.process("u", "b", stopped);
    assert.deepEqual([fixture.table.panicking(), fixture.panics], [[], []]);
    await fixture.table.close();
  });
});

describe("signals", () => {
  test("a lowered weight multiplies the one in force, and says why", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    assert.equal(fixture.table.signalWeight("u", "a", 25, "p99 is 900ms"), true);
    assert.equal(fixture.row("a").weight, 0.25);
    assert.match(fixture.row("a").reason, /; weight at 25%: p99 is 900ms$/);
    fixture.table.command("u", "a", { kind: "weight", weight: 8 });
    assert.equal(fixture.board.weight[1], 2);
    fixture.table.signalWeight("u", "a", 100, "it is over");
    assert.deepEqual([fixture.row("a").weight, fixture.row("a").signal], [8, undefined]);
    assert.equal(fixture.table.signalWeight("u", "nobody", 25, ""), false);
    for (const percent of [0, -1, 101, NaN]) {
      assert.throws(() => fixture.table.signalWeight("u", "a", percent, ""), RangeError);
    }
    await fixture.table.close();
  });

  test("it multiplies slow start too", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a], { slowStart: { windowMs: 10_000, minPercent: 10 } })]);
    fixture.table.signalWeight("u", "a", 50, "it is slow");
    await fixture.clock.advance(5000);
    assert.equal(fixture.row("a").weight, 0.275);
    await fixture.table.close();
  });

  test("an ejection lasts its time and heeds the floors", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b, c])]);
    const eject = (name: string, forMs = 30_000): boolean =>
      fixture.table.signalEject("u", name, forMs, "p99 is 9s");
    assert.equal(eject("a"), true);
    assert.deepEqual(
      [fixture.state("a"), fixture.row("a").reason, fixture.row("a").ejections],
      ["ejected", "p99 is 9s", 1],
    );
    assert.equal(eject("b"), false, "more than half would be out");
    assert.equal(eject("nobody"), false);
    await fixture.clock.advance(10_000);
    assert.equal(eject("a", 5000), true, "it is out for longer already");
    await fixture.clock.advance(19_999);
    assert.equal(fixture.state("a"), "ejected");
    await fixture.clock.advance(1);
    assert.deepEqual([fixture.state("a"), fixture.row("a").ejections], ["healthy", 1]);
    await fixture.table.close();
  });

  test("a longer time replaces a shorter one; an operator's restore ends it", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.table.signalEject("u", "a", 1000, "slow");
    fixture.table.signalEject("u", "a", 3000, "slower");
    await fixture.clock.advance(2000);
    assert.equal(fixture.state("a"), "ejected");
    fixture.table.command("u", "a", { kind: "restore" });
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });

  test("the last one and what takes no traffic are left alone", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.table.command("u", "b", { kind: "drain" });
    assert.equal(fixture.table.signalEject("u", "a", 1000, "slow"), false);
    assert.equal(fixture.table.signalEject("u", "b", 1000, "slow"), false);
    await fixture.table.close();
  });

  test("switching passive ejection off does not end it", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.table.signalEject("u", "a", 5000, "slow");
    fixture.table.apply([upstream("u", [a, b], { ejection: { ...someEjection, enabled: false } })]);
    assert.equal(fixture.state("a"), "ejected");
    await fixture.table.close();
  });

  test("no time out lasts longer than an hour", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.table.signalEject("u", "a", 999_999_999, "slow");
    await fixture.clock.advance(3_600_000);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
});
