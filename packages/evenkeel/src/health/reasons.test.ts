import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ejectionReason } from "./reasons.ts";

describe("why an endpoint is ejected", () => {
  const evidence = {
    inARow: 5,
    totals: { requests: 40, failures: 25 },
    windowMs: 2500,
    untilMs: Date.UTC(2026, 0, 1, 12, 3, 14, 999),
  };
  const cases = [
    {
      why: "consecutive_failures",
      changes: {},
      said: "5 requests in a row failed; back at 12:03:14 UTC",
    },
    {
      why: "consecutive_failures",
      changes: { inARow: 1 },
      said: "1 request failed; back at 12:03:14 UTC",
    },
    {
      why: "failure_ratio",
      changes: {},
      said: "25 of 40 requests in 2.5s failed; back at 12:03:14 UTC",
    },
  ] as const;
  for (const { why, changes, said } of cases) {
    test(said, () => assert.equal(ejectionReason(why, { ...evidence, ...changes }), said));
  }
});
