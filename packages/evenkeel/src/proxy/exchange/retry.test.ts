import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { mayTryAgain, type RetryFacts, type RetryRule } from "./retry.ts";

const rule: RetryRule = { attempts: 2, onConnectFailure: true, onReset: true, onTimeout: false };
const facts: RetryFacts = {
  failure: "origin_closed",
  attempts: 1,
  replayable: true,
  sent: true,
  repeatable: true,
};
const unsent = { failure: "connect_failed", sent: false } as const;

const cases: readonly {
  readonly name: string;
  readonly facts?: Partial<RetryFacts>;
  readonly rule?: Partial<RetryRule>;
  readonly again: boolean;
}[] = [
  { name: "a reset of what may be repeated", again: true },
  { name: "the last attempt allowed", facts: { attempts: 2 }, again: true },
  { name: "one attempt too many", facts: { attempts: 3 }, again: false },
  { name: "no retries configured", rule: { attempts: 0 }, again: false },
  {
    name: "a stale connection, which counts none",
    rule: { attempts: 0 },
    facts: { attempts: 0 },
    again: true,
  },
  { name: "a body that is gone", facts: { replayable: false }, again: false },
  { name: "sent and not repeatable", facts: { repeatable: false }, again: false },
  { name: "never sent and not repeatable", facts: { ...unsent, repeatable: false }, again: true },
  {
    name: "a refused connection left out",
    facts: unsent,
    rule: { onConnectFailure: false },
    again: false,
  },
  {
    name: "a connection that took too long",
    facts: { failure: "connect_timeout", sent: false },
    again: true,
  },
  { name: "a reset left out", rule: { onReset: false }, again: false },
  { name: "an answer broken off in its head", facts: { failure: "origin_reset" }, again: true },
  { name: "a malformed answer", facts: { failure: "bad_response" }, again: true },
  { name: "a head too large", facts: { failure: "response_header_too_large" }, again: true },
  { name: "a timeout not listed", facts: { failure: "first_byte_timeout" }, again: false },
  {
    name: "a timeout listed",
    facts: { failure: "first_byte_timeout" },
    rule: { onTimeout: true },
    again: true,
  },
  {
    name: "an idle timeout listed",
    facts: { failure: "idle_timeout" },
    rule: { onTimeout: true },
    again: true,
  },
  { name: "a status, which was looked up before", facts: { failure: "status" }, again: true },
  {
    name: "a status of what can't be repeated",
    facts: { failure: "status", repeatable: false },
    again: false,
  },
  { name: "want of this machine's own", facts: { failure: "local" }, again: false },
];

describe("another attempt", () => {
  for (const one of cases) {
    test(`${one.again ? "" : "not "}after ${one.name}`, () => {
      const again = mayTryAgain({ ...rule, ...one.rule }, { ...facts, ...one.facts });
      assert.equal(again, one.again);
    });
  }
});
