import { test } from "node:test";
import assert from "node:assert/strict";
import { toDrills } from "../desired/drills.ts";
import { parseConfig } from "../load.ts";

const around = (drill: string): string => `
upstreams: { api: { endpoints: ["127.0.0.1:1"] } }
processes: { app: { command: ["./app"] } }
drills:
  d: ${drill}
`;

const full = `{ schedule: "0 10 * * 2", timezone: Europe/London, steady_state: "available(api) >= 1",
    faults: [{ fault: kill, process: app }, { at: 2s, fault: stop, process: app, for: 3s },
      { fault: latency, upstream: api, pick: 1, percent: 50%, delay: 2s, jitter: 200ms, for: 30s },
      { fault: abort, upstream: api, endpoint: "127.0.0.1:1", header: "X-Drill: yes", for: 5s }],
    abort_if: ["error_ratio(api) > 5%"], max_duration: 1m,
    expect: { detected_within: 5s, recovered_within: 30s, errors: 0.1% } }`;

test("a full drill is carried over word by word", () => {
  const loaded = parseConfig("e.yaml", around(full), { cores: 1 });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const [drill] = toDrills(loaded.config);
  assert.deepEqual(drill?.schedule, { cron: "0 10 * * 2", timezone: "Europe/London" });
  assert.equal(drill?.expect.errorRatio, 0.001);
  assert.deepEqual(drill?.faults[1], {
    atMs: 2000,
    forMs: 3000,
    kind: "process",
    fault: "stop",
    process: "app",
    pick: 1,
  });
  const third = drill?.faults[2];
  assert.ok(third?.kind === "traffic");
  assert.deepEqual(third.effect, { kind: "latency", delayMs: 2000, jitterMs: 200 });
  assert.equal(third.scope.percent, 50);
  assert.equal(third.pick, 1);
  const fourth = drill?.faults[3];
  assert.ok(fourth?.kind === "traffic");
  assert.deepEqual(fourth.scope.header, { name: "x-drill", value: "yes" });
  assert.deepEqual(fourth.effect, { kind: "abort", status: 503 });
});

const refused: readonly (readonly [drill: string, message: RegExp])[] = [
  ['{ steady_state: "available(api) >= 1" }', /faults/],
  ["{ faults: { fault: kill, process: app } }", /steady_state/],
  [
    '{ steady_state: "available(apj) >= 1", faults: { fault: kill, process: app } }',
    /no upstream "apj"/,
  ],
  ['{ steady_state: "available(api) >= 1", faults: { fault: kill } }', /kill needs process/],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: kill, process: ap } }',
    /no such process/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: kill, process: app, for: 1s } }',
    /over at once/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: stop, process: app } }',
    /stop needs for/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: hang, upstream: api } }',
    /hang needs for/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: latency, for: 1s } }',
    /latency needs delay/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: bandwidth, for: 1s } }',
    /bandwidth needs rate/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: hang, delay: 1s, for: 1s } }',
    /only for latency/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: hang, process: app, for: 1s } }',
    /only for kill, stop, exit/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: kill, process: app, route: x } }',
    /only for faults in traffic/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: hang, endpoint: "1.1.1.1:1", for: 1s } }',
    /needs upstream/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: hang, pick: 1, for: 1s } }',
    /chooses among/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: hang, for: 3m } }',
    /not over before max_duration/,
  ],
  [
    '{ steady_state: "available(api) >= 1", schedule: "x", faults: { fault: hang, for: 1s } }',
    /cron expression/,
  ],
  [
    '{ steady_state: "available(api) >= 1", schedule: "0 0 30 2 *", faults: { fault: hang, for: 1s } }',
    /never due/,
  ],
  [
    '{ steady_state: "available(api) >= 1", schedule: "* * * * *", timezone: Nowhere, faults: { fault: hang, for: 1s } }',
    /time zone/,
  ],
  [
    '{ steady_state: "available(api) >= 1", expect: { plan: p }, faults: { fault: hang, for: 1s } }',
    /no such recovery plan/,
  ],
  [
    '{ steady_state: "available(api) >= 1", faults: { fault: hang, route: x, for: 1s } }',
    /no such route/,
  ],
  [
    '{ steady_state: "available(api) >= 1", report: x, faults: { fault: hang, for: 1s } }',
    /no such receiver/,
  ],
];

for (const [drill, message] of refused) {
  test(`refused: ${message.source}: ${drill}`, () => {
    const loaded = parseConfig("e.yaml", around(drill), { cores: 1 });
    assert.ok(!loaded.ok);
    const rules = loaded.problems.map(({ path, rule }) => `${path}: ${rule}`);
    assert.match(rules.join("\n"), message);
    assert.equal(loaded.problems.length, 1, rules.join("\n"));
  });
}
