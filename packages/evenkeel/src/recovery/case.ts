/**
 * The life of one incident as its trigger tells it: open, mitigated when the signal is fine again,
 * resolved when it stayed fine for the grace. Pure.
 */
import type { SignalSubject } from "../signals/contract.ts";

/** What is known of a plan's trouble with one object. Plain data: it outlives the program. */
export interface Case {
  readonly plan: string;
  readonly object: string;
  readonly subject: SignalSubject;
  readonly incident: number;
  readonly state: "open" | "mitigated";
  readonly faultAtMs: number;
  readonly detectedAtMs: number;
  /** Runs so far. */
  readonly attempts: number;
  /** Since when the trigger has not been true; undefined: it is. */
  readonly fineSinceMs: number | undefined;
  /** A person was called. */
  readonly paged: boolean;
  /** The rule that refused last; told once each time it changes. */
  readonly refusal: string | undefined;
  /** No run is begun any more: a person stopped one, or said that it is over. */
  readonly dismissed: boolean;
  /** A person said that it is over; it is only kept until its trigger was false once. */
  readonly over: boolean;
  /** What the runs did, for the report; empty: nothing. */
  readonly deed: string;
}

/** How a trigger stands for the object, without its `for`. `gone`: there is no such object. */
export interface Observation {
  readonly truth: "true" | "false" | "unknown" | "gone";
  readonly sinceMs: number;
  readonly explanation: string;
}

export type CaseDeed =
  | { readonly kind: "act" }
  | { readonly kind: "mitigated"; readonly atMs: number }
  | { readonly kind: "reopened" }
  | { readonly kind: "resolved"; readonly atMs: number };

/** What a look changes. `running`: a run is under way, which judges by itself. `lasting`: the trigger
 * holds with its `for`: only that brings back what was mitigated, so that one bad sample does not. */
export function lookAt(
  before: Case,
  seen: Observation,
  facts: {
    readonly nowMs: number;
    readonly graceMs: number;
    readonly running: boolean;
    readonly lasting: boolean;
  },
): { readonly next: Case; readonly deeds: readonly CaseDeed[] } {
  if (facts.running) return { next: before, deeds: [] };
  const next = { ...before, fineSinceMs: fineSince(before, seen, facts.nowMs) };
  if (next.fineSinceMs === undefined) return whileBad(next, seen, facts.lasting);
  const deeds: CaseDeed[] = [];
  let state = next.state;
  if (state === "open") {
    state = "mitigated";
    deeds.push({ kind: "mitigated", atMs: next.fineSinceMs });
  }
  if (facts.nowMs - next.fineSinceMs >= facts.graceMs) {
    deeds.push({ kind: "resolved", atMs: facts.nowMs });
  }
  return { next: { ...next, state }, deeds };
}

/** What nobody measured changes nothing: it is neither bad nor fine. */
function fineSince(
  { fineSinceMs, detectedAtMs }: Case,
  { truth, sinceMs }: Observation,
  nowMs: number,
): number | undefined {
  switch (truth) {
    case "true":
      return undefined;
    case "unknown":
      return fineSinceMs;
    case "false":
    case "gone":
      // It can't have been fine before it was found bad.
      return fineSinceMs ?? Math.min(nowMs, Math.max(sinceMs, detectedAtMs));
  }
}

function whileBad(
  next: Case,
  { truth }: Observation,
  lasting: boolean,
): { readonly next: Case; readonly deeds: readonly CaseDeed[] } {
  if (truth !== "true") return { next, deeds: [] };
  const act: CaseDeed[] = next.dismissed ? [] : [{ kind: "act" }];
  if (next.state === "open") return { next, deeds: act };
  if (!lasting) return { next, deeds: [] };
  return { next: { ...next, state: "open" }, deeds: [{ kind: "reopened" }, ...act] };
}
