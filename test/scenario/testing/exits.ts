/** How soon the end of an instance is known, and mended; and how soon a hung one is replaced. */

import type { ProcessesDocument } from "../../../packages/evenkeel/src/admin/process-document.ts";
import { isAlive } from "../../../packages/evenkeel/src/processes/keeper/identity.ts";
import type { Evenkeel } from "../../support/evenkeel.ts";
import { waitFor } from "../../support/wait-for.ts";
import { FIRST_DELAY_MS } from "./healing-scene.ts";
import { instancesIn, stateLines } from "./processes.ts";
import { statusOf } from "./scene.ts";

/** What followed the kill of an instance, in milliseconds from when the kernel shows it as dead. */
export interface ExitOutcome {
  /** Until the change was in force, by the log. */
  readonly outMs: number;
  /** Until its successor was launched, beyond the first delay. */
  readonly restartMs: number;
  /** Until its successor took traffic. */
  readonly readyMs: number;
}

/** Kills one with KILL and waits for its successor. */
export async function killOne(
  evenkeel: Evenkeel,
  stateDir: string,
  index: number,
): Promise<ExitOutcome> {
  const victims = instancesIn(stateDir);
  const { instance, identity } = victims[index % victims.length]!;
  const killedAtMs = Date.now();
  process.kill(identity.pid, "SIGKILL");
  while (isAlive(identity)); // The kernel takes its time, which is not Evenkeel's.
  const endedAtMs = Date.now();
  const linesNow = (): ReturnType<typeof stateLines> =>
    stateLines(evenkeel).filter((line) => line.instance === instance && line.atMs >= killedAtMs);
  await waitFor(`${instance} to be back`, () => linesNow().some(({ to }) => to === "READY"), {
    withinMs: 30_000,
  });
  const lines = linesNow();
  const at = (state: string): number => lines.find(({ to }) => to === state)!.atMs;
  return {
    outMs: lines[0]!.atMs - endedAtMs,
    restartMs: at("STARTING") - endedAtMs - FIRST_DELAY_MS,
    readyMs: at("READY") - endedAtMs,
  };
}

/** What followed the freezing of an instance, in milliseconds from the signal. */
export interface HangOutcome {
  /** Until its endpoint got no new requests. */
  readonly detectedMs: number;
  /** Until the number of instances that are well took traffic again. */
  readonly replacedMs: number;
  /** Of that, what the new process needed: from its launch until it was ready. */
  readonly startMs: number;
}

/** Freezes one with STOP and waits until another has taken its place. */
export async function freezeOne(
  evenkeel: Evenkeel,
  stateDir: string,
  index: number,
): Promise<HangOutcome> {
  const victims = instancesIn(stateDir);
  const { instance, identity } = victims[index % victims.length]!;
  const stoppedAtMs = Date.now();
  const stoppedAt = performance.now();
  process.kill(identity.pid, "SIGSTOP");
  let detectedMs: number | undefined;
  await waitFor(
    `${instance} to be replaced`,
    async () => {
      const [{ processes }, { upstreams }] = await Promise.all([
        evenkeel.adminJson<ProcessesDocument>("/processes"),
        statusOf(evenkeel),
      ]);
      const takes = new Set(
        upstreams[0]!.endpoints.flatMap(({ available, name }) => (available ? [name] : [])),
      );
      const inRotation = processes.filter(({ address }) => takes.has(address ?? ""));
      const isOut = inRotation.every(({ pid }) => pid !== identity.pid);
      if (isOut) detectedMs ??= performance.now() - stoppedAt;
      return isOut && inRotation.length >= victims.length;
    },
    { withinMs: 30_000, everyMs: 10 },
  );
  const replacedMs = performance.now() - stoppedAt;
  const lines = stateLines(evenkeel).filter(
    (line) => line.instance === instance && line.atMs >= stoppedAtMs,
  );
  const launched = lines.find(({ to }) => to === "STARTING")!.atMs;
  const ready = lines.find(({ to, atMs }) => to === "READY" && atMs >= launched)!.atMs;
  return { detectedMs: detectedMs!, replacedMs, startMs: ready - launched };
}
