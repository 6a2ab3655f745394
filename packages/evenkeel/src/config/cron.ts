/** Cron expressions in a configuration. */
import { Cron } from "croner";

/** What is wrong with an expression in a time zone, and with which of the two; undefined where both
 * are sound and there is a time at which it is due. */
export function cronProblem(
  expression: string,
  timezone: string,
): { readonly key: "cron" | "timezone"; readonly rule: string } | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone }).format();
  } catch {
    return { key: "timezone", rule: 'must be a time zone such as "UTC" or "Europe/London"' };
  }
  const rule = 'must be a cron expression such as "0 10 * * 2" (minute hour day month weekday)';
  try {
    const isDue = new Cron(expression, { timezone, paused: true }).nextRun() !== null;
    return isDue ? undefined : { key: "cron", rule: "is never due" };
  } catch {
    return { key: "cron", rule };
  }
}
