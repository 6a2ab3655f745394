import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GIVEN_UP, TAKES_BOUND, TAKES_NEW } from "../board/board.ts";
import { endpoint, someCheck, someEjection, upstream } from "./testing/settings.ts";
import { createFixture } from "./testing/table-fixture.ts";

const ALL = TAKES_NEW | TAKES_BOUND;
const LOOK_MS = 1000;
const [a, b, c, d] = [endpoint("a", 1), endpoint("b", 2), endpoint("c", 3), endpoint("d", 4)];
/** The clock starts at 01:46:40 UTC, the first look is a second later, the time out ten. */
const BACK = "01:46:51";

describe("ejection by failures in a row", () => {
  test("takes the endpoint out, says why and until when, and brings it back clean", async () => {
    const fixture = createFixture();
    const { board, clock, table } = fixture;
    table.apply([upstream("u", [a, b])]);
    fixture.requests(1, { failed: 5 });
    await clock.advance(LOOK_MS);
    const { state, reason, untilMs, available, timesEjected } = fixture.row("a");
    assert.equal(state, "ejected");
    assert.equal(reason, `5 requests in a row failed; back at ${BACK} UTC`);
    assert.equal(untilMs, clock.nowMs() + 10_000);
    assert.deepEqual([available, timesEjected, board.state[1]], [false, 1, GIVEN_UP]);
    board.failuresInARow[1] = 8;
    await clock.advance(9999);
    assert.equal(fixture.state("a"), "ejected");
    await clock.advance(1);
    assert.deepEqual(
      [fixture.state("a"), fixture.row("a").reason],
      ["healthy", "its time out is over"],
    );
    assert.deepEqual([board.state[1], board.failuresInARow[1]], [ALL, 0]);
    await table.close();
  });

  test("four of five are not enough", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.requests(1, { failed: 4 });
    await fixture.clock.advance(60_000);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });

  test("a passing check does not end it early", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b], { check: someCheck })]);
    await fixture.clock.advance(0);
    fixture.requests(1, { failed: 5 });
    await fixture.clock.advance(LOOK_MS);
    const asked = fixture.asked.length;
    await fixture.clock.advance(9000);
    assert.ok(fixture.asked.length > asked, "checks go on meanwhile");
    assert.equal(fixture.state("a"), "ejected");
    await fixture.table.close();
  });

  test("the operator's restore ends it early", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.requests(1, { failed: 5 });
    await fixture.clock.advance(LOOK_MS);
    fixture.table.command("u", "a", { kind: "restore" });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });

  test("grows each time in a row, up to the longest, and forgets a window at a time", async () => {
    const fixture = createFixture();
    const { clock, table } = fixture;
    const ejection = { ...someEjection, maxMs: 25_000 };
    table.apply([upstream("u", [a, b], { ejection })]);
    const outForMs: number[] = [];
    for (let time = 0; time < 3; time++) {
      fixture.requests(1, { failed: 5 });
      await clock.advance(LOOK_MS);
      outForMs.push(fixture.row("a").untilMs! - clock.nowMs());
      await clock.advance(outForMs.at(-1)!);
      assert.equal(fixture.state("a"), "healthy");
    }
    assert.deepEqual(outForMs, [10_000, 20_000, 25_000]);
    assert.equal(fixture.row("a").timesEjected, 3);
    await clock.advance(20_000);
    assert.equal(fixture.row("a").timesEjected, 1);
    assert.equal(fixture.row("a").ejections, 3, "what was forgiven was counted all the same");
    fixture.requests(1, { failed: 5 });
    await clock.advance(LOOK_MS);
    assert.equal(fixture.row("a").untilMs! - clock.nowMs(), 20_000);
    await table.close();
  });

  test("switched off, it ends what is out and takes out nothing", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.requests(1, { failed: 5 });
    await fixture.clock.advance(LOOK_MS);
    fixture.table.apply([upstream("u", [a, b], { ejection: { ...someEjection, enabled: false } })]);
    assert.equal(fixture.state("a"), "healthy");
    fixture.requests(1, { failed: 50 });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
});

