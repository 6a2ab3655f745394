/**
 * Faults of a drill: chosen, put in and taken back. The ledger knows of each before it is there, with
 * what takes it back, so that a successor can, whatever died.
 */
import type { Ledger, LedgerEntry } from "../history/contract.ts";
import type { SignalSubject } from "../signals/contract.ts";
import type { DrillFaultSettings } from "../snapshot/drill-settings.ts";
import type { FaultSettings } from "../snapshot/fault.ts";
import type { FaultLevers } from "./contract.ts";

/** The ledger's word for a fault of a drill. */
export const FAULT_KIND = "drill.fault";

/** Beyond the drill's own waking, so that the two don't meet. */
const WAKE_SLACK_MS = 1000;
/** Of a kill, the supervisor takes care. */
const NOTHING_TO_UNDO = "done at once: there is nothing to take back";

/** A fault that is there, or was: a kill is over as soon as it is done. */
export interface Injected {
  readonly entry: number;
  readonly untilMs: number;
  readonly touches: SignalSubject;
  /** One sentence. */
  readonly text: string;
  readonly traffic: FaultSettings | undefined;
  /** An instance that is frozen, and the process it was. */
  readonly frozen: { readonly instance: string; readonly pid: number } | undefined;
}

/** What takes a fault back; plain data in the ledger. */
type Undo =
  | { readonly kind: "thaw"; readonly instance: string; readonly pid: number }
  | { readonly kind: "clear"; readonly fault: string }
  | { readonly kind: "nothing" };

/** What a fault is to be done to, chosen now. */
interface Choice {
  readonly object: string;
  readonly touches: SignalSubject;
  readonly text: string;
  readonly traffic: FaultSettings | undefined;
  readonly hit:
    | { readonly instance: string; readonly pid: number; readonly signal: NodeJS.Signals }
    | undefined;
  readonly undo: Undo;
}

export interface FaultsDeps {
  readonly levers: FaultLevers;
  readonly ledger: Ledger;
  readonly random: () => number;
  /** Wall clock, for who shares no other with us: proxies and the ledger. */
  readonly wallMs: () => number;
}

/** The faults of one drill run. Their times are the drill's own, which no leap of the wall clock
 * stretches. */
export interface Faults {
  /** Puts one in. Throws `HistoryUnavailable` where it can't be written down first, and an `Error` in
   * plain words where there is nothing to do it to. */
  inject(fault: DrillFaultSettings, nowMs: number): readonly Injected[];
  /** Takes back what is over by now; returns it. */
  expire(nowMs: number): readonly Injected[];
  /** Takes everything back. */
  revertAll(): readonly Injected[];
  left(): number;
}

/** Faults under the names of one run: `owner` and `run` as the ledger has them. */
export function createFaults(
  { levers, ledger, random, wallMs }: FaultsDeps,
  { owner, run }: { readonly owner: string; readonly run: string },
): Faults {
  let present: readonly Injected[] = [];
  let count = 0;

  const setTraffic = (): void =>
    levers.setTraffic(present.flatMap(({ traffic }) => (traffic ? [traffic] : [])));

  const put = (choice: Choice, untilMs: number, nowMs: number): Injected => {
    const { object, undo, traffic, hit, text } = choice;
    const intent = traffic ?? hit;
    const entry = ledger.intend({
      kind: FAULT_KIND,
      owner,
      incident: undefined,
      run,
      object,
      intent,
      undo,
      deadlineMs: wallMs() + untilMs - nowMs,
    });
    const frozen = hit?.signal === "SIGSTOP" ? { instance: hit.instance, pid: hit.pid } : undefined;
    const injected = { entry, untilMs, touches: choice.touches, text, traffic, frozen };
    present = [...present, injected];
    if (traffic) setTraffic();
    if (frozen) levers.wakeLater(frozen.pid, untilMs - nowMs + WAKE_SLACK_MS);
    if (hit && !levers.signal(hit.instance, hit.signal)) {
      present = present.filter((one) => one !== injected);
      ledger.advance(entry, "failed", "the process was gone");
      throw new Error(`${hit.instance} was gone before it could be hit`);
    }
    ledger.advance(entry, "running");
    return injected;
  };

  const revert = (gone: readonly Injected[]): readonly Injected[] => {
    if (gone.length === 0) return gone;
    present = present.filter((one) => !gone.includes(one));
    if (gone.some(({ traffic }) => traffic)) setTraffic();
    for (const { entry, frozen, traffic } of gone) {
      if (frozen) thaw(levers, frozen);
      if (frozen || traffic) ledger.advance(entry, "undone", "taken back");
      else ledger.advance(entry, "done", NOTHING_TO_UNDO);
    }
    return gone;
  };

  return {
    inject(fault, nowMs) {
      const untilMs = nowMs + fault.forMs;
      const overMs = wallMs() + fault.forMs;
      const choices = choose(fault, levers, random, () => `${run}-${(count += 1)}`, overMs);
      return choices.map((choice) => put(choice, untilMs, nowMs));
    },
    expire: (nowMs) => revert(present.filter(({ untilMs }) => untilMs <= nowMs)),
    revertAll: () => revert(present),
    left: () => present.length,
  };
}

