/** Counting picks, for statistical tests with a seed. */
import type { Picker } from "../policy.ts";
import { pickRequest, type Group } from "./fixtures.ts";

/** How often each endpoint was picked, by name, in that many picks of the same request. */
export function tally(
  group: Group,
  picker: Picker,
  picks: number,
  request = pickRequest(),
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of group.names) counts[name] = 0;
  for (let pick = 0; pick < picks; pick++) {
    const name = group.nameOf(picker.pick(request));
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** True where a count is within five standard deviations of what its probability promises. */
export function isPlausible(count: number, picks: number, probability: number): boolean {
  const deviation = Math.sqrt(picks * probability * (1 - probability));
  return Math.abs(count - picks * probability) <= 5 * deviation;
}
