/** Random faults, one after another and sometimes two at once, each followed until it is healed. */
import { setTimeout as pause } from "node:timers/promises";

import type { DrillReportDocument } from "../../../packages/evenkeel/src/admin/drill-document.ts";
import type { ProcessesDocument } from "../../../packages/evenkeel/src/admin/process-document.ts";
import type { Evenkeel } from "../../support/evenkeel.ts";
import { waitFor } from "../../support/wait-for.ts";
import { oneOf, shuffled } from "./random.ts";
import { statusOf } from "./scene.ts";

/** What instances can suffer: signals, and what they are told to become. */
export const illnesses = [
  "kill",
  "stop",
  "gone",
  "hung",
  "slow",
  "failing",
  "deaf",
  "fat",
] as const;
export type Illness = (typeof illnesses)[number];

const FAULT_MS = 3_000;
const one = (fault: string, more: object = {}): object => ({
  steady_state: ["available(app) >= 3"],
  faults: { fault, upstream: "app", pick: 1, for: `${FAULT_MS}ms`, ...more },
  max_duration: "40s",
});

/** Faults that drills put into the traffic of one endpoint, and one that freezes an instance. */
export const trafficDrills: Readonly<Record<string, object>> = {
  partition: one("partition"),
  abort: one("abort", { status: 503 }),
  hang: one("hang"),
  reset: one("reset"),
  latency: one("latency", { delay: "400ms" }),
  freeze: {
    steady_state: ["available(app) >= 3"],
    faults: { fault: "stop", process: "app", for: "10s" },
    max_duration: "40s",
  },
};

/** One fault and what became of it. */
export interface FaultOutcome {
  /** An illness, or `drill NAME`. */
  readonly kind: string;
  /** Instance or endpoint. */
  readonly victim: string;
  /** Wall clock. */
  readonly atMs: number;
  /** Until the full number of instances that are well took traffic; undefined: never did. */
  readonly repairedMs: number | undefined;
}

export interface FaultPlan {
  readonly evenkeel: Evenkeel;
  readonly instances: number;
  readonly faults: number;
  /** Share of faults that drills put in. */
  readonly drillShare: number;
  /** Share of illnesses that come with another one. */
  readonly doubleShare: number;
  readonly random: () => number;
  /** How long a fault may take until a person had to come. */
  readonly patienceMs: number;
  readonly progress?: (outcome: FaultOutcome) => void;
}

/** Whom a fault hit: what must be out of rotation, or well again. */
interface Hit {
  readonly kind: string;
  readonly victim: string;
  readonly atMs: number;
  /** The process that is ill until its end; undefined where only its traffic is. */
  readonly pid: number | undefined;
  readonly address: string | undefined;
  /** The drill's run, to be waited for. */
  readonly drillRun: string | undefined;
}

/** Lets all of them happen; resolves when the last one is healed or given up. */
export async function sufferFaults(plan: FaultPlan): Promise<readonly FaultOutcome[]> {
  const outcomes: FaultOutcome[] = [];
  for (const round of scheduleOf(plan)) {
    const hits =
      round.kind === "drill"
        ? [await startDrill(plan, round.drill)]
        : await fallIllTogether(plan, round.illnesses);
    const repairedAtMs = await untilRepaired(plan, hits);
    for (const { kind, victim, atMs } of hits) {
      const repairedMs = repairedAtMs === undefined ? undefined : repairedAtMs - atMs;
      const outcome = { kind, victim, atMs, repairedMs };
      outcomes.push(outcome);
      plan.progress?.(outcome);
    }
    if (repairedAtMs === undefined) mendByHand(hits);
    for (const { drillRun } of hits) if (drillRun !== undefined) await drillOver(plan, drillRun);
    await pause(plan.random() * 500);
  }
  return outcomes;
}

type Round =
  | { readonly kind: "drill"; readonly drill: string }
  | { readonly kind: "illness"; readonly illnesses: readonly Illness[] };

/** Every kind about as often as any other, in random order. */
function scheduleOf({ faults, drillShare, doubleShare, random }: FaultPlan): readonly Round[] {
  const drills = Math.round(faults * drillShare);
  const cycle = <Word>(words: readonly Word[], count: number): Word[] => {
    const order = shuffled(words, random);
    return Array.from({ length: count }, (_, index) => order[index % order.length]!);
  };
  const rounds: Round[] = cycle(Object.keys(trafficDrills), drills).map((drill) => ({
    kind: "drill",
    drill,
  }));
  const left = shuffled(cycle(illnesses, faults - drills), random);
  while (left.length > 0) {
    rounds.push({ kind: "illness", illnesses: left.splice(0, random() < doubleShare ? 2 : 1) });
  }
  return shuffled(rounds, random);
}

