/**
 * The life of one instance as a pure state machine: what happened goes in, the next state and what
 * has to be done come out. supervisord's states, and READY and DRAINING:
 *
 *     STOPPED -> STARTING -> RUNNING (up) or READY (up, and takes traffic)
 *     READY -> DRAINING -> STOPPING -> STOPPED
 *     STARTING -> BACKOFF, RUNNING and READY -> EXITED: it ended by itself; a start may be due
 *     FATAL: in a crash loop; a start may be due, later. UNKNOWN: there although killed.
 */
import { formatDuration } from "../lib/duration.ts";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { InstanceState } from "./contract.ts";
import { describeEnd } from "./describe-end.ts";
import { cleanSlate, judgeEnd, type RestartMemory } from "./restart-policy.ts";

/** One instance. Times are those of the monotonic clock. */
export interface Machine {
  readonly state: InstanceState;
  readonly reason: string;
  /** Counts launches: what is heard of an earlier one is ignored. */
  readonly attempt: number;
  /** Whether there is one: being prepared (nothing was started yet), ordered of the keeper, alive. */
  readonly child: "none" | "preparing" | "ordered" | "alive";
  /** What follows an end that was asked for: nothing, a start, or the judgement of a failure. */
  readonly next: "stay" | "again" | "judge";
  /** When `due` is to be said; undefined: never. */
  readonly dueAtMs: number | undefined;
  readonly readyAtMs: number | undefined;
  /** It is to be asked whether it is ready. */
  readonly probing: boolean;
  readonly killed: boolean;
  /** Starts but the first. */
  readonly restarts: number;
  readonly memory: RestartMemory;
}

export type MachineEvent =
  /** Asked for; `reason` says by whom or why. */
  | { readonly kind: "start" | "stop" | "restart"; readonly reason: string }
  /** The keeper has the order. */
  | { readonly kind: "ordered" | "launched"; readonly attempt: number }
  /** There is no free port, or the keeper could not start it. */
  | { readonly kind: "refused"; readonly attempt: number; readonly reason: string }
  | { readonly kind: "passed"; readonly attempt: number; readonly reason: string }
  | {
      readonly kind: "exited";
      readonly attempt: number;
      readonly code: number | undefined;
      readonly signal: string | undefined;
    }
  /** No request is in flight to it any more. */
  | { readonly kind: "drained" }
  /** `dueAtMs` has come. `detail` is what the last question whether it is ready found. */
  | { readonly kind: "due"; readonly detail?: string | undefined }
  /** It was found alive. `ready`: it was ready before, and stays so while it is asked again. */
  | { readonly kind: "adopted"; readonly ready: boolean; readonly upMs: number };

export type Effect =
  | { readonly kind: "launch"; readonly attempt: number }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals }
  /** What is left of its process group is killed. */
  | { readonly kind: "sweep" }
  | { readonly kind: "died"; readonly reason: string }
  | { readonly kind: "crash_loop" | "crash_loop_over"; readonly reason: string };

/** What the machine goes by. */
export interface MachineContext {
  readonly settings: Pick<ProcessSettings, "ready" | "restart" | "stop" | "upstream" | "ports">;
  readonly nowMs: number;
  readonly random: number;
}

export interface Step {
  readonly machine: Machine;
  /** In this order. */
  readonly effects: readonly Effect[];
}

/** Who still lives this long after KILL is stuck in the kernel. */
export const AFTER_KILL_MS = 10_000;
/** Who is found alive has at least so long to show that it is ready. */
const FOUND_GRACE_MS = 5000;

/** An instance that was never started. */
export function newMachine(reason: string): Machine {
  return {
    state: "STOPPED",
    reason,
    attempt: 0,
    child: "none",
    next: "stay",
    dueAtMs: undefined,
    readyAtMs: undefined,
    probing: false,
    killed: false,
    restarts: 0,
    memory: cleanSlate,
  };
}

/** What traffic it may get. */
export function trafficOf({ state }: Machine): "ready" | "draining" | "stopped" {
  if (state === "READY") return "ready";
  return state === "DRAINING" ? "draining" : "stopped";
}

