/**
 * The keeper: launches, signals and reaps, decides nothing. What it knows is in the journal as well,
 * so that the next Evenkeel goes on where this one was killed.
 */
import { join } from "node:path";
import type { Log } from "../../telemetry/log.ts";
import type { ChildExit, FromKeeper, Keeper, LaunchOrder, ToKeeper } from "../contract.ts";
import { watchDeath } from "./death-watch.ts";
import { exists, readIdentity } from "./identity.ts";
import { isRunName, openJournal } from "./journal.ts";
import { sendSignal, toLiving, type KeptRun } from "./kept-run.ts";
import { launch } from "./launch.ts";
import { createPatientJournal } from "./patient-journal.ts";
import { watchReady } from "./ready-watch.ts";
import { recall, type Recalled } from "./recall.ts";
import { createSweep } from "./sweep.ts";

/** Folder in the state folder with one file per run. */
export const INSTANCES = "instances";

export interface KeeperDeps {
  /** Locked by the caller; `INSTANCES` is made in it with the first launch. */
  readonly stateDir: string;
  readonly post: (message: FromKeeper) => void;
  readonly log: Pick<Log, "info" | "warn" | "error">;
  /** Runs it holds at most, those included whose exit nobody took note of yet. */
  readonly maxRuns?: number;
}

const MAX_RUNS = 2000;
const SWEEP_MS = 100;
/** Of adopted children, whose end nobody tells; with more of them each has its turn less often. */
const LOOKS_PER_SWEEP = 50;

/** A keeper that adopts what an Evenkeel before left behind. Messages may come at once: they wait until
 * that is done, a quarter of a second at most. */
