/** The result of comparing policies, as it is written to a file. */
import type { BenchResult } from "./bench-result.ts";

export interface PoliciesResult {
  readonly format: "evenkeel-bench-policies";
  readonly version: 1;
  readonly evenkeel: string;
  /** The file that all were made of. */
  readonly config: string;
  readonly upstream: string;
  readonly interrupted: boolean;
  readonly runs: readonly PolicyRun[];
}

export interface PolicyRun {
  readonly policy: string;
  readonly result: BenchResult;
  /** Over the whole run, warm-up included, as the balancer counted. */
  readonly endpoints: readonly EndpointShare[];
}

export interface EndpointShare {
  readonly name: string;
  /** Attempts sent to it. */
  readonly requests: number;
  /** Those of them that failed. */
  readonly failures: number;
  /** Of all attempts. */
  readonly percent: number;
}
