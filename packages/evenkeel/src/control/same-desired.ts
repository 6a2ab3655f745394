/** Whether a configuration that was read again asks for anything new. */
import { isDeepStrictEqual } from "node:util";
import type { Desired } from "../snapshot/desired.ts";

/** Two desired states that differ in nothing but their versions. What has a fingerprint is compared
 * by it, so that ten thousand routes are compared in no time. */
export function isSameDesired(before: Desired, after: Desired): boolean {
  const { snapshot: one, ...control } = before;
  const { snapshot: other, ...controlAfter } = after;
  return (
    areSame(one.listeners, other.listeners) &&
    areSame(one.upstreams, other.upstreams) &&
    areSame(one.routes, other.routes) &&
    isDeepStrictEqual(one.accessLog, other.accessLog) &&
    one.viaName === other.viaName &&
    one.stickySecret === other.stickySecret &&
    isDeepStrictEqual(control, controlAfter)
  );
}

/** The order counts: it decides between equal routes, and it is the order of a balancer's turns. */
function areSame(
  before: readonly { readonly fingerprint: string }[],
  after: readonly { readonly fingerprint: string }[],
): boolean {
  return (
    before.length === after.length &&
    before.every(({ fingerprint }, at) => fingerprint === after[at]!.fingerprint)
  );
}
