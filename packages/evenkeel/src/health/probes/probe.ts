/** The contract of a probe: one question to one endpoint, answered within a bound. */
import type { ProbeSettings } from "../../snapshot/desired.ts";

/** What one check found. */
export interface ProbeResult {
  /** `unknown`: the fault is our own (no file descriptor, no memory) or the check was cancelled; it
   * says nothing about the endpoint and must not be counted. */
  readonly verdict: "passed" | "failed" | "unknown";
  readonly tookMs: number;
  /** One plain sentence without a full stop: `GET /healthz answered 503, expected 200-399`. */
  readonly detail: string;
}

/** Where to and how long. */
export interface ProbeRequest<Settings = ProbeSettings> {
  readonly settings: Settings;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** Asks once. Never rejects; resolves within about `timeoutMs`, or at once when `signal` aborts, and
 * by then has let go of everything: sockets destroyed, processes killed. */
export type Probe<Settings = ProbeSettings> = (
  request: ProbeRequest<Settings>,
  signal: AbortSignal,
) => Promise<ProbeResult>;
