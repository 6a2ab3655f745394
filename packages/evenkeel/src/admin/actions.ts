/** What the admin address can look at and do: control carries it out. */
import type { EndpointHealth, OperatorCommand } from "../health/contract.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Readiness, StatusDocument } from "./status.ts";

/** How reading the configuration again went. */
export interface ReloadOutcome {
  readonly outcome: "accepted" | "unchanged" | "refused";
  /** One line per change, where accepted. */
  readonly changes: readonly string[];
  /** One block per problem, where refused; per warning, where accepted. */
  readonly problems: readonly string[];
}

export interface AdminActions {
  /** Rates and percentiles look back this far. */
  readonly status: (windowMs: number) => StatusDocument;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly readiness: () => Readiness;
  readonly snapshot: () => Snapshot;
  readonly health: () => readonly EndpointHealth[];
  /** False where there is no such endpoint. */
  readonly command: (upstream: string, endpoint: string, command: OperatorCommand) => boolean;
  readonly reload: () => Promise<ReloadOutcome>;
}
