/** How everything that acts by itself stands, for status and metrics. */
import type { Supervisor } from "../processes/contract.ts";
import type { HealingFacts } from "../telemetry/healing-metrics.ts";
import type { HealingParts } from "./healing-parts.ts";

/** Read now; changes nothing. */
export function healingFacts(
  supervisor: Pick<Supervisor, "list">,
  { history, recovery, alerts, drills }: HealingParts,
): HealingFacts {
  const frozen = recovery.frozen();
  const { firing, receivers } = alerts.facts();
  return {
    instances: supervisor.list(),
    plans: recovery.plans(),
    incidentsOpen: history.incidents.openOnes().length,
    frozen: frozen && `by ${frozen.by}: ${frozen.reason}`,
    alertsFiring: firing,
    receivers,
    drill: drills.progress()?.run.drill,
    historyProblem: history.problem(),
  };
}
