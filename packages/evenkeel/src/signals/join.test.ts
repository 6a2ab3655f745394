import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Truth } from "../expression/expression.ts";
import type { SignalSubject } from "./contract.ts";
import { join, MOST_STATES, type PartState } from "./join.ts";

const state = (subject: SignalSubject, truth: Truth, firstTrueAtMs?: number): PartState => ({
  subject,
  truth,
  firstTrueAtMs,
  explanation: truth,
});
const api: SignalSubject = { upstream: "api" };
const web: SignalSubject = { upstream: "web" };
const e1: SignalSubject = { upstream: "api", endpoint: "e1" };
const e2: SignalSubject = { upstream: "api", endpoint: "e2" };
const p1: SignalSubject = { ...e1, process: "p", instance: "p.1" };
const lone: SignalSubject = { process: "w", instance: "w.1" };

describe("who is joined with whom", () => {
  const cases: {
    name: string;
    kind: "and" | "or";
    left: PartState[];
    right: PartState[];
    is: [SignalSubject, Truth][];
  }[] = [
    {
      name: "the same subject",
      kind: "and",
      left: [state(api, "true"), state(web, "true")],
      right: [state(api, "true"), state(web, "false")],
      is: [
        [api, "true"],
        [web, "false"],
      ],
    },
    {
      name: "an upstream and its endpoints",
      kind: "and",
      left: [state(api, "true")],
      right: [state(e1, "true"), state(e2, "false")],
      is: [
        [e1, "true"],
        [e2, "false"],
      ],
    },
    {
      name: "an endpoint and its instance",
      kind: "and",
      left: [state(e1, "true"), state(e2, "true")],
      right: [state(p1, "true")],
      is: [[p1, "true"]],
    },
    {
      name: "and says two unrelated things together",
      kind: "and",
      left: [state(api, "true")],
      right: [state(lone, "true")],
      is: [[{ ...api, ...lone }, "true"]],
    },
    {
      name: "or leaves unrelated things apart",
      kind: "or",
      left: [state(api, "true")],
      right: [state(lone, "false")],
      is: [
        [api, "true"],
        [lone, "false"],
      ],
    },
    {
      name: "or over an upstream and its endpoints",
      kind: "or",
      left: [state(api, "false")],
      right: [state(e1, "true"), state(e2, "unknown")],
      is: [
        [e1, "true"],
        [e2, "unknown"],
      ],
    },
    {
      name: "nothing in particular holds for all",
      kind: "and",
      left: [state({}, "true")],
      right: [state(e1, "true"), state(e2, "unknown")],
      is: [
        [e1, "true"],
        [e2, "unknown"],
      ],
    },
    {
      name: "the same goes before what covers it",
      kind: "and",
      left: [state({}, "unknown"), state(e1, "true")],
      right: [state(e1, "true")],
      is: [[e1, "true"]],
    },
    {
      name: "and with nobody is unknown",
      kind: "and",
      left: [state(api, "true"), state(web, "false")],
      right: [],
      is: [
        [api, "unknown"],
        [web, "false"],
      ],
    },
    {
      name: "or with nobody is the other",
      kind: "or",
      left: [],
      right: [state(api, "true")],
      is: [[api, "true"]],
    },
  ];
  for (const { name, kind, left, right, is } of cases) {
    test(name, () => {
      const plain = (states: readonly PartState[]): unknown[] =>
        states.map(({ subject, truth }) => [subject, truth]);
      assert.deepEqual(plain(join(kind, left, right)), is);
    });
  }
});

describe("when it began", () => {
  test("and: with the last part", () => {
    const [joined] = join("and", [state(api, "true", 5)], [state(api, "true", 9)]);
    assert.equal(joined?.firstTrueAtMs, 9);
  });

  test("or: with the first part that is true", () => {
    const [joined] = join("or", [state(api, "false", 1)], [state(api, "true", 9)]);
    assert.deepEqual([joined?.firstTrueAtMs, joined?.explanation], [9, "true"]);
  });
});

test("states are bounded", () => {
  const many = (key: "upstream" | "process"): PartState[] =>
    Array.from({ length: 200 }, (_, at) => state({ [key]: `${at}` }, "true"));
  assert.equal(join("and", many("upstream"), many("process")).length, MOST_STATES);
});
