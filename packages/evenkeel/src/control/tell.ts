/** Control's words for its log. */
import type { HealthChange } from "../health/contract.ts";
import type { Log } from "../telemetry/log.ts";

/** What is legal but surely wrong; nothing for none. */
export function tellWarnings(log: Log, warnings: readonly string[]): void {
  if (warnings.length > 0) log.warn({ warnings }, "configuration warnings");
}

/** An endpoint is in another state. */
export function tellChange(log: Log, change: HealthChange): void {
  const { upstream, endpoint, from, to, reason } = change;
  const fields = { upstream, endpoint, from, to, reason };
  const text = `${upstream}: ${endpoint} is ${to.replaceAll("_", " ")}`;
  // Of processes the supervisor tells what there is to worry about.
  const isUsual = to === "healthy" || to === "warming" || to === "probing" || to === "stopped";
  if (isUsual) log.info(fields, text);
  else log.warn(fields, text);
}

/** Too few endpoints are left, or enough are back. */
export function tellPanic(log: Log, upstream: string, panicking: boolean): void {
  if (panicking)
    log.error(
      { upstream },
      "panic: too few endpoints are left, those that were judged bad get traffic, too",
    );
  else log.info({ upstream }, "the panic is over: enough endpoints are back");
}

/** A circuit breaker opened, closed or tries. */
export function tellBreaker(
  log: Log,
  change: { readonly upstream: string; readonly to: string; readonly reason: string | undefined },
): void {
  const text = `the circuit breaker of ${change.upstream} is ${change.to.replace("_", " ")}`;
  if (change.to === "open") log.warn(change, text);
  else log.info(change, text);
}
