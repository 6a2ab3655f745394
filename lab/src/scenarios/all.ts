/**
 * All scenarios of the laboratory.
 */
import { badInstances, checkLiesAll, checkLiesOne, keepAliveRace } from "./bad-instance.ts";
import { balancerKilled, configChanges, reload } from "./balancer.ts";
import { allDown, kill, refused, stop } from "./dead-instance.ts";
import { cold, coldSlowStart, rolling } from "./deployment.ts";
import type { Scenario } from "./scenario.ts";

/** In the order of the tables. */
export const allScenarios: readonly Scenario[] = [
  kill,
  stop,
  refused,
  ...badInstances,
  keepAliveRace,
  rolling,
  cold,
  coldSlowStart,
  configChanges,
  allDown,
  checkLiesOne,
  checkLiesAll,
  reload,
  balancerKilled,
];

/** Scenarios by name; all for no name. Throws on an unknown one. */
export function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  const unknown = names.find((name) => !allScenarios.some((one) => one.name === name));
  if (unknown !== undefined) {
    const known = allScenarios.map(({ name }) => name).join(", ");
    throw new Error(`unknown scenario "${unknown}"; known: ${known}`);
  }
  return names.length === 0
    ? allScenarios
    : allScenarios.filter(({ name }) => names.includes(name));
}
