/** Closes the loop: after the last step the trigger's own signal is read again. No plan can leave it
 * out, or a restart that changed nothing would count as a recovery. */
import { pause } from "./pause.ts";
import { LOOK_EVERY_MS } from "./perform.ts";
import type { RunEvent } from "./plan-run.ts";
import type { RunContext } from "./run-context.ts";

/** Waits for the grace, then until the trigger has ended. What nobody measured is no end. */
export async function verifyTrigger(run: RunContext): Promise<RunEvent> {
  const { graceMs, verifyWithinMs } = run.facts.plan.limits;
  const { clock, timers, lookAtTrigger } = run.deps;
  const signal = run.signal();
  run.doing = "waiting for the trigger to end";
  const untilMs = clock.monotonicMs() + graceMs + verifyWithinMs;
  const judgedFromMs = clock.monotonicMs() + graceMs;
  for (;;) {
    if (signal.aborted) return { kind: "unverified", truth: "unknown", text: "it was called off" };
    // Looked at from the beginning, to know since when the signal is fine.
    const { truth, sinceMs, explanation } = lookAtTrigger(clock.nowMs());
    const leftMs = judgedFromMs - clock.monotonicMs();
    if (leftMs > 0) {
      await pause(timers, Math.min(leftMs, LOOK_EVERY_MS), signal);
      continue;
    }
    if (truth === "false" || truth === "gone") {
      run.fineSinceMs = sinceMs;
      const text = `the trigger has ended: ${explanation}`;
      run.note("verification", text);
      return { kind: "verified", text };
    }
    if (clock.monotonicMs() >= untilMs) {
      const what =
        truth === "true" ? "the trigger still holds" : "nobody can say whether it helped";
      run.note("verification", `${what}: ${explanation}`);
      return { kind: "unverified", truth, text: `${what}: ${explanation}` };
    }
    await pause(timers, LOOK_EVERY_MS, signal);
  }
}
