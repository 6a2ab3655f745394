import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMaintenance, windowAt } from "./maintenance.ts";

const at = (text: string): number => Date.parse(text);
const nightly = (timezone: string, durationMs = 3_600_000) => ({
  window: { cron: "30 2 * * *", timezone, durationMs },
});

describe("a window is open", () => {
  const once = { window: { fromMs: 100, toMs: 200 } };
  const berlin = nightly("Europe/Berlin");
  const long = nightly("Europe/Berlin", 30 * 3_600_000);
  const cases: readonly (readonly [string, typeof once | typeof berlin, number, boolean])[] = [
    ["not before", once, 99, false],
    ["from its first moment", once, 100, true],
    ["to its last", once, 199, true],
    ["not after", once, 200, false],
    ["by the clocks of its zone, in winter", berlin, at("2027-01-10T01:30:00Z"), true],
    ["not by those of another", berlin, at("2027-01-10T02:30:00Z"), false],
    ["by its zone in summer", berlin, at("2027-07-10T00:30:00Z"), true],
    ["to its last second", berlin, at("2027-07-10T01:29:59Z"), true],
    ["no longer", berlin, at("2027-07-10T01:30:00Z"), false],
    // On 28 March 2027 clocks jump from 02:00 to 03:00: 02:30 does not exist.
    [
      "at the next time there is, where its own is skipped",
      berlin,
      at("2027-03-28T01:00:00Z"),
      true,
    ],
    ["and as long as ever", berlin, at("2027-03-28T01:59:59Z"), true],
    ["then no longer", berlin, at("2027-03-28T02:00:00Z"), false],
    // On 31 October 2027 02:30 comes twice.
    ["at the first of two", berlin, at("2027-10-31T00:30:00Z"), true],
    ["not at the second", berlin, at("2027-10-31T01:30:00Z"), false],
    ["all day where it is longer than its pauses", long, at("2027-01-10T01:29:00Z"), true],
  ];
  for (const [name, window, atMs, open] of cases) {
    test(name, () => assert.equal(windowAt(window, atMs).open, open));
  }
});

test("over two days it is open when it is asked anew at every minute", () => {
  const window = { name: "n", match: {}, ...nightly("Europe/Berlin") };
  const maintenance = createMaintenance([window]);
  const begin = at("2027-03-27T12:00:00Z");
  for (let minute = 0; minute < 2880; minute += 7) {
    const atMs = begin + minute * 60_000;
    const expected = windowAt(window, atMs).open ? "n" : undefined;
    assert.equal(maintenance.nameOf({}, atMs), expected, new Date(atMs).toISOString());
  }
  // A clock that is set back is believed, too.
  assert.equal(maintenance.nameOf({}, at("2027-03-28T01:10:00Z")), "n");
  assert.equal(maintenance.nameOf({}, at("2027-03-27T12:00:00Z")), undefined);
});

test("only what matches is kept quiet", () => {
  const window = { fromMs: 0, toMs: 10 };
  const maintenance = createMaintenance([{ name: "m", match: { upstream: "api" }, window }]);
  assert.equal(maintenance.nameOf({ upstream: "api" }, 5), "m");
  assert.equal(maintenance.nameOf({ upstream: "web" }, 5), undefined);
});