/** One event. What makes no sense in the present state changes nothing. */
export function step(machine: Machine, event: MachineEvent, context: MachineContext): Step {
  if ("attempt" in event && event.attempt !== machine.attempt) return same(machine);
  switch (event.kind) {
    case "start":
      return onStart(machine, event.reason);
    case "stop":
      return onStop(machine, event.reason, "stay", context);
    case "restart":
      return onRestart(machine, event.reason, context);
    case "ordered":
      return machine.child === "preparing" ? same({ ...machine, child: "ordered" }) : same(machine);
    case "launched":
      return onLaunched(machine, context);
    case "refused":
      return onRefused(machine, event.reason, context);
    case "passed":
      return onPassed(machine, event.reason, context);
    case "exited":
      return onExited(machine, event, context);
    case "drained":
      return machine.state === "DRAINING"
        ? endIt(machine, `${machine.reason}; its requests are finished`, context)
        : same(machine);
    case "adopted":
      return machine.child === "none" ? onAdopted(machine, event, context) : same(machine);
    case "due":
    default:
      return onDue(machine, event.detail, context);
  }
}

const same = (machine: Machine): Step => ({ machine, effects: [] });

function launch(machine: Machine, reason: string, memory: RestartMemory): Step {
  const attempt = machine.attempt + 1;
  return {
    machine: {
      ...newMachine(reason),
      state: "STARTING",
      attempt,
      child: "preparing",
      restarts: machine.attempt === 0 ? 0 : machine.restarts + 1,
      memory,
    },
    effects: [{ kind: "launch", attempt }],
  };
}

/** Nothing is there any more. */
function rest(machine: Machine, state: InstanceState, reason: string, more?: Partial<Machine>) {
  const { attempt, restarts, memory } = machine;
  return { ...newMachine(reason), state, attempt, restarts, memory, ...more };
}

function onStart(machine: Machine, reason: string): Step {
  if (machine.child === "none") return launch(machine, reason, cleanSlate);
  return isEnding(machine) ? same({ ...machine, next: "again", reason }) : same(machine);
}

function onRestart(machine: Machine, reason: string, context: MachineContext): Step {
  if (machine.child === "none") return launch(machine, reason, cleanSlate);
  // What is being prepared is as good as new.
  if (machine.child === "preparing") return same(machine);
  return onStop(machine, reason, "again", context);
}

function isEnding({ state }: Machine): boolean {
  return state === "DRAINING" || state === "STOPPING" || state === "UNKNOWN";
}

function onStop(
  machine: Machine,
  reason: string,
  next: Machine["next"],
  context: MachineContext,
): Step {
  if (isEnding(machine)) return same({ ...machine, next, reason });
  if (machine.child === "none" || machine.child === "preparing") {
    return same(rest(machine, "STOPPED", reason, { memory: cleanSlate }));
  }
  const { stop, upstream } = context.settings;
  const asked = { ...machine, next, reason };
  if (machine.state !== "READY" || upstream === undefined || stop.drainMs === 0) {
    return endIt(asked, reason, context);
  }
  const dueAtMs = context.nowMs + stop.drainMs;
  return same({ ...asked, state: "DRAINING", dueAtMs, probing: false });
}

/** Asks it to end, and waits. */
function endIt(machine: Machine, reason: string, { settings, nowMs }: MachineContext): Step {
  const { signal, timeoutMs } = settings.stop;
  return {
    machine: {
      ...machine,
      state: "STOPPING",
      reason,
      dueAtMs: nowMs + timeoutMs,
      probing: false,
      killed: signal === "SIGKILL",
    },
    effects: [{ kind: "signal", signal }],
  };
}

function onLaunched(machine: Machine, { settings, nowMs }: MachineContext): Step {
  if (machine.child !== "ordered") return same(machine);
  const alive: Machine = { ...machine, child: "alive" };
  if (machine.state !== "STARTING") return same(alive);
  const { ready } = settings;
  const waitMs = ready.kind === "uptime" ? ready.uptimeMs : ready.timeoutMs;
  return same({ ...alive, dueAtMs: nowMs + waitMs, probing: ready.kind === "probe" });
}

