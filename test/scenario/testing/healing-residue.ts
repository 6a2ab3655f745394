/** What faults may leave behind, looked for everywhere: processes, traffic, ledger, incidents. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import type { ProcessesDocument } from "../../../packages/evenkeel/src/admin/process-document.ts";
import { readStat } from "../../../packages/evenkeel/src/processes/keeper/identity.ts";
import type { Evenkeel } from "../../support/evenkeel.ts";
import { unfinishedOf } from "./healing-record.ts";
import { instancesIn } from "./processes.ts";
import { askOrigin, statusOf } from "./scene.ts";

/** The least that faults of the scenes make answers late by. */
const SLOW_MS = 400;

/** Everything that is not as it was before the first fault, in words; empty when all is well. */
export async function residueOf(
  evenkeel: Evenkeel,
  { stateDir, instances }: { readonly stateDir: string; readonly instances: number },
): Promise<readonly string[]> {
  const found: string[] = [];
  const living = processesMarked(stateDir);
  const known = instancesIn(stateDir).map(({ identity }) => identity.pid);
  for (const pid of living) {
    if (readStat(pid)?.state === "T") found.push(`process ${pid} is frozen`);
    if (!known.includes(pid)) found.push(`process ${pid} is in no journal`);
  }
  if (living.length !== instances) found.push(`${living.length} processes, not ${instances}`);
  for (const { id, kind, object, state } of unfinishedOf(stateDir)) {
    found.push(`ledger entry ${id} (${kind} of ${object}) is ${state}`);
  }
  const { upstreams, healing } = await statusOf(evenkeel);
  const endpoints = upstreams.flatMap((one) => one.endpoints);
  for (const { name, state, reason } of endpoints) {
    if (state !== "healthy") found.push(`endpoint ${name} is ${state}: ${reason}`);
  }
  if (endpoints.length !== instances) found.push(`${endpoints.length} endpoints`);
  if (healing.incidents_open > 0) found.push(`${healing.incidents_open} incidents are open`);
  if (healing.drill !== null) found.push(`drill ${healing.drill} is under way`);
  if (healing.frozen !== null) found.push(`plans are frozen ${healing.frozen}`);
  if (healing.history_problem !== null) found.push(healing.history_problem);
  const { processes } = await evenkeel.adminJson<ProcessesDocument>("/processes");
  for (const { name, state, reason } of processes) {
    if (state !== "READY") found.push(`${name} is ${state}: ${reason}`);
  }
  return [...found, ...(await slowAnswers(evenkeel, 2 * instances))];
}

/** What is put into traffic shows in traffic: an answer that fails, or comes only after an attempt that
 * had none. */
async function slowAnswers(evenkeel: Evenkeel, count: number): Promise<readonly string[]> {
  const slow: string[] = [];
  for (let index = 0; index < count; index++) {
    const askedAt = performance.now();
    const origin = await askOrigin(evenkeel);
    const tookMs = performance.now() - askedAt;
    if (tookMs > SLOW_MS) slow.push(`an answer of ${origin} took ${tookMs.toFixed(0)} ms`);
  }
  return slow;
}

/** Waits until nothing is left, and answers what is where that takes too long. */
export async function untilClean(
  evenkeel: Evenkeel,
  place: { readonly stateDir: string; readonly instances: number },
  withinMs = 20_000,
): Promise<readonly string[]> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const left = await residueOf(evenkeel, place).catch((error: unknown) => [String(error)]);
    if (left.length === 0 || performance.now() > giveUpAt) return left;
    await pause(50);
  }
}

/** Processes that were started with a word, whoever knows of them. */
export function processesMarked(word: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isMarked(pid, word));
}

function isMarked(pid: number, word: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.includes(word) && words.some((one) => one.endsWith("faulty-instance.ts"));
  } catch {
    return false; // Gone meanwhile.
  }
}
