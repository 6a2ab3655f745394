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
import { memberKey, memberName, type MemberAddress } from "../config/desired/members.ts";
import { SlotsExhausted } from "../config/slots.ts";
import type { FromKeeper } from "../processes/contract.ts";
import type { HealthChange, HealthTable } from "../health/contract.ts";
import { stopBoundMs } from "../processes/keeper/stop-bound.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { FromControl, HostSettings, ProxyFacts, ToControl } from "../snapshot/messages.ts";
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
import type { Healing, HealingWorld } from "./healing.ts";
import { inForce, toSave, withOtherMembers, type InForce } from "./in-force.ts";
import { endpointName } from "./objects.ts";
import { needsState } from "./needs-state.ts";
import { isSameDesired } from "./same-desired.ts";
import type { ReloadHistory, Saved, SavedConfig } from "./saved.ts";
import { tellBreaker, tellChange, tellPanic, tellWarnings } from "./tell.ts";
import { createThrottle } from "./throttle.ts";

export interface ControlDeps {
  readonly board: Board;
  readonly log: Log;
  readonly configFile: string;
  readonly startedAtMs: number;
  readonly version: string;
  readonly saved: Saved;
  /** What to begin with. */
  readonly first: SavedConfig;
  readonly read: ConfigReader;
  /** One line per difference; empty for none. */
  readonly describe: (before: Desired, after: Desired) => readonly string[];
  readonly createHealth: (callbacks: HealthCallbacks, saved: unknown) => HealthTable;
  readonly createHealing: (world: HealingWorld) => Healing;
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
  /** News of the processes that the host keeps. */
  keeper(message: FromKeeper): void;
  /** Ends all processes; resolves when the last one is gone. */
  stopProcesses(): Promise<void>;
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
  let force = firstInForce(deps.first);
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
      onChange(change) {
        tellChange(log, change);
        healing.onHealthChange(change);
      },
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
    configVersion: force.desired.snapshot.version,
    reloadsAccepted: history.accepted,
    reloadsRefused: history.refused,
    lastReloadOk: history.lastOk,
    lastReloadAtMs: history.lastAtMs,
    proxyRestarts: proxies.reduce((total, { restarts }) => total + restarts, 0),
    controlRestarts,
  });
  const ready = (): Readiness => readiness(proxies, draining);
  const sample = (nowMs: number): void =>
    activity.sample(nowMs, activityRows(board, force.desired.snapshot));

  const status = (windowMs: number): StatusDocument => {
    const nowMs = Date.now();
    sample(nowMs);
    return buildStatus({
      board,
      snapshot: force.desired.snapshot,
      health: health.list(),
      panicking: health.panicking(),
      proxies,
      facts: facts(),
      healing: healing.facts(),
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
    snapshot: () => force.desired.snapshot,
    health: () => health.list(),
    panicking: () => health.panicking(),
    facts,
    healing: () => healing.facts(),
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

  const adopt = (next: InForce, newcomers: readonly MemberAddress[]): void => {
    force = next;
    const { desired } = next;
    adjustLog(log, desired.log);
    // Health first: what the board says of a new endpoint must be there before anybody is sent to it.
    health.apply(desired.health);
    for (const member of newcomers) {
      const reason = "its process is being started";
      health.process(member.upstream, memberName(member), { state: "stopped", reason });
    }
    const saved = { part: "config", checkpoint: toSave(next) };
    post({ kind: "snapshot", snapshot: desired.snapshot, saved });
  };

  const changeMembers = (members: readonly MemberAddress[]): void => {
    const next = orProblem(() => withOtherMembers(force, members));
    if (typeof next === "string") {
      log.error(`instances of processes are no endpoints: ${next}`);
      return;
    }
    if (next === force) return;
    const known = new Set(force.members.map(memberKey));
    adopt(
      next,
      members.filter((member) => !known.has(memberKey(member))),
    );
  };

  /** What keeps the new addresses from being had, in plain words; the admin's is taken at once. */
  const addressProblems = async (wanted: Desired): Promise<readonly string[]> => {
    const failures = await claimAddresses(wanted.snapshot, force.desired.snapshot);
    if (failures.length > 0) {
      return failures.map(({ host, port, code }) => listenProblem(host, port, code));
    }
    const problem = await binding.bind(wanted.admin);
    return problem === undefined ? [] : [problem];
  };

  const reloadNow = async (): Promise<ReloadOutcome> => {
    log.debug(`reading ${deps.configFile}`);
    const version = force.desired.snapshot.version + 1;
    const read = deps.read(version, force.slots, force.members);
    if (!read.ok) {
      log.error({ problems: read.problems }, "the new configuration is refused: nothing changed");
      return note({ outcome: "refused", changes: [], problems: read.problems });
    }
    const wanted = withRateMemory(read.desired, force.file);
    if (isSameDesired(force.file, wanted)) {
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
    const before = force.file;
    // Members may have come or gone while the addresses were tried.
    const { desired, members } = force;
    const next = orProblem(() =>
      inForce(wanted, read.slots, members, desired.snapshot.version + 1),
    );
    if (typeof next === "string") {
      await binding.bind(desired.admin);
      log.error({ problems: [next] }, "the new configuration is refused: nothing changed");
      return note({ outcome: "refused", changes: [], problems: [next] });
    }
    adopt(next, []);
    post({ kind: "settings", settings: hostSettings(wanted) });
    healing.apply(force.desired);
    // Words come after deeds: proxies are at work by now.
    const changes = changesBetween(before, wanted, deps.describe);
    tellWarnings(log, read.warnings);
    log.info(
      { version: force.desired.snapshot.version, changes },
      "a new configuration is in force",
    );
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
    snapshot: () => force.desired.snapshot,
    health: () => health.list(),
    command(upstream, endpoint, command) {
      healing.seize(endpointName({ upstream, endpoint }));
      const found = health.command(upstream, endpoint, command);
      saving.flush(); // The operator's word is safe before it is confirmed.
      return found;
    },
    reload,
  };
  const healing: Healing = deps.createHealing({
    board,
    log,
    health,
    desired: () => force.desired,
    changeMembers,
    post,
    saved: deps.saved,
  });
  const binding = createAdminBinding(
    () =>
      createAdminServer({
        actions,
        more: healing.operations,
        log,
        token: () => force.desired.admin.token,
      }),
    log,
  );

  return {
    async start() {
      // Before a predecessor's members are known to live they are as it left them.
      adopt(force, []);
      healing.apply(force.desired);
      await healing.ready;
      sample(Date.now());
      timers.push(setInterval(() => sample(Date.now()), SAMPLE_EVERY_MS));
      timers.push(
        setInterval(() => {
          for (const change of breakers.look(force.desired.snapshot.upstreams, Date.now())) {
            tellBreaker(log, change);
          }
        }, BREAKERS_EVERY_MS),
      );
      if (deps.saved.config === undefined) return await binding.bind(force.desired.admin);
      binding.bindEventually(force.desired.admin);
      return undefined;
    },
    reload,
    proxies(message) {
      ({ proxies, controlRestarts, draining } = message);
    },
    keeper: (message) => healing.received(message),
    stopProcesses: () => healing.stopProcesses(),
    async close() {
      for (const timer of timers) clearInterval(timer);
      saving.flush();
      await Promise.all([binding.close(), healing.close()]);
      await health.close();
    },
  };
}

/** What is made, or why the board has no room for it. */
function orProblem(make: () => InForce): InForce | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof SlotsExhausted) return error.message;
    throw error;
  }
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

function firstInForce({ desired, slots, members }: SavedConfig): InForce {
  return inForce(withRateMemory(desired, undefined), slots, members, desired.snapshot.version);
}

/** What the host works by. */
export function hostSettings(desired: Desired): HostSettings {
  const { workers, log, shutdown, stateDir, processes } = desired;
  return {
    workers,
    log,
    graceMs: shutdown.graceMs,
    stateDir,
    stateNeeded: needsState(desired),
    stopProcessesMs: stopBoundMs(processes),
  };
}
