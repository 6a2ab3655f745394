/** One thread of the generator: carries out the coordinator's orders and reports. */
import type { Clock } from "./clock.ts";
import { ClosedLoop } from "./closed-loop.ts";
import { ConnectionPool, type PoolUser } from "./connection-pool.ts";
import { expectedTable } from "./expected-statuses.ts";
import { OpenLoop } from "./open-loop.ts";
import { openConnections } from "./open-connections.ts";
import { createPacer } from "./pacer.ts";
import { Recorder } from "./recorder.ts";
import { Schedule } from "./schedule.ts";
import { createThreadGauge } from "./thread-gauge.ts";
import type {
  FromThread,
  StepOrder,
  ThreadHealth,
  ThreadSettings,
  ToThread,
} from "./thread-messages.ts";

const intervalMs = 1_000;
/** How exact timeouts are. */
const sweepMs = 20;

/** A loop of either kind. */
interface Loop extends PoolUser {
  pump(nowMs: number): number;
  cut(atMs: number): void;
}

export interface LoadThread {
  handle(message: ToThread): void;
}

/** Says `ready` at once. */
export function createLoadThread(
  settings: ThreadSettings,
  clock: Clock,
  post: (message: FromThread) => void,
): LoadThread {
  const pool = new ConnectionPool(settings.request, clock);
  const pacer = createPacer(clock, settings.polling, () => pool.activity);
  const gauge = createThreadGauge(clock);
  let step: RunningStep | undefined;
  post({ kind: "ready" });

  const run = (order: StepOrder): void => {
    step = startStep({ order, settings, pool, clock, gauge, pacer, post });
  };
  return {
    handle(message) {
      if (message.kind === "run") run(message.order);
      else if (message.kind === "cut") step?.cut(message.atMs, message.graceMs);
      else if (message.kind === "open") {
        openConnections(pool, message.connections, clock, (problem) =>
          post({ kind: "opened", open: pool.open, problem }),
        );
      } else {
        step?.stop();
        pacer.stop();
        gauge.close();
        pool.close();
      }
    },
  };
}

interface StepParts {
  readonly order: StepOrder;
  readonly settings: ThreadSettings;
  readonly pool: ConnectionPool;
  readonly clock: Clock;
  readonly gauge: ReturnType<typeof createThreadGauge>;
  readonly pacer: ReturnType<typeof createPacer>;
  readonly post: (message: FromThread) => void;
}

interface RunningStep {
  cut(atMs: number, graceMs: number): void;
  /** Forgets it, without a report. */
  stop(): void;
}

function startStep(parts: StepParts): RunningStep {
  const { order, settings, pool, clock, gauge, pacer, post } = parts;
  const recorder = new Recorder(
    { startMs: order.windowStartMs, endMs: order.windowEndMs },
    expectedTable(settings.request.expected),
  );
  const timers: NodeJS.Timeout[] = [];
  let health: ThreadHealth | undefined;
  const stop = (): void => {
    pacer.stop();
    pool.user = undefined;
    for (const timer of timers) clearTimeout(timer);
  };
  const isPolling = settings.polling && order.mode === "open";
  const readHealth = (): ThreadHealth => gauge.read(isPolling ? pacer.takeSpareMs() : undefined);
  const tick = (): void => post({ kind: "interval", interval: recorder.takeInterval(clock()) });
  let isDone = false;
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    stop();
    tick();
    const report = recorder.report();
    const openConnections = pool.takeMostOpen();
    post({
      kind: "done",
      report: { ...report, openConnections, health: health ?? readHealth() },
    });
  };
  const loop = createLoop(parts, recorder, finish);
  const at = (momentMs: number, action: () => void): void => {
    timers.push(setTimeout(action, Math.max(0, momentMs - clock())));
  };
  pool.takeMostOpen();
  pool.user = loop;
  timers.push(setInterval(() => sweep(pool, loop, clock()), sweepMs));
  const warmUpTicks = setInterval(tick, intervalMs);
  timers.push(warmUpTicks);
  at(order.windowStartMs, () => {
    clearInterval(warmUpTicks);
    tick();
    gauge.start();
    pacer.takeSpareMs();
    timers.push(setInterval(tick, intervalMs));
  });
  // What comes afterwards, such as waiting for the last answers, says nothing about the load.
  at(order.windowEndMs, () => (health = readHealth()));
  // Last: where the thread was kept from its start for so long, the step ends with its first look.
  pacer.start((nowMs) => loop.pump(nowMs));
  return {
    stop,
    cut(atMs, graceMs) {
      health ??= readHealth();
      timers.push(setTimeout(finish, graceMs));
      loop.cut(atMs);
    },
  };
}

function sweep(pool: ConnectionPool, loop: Loop, nowMs: number): void {
  pool.sweep(nowMs);
  loop.pump(nowMs);
}

function createLoop(
  { order, settings, pool, clock }: StepParts,
  recorder: Recorder,
  done: () => void,
): Loop {
  const { request, thread, threads } = settings;
  if (order.mode === "closed") {
    pool.shrink(order.connections);
    const { connections } = order;
    return new ClosedLoop({ request, pool, recorder, connections, clock, done });
  }
  const { startMs, windowEndMs: endMs, ratePerSecond, maxConnections, maxQueue } = order;
  const schedule = new Schedule({ startMs, endMs, ratePerSecond, thread, threads });
  return new OpenLoop({ request, schedule, pool, recorder, maxConnections, maxQueue, clock, done });
}
