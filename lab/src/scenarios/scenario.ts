/**
 * The contract of a scenario: what breaks, when, and what is expected.
 */
import type { Origin } from "../origin/origin.ts";
import type { RunningProduct, Setup } from "../products/product.ts";

/** One way for things to go wrong. */
export interface Scenario {
  /** What the command line calls it. */
  readonly name: string;
  readonly title: string;
  /** What is done, in a sentence. */
  readonly what: string;
  /** True when at every moment at least one instance can answer, so that no request need fail. */
  readonly survivable: boolean;
  /** One instance is slow, stopped or hangs: latency is what counts. */
  readonly sluggish: boolean;
  /** Further origins that run but are not configured at the beginning. */
  readonly spares?: number;
  /** Asks for slow start where a product has it. */
  readonly slowStart?: boolean;
  /** WebSockets and downloads are open all the time. */
  readonly longConnections?: boolean;
  /** Why a variant of Evenkeel may do worse than another product here: told where one does. */
  readonly whyLost?: string;
  /** Makes things break, while the load runs. */
  run(stage: Stage): Promise<void>;
}

/** Where a scenario plays: one product, its origins, and a clock. */
export interface Stage {
  /** The configured origins, then the spares. */
  readonly origins: readonly Origin[];
  readonly product: RunningProduct;
  /** The product's configuration at the beginning. */
  readonly setup: Setup;
  /** Length of the record. */
  readonly lengthMs: number;
  /** Resolves at that moment of the record; at once when it is over. Rejects when the run is
   * abandoned. */
  at(ms: number): Promise<void>;
  /** Marks the beginning of the fault: the first call counts. */
  fault(label: string): void;
  /** Marks its end; without a call it lasts. */
  over(label: string): void;
  /** Something worth telling beside the numbers. */
  note(text: string): void;
}

/** What round robin can't help. */
export const roundRobinWaits =
  "Round robin gives every instance its turn, whatever it is busy with; until a check, a timeout or failures tell, a third of the requests wait. least_conn avoids an instance that keeps its requests, in every product.";

/** When faults begin: 3 s into 14 s. */
export function faultAtMs(stage: Stage): number {
  return (stage.lengthMs * 3) / 14;
}

/** When faults end that do: 11 s into 14 s. */
export function overAtMs(stage: Stage): number {
  return (stage.lengthMs * 11) / 14;
}

/** The instance that faults happen to. */
export function victim(stage: Stage): Origin {
  return stage.origins[0]!;
}
