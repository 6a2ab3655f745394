/** What proxies are told of a new snapshot. */
import type { ToProxy } from "./messages.ts";
import type { RouteSnapshot, Snapshot } from "./snapshot.ts";

/** The message to proxies that have `before`. Ten thousand routes are most of a snapshot and change
 * far less often than endpoints do: equal ones are left out. */
export function snapshotMessage(before: Snapshot, next: Snapshot): ToProxy {
  const keepsRoutes = areSame(before.routes, next.routes);
  const snapshot = keepsRoutes ? { ...next, routes: [] } : next;
  return { kind: "snapshot", snapshot, keepsRoutes };
}

/** The snapshot that the message stands for, at a proxy that has `before`. */
export function readSnapshotMessage(
  before: Snapshot,
  { snapshot, keepsRoutes }: Extract<ToProxy, { kind: "snapshot" }>,
): Snapshot {
  return keepsRoutes ? { ...snapshot, routes: before.routes } : snapshot;
}

function areSame(before: readonly RouteSnapshot[], after: readonly RouteSnapshot[]): boolean {
  return (
    before.length === after.length &&
    before.every(
      ({ fingerprint, order }, at) =>
        fingerprint === after[at]!.fingerprint && order === after[at]!.order,
    )
  );
}
