/** A drill. */
import { z } from "zod";
import { condition } from "./condition.ts";
import {
  count,
  duration,
  durationOrOff,
  name,
  percent,
  size,
  someText,
  status,
} from "./scalars.ts";
import { oneOrMany, textScalar } from "./variants.ts";

const headerShare = textScalar(
  '"name: value", or a name for any value, such as "x-drill: yes"',
  { "x-type": "header", examples: ["x-drill: yes", "x-drill"] },
  (text) => {
    const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:\s*:\s*(\S.*?))?\s*$/.exec(text);
    return match ? { name: match[1]!.toLowerCase(), value: match[2] ?? "" } : undefined;
  },
);

const fault = z.strictObject({
  fault: z
    .enum(["kill", "stop", "exit", "latency", "abort", "hang", "reset", "bandwidth", "partition"])
    .describe(
      "To a process: `kill` (KILL), `stop` (freezes it for `for`), `exit` (TERM). To traffic, in the proxies: `latency` (later by `delay`), `abort` (answered with `status`), `hang` (no answer), `reset` (the connection breaks), `bandwidth` (answers at `rate` per second), `partition` (no connection can be made).",
    ),
  at: durationOrOff.prefault(0).describe("When, from the beginning of the faults."),
  for: duration
    .optional()
    .describe("How long; not for `kill` and `exit`. The proxies end it by themselves."),
  process: name.optional().describe("`kill`, `stop`, `exit`: the process that is hit."),
  upstream: name.optional().describe("Traffic: the upstream; all where it is left out."),
  endpoint: someText.optional().describe("Traffic: one endpoint of `upstream`, by its address."),
  route: someText.optional().describe("Traffic: requests of this route, by its name."),
  header: headerShare
    .optional()
    .describe("Traffic: only requests with this header, so that a drill hits nobody else."),
  percent: percent(0, 100).prefault("100%").describe("Traffic: the share of what matches."),
  pick: count(1, 1000)
    .optional()
    .describe(
      "How many instances, or endpoints of `upstream`, chosen at random. Default for processes: 1; for traffic: all.",
    ),
  delay: duration.optional().describe("`latency`: how much later."),
  jitter: duration.optional().describe("`latency`: give or take up to this much."),
  status: status.optional().describe("`abort`: the answer. Default: 503."),
  rate: size.optional().describe("`bandwidth`: bytes per second of each answer."),
});

/** One fault as written. */
export type DrillFaultConfig = z.output<typeof fault>;

const expectation = z.strictObject({
  detected_within: duration
    .optional()
    .describe("An endpoint or process under a fault must change its state within this time."),
  recovered_within: duration
    .optional()
    .describe("The steady state must be back for good within this time."),
  errors: percent(0, 100).optional().describe("At most this share of all requests may fail."),
  plan: name.optional().describe("This recovery plan must have healed it; proves the plan."),
});

/** One drill: what is done, and what must come of it. */
export const drillSchema = z.strictObject({
  schedule: someText
    .optional()
    .describe('A cron expression such as "0 10 * * 2"; left out, it runs only when asked.'),
  timezone: someText.prefault("UTC").describe("Of `schedule`, such as `Europe/London`."),
  steady_state: oneOrMany(condition).describe(
    "Conditions that must all be true before it begins, and again when it is over.",
  ),
  faults: oneOrMany(fault).describe("What goes wrong, and when."),
  abort_if: oneOrMany(condition, 0)
    .prefault([])
    .describe("Looked at every second; any of them true takes everything back at once."),
  max_duration: duration
    .prefault("2m")
    .describe("Everything is taken back by then, whatever happens."),
  expect: expectation.prefault({}).describe("What makes it passed."),
  report: oneOrMany(name, 0).prefault([]).describe("Receivers that are told the result."),
});

/** One drill as written. */
export type DrillConfig = z.output<typeof drillSchema>;
