/** Puts one proxy together: the only place in this folder that wires things. */
import { workerGauge, type Board } from "../board/board.ts";
import type { FromProxy } from "../snapshot/messages.ts";
import type { FaultSettings } from "../snapshot/fault.ts";
import type { Snapshot, UpstreamSnapshot } from "../snapshot/snapshot.ts";
import { createClock } from "./clock.ts";
import { createAccessLog } from "./edge/access-log.ts";
import { createFaultList } from "./faults/fault-list.ts";
import { createErrorPages } from "./edge/error-page.ts";
import { createHttpDate } from "./edge/http-date.ts";
import { createRequestIds } from "./edge/request-id.ts";
import { followPublished } from "./follow-published.ts";
import { startGauges } from "./gauges.ts";
import { createRequestParser } from "./http1/request-parser.ts";
import { createResponseParser } from "./http1/response-parser.ts";
import { inSlices } from "./in-slices.ts";
import { InboundRequest } from "./exchange/inbound-request.ts";
import { ListenerRuntime } from "./client/listener-runtime.ts";
import { createLookupReport } from "./lookup-report.ts";
import type { OriginContext } from "./upstream/attempt.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { emptyEntry } from "./client/refusal.ts";
import { buildRouteTable, emptyRouteTable } from "./router/route-table.ts";
import { createReadMemory } from "./upstream/read-buffer.ts";
import { createTimerWheel } from "./timer-wheel.ts";
import { createDirect, type Direct } from "./wire/direct.ts";
import { createOutgoings } from "./wire/outgoing.ts";
import { SendQueue } from "./wire/send-queue.ts";
import { UpstreamGroup } from "./upstream/upstream-group.ts";

const DRAIN_CHECK_MS = 20;
/** How long requests may wait while ten thousand new routes are prepared. */
const BUILD_SLICE_MS = 4;
const READ_BUFFER_BYTES = 64 * 1024;
const FINE_TICK_MS = 4;

/** What a proxy needs from its thread. */
export interface ProxyDeps {
  readonly board: Board;
  readonly worker: number;
  readonly tell: (event: FromProxy) => void;
  /** Something an operator should know; never per request. */
  readonly onProblem: (message: string) => void;
  /** How sockets are read and written past their streams; by default as far as Node lets us. */
  readonly direct?: Direct;
}

/** A running proxy. */
export interface Proxy {
  /** Makes the snapshot true; what it leaves as it was is not touched. Very many new routes take
   * several turns of the event loop, until when the earlier ones hold; `applied` tells the end. */
  apply(snapshot: Snapshot): void;
  /** Accepts no more and finishes; after `deadlineMs` cuts what is left, which goes to the
   * access log too. Tells `drained`. */
  drain(deadlineMs: number): void;
  reopenLogs(): void;
  /** All the faults that are put into traffic from now on. */
  setFaults(faults: readonly FaultSettings[]): void;
}