describe("ejection by ratio", () => {
  const cases = [
    { name: "half of 20", ok: 10, failed: 10, state: "ejected" },
    { name: "less than half", ok: 11, failed: 9, state: "healthy" },
    { name: "too few requests", ok: 0, failed: 4, state: "healthy" },
  ];
  for (const { name, ok, failed, state } of cases) {
    test(name, async () => {
      const fixture = createFixture();
      fixture.table.apply([upstream("u", [a, b])]);
      // Counted by two proxies; the last request went well, so none failed in a row.
      fixture.requests(1, { failed }, 1);
      fixture.requests(1, { ok }, 0);
      fixture.board.failuresInARow[1] = 0;
      await fixture.clock.advance(LOOK_MS);
      assert.equal(fixture.state("a"), state);
      await fixture.table.close();
    });
  }
  test("says how many of how many", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.requests(1, { ok: 5, failed: 25 });
    fixture.board.failuresInARow[1] = 0;
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.row("a").reason, `25 of 30 requests in 10s failed; back at ${BACK} UTC`);
    await fixture.table.close();
  });
  test("what is older than the window no longer counts", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.requests(1, { failed: 4 });
    await fixture.clock.advance(LOOK_MS);
    await fixture.clock.advance(11_000);
    fixture.requests(1, { ok: 10, failed: 8 });
    fixture.board.failuresInARow[1] = 0;
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy", "18 in the window, not 22");
    await fixture.table.close();
  });
  test("what failed before a time out does not count after it", async () => {
    const fixture = createFixture();
    const ejection = { ...someEjection, baseMs: 2000 };
    fixture.table.apply([upstream("u", [a, b], { ejection })]);
    fixture.requests(1, { failed: 30 });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "ejected");
    await fixture.clock.advance(2000);
    fixture.requests(1, { ok: 1 });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
  test("a drained endpoint is not judged by its last requests", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b, c])]);
    fixture.table.command("u", "a", { kind: "drain" });
    fixture.requests(1, { failed: 30 });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.row("a").timesEjected, 0);
    fixture.table.command("u", "a", { kind: "undrain" });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
  test("requests before an endpoint took the slot do not count", async () => {
    const fixture = createFixture();
    fixture.requests(1, { failed: 100 });
    fixture.table.apply([upstream("u", [a, b])]);
    fixture.requests(1, { ok: 1 });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
});

describe("the floor", () => {
  test("never the last one", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a])]);
    fixture.requests(1, { failed: 50 });
    await fixture.clock.advance(60_000);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
  test("of two that fail at once, one", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b])]);
    for (const slot of [1, 2]) fixture.requests(slot, { failed: 5 });
    await fixture.clock.advance(LOOK_MS);
    assert.deepEqual([fixture.state("a"), fixture.state("b")], ["ejected", "healthy"]);
    await fixture.table.close();
  });
  test("of four that fail at once, half", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [a, b, c, d])]);
    for (const slot of [1, 2, 3, 4]) fixture.requests(slot, { failed: 5 });
    await fixture.clock.advance(LOOK_MS);
    const states = fixture.table.list().map((row) => row.state);
    assert.deepEqual(states, ["ejected", "ejected", "healthy", "healthy"]);
    await fixture.table.close();
  });
  test("not the last that is left by checks and the operator", async () => {
    const fixture = createFixture();
    fixture.answers.set(b.port, "failed");
    fixture.table.apply([upstream("u", [a, b, c], { check: someCheck, panicPercent: 0 })]);
    await fixture.clock.advance(0);
    fixture.table.command("u", "c", { kind: "drain" });
    fixture.requests(1, { failed: 50 });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
});