/** By both ways: a stop that is still on its way to the instance is overtaken by the number alone, and
 * an instance that was replaced meanwhile is another process. */
function thaw(
  levers: FaultLevers,
  { instance, pid }: { readonly instance: string; readonly pid: number },
): void {
  levers.signal(instance, "SIGCONT");
  levers.wake(pid);
}

/** Takes back what a predecessor left; returns one sentence for each. Faults in traffic have ended by
 * themselves or do so by the list that is set now. */
export function revertLeftovers(
  entries: readonly LedgerEntry[],
  levers: FaultLevers,
  ledger: Ledger,
): readonly string[] {
  const mine = entries.filter(({ kind }) => kind === FAULT_KIND);
  if (mine.length > 0) levers.setTraffic([]);
  return mine.map((entry) => {
    const undo = entry.undo as Undo;
    // At a start the supervisor knows no instance yet. Waking what runs already does nothing.
    if (undo.kind === "thaw") levers.wake(undo.pid);
    if (undo.kind === "nothing") {
      ledger.advance(entry.id, "done", NOTHING_TO_UNDO);
      return `${entry.object}: it may have been hit by ${entry.owner} just before`;
    }
    ledger.advance(entry.id, "undone", "taken back at the next start");
    return `${entry.object}: a fault of ${entry.owner} was taken back`;
  });
}

function choose(
  fault: DrillFaultSettings,
  levers: FaultLevers,
  random: () => number,
  nextId: () => string,
  untilMs: number,
): readonly Choice[] {
  if (fault.kind === "process") return chooseInstances(fault, levers, random);
  const { scope, effect } = fault;
  const names =
    fault.pick > 0 ? pick(levers.endpoints(scope.upstream), fault.pick, random) : [scope.endpoint];
  if (names.length === 0) throw new Error(`${scope.upstream} has no endpoint to pick`);
  return names.map((endpoint) => {
    const traffic: FaultSettings = { id: nextId(), scope: { ...scope, endpoint }, effect, untilMs };
    const object =
      [scope.upstream, endpoint].filter((text) => text !== "").join("/") || scope.route;
    return {
      object: object === "" ? "all traffic" : object,
      touches: subjectOf(traffic.scope),
      text: `${effect.kind} on ${object === "" ? "all traffic" : object}`,
      traffic,
      hit: undefined,
      undo: { kind: "clear", fault: traffic.id },
    };
  });
}

const signals = { kill: "SIGKILL", stop: "SIGSTOP", exit: "SIGTERM" } as const;

function chooseInstances(
  fault: Extract<DrillFaultSettings, { kind: "process" }>,
  levers: FaultLevers,
  random: () => number,
): readonly Choice[] {
  const chosen = pick(levers.instances(fault.process), fault.pick, random);
  if (chosen.length === 0) throw new Error(`no instance of ${fault.process} is running`);
  return chosen.map(({ name, pid }) => ({
    object: name,
    touches: { process: name.slice(0, name.lastIndexOf(".")), instance: name },
    text: `${fault.fault} of ${name}`,
    traffic: undefined,
    hit: { instance: name, pid, signal: signals[fault.fault] },
    undo: fault.fault === "stop" ? { kind: "thaw", instance: name, pid } : { kind: "nothing" },
  }));
}

/** Some of them, each as likely as any other. */
function pick<Thing>(all: readonly Thing[], count: number, random: () => number): Thing[] {
  const left = [...all];
  const picked: Thing[] = [];
  while (picked.length < count && left.length > 0) {
    picked.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return picked;
}

function subjectOf(scope: FaultSettings["scope"]): SignalSubject {
  return {
    ...(scope.upstream !== "" && { upstream: scope.upstream }),
    ...(scope.endpoint !== "" && { endpoint: scope.endpoint }),
    ...(scope.route !== "" && { route: scope.route }),
  };
}
