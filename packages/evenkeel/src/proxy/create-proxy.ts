/** Puts one proxy together: the only place in this folder that wires things. */
import { workerGauge, type Board } from "../board/board.ts";
import type { FromProxy } from "../snapshot/messages.ts";
import type { Snapshot, UpstreamSnapshot } from "../snapshot/snapshot.ts";
import { createClock } from "./clock.ts";
import { createAccessLog } from "./edge/access-log.ts";
import { createErrorPages } from "./edge/error-page.ts";
import { createHttpDate } from "./edge/http-date.ts";
import { createRequestIds } from "./edge/request-id.ts";
import { startGauges } from "./gauges.ts";
import { createRequestParser } from "./http1/request-parser.ts";
import { createResponseParser } from "./http1/response-parser.ts";
import { InboundRequest } from "./inbound-request.ts";
import { ListenerRuntime } from "./listener-runtime.ts";
import type { OriginContext } from "./origin-connection.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { emptyEntry } from "./refusal.ts";
import { createRouteTable } from "./route-table.ts";
import { createTimerWheel } from "./timer-wheel.ts";
import { UpstreamGroup } from "./upstream-group.ts";

const DRAIN_CHECK_MS = 20;
const READ_BUFFER_BYTES = 64 * 1024;

/** What a proxy needs from its thread. */
export interface ProxyDeps {
  readonly board: Board;
  readonly worker: number;
  readonly tell: (event: FromProxy) => void;
  /** Something an operator should know; never per request. */
  readonly onProblem: (message: string) => void;
}

/** A running proxy. */
export interface Proxy {
  /** Makes the snapshot true; what it leaves as it was is not touched. */
  apply(snapshot: Snapshot): void;
  /** Accepts no more and finishes; after `deadlineMs` cuts what is left. Tells `drained`. */
  drain(deadlineMs: number): void;
  reopenLogs(): void;
}

/** Starts a proxy that serves nothing until its first `apply`. */
export function createProxy(deps: ProxyDeps): Proxy {
  const { board, worker, tell } = deps;
  const counters = board.counters[worker]!;
  const clock = createClock();
  const wheel = createTimerWheel(clock);
  const date = createHttpDate();
  const requestIds = createRequestIds();
  const listeners = new Map<string, ListenerRuntime>();
  const groups = new Map<string, UpstreamGroup>();
  const context: ProxyContext = {
    board,
    counters,
    worker,
    clock,
    wheel,
    date,
    readBuffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
    requestParser: createRequestParser(),
    requestIds,
    inbound: new InboundRequest(requestIds),
    errorPages: createErrorPages(date),
    accessEntry: { ...emptyEntry },
    accessLog: undefined,
    routes: createRouteTable([], groups, new Set(), date, undefined),
    draining: false,
    viaName: "",
  };
  const origins: OriginContext = {
    clock,
    parser: createResponseParser(),
    timer: (fire) => wheel.timer(fire),
    onOpened: ({ group }) => {
      Atomics.add(board.upstreamConnections, group.slot, 1);
      counters.upstreamConnections[group.slot]!++;
      counters.worker[workerGauge.originConnections]!++;
      counters.worker[workerGauge.originConnectionsTotal]!++;
    },
    onClosed: ({ group }) => {
      Atomics.sub(board.upstreamConnections, group.slot, 1);
      counters.upstreamConnections[group.slot]!--;
      counters.worker[workerGauge.originConnections]!--;
    },
  };
  startGauges(counters, () => {
    let idle = 0;
    for (const group of groups.values()) {
      group.retryWindow.sample();
      idle += group.idleConnections;
    }
    counters.worker[workerGauge.idleOriginConnections] = idle;
  });

  let applied: Snapshot | undefined;

  /** Answers the names of upstreams that are new or changed. */
  function applyUpstreams(upstreams: readonly UpstreamSnapshot[], secret: string): Set<string> {
    const changed = new Set<string>();
    const named = new Set(upstreams.map(({ name }) => name));
    for (const [name, group] of groups) {
      if (named.has(name)) continue;
      group.remove();
      groups.delete(name);
    }
    for (const upstream of upstreams) {
      const group = groups.get(upstream.name);
      if (group?.snapshot.fingerprint === upstream.fingerprint) continue;
      changed.add(upstream.name);
      if (group !== undefined && group.slot === upstream.slot) group.update(upstream, secret);
      else
        groups.set(
          upstream.name,
          new UpstreamGroup(upstream, secret, { board, counters, worker, origins }),
        );
    }
    return changed;
  }

  function applyListeners(snapshot: Snapshot): void {
    const named = new Set(snapshot.listeners.map(({ name }) => name));
    for (const [name, listener] of listeners) {
      if (named.has(name)) continue;
      listener.drain();
      listeners.delete(name);
    }
    for (const one of snapshot.listeners) {
      const listener = listeners.get(one.name);
      if (listener === undefined) {
        listeners.set(one.name, new ListenerRuntime(one, context, listenerEvents));
      } else if (listener.snapshot.fingerprint !== one.fingerprint) listener.update(one);
    }
  }

  const listenerEvents = {
    listening: (listener: string, host: string, port: number) =>
      tell({ kind: "listening", listener, host, port }),
    failed: (listener: string, host: string, port: number, code: string) =>
      tell({ kind: "listen_failed", listener, host, port, code }),
  };

  function applyAccessLog(snapshot: Snapshot): void {
    if (JSON.stringify(snapshot.accessLog) === JSON.stringify(applied?.accessLog)) return;
    void context.accessLog?.close();
    context.accessLog =
      snapshot.accessLog === undefined
        ? undefined
        : createAccessLog(snapshot.accessLog, deps.onProblem);
  }

  /** The connections still open, those of listeners that are gone included. */
  const clientsLeft = (): number => counters.worker[workerGauge.clientConnections]!;

  return {
    apply(snapshot): void {
      applyAccessLog(snapshot);
      context.viaName = snapshot.viaName;
      const changed = applyUpstreams(snapshot.upstreams, snapshot.stickySecret);
      context.routes = createRouteTable(snapshot.routes, groups, changed, date, context.routes);
      if (!context.draining) applyListeners(snapshot);
      applied = snapshot;
      counters.worker[workerGauge.snapshotVersion] = snapshot.version;
      tell({ kind: "applied", version: snapshot.version });
    },
    drain(deadlineMs): void {
      context.draining = true;
      for (const listener of listeners.values()) listener.drain();
      const cutAt = performance.now() + deadlineMs;
      const check = setInterval(() => {
        const late = performance.now() >= cutAt;
        if (clientsLeft() > 0 && !late) return;
        clearInterval(check);
        if (late) for (const listener of listeners.values()) listener.destroy();
        void (context.accessLog?.close() ?? Promise.resolve()).then(() =>
          tell({ kind: "drained" }),
        );
      }, DRAIN_CHECK_MS);
    },
    reopenLogs: () => context.accessLog?.reopen(),
  };
}