function onRefused(machine: Machine, reason: string, context: MachineContext): Step {
  if (machine.child !== "preparing" && machine.child !== "ordered") return same(machine);
  if (isEnding(machine)) return afterAskedEnd(machine, undefined, reason, context);
  const failed = failedEnd(machine, undefined, reason, context);
  // Without a restart, "exited" would be a lie: it never was there.
  if (failed.machine.state !== "EXITED") return failed;
  return { ...failed, machine: { ...failed.machine, state: "FATAL" } };
}

function onPassed(machine: Machine, reason: string, context: MachineContext): Step {
  if (machine.child !== "alive") return same(machine);
  if (machine.state === "STARTING" || machine.probing) return same(up(machine, reason, context));
  return same(machine);
}

function up(machine: Machine, reason: string, { settings, nowMs }: MachineContext): Machine {
  const { row, looping } = machine.memory;
  const isClean = row === 0 && !looping;
  return {
    ...machine,
    state: takesTraffic(settings) ? "READY" : "RUNNING",
    reason,
    readyAtMs: machine.readyAtMs ?? nowMs,
    dueAtMs: isClean ? undefined : nowMs + settings.restart.resetAfterMs,
    probing: false,
  };
}

/** Whether its instances are endpoints. */
function takesTraffic({ upstream, ports }: MachineContext["settings"]): boolean {
  return upstream !== undefined && ports !== undefined;
}

function onExited(
  machine: Machine,
  { code, signal }: { readonly code: number | undefined; readonly signal: string | undefined },
  context: MachineContext,
): Step {
  if (machine.child !== "alive" && machine.child !== "ordered") return same(machine);
  const isLost = machine.state === "STARTING" && code === 0;
  const mustStay = isLost && context.settings.restart.policy === "always";
  const end = describeEnd(code, signal);
  // What daemons do. Nobody can supervise what left.
  const reason = mustStay ? `${end} before it was up: it must stay in the foreground` : end;
  const sweep: Effect[] = context.settings.stop.group ? [{ kind: "sweep" }] : [];
  const asked = isEnding(machine);
  const after = asked
    ? afterAskedEnd(machine, code, reason, context)
    : failedEnd(machine, code, reason, context);
  const { expectedExitCodes } = context.settings.restart;
  // Who did its work and is left alone has not died on anybody.
  const isExpected = after.machine.state === "EXITED" && after.machine.dueAtMs === undefined;
  const isFine = asked || (isExpected && code !== undefined && expectedExitCodes.includes(code));
  const died: Effect[] = isFine ? [] : [{ kind: "died", reason }];
  return { machine: after.machine, effects: [...sweep, ...died, ...after.effects] };
}

function afterAskedEnd(
  machine: Machine,
  code: number | undefined,
  how: string,
  context: MachineContext,
): Step {
  const { next, reason } = machine;
  if (next === "again") return launch(machine, reason, cleanSlate);
  if (next === "judge") return failedEnd(machine, code, reason, context);
  const stopped = reason.includes(how) ? reason : `${reason}; it ${how}`;
  return same(rest(machine, "STOPPED", stopped, { memory: cleanSlate }));
}

/** It ended and was not to. */
function failedEnd(
  machine: Machine,
  code: number | undefined,
  reason: string,
  { settings, nowMs, random }: MachineContext,
): Step {
  const { readyAtMs, next } = machine;
  const readyForMs = readyAtMs === undefined ? 0 : nowMs - readyAtMs;
  // Who had to be stopped has failed, whatever code it then ended with.
  const end = { code: isEnding(machine) && next === "judge" ? undefined : code, readyForMs };
  const verdict = judgeEnd(settings.restart, machine.memory, end, nowMs, random);
  const { memory } = verdict;
  if (verdict.kind === "leave") return same(rest(machine, "EXITED", reason, { memory }));
  const { delayMs } = verdict;
  const dueAtMs = delayMs === undefined ? undefined : nowMs + delayMs;
  if (verdict.kind === "again") {
    const state = readyAtMs === undefined ? "BACKOFF" : "EXITED";
    return same(rest(machine, state, reason, { memory, dueAtMs }));
  }
  const loop = `a crash loop: ${reason}`;
  return {
    machine: rest(machine, "FATAL", loop, { memory, dueAtMs }),
    effects: verdict.entered ? [{ kind: "crash_loop", reason: loop }] : [],
  };
}

