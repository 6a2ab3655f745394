/**
 * Control: decides what proxies work by. Configuration in, snapshots out; health on the board; the
 * admin address; and after each change a checkpoint with the host, so that a successor goes on.
 */
import { createAdminServer } from "../admin/server.ts";
import {
  activityRows,
  buildStatus,
  readiness,
  type Readiness,
  type StatusDocument,
} from "../admin/status.ts";
import type { AdminActions, ReloadOutcome } from "../admin/actions.ts";
import type { Board } from "../board/board.ts";
import type { SlotCheckpoint } from "../config/slots.ts";
import type { HealthChange, HealthTable } from "../health/contract.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { FromControl, ProxyFacts, ToControl } from "../snapshot/messages.ts";
import { adjustLog, type Log } from "../telemetry/log.ts";
import { listenProblem } from "../telemetry/listen-problem.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import type { ControlFacts } from "../telemetry/sources.ts";
import { createWindow } from "../telemetry/window.ts";
import { createAdminBinding } from "./admin-binding.ts";
import { createBreakers } from "./breakers.ts";
import { claimAddresses } from "./claim-addresses.ts";
import type { ConfigReader } from "./config-reader.ts";
import { withRateMemory } from "./rate-memory.ts";
import { isSameDesired } from "./same-desired.ts";
import type { ReloadHistory, Saved, SavedConfig } from "./saved.ts";
import { createThrottle } from "./throttle.ts";

export interface ControlDeps {
  readonly board: Board;
  readonly log: Log;
  readonly configFile: string;
  readonly startedAtMs: number;
  readonly version: string;
  readonly saved: Saved;
  /** What to begin with. */
  readonly desired: Desired;
  readonly slots: SlotCheckpoint;
  readonly read: ConfigReader;
  /** One line per difference; empty for none. */
  readonly describe: (before: Desired, after: Desired) => readonly string[];
  readonly createHealth: (callbacks: HealthCallbacks, saved: unknown) => HealthTable;
  readonly post: (message: FromControl) => void;
}

/** What the health table tells control. */
export interface HealthCallbacks {
  onChange(change: HealthChange): void;
  onPanic(change: { readonly upstream: string; readonly panicking: boolean }): void;
  onCheckpoint(): void;
}

export interface Control {
  /** Resolves with a problem in plain words where the admin address can't be had. */
  start(): Promise<string | undefined>;
  /** Reads the file again and applies what changed. Calls that come meanwhile wait their turn. */
  reload(): Promise<ReloadOutcome>;
  proxies(message: Extract<ToControl, { kind: "proxies" }>): void;
  close(): Promise<void>;
}

const SPAN_MS = 5000;
/** A minute, and the span that is still filling. */
const SPANS = 13;
const SAMPLE_EVERY_MS = 1000;
const BREAKERS_EVERY_MS = 250;
const CHECKPOINT_GAP_MS = 100;

