/** Histories for tests. */
import type { History } from "../contract.ts";
import { IN_MEMORY } from "../database.ts";
import { openHistory } from "../open-history.ts";

/** What a test may set; the rest is as mild as can be. */
export interface TestHistory {
  readonly file?: string;
  readonly keepMs?: number;
  readonly keepIncidents?: number;
  readonly nowMs?: () => number;
  /** Gets every line of the log. */
  readonly said?: string[];
}

/** In memory unless a file is given. */
export function openForTest(options: TestHistory = {}): History {
  const { file = IN_MEMORY, keepMs = 1e9, keepIncidents = 1000, said = [] } = options;
  const say = (text: string): void => void said.push(text);
  return openHistory({
    file,
    settings: () => ({ keepMs, keepIncidents }),
    clock: { nowMs: options.nowMs ?? (() => Date.now()) },
    log: { warn: say, error: say },
  });
}

/** An operation nobody cares about. */
export const someEntry = {
  kind: "plan.step",
  owner: "plan:p",
  incident: undefined,
  run: "r",
  object: "api.1",
  intent: { action: "restart_service" },
  undo: undefined,
  deadlineMs: 0,
} as const;

/** An incident nobody cares about. */
export const someIncident = {
  title: "cpu_usage > 90%",
  object: "api.1",
  plan: "p",
  drill: undefined,
  faultAtMs: 1000,
  detectedAtMs: 4000,
} as const;
