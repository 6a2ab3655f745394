/** Puts together what acts by itself: processes, signals, plans, alerts and drills. */
import type { Healing, HealingWorld } from "./healing.ts";

/** Everything that acts by itself over one control; nothing runs until `apply`. */
export function createHealing(_world: HealingWorld): Healing {
  return {
    operations: [],
    apply() {},
    onHealthChange() {},
    received() {},
    async stopProcesses() {},
    async close() {},
  };
}
