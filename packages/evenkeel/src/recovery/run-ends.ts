/** When a plan last ended on an object, kept over a restart as long as it cools. */
import type { Memory } from "../history/contract.ts";

const SPACE = "recovery.ended";

/** Undefined where it did not, or long ago. */
export function lastEndedAt(memory: Memory, plan: string, object: string): number | undefined {
  const atMs = memory.get(SPACE, `${plan}\0${object}`);
  return typeof atMs === "number" ? atMs : undefined;
}

/** Takes note of an end. */
export function rememberEnd(memory: Memory, plan: string, object: string, atMs: number): void {
  memory.set(SPACE, `${plan}\0${object}`, atMs);
}

/** Forgets what cools no more. */
export function forgetEnds(
  memory: Memory,
  nowMs: number,
  cooldownMsOf: (plan: string) => number,
): void {
  for (const [key, atMs] of memory.all(SPACE)) {
    const plan = key.slice(0, key.indexOf("\0"));
    if (nowMs - Number(atMs) > cooldownMsOf(plan)) memory.delete(SPACE, key);
  }
}