/** Control over a board and a desired state; nothing runs until `start`. */
export function createControl(deps: ControlDeps): Control {
  const { board, log, post } = deps;
  let { slots } = deps;
  let desired = withRateMemory(deps.desired, undefined);
  let proxies: readonly ProxyFacts[] = [];
  let controlRestarts = 0;
  let draining = false;
  let history: ReloadHistory = deps.saved.history ?? {
    accepted: 0,
    refused: 0,
    lastAtMs: Date.now(),
    lastOk: true,
    problems: [],
  };
  let queue: Promise<unknown> = Promise.resolve();
  const timers: NodeJS.Timeout[] = [];

  const saving = createThrottle(
    () => post({ kind: "checkpoint", part: "health", checkpoint: health.checkpoint() }),
    CHECKPOINT_GAP_MS,
  );
  const health: HealthTable = deps.createHealth(
    {
      onChange: (change) => tellChange(log, change),
      onPanic: ({ upstream, panicking }) => tellPanic(log, upstream, panicking),
      onCheckpoint: () => saving.call(),
    },
    deps.saved.health,
  );
  const breakers = createBreakers(board);
  const activity = createWindow(SPAN_MS, SPANS, Date.now());

  const facts = (): ControlFacts => ({
    version: deps.version,
    startedAtMs: deps.startedAtMs,
    configVersion: desired.snapshot.version,
    reloadsAccepted: history.accepted,
    reloadsRefused: history.refused,
    lastReloadOk: history.lastOk,
    lastReloadAtMs: history.lastAtMs,
    proxyRestarts: proxies.reduce((total, { restarts }) => total + restarts, 0),
    controlRestarts,
  });
  const ready = (): Readiness => readiness(proxies, draining);
  const sample = (nowMs: number): void =>
    activity.sample(nowMs, activityRows(board, desired.snapshot));

  const status = (windowMs: number): StatusDocument => {
    const nowMs = Date.now();
    sample(nowMs);
    return buildStatus({
      board,
      snapshot: desired.snapshot,
      health: health.list(),
      panicking: health.panicking(),
      proxies,
      facts: facts(),
      readiness: ready(),
      configFile: deps.configFile,
      problems: history.problems,
      activity,
      windowMs,
      nowMs,
    });
  };
  const metrics = createMetrics({
    board,
    snapshot: () => desired.snapshot,
    health: () => health.list(),
    panicking: () => health.panicking(),
    facts,
  });

  const note = (outcome: ReloadOutcome): ReloadOutcome => {
    const ok = outcome.outcome !== "refused";
    history = {
      accepted: history.accepted + (ok ? 1 : 0),
      refused: history.refused + (ok ? 0 : 1),
      lastAtMs: Date.now(),
      lastOk: ok,
      problems: ok ? [] : outcome.problems,
    };
    post({ kind: "checkpoint", part: "history", checkpoint: history });
    return outcome;
  };

  const adopt = (next: Desired, nextSlots: SlotCheckpoint): void => {
    desired = next;
    slots = nextSlots;
    adjustLog(log, next.log);
    health.apply(next.health);
    // Health first: what the board says of a new endpoint must be there before anybody is sent to it.
    const saved = { part: "config", checkpoint: { desired, slots } satisfies SavedConfig };
    post({ kind: "snapshot", snapshot: next.snapshot, saved });
  };

  /** What keeps the new addresses from being had, in plain words; the admin's is taken at once. */
  const addressProblems = async (wanted: Desired): Promise<readonly string[]> => {
    const failures = await claimAddresses(wanted.snapshot, desired.snapshot);
    if (failures.length > 0) {
      return failures.map(({ host, port, code }) => listenProblem(host, port, code));
    }
    const problem = await binding.bind(wanted.admin);
    return problem === undefined ? [] : [problem];
  };

  const reloadNow = async (): Promise<ReloadOutcome> => {
    log.debug(`reading ${deps.configFile}`);
    const read = deps.read(desired.snapshot.version + 1, slots);
    if (!read.ok) {
      log.error({ problems: read.problems }, "the new configuration is refused: nothing changed");
      return note({ outcome: "refused", changes: [], problems: read.problems });
    }
    const wanted = withRateMemory(read.desired, desired);
    if (isSameDesired(desired, wanted)) {
      tellWarnings(log, read.warnings);
      log.info("the configuration was read again: nothing changed");
      return note({ outcome: "unchanged", changes: [], problems: read.warnings });
    }
    log.debug("the file is sound and asks for something new: trying its new addresses");
    const problems = await addressProblems(wanted);
    if (problems.length > 0) {
      log.error({ problems }, "the new configuration is refused: nothing changed");
      return note({ outcome: "refused", changes: [], problems });
    }
    const before = desired;
    adopt(wanted, read.slots);
    post({ kind: "settings", settings: hostSettings(desired) });
    // Words come after deeds: proxies are at work by now.
    const changes = changesBetween(before, wanted, deps.describe);
    tellWarnings(log, read.warnings);
    log.info({ version: desired.snapshot.version, changes }, "a new configuration is in force");
    return note({ outcome: "accepted", changes, problems: read.warnings });
  };

  const reload = (): Promise<ReloadOutcome> => {
    const mine = queue.then(reloadNow);
    queue = mine.catch(() => undefined); // Its caller hears of it.
    return mine;
  };

  const actions: AdminActions = {
    status,
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
    readiness: ready,
    snapshot: () => desired.snapshot,
    health: () => health.list(),
    command(upstream, endpoint, command) {
      const found = health.command(upstream, endpoint, command);
      saving.flush(); // The operator's word is safe before it is confirmed.
      return found;
    },
    reload,
  };
  const binding = createAdminBinding(
    () => createAdminServer({ actions, log, token: () => desired.admin.token }),
    log,
  );

  return {
    async start() {
      adopt(desired, slots);
      sample(Date.now());
      timers.push(setInterval(() => sample(Date.now()), SAMPLE_EVERY_MS));
      timers.push(
        setInterval(() => {
          for (const change of breakers.look(desired.snapshot.upstreams, Date.now())) {
            tellBreaker(log, change);
          }
        }, BREAKERS_EVERY_MS),
      );
      if (deps.saved.config === undefined) return await binding.bind(desired.admin);
      binding.bindEventually(desired.admin);
      return undefined;
    },
    reload,
    proxies(message) {
      ({ proxies, controlRestarts, draining } = message);
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      saving.flush();
      await Promise.all([binding.close(), health.close()]);
    },
  };
}

/** One line per difference. What the description has no word for is a change all the same. */
function changesBetween(
  before: Desired,
  after: Desired,
  describe: ControlDeps["describe"],
): readonly string[] {
  const changes = describe(before, after);
  return changes.length > 0 ? changes : ["other settings changed"];
}

function tellWarnings(log: Log, warnings: readonly string[]): void {
  if (warnings.length > 0) log.warn({ warnings }, "configuration warnings");
}

/** What the host works by. */
export function hostSettings({ workers, log, shutdown }: Desired): {
  readonly workers: number;
  readonly log: Desired["log"];
  readonly graceMs: number;
} {
  return { workers, log, graceMs: shutdown.graceMs };
}

function tellChange(log: Log, change: HealthChange): void {
  const { upstream, endpoint, from, to, reason } = change;
  const fields = { upstream, endpoint, from, to, reason };
  const text = `${upstream}: ${endpoint} is ${to.replaceAll("_", " ")}`;
  if (to === "healthy" || to === "warming" || to === "probing") log.info(fields, text);
  else log.warn(fields, text);
}

function tellPanic(log: Log, upstream: string, panicking: boolean): void {
  if (panicking) log.error({ upstream }, "panic: too few endpoints are left, all get traffic");
  else log.info({ upstream }, "the panic is over: enough endpoints are back");
}

function tellBreaker(
  log: Log,
  change: { readonly upstream: string; readonly to: string; readonly reason: string | undefined },
): void {
  const text = `the circuit breaker of ${change.upstream} is ${change.to.replace("_", " ")}`;
  if (change.to === "open") log.warn(change, text);
  else log.info(change, text);
}
