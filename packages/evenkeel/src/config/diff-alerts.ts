/** What changes about alerts, in an operator's words. */
import type { AlertSettings } from "../snapshot/alert-settings.ts";

/** One line per change; names only, since receivers hold secrets. */
export function diffAlerts(before: AlertSettings, after: AlertSettings): string[] {
  return [
    ...named("alert rule", before.rules, after.rules),
    ...named("receiver", before.receivers, after.receivers),
    ...named("maintenance", before.maintenance, after.maintenance),
    ...(same(before.routes, after.routes) ? [] : ["alerts.routes changed"]),
  ];
}

function named(
  kind: string,
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): string[] {
  const old = new Map(before.map((thing) => [thing.name, thing]));
  const lines = after.flatMap((thing) => {
    const was = old.get(thing.name);
    old.delete(thing.name);
    if (!was) return [`${kind} ${thing.name} added`];
    return same(was, thing) ? [] : [`${kind} ${thing.name} changed`];
  });
  return [...lines, ...[...old.keys()].map((name) => `${kind} ${name} removed`)];
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
