/** Waits until a step may take something out. */
import type { Changing } from "./changing-actions.ts";
import { beyondBlastRadius, takes } from "./guard.ts";
import { pause } from "./pause.ts";
import { LOOK_EVERY_MS } from "./perform.ts";
import type { RunContext } from "./run-context.ts";

/** Why the step must not be done; undefined: it may. What is out may be back in a moment, just after a
 * start above all, so it has the plan's grace. */
export async function awaitRoom(
  run: RunContext,
  action: Changing,
  object: string,
): Promise<string | undefined> {
  const { clock, timers, levers, busyIn } = run.deps;
  const { limits } = run.facts.plan;
  const untilMs = clock.monotonicMs() + limits.graceMs;
  const signal = run.signal();
  for (;;) {
    const facts = levers.look(object);
    if (!facts) return `there is no ${object} any more`;
    const busy = busyIn(facts.group, object);
    const taking = { object, facts, busy, count: takes(action, facts) };
    const refusal = beyondBlastRadius(limits, taking);
    if (refusal === undefined || signal.aborted || clock.monotonicMs() >= untilMs) return refusal;
    await pause(timers, LOOK_EVERY_MS, signal);
  }
}