function onAdopted(
  machine: Machine,
  { ready, upMs }: { readonly ready: boolean; readonly upMs: number },
  context: MachineContext,
): Step {
  const { settings, nowMs } = context;
  const reason = "was found alive";
  const attempt = machine.attempt + 1;
  const alive: Machine = { ...rest(machine, "STARTING", reason), attempt, child: "alive" };
  const rules = settings.ready;
  const isUp = ready || (rules.kind === "uptime" && upMs >= rules.uptimeMs);
  if (!isUp) {
    const waitMs = rules.kind === "uptime" ? rules.uptimeMs - upMs : leftToPass(rules, upMs);
    return same({ ...alive, dueAtMs: nowMs + waitMs, probing: rules.kind === "probe" });
  }
  const running = up(alive, reason, context);
  return same(rules.kind === "probe" ? askAgain(running, context) : running);
}

/** Its time to become ready began with its start: who hangs since long ago is not given all of it. */
function leftToPass({ timeoutMs }: ProcessSettings["ready"], upMs: number): number {
  return Math.max(timeoutMs - upMs, Math.min(timeoutMs, FOUND_GRACE_MS));
}

/** Whoever prepared its start is gone: it is due now. */
export function startingAgain(machine: Machine, { nowMs }: MachineContext): Machine {
  const restarts = machine.restarts - 1;
  return { ...machine, state: "BACKOFF", child: "none", dueAtMs: nowMs, restarts };
}

/** It was ready and stays so, until it is known that it is not. */
export function askAgain(machine: Machine, { settings, nowMs }: MachineContext): Machine {
  return { ...machine, probing: true, dueAtMs: nowMs + settings.ready.timeoutMs };
}

function onDue(machine: Machine, detail: string | undefined, context: MachineContext): Step {
  const { settings, nowMs } = context;
  if (machine.dueAtMs === undefined || machine.dueAtMs > nowMs) return same(machine);
  switch (machine.state) {
    case "STARTING":
      return onReadyTime(machine, detail, context);
    case "RUNNING":
    case "READY":
      return machine.probing ? notReadyAnyMore(machine, detail) : cleared(machine);
    case "BACKOFF":
    case "EXITED":
    case "FATAL":
      return launch(machine, `starts again: ${machine.reason}`, machine.memory);
    case "DRAINING": {
      const time = formatDuration(settings.stop.drainMs);
      const reason = `${machine.reason}; requests were still in flight after ${time}`;
      return endIt(machine, reason, context);
    }
    case "STOPPING":
    case "UNKNOWN":
      return kill(machine, nowMs, settings.stop.timeoutMs);
    case "STOPPED":
    default:
      return same(machine);
  }
}

function onReadyTime(machine: Machine, detail: string | undefined, context: MachineContext): Step {
  const { ready } = context.settings;
  if (ready.kind === "uptime") {
    return same(up(machine, `stayed up for ${formatDuration(ready.uptimeMs)}`, context));
  }
  const seen = detail === undefined ? "" : ` (${detail})`;
  const reason = `was not ready within ${formatDuration(ready.timeoutMs)}${seen}`;
  return endIt({ ...machine, next: "judge" }, reason, context);
}

function notReadyAnyMore(machine: Machine, detail: string | undefined): Step {
  const seen = detail === undefined ? "" : `: ${detail}`;
  const reason = `was found alive, but not ready${seen}`;
  return same({ ...machine, state: "RUNNING", reason, dueAtMs: undefined });
}

function cleared(machine: Machine): Step {
  const reason = "it stayed up";
  return {
    machine: { ...machine, dueAtMs: undefined, memory: cleanSlate },
    effects: machine.memory.looping ? [{ kind: "crash_loop_over", reason }] : [],
  };
}

function kill(machine: Machine, nowMs: number, timeoutMs: number): Step {
  const again = { ...machine, killed: true, dueAtMs: nowMs + AFTER_KILL_MS };
  const effects: Effect[] = [{ kind: "signal", signal: "SIGKILL" }];
  if (!machine.killed) {
    const reason = `${machine.reason}; it was killed after ${formatDuration(timeoutMs)}`;
    return { machine: { ...again, reason }, effects };
  }
  const reason = `is still there ${formatDuration(AFTER_KILL_MS)} after KILL`;
  return { machine: { ...again, state: "UNKNOWN", reason }, effects };
}
