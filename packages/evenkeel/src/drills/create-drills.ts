/** Drills over one Evenkeel: asks what it sees, does what the course of the drill says, and reports. */
import { HistoryUnavailable, type History } from "../history/contract.ts";
import type { CreateConditionWatch, SignalReader, SignalSubject } from "../signals/contract.ts";
import type { Condition } from "../expression/expression.ts";
import type { DrillSettings } from "../snapshot/drill-settings.ts";
import type { Log } from "../telemetry/log.ts";
import { doing, see, viewOf, type ActiveDrill, type Watched } from "./active-drill.ts";
import type { DrillReport, Drills, FaultLevers } from "./contract.ts";
import { advance, beginDrill, detected, STEADY_PATIENCE_MS, type DrillEnd } from "./drill-run.ts";
import { isHealedByPlan, reportOf, unmeasured } from "./drill-report.ts";
import { followTraffic, type TrafficSample } from "./drill-traffic.ts";
import { createFaults, revertLeftovers } from "./faults.ts";
import { createReports } from "./reports.ts";
import { createTimetable } from "./timetable.ts";
import { covers } from "../signals/subject.ts";

export interface DrillsDeps {
  readonly levers: FaultLevers;
  readonly history: History;
  readonly watch: CreateConditionWatch;
  readonly reader: SignalReader;
  readonly sample: () => TrafficSample;
  readonly random: () => number;
  /** What a drill measures with goes on evenly, whatever happens to the wall clock meanwhile. */
  readonly clock: { nowMs(): number; monotonicMs(): number };
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

const MAX_TIMELINE = 1000;

const CUT_OFF = "Evenkeel ended during it; its faults were taken back at the next start";

/** Takes back at once what an Evenkeel before left behind. Nothing else happens before `apply`. */
export function createDrills(deps: DrillsDeps): DrillsOfControl {
  const { history, levers, log, clock } = deps;
  const reports = createReports(history.memory);
  let settings: readonly DrillSettings[] = [];
  const timetable = createTimetable();
  let active: ActiveDrill | undefined;

  cleanUp(deps);
  const cutOff = reports.cutOff();
  if (cutOff) {
    log.warn({ drill: cutOff.drill }, `drill ${cutOff.drill} was cut off: ${CUT_OFF}`);
    reports.keep(unmeasured(cutOff, clock.nowMs(), "aborted", CUT_OFF));
  }

  const note = (to: ActiveDrill, atMs: number, text: string): void => {
    if (to.timeline.length < MAX_TIMELINE) to.timeline.push({ atMs, text });
    log.info({ drill: to.run.settings.name }, `drill ${to.run.settings.name}: ${text}`);
  };

  const watched = (conditions: readonly Condition[]): Watched[] =>
    conditions.map(({ text, expression }) => ({
      text,
      watch: deps.watch(expression, deps.reader, {}),
    }));

  const begin = (drill: DrillSettings, who: string): ActiveDrill => {
    const atMs = clock.nowMs();
    const fromMs = clock.monotonicMs();
    const id = reports.newId(drill.name, atMs);
    const begun: ActiveDrill = {
      id,
      nowMs: () => atMs + clock.monotonicMs() - fromMs,
      run: beginDrill(drill, atMs),
      steady: watched(drill.steadyState),
      abort: watched(drill.abortIf),
      faults: createFaults(
        { levers, ledger: history.ledger, random: deps.random, wallMs: () => clock.nowMs() },
        { owner: `drill:${drill.name}`, run: id },
      ),
      left: drill.faults.toSorted((one, other) => one.atMs - other.atMs),
      touched: [],
      timeline: [],
      traffic: followTraffic(deps.sample, atMs, STEADY_PATIENCE_MS + drill.maxDurationMs),
      doing: "waiting for the steady state",
    };
    reports.begin({ id, drill: drill.name, startedAtMs: atMs });
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
    const { id } = active;
    step(active);
    return { id };
  };

  const step = (at: ActiveDrill): void => {
    const atMs = at.nowMs();
    at.traffic.look(atMs);
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
    if (next.end) return finish(at, next.end);
    at.doing = doing(at);
    if (wasSteadying && at.run.phase !== "steadying") {
      note(at, atMs, "the steady state holds: faults begin");
      injectDue(at, atMs);
    }
  };

  /** False where the drill ended over it. */
  const injectDue = (at: ActiveDrill, atMs: number): boolean => {
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
        finish(at, { verdict: "aborted", reasons: [`${written}${reason}`] });
        return false;
      }
    }
    return true;
  };

  const finish = (at: ActiveDrill, end: DrillEnd | "settled"): void => {
    const atMs = at.nowMs();
    for (const gone of at.faults.revertAll()) note(at, atMs, `over: ${gone.text}`);
    const report = reportOf(at, atMs, end, incidentOf(at));
    if (report.requests === 0 && at.run.settings.expect.errorRatio !== undefined) {
      note(at, atMs, "no requests came: nobody can say what clients would have seen");
    }
    note(at, atMs, [report.verdict, ...report.reasons].join(": "));
    active = undefined;
    reports.keep(report);
    if (report.verdict === "passed" && report.plan !== undefined) deps.proved(report.plan, atMs);
    if (at.run.settings.report.length > 0) deps.tell(report, at.run.settings.report);
  };

  const incidentOf = (at: ActiveDrill) => {
    const own = history.incidents
      .list(INCIDENTS_LOOKED_AT)
      .filter(
        ({ drill, detectedAtMs }) =>
          drill === at.run.settings.name && detectedAtMs >= at.run.startedAtMs,
      );
    return own.find(isHealedByPlan) ?? own[0];
  };

  const runDue = (atMs: number): void => {
    for (const { name, isTooLate } of timetable.take(atMs)) {
      const outcome = isTooLate ? tooLate : run(name, "its schedule");
      if (!("problem" in outcome)) continue;
      log.warn({ drill: name }, `drill ${name} was due and is left out: ${outcome.problem}`);
      const left = { id: reports.newId(name, atMs), drill: name, startedAtMs: atMs };
      reports.keep(unmeasured(left, atMs, "refused", outcome.problem));
    }
  };

  return {
    apply(next) {
      settings = next;
      timetable.apply(next, clock.nowMs());
      const name = active?.run.settings.name;
      if (active && !next.some((drill) => drill.name === name)) {
        const reasons = ["the configuration no longer has this drill"];
        finish(active, { verdict: "aborted", reasons });
      }
    },
    tick(atMs) {
      if (active) step(active);
      runDue(atMs);
    },
    run,
    abort(who) {
      if (!active) return false;
      finish(active, { verdict: "aborted", reasons: [`aborted by ${who}`] });
      return true;
    },
    runs: () => [...(active ? [viewOf(active)] : []), ...reports.list()],
    report: (id) => reports.get(id),
    progress: () => active && { run: viewOf(active), timeline: active.timeline },
    list: () =>
      settings.map((drill) => ({ settings: drill, nextDueMs: timetable.nextDueMs(drill.name) })),
    touching(subject) {
      const isTouched = active?.touched.some((touched) => covers(touched, subject)) ?? false;
      return isTouched ? active!.run.settings.name : undefined;
    },
    noticed(subject, atMs, text) {
      if (!active?.touched.some((touched) => covers(touched, subject))) return;
      const happenedMs = active.nowMs() - Math.max(0, clock.nowMs() - atMs);
      active.run = detected(active.run, happenedMs);
      note(active, happenedMs, text);
    },
    async close() {
      if (!active) return;
      finish(active, { verdict: "aborted", reasons: ["Evenkeel ends"] });
    },
  };
}

const INCIDENTS_LOOKED_AT = 20;

const tooLate = { problem: "its time has passed: the machine slept, or its clock leapt" } as const;

/** What an Evenkeel before left behind: faults, and the word of its drill. */
function cleanUp({ history, levers, log }: DrillsDeps): void {
  try {
    for (const text of revertLeftovers(history.ledger.unfinished(), levers, history.ledger)) {
      log.warn(text);
    }
  } catch (error) {
    if (!(error instanceof HistoryUnavailable)) throw error;
    log.error({ error }, "faults that a drill may have left can't be looked up");
  }
}
