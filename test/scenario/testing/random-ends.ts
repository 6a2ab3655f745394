/** Ends of Evenkeel, of control alone or of the whole program, at random instants of a plan or drill. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { ProcessesDocument } from "../../../packages/evenkeel/src/admin/process-document.ts";
import type { Evenkeel } from "../../support/evenkeel.ts";
import { waitFor } from "../../support/wait-for.ts";
import { actionOf, ledgerOf, type LedgerRow } from "./healing-record.ts";
import { healingScene, limits } from "./healing-scene.ts";
import { untilClean } from "./healing-residue.ts";
import { oneOf } from "./random.ts";
import { statusOf } from "./scene.ts";

/** Instances of the scene. */
export const INSTANCES = 3;
/** Roughly how long a plan is at work. */
const LONGEST_PLAN_MS = 3_000;
const SETTLES_WITHIN_MS = 60_000;

/** A scene whose plan leaves a line in a file each time its first step is done. */
export function endingScene(stateDir: string): object {
  return healingScene({
    stateDir,
    instances: INSTANCES,
    plans: {
      mend: {
        trigger:
          "(available(upstream=app, endpoint=*) < 1 and ready(process=app, instance=*) >= 1) for 300ms",
        steps: [
          {
            action: "run",
            command: [
              "/bin/sh",
              "-c",
              `echo "$EVENKEEL_INCIDENT" >> ${linesFile(stateDir)}; sleep 0.2`,
            ],
            timeout: "5s",
          },
          { action: "drain" },
          { action: "wait", for: "300ms" },
          { action: "restart_service", timeout: "10s" },
          { action: "verify_health", endpoint: "/healthz", expected: 200, timeout: "5s" },
          { action: "undrain" },
        ],
        limits: { ...limits, max_attempts: 20 },
      },
    },
    drills: {
      freeze: {
        steady_state: [`available(app) >= ${INSTANCES}`],
        faults: { fault: "stop", process: "app", for: "3s" },
        max_duration: "20s",
      },
      hang: {
        steady_state: [`available(app) >= ${INSTANCES}`],
        faults: { fault: "hang", upstream: "app", pick: 1, for: "3s" },
        max_duration: "20s",
      },
    },
  });
}

/** One end and what followed. */
export interface EndOutcome {
  /** What was going on: `plan`, or `drill NAME`. */
  readonly during: string;
  /** From the fault to the end of Evenkeel. */
  readonly afterMs: number;
  /** The ledger's unfinished entries at that moment, as `kind action state`. */
  readonly unfinished: readonly string[];
  /** From the end until everything was well and nothing was left; undefined: never was. */
  readonly settledMs: number | undefined;
  /** What was left where it did not settle. */
  readonly left: readonly string[];
}

/** Ends control and waits for its successor. */
export async function replacedControl(
  evenkeel: Evenkeel,
  crash: (thread: string) => void,
): Promise<Evenkeel> {
  const before = (await statusOf(evenkeel)).control_restarts;
  crash("control");
  await waitFor(
    "another control",
    async () => (await statusOf(evenkeel)).control_restarts > before,
    { withinMs: 20_000 },
  );
  return evenkeel;
}

/** Begins something, lets it go on for a random while, ends Evenkeel by `end`, and waits until all is
 * well. `end` resolves with the Evenkeel that is to put things right. */
export async function endAtRandom(
  evenkeel: Evenkeel,
  stateDir: string,
  random: () => number,
  end: (evenkeel: Evenkeel) => Promise<Evenkeel>,
): Promise<{ readonly outcome: EndOutcome; readonly evenkeel: Evenkeel }> {
  const during = oneOf(["plan", "plan", "plan", "drill freeze", "drill hang"], random);
  await (during === "plan" ? freezeOne(evenkeel, random) : beginDrill(evenkeel, during.slice(6)));
  const afterMs = random() * LONGEST_PLAN_MS;
  await pause(afterMs);
  const unfinished = ledgerOf(stateDir).filter(isUnfinished).map(inWords);
  const endedAt = performance.now();
  const next = await end(evenkeel);
  const left = await untilClean(next, { stateDir, instances: INSTANCES }, SETTLES_WITHIN_MS);
  const settledMs = left.length === 0 ? performance.now() - endedAt : undefined;
  return { evenkeel: next, outcome: { during, afterMs, unfinished, settledMs, left } };
}

/** Incidents whose `run` step left fewer lines than the ledger says it was done, or more than it says it
 * was begun, in words. */
export function blindRepetitions(stateDir: string): readonly string[] {
  const lines = linesOf(stateDir);
  const steps = ledgerOf(stateDir).filter(
    ({ kind, intent }) => kind === "plan.step" && actionOf(intent) === "run",
  );
  const incidents = new Set([...lines, ...steps.map(({ incident }) => incident ?? 0)]);
  return [...incidents].flatMap((incident) => {
    const own = steps.filter((step) => step.incident === incident);
    const count = lines.filter((line) => line === incident).length;
    const least = own.filter(({ state }) => state === "done").length;
    if (count >= least && count <= own.length) return [];
    return [`incident ${incident}: ${count} lines by ${own.length} steps, ${least} of them done`];
  });
}

/** How often the step that must not be repeated was done. */
export function linesOf(stateDir: string): readonly number[] {
  const file = linesFile(stateDir);
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

function linesFile(stateDir: string): string {
  return join(stateDir, "lines");
}

async function freezeOne(evenkeel: Evenkeel, random: () => number): Promise<void> {
  const { processes } = await evenkeel.adminJson<ProcessesDocument>("/processes");
  const { pid } = oneOf(
    processes.filter(({ state }) => state === "READY"),
    random,
  );
  process.kill(pid!, "SIGSTOP");
  await waitFor(
    "it to be found out",
    async () => (await statusOf(evenkeel)).upstreams[0]!.endpoints.some((one) => !one.available),
    { withinMs: 10_000 },
  );
}

async function beginDrill(evenkeel: Evenkeel, drill: string): Promise<void> {
  await waitFor(
    `drill ${drill} to be begun`,
    async () => {
      const answer = await evenkeel.admin(`/drills/${drill}/run`, { method: "POST" });
      if (answer.status !== 202) throw new Error(await answer.text());
      return true;
    },
    { withinMs: 30_000, everyMs: 100 },
  );
}

function isUnfinished({ state }: LedgerRow): boolean {
  return state === "intended" || state === "running";
}

function inWords({ kind, intent, state }: LedgerRow): string {
  return [kind, actionOf(intent), state].filter((word) => word !== "").join(" ");
}