async function fallIllTogether(plan: FaultPlan, together: readonly Illness[]): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const kind of together) {
    const { wellOnes } = await lookAt(plan.evenkeel, hits);
    const { name, pid, address } = oneOf(wellOnes, plan.random);
    const atMs = Date.now();
    if (kind === "kill") process.kill(pid, "SIGKILL");
    else if (kind === "stop") process.kill(pid, "SIGSTOP");
    else await become(address, kind);
    hits.push({ kind, victim: name, atMs, pid, address: undefined, drillRun: undefined });
  }
  return hits;
}

async function become(address: string, kind: Illness): Promise<void> {
  try {
    const signal = AbortSignal.timeout(5_000);
    await (await fetch(`http://${address}/become/${kind}`, { method: "POST", signal })).text();
  } catch (error) {
    // Who is gone at once may not have said goodbye.
    if (kind !== "gone" && kind !== "hung") throw error;
  }
}

/** Begins one as soon as nothing stands in its way. */
async function startDrill(plan: FaultPlan, drill: string): Promise<Hit> {
  const { evenkeel } = plan;
  const run = await waitFor(
    `drill ${drill} to be begun`,
    async () => {
      const answer = await evenkeel.admin(`/drills/${drill}/run`, { method: "POST" });
      const body = (await answer.json()) as { id?: string; error?: string };
      if (body.id === undefined) throw new Error(body.error);
      return body.id;
    },
    { withinMs: 60_000, everyMs: 100 },
  );
  const [fault] = await waitFor(
    `the fault of drill ${drill}`,
    async () => {
      const { timeline, verdict, text } = await reportOf(evenkeel, run);
      const faults = timeline.filter((entry) => entry.text.startsWith("fault: "));
      if (faults.length === 0 && verdict !== null) throw new Error(`${verdict}: ${text}`);
      return faults.length > 0 ? faults : undefined;
    },
    { withinMs: 30_000, everyMs: 20 },
  );
  const victim = fault!.text.split(" ").at(-1)!;
  const { processes } = await evenkeel.adminJson<ProcessesDocument>("/processes");
  const frozen = processes.find(({ name }) => name === victim);
  return {
    kind: `drill ${drill}`,
    victim,
    atMs: Date.parse(fault!.at),
    pid: frozen?.pid ?? undefined,
    address: frozen ? undefined : victim.slice(victim.indexOf("/") + 1),
    drillRun: run,
  };
}

async function drillOver({ evenkeel }: FaultPlan, run: string): Promise<void> {
  await waitFor(
    `drill run ${run} to end`,
    async () => (await reportOf(evenkeel, run)).verdict !== null,
    { withinMs: 60_000, everyMs: 100 },
  );
}

async function reportOf(evenkeel: Evenkeel, run: string): Promise<DrillReportDocument> {
  return await evenkeel.adminJson<DrillReportDocument>(`/drills/runs/${run}`);
}

interface Well {
  readonly name: string;
  readonly pid: number;
  readonly address: string;
}

/** Instances that take traffic and were not hit. */
async function lookAt(
  evenkeel: Evenkeel,
  hits: readonly Hit[],
): Promise<{ readonly wellOnes: readonly Well[] }> {
  const [{ processes }, { upstreams }] = await Promise.all([
    evenkeel.adminJson<ProcessesDocument>("/processes"),
    statusOf(evenkeel),
  ]);
  const available = new Set(
    upstreams.flatMap(({ endpoints }) =>
      endpoints.filter((endpoint) => endpoint.available).map(({ name }) => name),
    ),
  );
  const wellOnes = processes.flatMap(({ name, state, pid, address }) => {
    const isUp = state === "READY" && pid !== null && address !== null && available.has(address);
    const isHit = hits.some((hit) => hit.pid === pid || hit.address === address);
    return isUp && !isHit ? [{ name, pid, address }] : [];
  });
  return { wellOnes };
}

/** When the full number of well ones took traffic; undefined when they did not in time. Faults in
 * traffic end by themselves, after which their endpoint counts as well. */
async function untilRepaired(plan: FaultPlan, hits: readonly Hit[]): Promise<number | undefined> {
  const { evenkeel, instances, patienceMs } = plan;
  const giveUpAtMs = Date.now() + patienceMs;
  while (Date.now() < giveUpAtMs) {
    const nowMs = Date.now();
    const ill = hits.filter(({ pid, atMs }) => pid !== undefined || nowMs < atMs + FAULT_MS);
    const { wellOnes } = await lookAt(evenkeel, ill);
    if (wellOnes.length >= instances) return Date.now();
    await pause(30);
  }
  return undefined;
}

/** What a person would have to do. */
function mendByHand(hits: readonly Hit[]): void {
  for (const { pid } of hits) {
    try {
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }
}