export function createKeeper(deps: KeeperDeps): Keeper {
  const { post, log, maxRuns = MAX_RUNS } = deps;
  const files = openJournal(join(deps.stateDir, INSTANCES));
  const journal = createPatientJournal(files, log);
  const runs = new Map<string, KeptRun>();
  /** Undefined once everything left behind is adopted. */
  let waiting: ToKeeper[] | undefined = [];
  let closed = false;
  /** Adopted children that live. */
  let adopted = 0;

  let turn = 0;
  const sweep = createSweep(SWEEP_MS, () => {
    let isNeeded = journal.retry();
    const turns = Math.ceil(adopted / LOOKS_PER_SWEEP);
    let seen = 0;
    turn++;
    for (const kept of runs.values()) {
      if (kept.death && !kept.exit && (turn + seen++) % turns === 0) lookForDeath(kept);
      isNeeded = look(kept) || isNeeded;
    }
    return isNeeded;
  });

  const lookForDeath = (kept: KeptRun): void => {
    if (kept.death?.alive() === false) ended(kept);
  };

  /** True while it has to be looked at again. */
  const look = (kept: KeptRun): boolean => {
    kept.ready?.look();
    if (!kept.exit) return kept.death !== undefined || kept.ready !== undefined;
    kept.groupLives &&= exists(-kept.entry.identity.pid);
    if (kept.forgotten && !kept.groupLives) runs.delete(kept.entry.order.run);
    return kept.groupLives;
  };

  const ended = (kept: KeptRun, code?: number, signal?: NodeJS.Signals): void => {
    if (!closed) post({ kind: "exited", exit: bury(kept, code, signal) });
  };

  const bury = (kept: KeptRun, code?: number, signal?: NodeJS.Signals): ChildExit => {
    const { order, identity } = kept.entry;
    const { run, process, index } = order;
    kept.death?.close();
    if (kept.death) adopted--;
    kept.ready?.close();
    kept.ready = undefined;
    kept.groupLives = exists(-identity.pid);
    kept.exit = { run, process, index, code, signal, atMs: Date.now() };
    sweep.wake();
    return kept.exit;
  };

  const keep = (entry: KeptRun["entry"], child: KeptRun["child"]): KeptRun => {
    const kept: KeptRun = {
      entry,
      child,
      death: child ? undefined : watchDeath(entry.identity),
      ready: undefined,
      exit: undefined,
      groupLives: true,
      forgotten: false,
    };
    if (kept.death) adopted++;
    runs.set(entry.order.run, kept);
    const { run, notify } = entry.order;
    if (notify && !entry.ready) {
      kept.ready = watchReady(files.readyPath(run), () => saidReady(kept));
    }
    sweep.wake();
    return kept;
  };

  const saidReady = (kept: KeptRun): void => {
    kept.ready = undefined;
    kept.entry = { ...kept.entry, ready: true };
    journal.save(kept.entry);
    post({ kind: "said_ready", run: kept.entry.order.run });
  };

  const start = (order: LaunchOrder): void => {
    const { run } = order;
    const tellFailed = (reason: string): void => {
      if (!closed) post({ kind: "launch_failed", run, reason, atMs: Date.now() });
    };
    const problem = refusal(order, runs, maxRuns);
    if (problem !== undefined) return tellFailed(problem);
    const intent = { order, identity: undefined, startedAtMs: Date.now(), ready: false };
    journal.save(intent);
    const child = launch(order, files.readyPath(run), (reason) => {
      journal.remove(run);
      tellFailed(reason);
    });
    if (child?.pid === undefined) return;
    const identity = readIdentity(child.pid) ?? { pid: child.pid, startTicks: 0, bootId: "" };
    const kept = keep({ ...intent, identity }, child);
    journal.save(kept.entry);
    child.once("exit", (code, signal) => ended(kept, code ?? undefined, signal ?? undefined));
    post({ kind: "launched", child: toLiving(kept) });
  };

  const forget = (run: string): void => {
    const kept = runs.get(run);
    if (!kept?.exit) return;
    kept.forgotten = true;
    journal.remove(run);
    if (!kept.groupLives) runs.delete(run);
  };

  const act = (message: ToKeeper): void => {
    switch (message.kind) {
      case "launch":
        return start(message.order);
      case "signal": {
        const { run, signal, group } = message;
        const kept = runs.get(run);
        const problem = kept && sendSignal(kept, signal, group);
        if (problem !== undefined) log.warn({ run, signal }, `the signal was not sent: ${problem}`);
        return;
      }
      case "children":
        return post({ kind: "children", living: living(), exits: exitsOf(runs) });
      case "forget":
        return forget(message.run);
    }
  };

  const adopt = (recalled: Recalled): void => {
    if (closed) return;
    tellRecalled(recalled, log);
    for (const run of recalled.never) journal.remove(run);
    for (const { entry, lives, groupLives } of recalled.runs) {
      const kept = keep(entry, undefined);
      journal.save(entry);
      if (lives) continue;
      bury(kept); // Told of when control asks for the children.
      kept.groupLives &&= groupLives;
    }
    const messages = waiting ?? [];
    waiting = undefined;
    for (const message of messages) act(message);
  };

  const living = (): ReturnType<Keeper["living"]> =>
    [...runs.values()].flatMap((kept) => (kept.exit ? [] : [toLiving(kept)]));

  void recall(files).then(adopt);

  return {
    handle(message) {
      if (closed) return;
      if (waiting) waiting.push(message);
      else act(message);
    },
    living,
    close() {
      closed = true;
      sweep.close();
      for (const { death, ready } of runs.values()) {
        death?.close();
        ready?.close();
      }
    },
  };
}

/** Why an order is not carried out. */
function refusal(
  { run, command }: LaunchOrder,
  runs: ReadonlyMap<string, KeptRun>,
  maxRuns: number,
): string | undefined {
  if (!isRunName(run)) return `"${run}" can't be the name of a run`;
  if (command.length === 0) return "there is no command";
  if (runs.has(run)) return `the run ${run} was started before`;
  return runs.size >= maxRuns ? `there are ${maxRuns} processes already` : undefined;
}

function exitsOf(runs: ReadonlyMap<string, KeptRun>): ChildExit[] {
  return [...runs.values()].flatMap(({ exit, forgotten }) => (exit && !forgotten ? [exit] : []));
}

function tellRecalled({ runs, never, broken }: Recalled, log: KeeperDeps["log"]): void {
  const living = runs.filter(({ lives }) => lives).length;
  if (runs.length + never.length > 0) {
    log.info(
      { living, ended: runs.length - living, never_started: never },
      "processes of an Evenkeel before are adopted",
    );
  }
  for (const { run, problem, pid } of broken) {
    const text = "an entry in the journal of instances can't be read: it is set aside";
    if (pid === undefined) log.warn({ run, problem }, text);
    else
      log.error({ run, problem, pid }, `${text}; its process lives on unattended: stop it by hand`);
  }
}
