/** Which actions change something. */
import type { ActionSettings } from "../snapshot/plan-settings.ts";

/** Actions on an object of Evenkeel's own. */
export type Changing = Extract<
  ActionSettings,
  {
    action: "restart_service" | "drain" | "undrain" | "eject" | "set_weight" | "scale" | "rollback";
  }
>;

const changing: ReadonlySet<string> = new Set([
  "restart_service",
  "drain",
  "undrain",
  "eject",
  "set_weight",
  "scale",
  "rollback",
]);

/** Whether it acts on an object itself. */
export function changesObject(action: ActionSettings): action is Changing {
  return changing.has(action.action);
}

/** Whether signals may look different after it. */
export function changes(action: ActionSettings): boolean {
  return changesObject(action) || action.action === "run" || action.action === "http";
}
