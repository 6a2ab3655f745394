/** Drills over one Evenkeel: asks what it sees, does what the course of the drill says, and reports. */
import { HistoryUnavailable, type History } from "../history/contract.ts";
import type {
  ConditionWatch,
  CreateConditionWatch,
  SignalReader,
  SignalSubject,
} from "../signals/contract.ts";
import type { Condition } from "../expression/expression.ts";
import type { DrillFaultSettings, DrillSettings } from "../snapshot/drill-settings.ts";
import type { Log } from "../telemetry/log.ts";
import type { DrillReport, DrillRunView, Drills, FaultLevers } from "./contract.ts";
import {
  advance,
  beginDrill,
  detected,
  detectedAfterMs,
  judge,
  recoveredAfterMs,
  type DrillEnd,
  type DrillRun,
  type Seen,
} from "./drill-run.ts";
import { createFaults, revertLeftovers, type Faults, type Injected } from "./faults.ts";
import { createReports } from "./reports.ts";
import { nextDue } from "./schedule.ts";
import { covers } from "../signals/subject.ts";

/** Totals over all traffic since the start, and how it does now. */
export interface TrafficSample {
  readonly requests: number;
  readonly failed: number;
  /** Of the last second or so; undefined without requests. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Endpoints that are available, over all upstreams. */
  readonly available: number;
}

export interface DrillsDeps {
  readonly levers: FaultLevers;
  readonly history: History;
  readonly watch: CreateConditionWatch;
  readonly reader: SignalReader;
  readonly sample: (nowMs: number) => TrafficSample;
  readonly random: () => number;
  readonly nowMs: () => number;
  /** Why no drill may begin now, in plain words; undefined where nothing is in the way. */
  readonly obstacle: () => string | undefined;
  /** A plan healed the fault of a drill that passed. */
  readonly proved: (plan: string, atMs: number) => void;
  readonly tell: (report: DrillReport, receivers: readonly string[]) => void;
  readonly log: Log;
}

/** What control tells drills of what happens. */
export interface DrillsOfControl extends Drills {
  /** Somebody noticed something: an endpoint or a process changed its state. */
  noticed(subject: SignalSubject, atMs: number, text: string): void;
}

const SAMPLE_EVERY_MS = 1000;
const MAX_TIMELINE = 1000;

/** One drill under way, with what it needs. */
interface Active {
  readonly id: string;
  run: DrillRun;
  readonly steady: readonly Watched[];
  readonly abort: readonly Watched[];
  readonly faults: Faults;
  readonly left: DrillFaultSettings[];
  readonly touched: Injected["touches"][];
  readonly timeline: { readonly atMs: number; readonly text: string }[];
  readonly samples: DrillReport["samples"][number][];
  readonly from: TrafficSample;
  sampled: { readonly atMs: number; readonly sample: TrafficSample };
  doing: string;
}

interface Watched {
  readonly text: string;
  readonly watch: ConditionWatch;
}

