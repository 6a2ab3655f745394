/** How long it took to detect, to mitigate and to resolve: pure sums over incidents. */
import type { Incident, RecoveryTimes, Spread } from "./contract.ts";

/** Apart by plan, handling and drill, in the order of their names. All three times count from the
 * first bad sample; what did not happen yet is not counted. */
export function recoveryTimes(incidents: readonly Incident[]): RecoveryTimes[] {
  const groups = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const key = JSON.stringify([incident.plan ?? "", incident.handling, !!incident.drill]);
    const group = groups.get(key);
    if (group) group.push(incident);
    else groups.set(key, [incident]);
  }
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, group]) => timesOf(group));
}

function timesOf(group: readonly Incident[]): RecoveryTimes {
  const [first] = group;
  const since = (end: (incident: Incident) => number | undefined): Spread =>
    spread(
      group.flatMap((incident) => {
        const endMs = end(incident);
        return endMs === undefined ? [] : [Math.max(0, endMs - incident.faultAtMs) / 1000];
      }),
    );
  return {
    plan: first?.plan ?? "",
    handling: first?.handling ?? "auto",
    drill: first?.drill !== undefined,
    detect: since(({ detectedAtMs }) => detectedAtMs),
    mitigate: since(({ mitigatedAtMs }) => mitigatedAtMs),
    resolve: since(({ resolvedAtMs }) => resolvedAtMs),
  };
}

/** The median of an even number is the mean of the two in the middle; the 90th percentile is the
 * nearest rank, so that it is a time that did occur. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const n = sorted.length;
  if (n === 0) return { n, mean: undefined, median: undefined, p90: undefined };
  const low = sorted[Math.floor((n - 1) / 2)]!;
  const high = sorted[Math.floor(n / 2)]!;
  return {
    n,
    mean: sorted.reduce((sum, value) => sum + value, 0) / n,
    median: (low + high) / 2,
    p90: sorted[Math.ceil(n * 0.9) - 1]!,
  };
}
