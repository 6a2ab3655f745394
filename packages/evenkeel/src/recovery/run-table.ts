/** The runs under way: begun, taken up again after a start, ended. */
import { HistoryUnavailable, type LedgerEntry } from "../history/contract.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";
import type { Observation } from "./case.ts";
import { conduct, type Conducted, type RunEnd } from "./conduct.ts";
import type { Deed, PlanRunView } from "./contract.ts";
import type { RecoveryDeps } from "./deps.ts";
import { firstState } from "./plan-run.ts";
import { kinds, resumption, type Resumption } from "./resume.ts";
import { reestablish } from "./reestablish.ts";
import { holderOf, intendRun, runOf, type RunFacts } from "./run-facts.ts";

export interface RunTableDeps extends RecoveryDeps {
  /** Follows the trigger of a run's plan. */
  readonly follow: (facts: RunFacts) => (nowMs: number) => Observation;
  /** Signals of the plan are to be judged anew. */
  readonly acted: (facts: RunFacts) => void;
  readonly ended: (facts: RunFacts, end: RunEnd) => void;
}

export interface RunTable {
  /** Takes the lock, writes the intent, begins. */
  begin(facts: Omit<RunFacts, "entry" | "id" | "startedAtMs">): Deed;
  /** Takes up what the ledger says is unfinished; false where locks are still held: to be called again.
   * Throws `HistoryUnavailable`. `plan`: as it is configured now; undefined or off: reverted. */
  takeUp(plan: (name: string) => PlanSettings | undefined): boolean;
  ofPlan(plan: string): readonly Conducted[];
  find(plan: string, object: string): Conducted | undefined;
  byId(run: string): Conducted | undefined;
  /** Others of a group that runs hold and that are not counted as out yet. */
  busyIn(group: string, except: string): number;
  views(): readonly PlanRunView[];
  /** Leaves all as they are. */
  leave(): Promise<void>;
}

/** None under way to begin with. */
export function createRunTable(deps: RunTableDeps): RunTable {
  const { history, locks, levers, clock, log } = deps;
  const runs = new Map<string, Conducted>();

  const busyIn = (group: string, except: string): number =>
    [...runs.values()].filter((run) => {
      const { object } = run.facts;
      if (object === except || !run.isActing()) return false;
      const seen = levers.look(object);
      return seen?.group === group && !seen.isOut;
    }).length;

  const start = (
    facts: RunFacts,
    from: Resumption,
    lock: NonNullable<ReturnType<typeof locks.take>>,
  ): Conducted => {
    const run = conduct(facts, from, {
      ...deps,
      lost: lock.lost,
      busyIn,
      lookAtTrigger: deps.follow(facts),
      acted: () => deps.acted(facts),
    });
    runs.set(facts.id, run);
    const finish = (end: RunEnd | undefined): void => {
      runs.delete(facts.id);
      lock.release();
      if (!end) return;
      history.ledger.advance(
        facts.entry,
        end.outcome === "mitigated" ? "done" : "failed",
        end.text,
      );
      deps.ended(facts, end);
    };
    void run.ended.then(finish);
    return run;
  };

  const takeUpOne = (
    entry: LedgerEntry,
    plan: (name: string) => PlanSettings | undefined,
  ): boolean => {
    const facts = runOf(entry);
    if (runs.has(facts.id)) return true;
    const lock = locks.take(facts.object, holderOf(facts));
    if (!lock) return false;
    const entries = history.ledger.ofRun(facts.id).filter(({ kind }) => kind !== kinds.run);
    const from = resumption(facts.plan, facts.asks, entries);
    for (const { id, state, outcome } of from.settle) history.ledger.advance(id, state, outcome);
    const text = `run ${facts.id.slice(0, 8)} of ${facts.plan.name} is taken up again: Evenkeel had ended`;
    history.incidents.note(facts.incident, { atMs: clock.nowMs(), kind: "verdict", text });
    log.warn({ run: facts.id, plan: facts.plan.name, object: facts.object }, text);
    if (from.state.phase !== "ended") reestablish(entries, levers);
    const run = start(facts, from, lock);
    const now = plan(facts.plan.name);
    if (!now || now.mode === "off") run.cancel("its plan was removed or switched off");
    return true;
  };

  return {
    begin(begun) {
      const facts = { ...begun, id: deps.newId(), startedAtMs: clock.nowMs() };
      const lock = locks.take(facts.object, holderOf(facts));
      if (!lock) {
        const holder = locks.holder(facts.object) ?? "somebody else";
        return { ok: false, problem: `${holder} is at work on ${facts.object}` };
      }
      try {
        const entry = intendRun(history, facts, kinds.run);
        history.ledger.advance(entry, "running");
        const state = firstState(facts.plan, facts.asks);
        start({ ...facts, entry }, { state, open: undefined, settle: [], deeds: [] }, lock);
        return { ok: true };
      } catch (error) {
        lock.release();
        if (!(error instanceof HistoryUnavailable)) throw error;
        return {
          ok: false,
          problem: `it can't be written down, so it is not done: ${error.message}`,
        };
      }
    },
    takeUp(plan) {
      const open = history.ledger.unfinished().filter(({ kind }) => kind.startsWith("plan."));
      const known = open.filter(({ kind }) => kind === kinds.run);
      const taken = known.filter((entry) => takeUpOne(entry, plan));
      const owned = new Set(known.map(({ run }) => run));
      for (const { id, run, kind } of open) {
        if (kind === kinds.run || owned.has(run)) continue;
        history.ledger.advance(id, "failed", "its run is over");
      }
      return taken.length === known.length;
    },
    ofPlan: (plan) => [...runs.values()].filter(({ facts }) => facts.plan.name === plan),
    find: (plan, object) =>
      [...runs.values()].find(({ facts }) => facts.plan.name === plan && facts.object === object),
    byId: (run) => runs.get(run) ?? [...runs.values()].find(({ facts }) => startsRun(facts, run)),
    busyIn,
    views: () => [...runs.values()].map(viewOf),
    async leave() {
      for (const run of runs.values()) run.leave();
      await Promise.all([...runs.values()].map(({ ended }) => ended));
    },
  };
}

/** People write the first letters. */
function startsRun({ id }: RunFacts, begin: string): boolean {
  return begin.length >= 6 && id.startsWith(begin);
}

function viewOf(conducted: Conducted): PlanRunView {
  const { facts } = conducted;
  const { step, doing, question } = conducted.view();
  const { id: run, plan, incident, object, startedAtMs } = facts;
  const steps = plan.steps.length;
  const at = Math.min(step, steps);
  return { run, plan: plan.name, incident, object, step: at, steps, doing, startedAtMs, question };
}
