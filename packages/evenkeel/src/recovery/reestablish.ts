/** Drains, ejections and weights end with Evenkeel's process; a run that is taken up counts on them. */
import type { LedgerEntry } from "../history/contract.ts";
import type { Levers } from "./contract.ts";
import { kinds, type StepIntent } from "./resume.ts";

/** Does again, in order, what the run's finished steps left in force and is not any more. Objects that
 * are not there are passed over. */
export function reestablish(entries: readonly LedgerEntry[], levers: Levers): void {
  for (const { kind, state, intent } of entries) {
    if (kind !== kinds.step || state !== "done") continue;
    const { action } = intent as StepIntent;
    if (!("target" in action)) continue;
    const { target } = action;
    const facts = levers.look(target);
    if (!facts) continue;
    if (action.action === "drain" && !facts.drained) levers.drain(target);
    if (action.action === "undrain" && facts.drained) levers.undrain(target);
    if (action.action === "eject" && !facts.ejected) levers.eject(target);
    if (action.action === "set_weight" && facts.weight !== action.weight) {
      levers.setWeight(target, action.weight);
    }
  }
}
