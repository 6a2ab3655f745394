/** Nothing that acts by itself is configured, for tests of what shows it. */
import type { HealingFacts } from "../healing-metrics.ts";

export const quietHealing: HealingFacts = {
  instances: [],
  plans: [],
  incidentsOpen: 0,
  frozen: undefined,
  alertsFiring: {},
  receivers: [],
  drill: undefined,
  historyProblem: undefined,
};
