/** When a drill is due. */
import { Cron } from "croner";
import type { DrillSettings } from "../snapshot/drill-settings.ts";

/** The first time after `afterMs`, milliseconds since the epoch; undefined where there is none. A
 * time that a change of clocks leaves out comes at the next time there is, one it repeats comes once. */
export function nextDue(
  schedule: NonNullable<DrillSettings["schedule"]>,
  afterMs: number,
): number | undefined {
  const cron = new Cron(schedule.cron, { timezone: schedule.timezone, paused: true });
  const next = cron.nextRun(new Date(afterMs));
  cron.stop();
  return next?.getTime();
}