describe("max_fails", () => {
  const held = endpoint("a", 1, { maxFails: 2, failTimeoutMs: 10_000 });
  const fails = (fixture: ReturnType<typeof createFixture>, count: number): void => {
    fixture.board.fails[1] = count;
    fixture.board.checkedS[1] = Math.floor(fixture.clock.nowMs() / 1000);
  };
  test("is shown while it holds an endpoint back, and its bits are left to the proxies", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [held, b])]);
    fails(fixture, 2);
    await fixture.clock.advance(LOOK_MS);
    const { state, reason, available, untilMs } = fixture.row("a");
    assert.deepEqual(
      [state, reason, available],
      ["failed", "2 requests failed, max_fails is 2", false],
    );
    assert.equal(untilMs, fixture.clock.nowMs() + 10_000);
    assert.equal(fixture.board.state[1], ALL);
    const saved = fixture.checkpoints;
    await fixture.clock.advance(9000);
    assert.equal(fixture.state("a"), "failed");
    assert.equal(fixture.checkpoints, saved, "a hold that goes on is no news");
    await fixture.clock.advance(1000);
    assert.deepEqual(
      [fixture.state("a"), fixture.row("a").reason],
      ["healthy", "max_fails no longer holds it back"],
    );
    await fixture.table.close();
  });
  test("a renewed hold moves its end and keeps its beginning", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [held, b])]);
    fails(fixture, 2);
    await fixture.clock.advance(LOOK_MS);
    const { sinceMs } = fixture.row("a");
    await fixture.clock.advance(5000);
    fails(fixture, 3);
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.row("a").sinceMs, sinceMs);
    assert.equal(fixture.row("a").untilMs, fixture.clock.nowMs() + 10_000);
    await fixture.table.close();
  });
  test("never holds a lone endpoint, and not below its count", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [held])]);
    fails(fixture, 9);
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    fixture.table.apply([upstream("u", [held, b])]);
    fails(fixture, 1);
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
  test("is no panic, however many it holds back: panic would help none of them", async () => {
    const fixture = createFixture();
    const both = [held, endpoint("b", 2, { maxFails: 1 })];
    fixture.table.apply([upstream("u", both, { panicPercent: 100 })]);
    fails(fixture, 2);
    fixture.board.fails[2] = 1;
    fixture.board.checkedS[2] = fixture.board.checkedS[1]!;
    await fixture.clock.advance(LOOK_MS);
    assert.deepEqual([fixture.state("a"), fixture.state("b")], ["failed", "failed"]);
    assert.deepEqual([fixture.table.panicking(), fixture.panics], [[], []]);
    await fixture.table.close();
  });
  test("keeps out of a panic what is unhealthy too, until it may be tried", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [held, b], { check: someCheck })]);
    await fixture.clock.advance(0);
    fixture.answers.set(held.port, "failed").set(b.port, "failed");
    fixture.table.command("u", "b", { kind: "drain" });
    await fixture.clock.advance(6500);
    fails(fixture, 2);
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "unhealthy");
    assert.deepEqual([fixture.table.panicking(), fixture.row("a").available], [[], false]);
    await fixture.clock.advance(11_000);
    assert.equal(fixture.state("a"), "unhealthy");
    assert.deepEqual([fixture.table.panicking(), fixture.row("a").available], [["u"], true]);
    fails(fixture, 3);
    await fixture.clock.advance(LOOK_MS);
    assert.deepEqual([fixture.table.panicking(), fixture.row("a").available], [[], false]);
    await fixture.table.close();
  });
  test("counts as not available for those that a check took out", async () => {
    const fixture = createFixture();
    const three = [held, b, endpoint("c", 3)];
    fixture.table.apply([upstream("u", three, { check: someCheck })]);
    await fixture.clock.advance(0);
    fixture.answers.set(b.port, "failed");
    await fixture.clock.advance(6500);
    fails(fixture, 2);
    await fixture.clock.advance(LOOK_MS);
    assert.deepEqual([fixture.state("a"), fixture.state("b")], ["failed", "unhealthy"]);
    assert.deepEqual(fixture.table.panicking(), ["u"]);
    assert.equal(fixture.row("b").available, true);
    await fixture.table.close();
  });
  test("an endpoint it is written on is not ejected as well", async () => {
    const fixture = createFixture();
    fixture.table.apply([upstream("u", [endpoint("a", 1, { maxFails: 0 }), b])]);
    fixture.requests(1, { failed: 50 });
    await fixture.clock.advance(LOOK_MS);
    assert.equal(fixture.state("a"), "healthy");
    await fixture.table.close();
  });
});
