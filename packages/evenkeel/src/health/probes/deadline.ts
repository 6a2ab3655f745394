/** The frame all probes share: a bound in time, cancelling, and letting go of everything. */
import type { ProbeResult } from "./probe.ts";

/** Reports what was found; only the first call counts. */
export type Finish = (verdict: ProbeResult["verdict"], detail: string) => void;

/** Runs one question. `begin` starts the work and returns what ends it: called exactly once, however
 * the question ended, and waited for before the result is handed out. A `begin` that throws is our
 * own fault and leaves the verdict unknown. */
export function withDeadline(
  timeoutMs: number,
  signal: AbortSignal,
  begin: (finish: Finish) => () => void | Promise<void>,
): Promise<ProbeResult> {
  const startedMs = performance.now();
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  let letGo: (() => void | Promise<void>) | undefined;
  let found: ProbeResult | undefined;

  const conclude = async (): Promise<void> => {
    // Finished within `begin`: the end follows once there is something to end.
    if (!found || !letGo) return;
    await letGo();
    resolve(found);
  };
  const finish: Finish = (verdict, detail) => {
    if (found) return;
    found = { verdict, tookMs: performance.now() - startedMs, detail };
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
    void conclude();
  };
  const cancel = (): void => finish("unknown", "cancelled");
  const timer = setTimeout(
    () => finish("failed", `no answer within ${inSeconds(timeoutMs)}`),
    timeoutMs,
  );

  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) {
    letGo = () => undefined;
    cancel();
    return promise;
  }
  try {
    letGo = begin(finish);
  } catch (error) {
    letGo = () => undefined;
    finish("unknown", `the check could not be started: ${(error as Error).message}`);
  }
  void conclude();
  return promise;
}

/** `1s`, `0.25s`. */
export function inSeconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))}s`;
}
