/** The table's memory as plain data, so that a new control thread goes on where the old one ended. */
import { z } from "zod";
import type { EndpointHealth } from "./contract.ts";
import type { EndpointState } from "./state.ts";

const absence = z.object({ reason: z.string(), untilMs: z.number() });
const states = [
  "ejected_by_operator",
  "stopped",
  "draining",
  "unhealthy",
  "ejected",
  "probing",
  "failed",
  "warming",
  "healthy",
] as const satisfies readonly EndpointHealth["state"][];

const savedEndpoint = z.object({
  upstream: z.string(),
  endpoint: z.string(),
  slot: z.number(),
  timesEjected: z.number(),
  ejections: z.number(),
  state: z.object({
    state: z.enum(states),
    reason: z.string(),
    sinceMs: z.number(),
    check: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("none") }),
      z.object({ kind: z.literal("probing") }),
      z.object({ kind: z.literal("passing"), failures: z.number() }),
      z.object({
        kind: z.literal("failing"),
        passes: z.number(),
        reason: z.string(),
        everPassed: z.boolean(),
      }),
    ]),
    ejection: absence.extend({ by: z.enum(["requests", "signal"]).default("requests") }).optional(),
    hold: absence.optional(),
    process: z
      .object({ state: z.enum(["ready", "draining", "stopped"]), reason: z.string() })
      .optional(),
    signal: z.object({ percent: z.number(), reason: z.string() }).optional(),
    operator: z.enum(["none", "drained", "ejected"]),
    operatorWeight: z.number().optional(),
    warming: z.boolean(),
  }),
  lastCheck: z
    .object({ passed: z.boolean(), atMs: z.number(), tookMs: z.number(), detail: z.string() })
    .optional(),
});
const checkpoint = z.object({ version: z.literal(1), endpoints: z.array(z.unknown()) });

/** One endpoint as it is saved and taken back. */
export interface SavedEndpoint {
  readonly upstream: string;
  readonly endpoint: string;
  readonly slot: number;
  readonly timesEjected: number;
  readonly ejections: number;
  readonly state: EndpointState;
  readonly lastCheck: EndpointHealth["lastCheck"];
}

/** The form `HealthTable.checkpoint` gives out: survives both structured clone and JSON. */
export function toCheckpoint(endpoints: readonly SavedEndpoint[]): unknown {
  return { version: 1, endpoints };
}

/** What was saved, by `savedKey`. Entries that make no sense are left out, as is everything of
 * another version: such an endpoint starts as a new one, which is safe. */
export function fromCheckpoint(saved: unknown): Map<string, SavedEndpoint> {
  const found = new Map<string, SavedEndpoint>();
  const whole = checkpoint.safeParse(saved);
  if (!whole.success) return found;
  for (const raw of whole.data.endpoints) {
    const entry = savedEndpoint.safeParse(raw);
    if (!entry.success) continue;
    const { state, lastCheck, ...rest } = entry.data;
    found.set(savedKey(rest.upstream, rest.endpoint), {
      ...rest,
      lastCheck,
      state: {
        ...state,
        // JSON drops what is undefined; the state always has the keys.
        ejection: state.ejection,
        hold: state.hold,
        process: state.process,
        signal: state.signal,
        operatorWeight: state.operatorWeight,
      },
    });
  }
  return found;
}

/** Unambiguous for any two names: the length keeps them apart. */
export function savedKey(upstream: string, endpoint: string): string {
  return `${upstream.length}:${upstream}${endpoint}`;
}