/** Starts a proxy that serves nothing until its first `apply`. */
export function createProxy(deps: ProxyDeps): Proxy {
  const { board, worker, tell } = deps;
  const counters = board.counters[worker]!;
  const clock = createClock();
  const wheel = createTimerWheel(clock);
  const date = createHttpDate();
  const requestIds = createRequestIds();
  const direct = deps.direct ?? createDirect();
  const sends = new SendQueue(clock, direct);
  const readMemory = createReadMemory();
  const listeners = new Map<string, ListenerRuntime>();
  const groups = new Map<string, UpstreamGroup>();
  const context: ProxyContext = {
    board,
    counters,
    worker,
    clock,
    wheel,
    fineWheel: createTimerWheel(clock, FINE_TICK_MS),
    date,
    direct,
    sends,
    requestOutgoings: createOutgoings(),
    answerOutgoings: createOutgoings(),
    originBuffer: readMemory.shared,
    readBuffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
    requestParser: createRequestParser(),
    requestIds,
    inbound: new InboundRequest(requestIds),
    errorPages: createErrorPages(date),
    accessEntry: { ...emptyEntry },
    faults: createFaultList(Date.now),
    accessLog: undefined,
    routes: emptyRouteTable(),
    draining: false,
    viaName: "",
  };
  const lookupFailed = createLookupReport(clock, deps.onProblem);
  const origins: OriginContext = {
    clock,
    direct,
    sends,
    memory: readMemory,
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
      group.connectionClosed();
    },
    onLookupFailed: ({ group, snapshot: { name, host } }, code) =>
      lookupFailed(`${group.snapshot.name}/${name}`, host, code),
  };
  startGauges(counters, () => {
    let idle = 0;
    for (const group of groups.values()) {
      group.sample();
      idle += group.idleConnections;
    }
    counters.worker[workerGauge.idleOriginConnections] = idle;
  });

  void followPublished(board, () => {
    clock.tick();
    for (const group of groups.values()) {
      group.giveUpBad();
      group.connections.makeWay();
    }
  });

  /** Gone from the configuration, with connections that finish. */
  const retired = new Set<ListenerRuntime>();
  let applied: Snapshot | undefined;

  /** Upstreams whose routes have to be prepared anew, until they are. */
  const changed = new Set<string>();
  /** Upstreams that routes still lead to, under names that others have by now. */
  const replaced: UpstreamGroup[] = [];
  let abandonBuild = (): void => undefined;

  /** Takes what is new; what is gone stays for the requests that come until the routes are new. */
  function applyUpstreams(upstreams: readonly UpstreamSnapshot[], secret: string): void {
    for (const upstream of upstreams) {
      const group = groups.get(upstream.name);
      if (group?.snapshot.fingerprint === upstream.fingerprint) continue;
      if (group !== undefined && group.slot === upstream.slot) {
        if (!isBalancedAlike(group.snapshot, upstream)) changed.add(upstream.name);
        group.update(upstream, secret);
      } else {
        changed.add(upstream.name);
        if (group !== undefined) replaced.push(group);
        const context = { board, counters, worker, origins };
        groups.set(upstream.name, new UpstreamGroup(upstream, secret, context));
      }
    }
  }

  function dropUpstreams(upstreams: readonly UpstreamSnapshot[]): void {
    for (const group of replaced.splice(0)) group.remove();
    const named = new Set(upstreams.map(({ name }) => name));
    for (const [name, group] of groups) {
      if (named.has(name)) continue;
      group.remove();
      groups.delete(name);
    }
  }

  function applyListeners(snapshot: Snapshot): void {
    const named = new Set(snapshot.listeners.map(({ name }) => name));
    for (const [name, listener] of listeners) {
      if (named.has(name)) continue;
      listener.drain();
      listeners.delete(name);
      retired.add(listener);
    }
    for (const listener of retired) if (listener.connections === 0) retired.delete(listener);
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
      abandonBuild();
      applyAccessLog(snapshot);
      context.viaName = snapshot.viaName;
      applyUpstreams(snapshot.upstreams, snapshot.stickySecret);
      const build = buildRouteTable(snapshot.routes, groups, changed, date, context.routes);
      // Nobody is served before the first snapshot, and then nobody has to wait for it.
      const sliceMs = applied === undefined ? Infinity : BUILD_SLICE_MS;
      abandonBuild = inSlices(build, sliceMs, (routes) => {
        changed.clear();
        context.routes = routes;
        dropUpstreams(snapshot.upstreams);
        if (!context.draining) applyListeners(snapshot);
        counters.worker[workerGauge.snapshotVersion] = snapshot.version;
        tell({ kind: "applied", version: snapshot.version });
      });
      applied = snapshot;
    },
    drain(deadlineMs): void {
      context.draining = true;
      for (const listener of listeners.values()) listener.drain();
      const cutAt = performance.now() + deadlineMs;
      const check = setInterval(() => {
        const late = performance.now() >= cutAt;
        if (clientsLeft() > 0 && !late) return;
        clearInterval(check);
        let cut = 0;
        if (late) for (const one of [...listeners.values(), ...retired]) cut += one.cut();
        void (context.accessLog?.close() ?? Promise.resolve()).then(() =>
          tell({ kind: "drained", cut }),
        );
      }, DRAIN_CHECK_MS);
    },
    reopenLogs: () => context.accessLog?.reopen(),
    setFaults: (faults) => context.faults.set(faults),
  };
}

/** Whether routes to an upstream need no other preparation than before. */
function isBalancedAlike(one: UpstreamSnapshot, other: UpstreamSnapshot): boolean {
  return JSON.stringify(one.balance) === JSON.stringify(other.balance);
}
