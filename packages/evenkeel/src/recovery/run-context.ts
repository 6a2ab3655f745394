/** What all parts of a run share: who it is, how it writes, when it has to stop. */
import type { LedgerEntry } from "../history/contract.ts";
import type { ActionSettings } from "../snapshot/plan-settings.ts";
import { aimOf } from "./aim.ts";
import type { Observation } from "./case.ts";
import type { RecoveryDeps } from "./deps.ts";
import type { RunState } from "./plan-run.ts";
import type { Resumption } from "./resume.ts";
import { noteOf, ownerOf, type RunFacts } from "./run-facts.ts";
import type { Undo } from "./undo.ts";

export interface ConductDeps extends RecoveryDeps {
  /** How the trigger stands for the object now, without its `for`. */
  readonly lookAtTrigger: (nowMs: number) => Observation;
  /** The action changed the object: signals are judged anew. */
  readonly acted: () => void;
  /** Others of a group that runs hold and that are not counted as out yet. */
  readonly busyIn: (group: string, except: string) => number;
  /** The lock of the run's object. */
  readonly lost: AbortSignal;
}

/** What is asked of a person. */
export interface Question {
  readonly text: string;
  answer(go: boolean, who: string): void;
}

/** One run's own; its parts change it as they go. */
export class RunContext {
  readonly facts: RunFacts;
  readonly deps: ConductDeps;
  readonly note: ReturnType<typeof noteOf>;
  /** Evenkeel ends: everything is left for the next start. */
  readonly left = new AbortController();
  /** The plan was removed or switched off: it is reverted. */
  readonly cancelled = new AbortController();
  /** The operator took an object that the run holds. */
  readonly lost = new AbortController();
  state: RunState;
  /** What it is at, in words. */
  doing = "";
  question: Question | undefined;
  fineSinceMs: number | undefined;
  /** Why a person is needed whatever comes next; undefined: none is. */
  handOff: string | undefined;
  /** Steps that did something, in words. */
  readonly deeds: string[];
  /** Of objects beside the run's own; held until it ends. */
  readonly locks: { release(): void }[] = [];
  #open: LedgerEntry | undefined;

  constructor(facts: RunFacts, from: Resumption, deps: ConductDeps) {
    this.facts = facts;
    this.state = from.state;
    this.deps = deps;
    this.#open = from.open;
    this.deeds = [...from.deeds];
    this.note = noteOf(deps.history, facts.incident, () => deps.clock.nowMs());
    if (deps.lost.aborted) this.lost.abort();
    else deps.lost.addEventListener("abort", () => this.lost.abort(), { once: true });
  }

  /** Aborted as soon as what is under way has to stop. Reverting goes on when the plan is gone. */
  signal(): AbortSignal {
    const always = [this.left.signal, this.lost.signal];
    const undoing = this.state.phase === "undoing";
    return AbortSignal.any(undoing ? always : [...always, this.cancelled.signal]);
  }

  /** What an action of the plan is aimed at. */
  aim(action: ActionSettings): string {
    return aimOf(action, this.facts.object, (name) => this.deps.levers.look(name));
  }

  /** The entry that an Evenkeel before left open, once. */
  takeOpen(kind: string): LedgerEntry | undefined {
    const open = this.#open;
    if (open?.kind !== kind) return undefined;
    this.#open = undefined;
    return open;
  }

  /** Writes an intent. Throws as the ledger does: then the deed must not be done. */
  intend(kind: string, intent: unknown, timeoutMs: number, undo?: Undo): LedgerEntry {
    const { id: run, plan, object, incident } = this.facts;
    const nowMs = this.deps.clock.nowMs();
    const owner = ownerOf(plan.name);
    const what = { intent, undo: undo ?? null, deadlineMs: nowMs + timeoutMs };
    const entry = { kind, owner, incident, run, object, ...what };
    const id = this.deps.history.ledger.intend(entry);
    const times = { createdAtMs: nowMs, changedAtMs: nowMs };
    return { ...entry, id, state: "intended", outcome: "", ...times };
  }
}