/** Takes back at once what an Evenkeel before left behind. Nothing else happens before `apply`. */
export function createDrills(deps: DrillsDeps): DrillsOfControl {
  const { history, levers, log, nowMs } = deps;
  const reports = createReports(history.memory);
  let settings: readonly DrillSettings[] = [];
  let due = new Map<string, number>();
  let active: Active | undefined;

  cleanUp(deps);

  const note = (to: Active, atMs: number, text: string): void => {
    if (to.timeline.length < MAX_TIMELINE) to.timeline.push({ atMs, text });
    log.info({ drill: to.run.settings.name }, `drill ${to.run.settings.name}: ${text}`);
  };

  const watched = (conditions: readonly Condition[]): Watched[] =>
    conditions.map(({ text, expression }) => ({
      text,
      watch: deps.watch(expression, deps.reader, {}),
    }));

  const begin = (drill: DrillSettings, who: string): Active => {
    const atMs = nowMs();
    const id = `${drill.name}-${new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
    const sample = deps.sample(atMs);
    const begun: Active = {
      id,
      run: beginDrill(drill, atMs),
      steady: watched(drill.steadyState),
      abort: watched(drill.abortIf),
      faults: createFaults(
        { levers, ledger: history.ledger, random: deps.random },
        { owner: `drill:${drill.name}`, run: id },
      ),
      left: drill.faults.toSorted((one, other) => one.atMs - other.atMs),
      touched: [],
      timeline: [],
      samples: [],
      from: sample,
      sampled: { atMs, sample },
      doing: "waiting for the steady state",
    };
    note(begun, atMs, `begun by ${who}`);
    return begun;
  };

  const refuse = (drill: string): string | undefined => {
    if (!settings.some(({ name }) => name === drill)) {
      const names = settings.map(({ name }) => name).join(", ");
      return `There is no drill "${drill}"; there is: ${names || "none"}.`;
    }
    if (active) return `The drill ${active.run.settings.name} is under way.`;
    const [open] = history.incidents.openOnes();
    if (open) return `Incident ${open.id} is open (${open.title}): no drill until it is over.`;
    return deps.obstacle();
  };

  const run = (drill: string, who: string): ReturnType<Drills["run"]> => {
    const problem = refuse(drill);
    if (problem !== undefined) return { problem };
    active = begin(
      settings.find(({ name }) => name === drill)!,
      who,
    );
    step(active, nowMs());
    return { id: active?.id ?? reports.newest()!.id };
  };

  const step = (at: Active, atMs: number): void => {
    takeSample(at, atMs);
    for (const gone of at.faults.expire(atMs)) note(at, atMs, `over: ${gone.text}`);
    if (!injectDue(at, atMs)) return;
    const look = {
      nowMs: atMs,
      steady: at.steady.map((one) => see(one, atMs)),
      abort: at.abort.map((one) => see(one, atMs)),
      faultsLeft: at.left.length + at.faults.left(),
    };
    const wasSteadying = at.run.phase === "steadying";
    const next = advance(at.run, look);
    at.run = next.run;
    if (next.end) return finish(at, atMs, next.end);
    at.doing = doing(at);
    if (wasSteadying && at.run.phase !== "steadying") {
      note(at, atMs, "the steady state holds: faults begin");
      injectDue(at, atMs);
    }
  };

  /** False where the drill ended over it. */
  const injectDue = (at: Active, atMs: number): boolean => {
    const { faultsFromMs } = at.run;
    if (faultsFromMs === undefined) return true;
    const dueNow = at.left.filter((fault) => faultsFromMs + fault.atMs <= atMs);
    at.left.splice(0, dueNow.length);
    for (const fault of dueNow) {
      try {
        for (const injected of at.faults.inject(fault, atMs)) {
          at.touched.push(injected.touches);
          note(at, atMs, `fault: ${injected.text}`);
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const written =
          error instanceof HistoryUnavailable ? "not written down, so not done: " : "";
        finish(at, atMs, { verdict: "aborted", reasons: [`${written}${reason}`] });
        return false;
      }
    }
    return true;
  };

  const finish = (at: Active, atMs: number, end: DrillEnd | "settled"): void => {
    for (const gone of at.faults.revertAll()) note(at, atMs, `over: ${gone.text}`);
    const incident = incidentOf(at);
    const { requests, failed } = difference(at.from, deps.sample(atMs));
    const evidence = { requests, failed, plan: incident?.plan };
    const { verdict, reasons } = end === "settled" ? judge(at.run, evidence) : end;
    note(at, atMs, [verdict, ...reasons].join(": "));
    const report: DrillReport = {
      id: at.id,
      drill: at.run.settings.name,
      startedAtMs: at.run.startedAtMs,
      endedAtMs: atMs,
      verdict,
      reasons,
      detectedMs: detectedAfterMs(at.run),
      recoveredMs: end === "settled" ? recoveredAfterMs(at.run) : undefined,
      requests,
      failed,
      plan: incident?.plan,
      incident: incident?.id,
      timeline: at.timeline,
      samples: at.samples,
    };
    active = undefined;
    reports.keep(report);
    if (verdict === "passed" && incident?.plan !== undefined) deps.proved(incident.plan, atMs);
    if (at.run.settings.report.length > 0) deps.tell(report, at.run.settings.report);
  };

  const incidentOf = (at: Active) =>
    history.incidents
      .list(INCIDENTS_LOOKED_AT)
      .find(
        ({ drill, detectedAtMs }) =>
          drill === at.run.settings.name && detectedAtMs >= at.run.startedAtMs,
      );

  const takeSample = (at: Active, atMs: number): void => {
    if (atMs - at.sampled.atMs < SAMPLE_EVERY_MS) return;
    const sample = deps.sample(atMs);
    const { p50Ms, p99Ms, available } = sample;
    at.samples.push({ atMs, ...difference(at.sampled.sample, sample), p50Ms, p99Ms, available });
    at.sampled = { atMs, sample };
  };

  const runDue = (atMs: number): void => {
    for (const [name, dueMs] of due) {
      if (dueMs > atMs) continue;
      const drill = settings.find((one) => one.name === name)!;
      reschedule(drill, atMs);
      const outcome = run(name, "its schedule");
      if ("problem" in outcome) {
        log.warn({ drill: name }, `drill ${name} was due and is left out: ${outcome.problem}`);
        reports.keep(leftOut(name, atMs, outcome.problem));
      }
    }
  };

  const reschedule = (drill: DrillSettings, atMs: number): void => {
    const next = drill.schedule && nextDue(drill.schedule, atMs);
    if (next === undefined) due.delete(drill.name);
    else due.set(drill.name, next);
  };

  return {
    apply(next) {
      settings = next;
      due = new Map();
      for (const drill of next) reschedule(drill, nowMs());
      const name = active?.run.settings.name;
      if (active && !next.some((drill) => drill.name === name)) {
        const reasons = ["the configuration no longer has this drill"];
        finish(active, nowMs(), { verdict: "aborted", reasons });
      }
    },
    tick(atMs) {
      if (active) step(active, atMs);
      runDue(atMs);
    },
    run,
    abort(who) {
      if (!active) return false;
      finish(active, nowMs(), { verdict: "aborted", reasons: [`aborted by ${who}`] });
      return true;
    },
    runs: () => [...(active ? [viewOf(active)] : []), ...reports.list()],
    report: (id) => reports.get(id),
    progress: () => active && { run: viewOf(active), timeline: active.timeline },
    list: () => settings.map((drill) => ({ settings: drill, nextDueMs: due.get(drill.name) })),
    touching(subject) {
      const isTouched = active?.touched.some((touched) => covers(touched, subject)) ?? false;
      return isTouched ? active!.run.settings.name : undefined;
    },
    noticed(subject, atMs, text) {
      if (!active?.touched.some((touched) => covers(touched, subject))) return;
      active.run = detected(active.run, atMs);
      note(active, atMs, text);
    },
    async close() {
      if (!active) return;
      finish(active, nowMs(), { verdict: "aborted", reasons: ["Evenkeel ends"] });
    },
  };
}

const INCIDENTS_LOOKED_AT = 20;

/** What an Evenkeel before left behind: faults, and the word of its drill. */
function cleanUp({ history, levers, log, nowMs }: DrillsDeps): void {
  try {
    for (const text of revertLeftovers(history.ledger.unfinished(), levers, history.ledger)) {
      log.warn({ at: nowMs() }, text);
    }
  } catch (error) {
    if (!(error instanceof HistoryUnavailable)) throw error;
    log.error({ error }, "faults that a drill may have left can't be looked up");
  }
}

function see({ text, watch }: Watched, nowMs: number): Seen {
  return { text, states: watch.look(nowMs) };
}

function difference(
  from: TrafficSample,
  to: TrafficSample,
): { readonly requests: number; readonly failed: number } {
  return {
    requests: Math.max(0, to.requests - from.requests),
    failed: Math.max(0, to.failed - from.failed),
  };
}

function doing({ run, left, faults }: Active): string {
  if (run.phase === "steadying") return "waiting for the steady state";
  if (run.phase === "settling") {
    return run.steadySinceMs === undefined ? "waiting for recovery" : "making sure that it lasts";
  }
  return `${faults.left()} faults in force, ${left.length} to come`;
}

function viewOf({ id, run, doing: text }: Active): DrillRunView {
  const { settings, startedAtMs } = run;
  return {
    id,
    drill: settings.name,
    startedAtMs,
    endedAtMs: undefined,
    verdict: undefined,
    text,
  };
}

function leftOut(drill: string, atMs: number, problem: string): DrillReport {
  return {
    id: `${drill}-${new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`,
    drill,
    startedAtMs: atMs,
    endedAtMs: atMs,
    verdict: "refused",
    reasons: [problem],
    detectedMs: undefined,
    recoveredMs: undefined,
    requests: 0,
    failed: 0,
    plan: undefined,
    incident: undefined,
    timeline: [],
    samples: [],
  };
}
