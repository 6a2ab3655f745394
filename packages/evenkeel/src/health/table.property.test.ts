import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { TAKES_BOUND, TAKES_NEW, type Board, createBoard } from "../board/board.ts";
import type { EndpointHealth, HealthChange, OperatorCommand, ProcessFact } from "./contract.ts";
import { endpoint, someCheck, upstream } from "./testing/settings.ts";
import { createFixture, type Fixture } from "./testing/table-fixture.ts";

const SIZE = 5;
const ports = Array.from({ length: SIZE }, (_, at) => 1001 + at);

type Step =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "check"; readonly at: number; readonly passes: boolean }
  | { readonly kind: "requests"; readonly at: number; readonly ok: number; readonly failed: number }
  | { readonly kind: "command"; readonly at: number; readonly command: OperatorCommand }
  | { readonly kind: "process"; readonly at: number; readonly fact: ProcessFact | undefined }
  | { readonly kind: "weight"; readonly at: number; readonly percent: number }
  | { readonly kind: "eject"; readonly at: number; readonly forMs: number }
  | { readonly kind: "settings"; readonly count: number; readonly checked: boolean };

const at = fc.nat({ max: SIZE - 1 });
const command = fc.oneof(
  fc.constantFrom("drain", "undrain", "eject", "restore").map((kind) => ({ kind })),
  fc.record({ kind: fc.constant("weight" as const), weight: fc.constantFrom(undefined, 0, 1, 9) }),
);
const fact = fc.option(
  fc.record({
    state: fc.constantFrom("ready" as const, "draining" as const, "stopped" as const),
    reason: fc.constantFrom("it said so", "it exited"),
  }),
  { nil: undefined },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("process" as const), at, fact }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("weight" as const),
      at,
      percent: fc.constantFrom(1, 25, 100),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("eject" as const),
      at,
      forMs: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat({ max: 12_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("check" as const), at, passes: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("requests" as const),
      at,
      ok: fc.nat({ max: 10 }),
      failed: fc.nat({ max: 30 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("command" as const), at, command }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("settings" as const),
      count: fc.integer({ min: 1, max: SIZE }),
      checked: fc.boolean(),
    }),
  },
);
const settings = fc.record({
  checked: fc.boolean(),
  slow: fc.boolean(),
  panicPercent: fc.constantFrom(0, 50),
});

/** What must hold at any moment, and between one moment and the next. */
function createWatch(fixture: Fixture) {
  const { board } = fixture;
  let rows = new Map<string, EndpointHealth>();
  let seen = { bits: "", generation: -1 };
  const facts = (): string =>
    ports.map((_, slot) => `${board.state[slot + 1]}:${board.weight[slot + 1]}`).join();

  const onePerRow = (row: EndpointHealth): void => {
    const before = rows.get(row.endpoint);
    const bits = board.state[row.slot]!;
    const told = `${row.endpoint} is ${row.state}: ${row.reason}`;
    if (
      row.state === "draining" ||
      row.state === "stopped" ||
      row.state === "ejected_by_operator" ||
      row.state === "probing"
    ) {
      assert.equal(bits & TAKES_NEW, 0, told);
    }
    if (row.state === "healthy" || row.state === "warming") assert.ok(bits & TAKES_NEW, told);
    assert.equal(board.weight[row.slot], row.weight, told);
    assert.ok(row.reason.length > 0);
    if (row.signal && row.weight > 0) {
      assert.ok(row.weight < (row.operatorWeight ?? row.configuredWeight), told);
    }
    if (row.state === "stopped") assert.equal(bits & TAKES_BOUND, 0, told);
    if (!before) return;
    if (row.state === before.state) {
      assert.equal(row.sinceMs, before.sinceMs, told);
      const follows = row.state === "draining" || row.state === "stopped";
      if (!follows && row.signal === before.signal) assert.equal(row.reason, before.reason, told);
    } else {
      assert.ok(row.sinceMs >= before.sinceMs, told);
    }
  };
  return {
    look(): void {
      const list = fixture.table.list();
      for (const row of list) onePerRow(row);
      rows = new Map(list.map((row) => [row.endpoint, row]));
      const now = { bits: facts(), generation: board.generation[1]! };
      if (now.bits !== seen.bits) assert.ok(now.generation > seen.generation, "published");
      seen = now;
    },
    /** The floor, at the very moment an ejection takes traffic away. */
    changed({ from, to, endpoint }: HealthChange): void {
      if (to !== "ejected" || (from !== "healthy" && from !== "warming")) return;
      ejections++;
      const list = fixture.table.list();
      const ejected = list.filter((row) => row.state === "ejected").length;
      assert.ok(ejected === 1 || ejected * 2 <= list.length, `${ejected} of ${list.length}`);
      const serves = ({ state, weight }: EndpointHealth): boolean =>
        (state === "healthy" || state === "warming") && weight > 0;
      assert.ok(list.some(serves), `${endpoint} was the last`);
    },
  };
}

/** Proof that the floor was put to the test. */
let ejections = 0;

async function run(
  board: Board,
  start: { checked: boolean; slow: boolean; panicPercent: number },
  steps: readonly Step[],
): Promise<void> {
  const fixture = createFixture({ board });
  const watch = createWatch(fixture);
  fixture.onChange = (change) => watch.changed(change);
  const apply = (count: number, checked: boolean): void =>
    fixture.table.apply([
      upstream(
        "u",
        ports.slice(0, count).map((port) => endpoint(`e${port}`, port - 1000)),
        {
          panicPercent: start.panicPercent,
          check: checked ? someCheck : undefined,
          slowStart: start.slow ? { windowMs: 8000, minPercent: 10 } : undefined,
        },
      ),
    ]);
  apply(SIZE, start.checked);
  for (const step of steps) {
    await take(fixture, step, apply);
    watch.look();
  }
  await fixture.table.close();
  assert.equal(fixture.clock.pending(), 0);
}

async function take(
  fixture: Fixture,
  step: Step,
  apply: (count: number, checked: boolean) => void,
): Promise<void> {
  switch (step.kind) {
    case "wait":
      await fixture.clock.advance(step.ms);
      break;
    case "check":
      fixture.answers.set(ports[step.at]!, step.passes ? "passed" : "failed");
      break;
    case "requests":
      fixture.requests(step.at + 1, step);
      await fixture.clock.advance(1000);
      break;
    case "command":
      fixture.table.command("u", `e${ports[step.at]!}`, step.command);
      break;
    case "process":
      fixture.table.process("u", `e${ports[step.at]!}`, step.fact);
      break;
    case "weight":
      fixture.table.signalWeight("u", `e${ports[step.at]!}`, step.percent, "it is slow");
      break;
    case "eject":
      fixture.table.signalEject("u", `e${ports[step.at]!}`, step.forMs, "it is slow");
      break;
    case "settings":
      apply(step.count, step.checked);
      break;
    default:
      assert.fail("no such step");
  }
}

describe("whatever happens", () => {
  test("the table keeps its promises", async () => {
    const board = createBoard(2);
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { maxLength: 40 }), (start, steps) =>
        run(board, start, steps),
      ),
      { numRuns: 150 },
    );
    assert.ok(ejections > 50, `only ${ejections} ejections came about`);
  });
});
