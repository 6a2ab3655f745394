/** Whether anything configured must be remembered on disk. */
import type { Desired } from "../snapshot/desired.ts";

/** True where there are processes, plans, alerts or drills: the state folder is made and locked. */
export function needsState(desired: Desired): boolean {
  const { processes, recovery, alerts, drills } = desired;
  return (
    processes.length > 0 ||
    recovery.plans.length > 0 ||
    alerts.rules.length > 0 ||
    alerts.receivers.length > 0 ||
    drills.length > 0
  );
}
