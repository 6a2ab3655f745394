/** One listener as a proxy runs it: its sockets, its clients, its limits. */
import { createServer, type Server, type Socket } from "node:net";

import { workerGauge } from "../../board/board.ts";
import { reason } from "../../errors/catalogue.ts";
import type { ListenerSnapshot } from "../../snapshot/snapshot.ts";
import { ClientConnection } from "./client-connection.ts";
import type { FieldFilter } from "../exchange/copy-fields.ts";
import { createForwarding, type Forwarding } from "../edge/forwarded.ts";
import { createNetworkSet } from "../edge/networks.ts";
import type { HeadLimits } from "../http1/contract.ts";
import type { ProxyContext } from "../proxy-context.ts";
import { createReceivedFilter } from "./received-filter.ts";
import { refuse } from "./refusal.ts";

const BACKLOG = 4_096;
/** How long a connection that is not served is kept to be read its answer. */
const TURN_AWAY_MS = 1_000;
/** Between two tries of an address that can't be had. */
const LISTEN_AGAIN_MS = 1_000;

/** What the proxy is told of a listener's sockets. */
export interface ListenerEvents {
  listening(listener: string, host: string, port: number): void;
  /** It is tried again; told once until it is had or fails in another way. */
  failed(listener: string, host: string, port: number, code: string): void;
}

/** See the file's head. `update` takes changed settings without touching open connections. */
export class ListenerRuntime {
  snapshot!: ListenerSnapshot;
  headLimits!: HeadLimits;
  forwarding!: Forwarding;
  /** Accepts no more: its connections close after their current answer. */
  draining = false;
  readonly #context: ProxyContext;
  readonly #events: ListenerEvents;
  readonly #servers = new Map<string, Server>();
  readonly #clients = new Set<ClientConnection>();
  #trustedFilter!: FieldFilter;
  #untrustedFilter!: FieldFilter;

  constructor(snapshot: ListenerSnapshot, context: ProxyContext, events: ListenerEvents) {
    this.#context = context;
    this.#events = events;
    this.update(snapshot);
  }

  get connections(): number {
    return this.#clients.size;
  }

  /** Takes new settings: opens and closes sockets as the addresses changed. */
  update(snapshot: ListenerSnapshot): void {
    this.snapshot = snapshot;
    this.headLimits = {
      lineBytes: snapshot.limits.requestLineBytes,
      headerBytes: snapshot.limits.headerBytes,
      headerCount: snapshot.limits.headerCount,
    };
    this.forwarding = createForwarding(
      snapshot.forwarded,
      createNetworkSet(snapshot.trustedProxies),
    );
    const { requestIdHeader } = snapshot.forwarded;
    this.#trustedFilter = createReceivedFilter(requestIdHeader, true);
    this.#untrustedFilter = createReceivedFilter(requestIdHeader, false);
    this.#openAndClose(snapshot);
  }

  /** What is left out of received fields, since this listener writes its own. */
  receivedFilter(trusted: boolean): FieldFilter {
    return trusted ? this.#trustedFilter : this.#untrustedFilter;
  }

  /** Accepts no more; open connections end as they finish. */
  drain(): void {
    this.draining = true;
    for (const server of this.#servers.values()) server.close();
    this.#servers.clear();
    for (const client of this.#clients) client.drain();
  }

  /** Ends every connection now; returns how many requests that cut. */
  cut(): number {
    let cut = 0;
    for (const client of this.#clients) if (client.cut()) cut++;
    return cut;
  }

  forget(client: ClientConnection): void {
    if (!this.#clients.delete(client)) return;
    const { board, counters } = this.#context;
    Atomics.sub(board.listenerConnections, this.snapshot.slot, 1);
    counters.listenerConnections[this.snapshot.slot]!--;
    counters.worker[workerGauge.clientConnections]!--;
  }

  #openAndClose(snapshot: ListenerSnapshot): void {
    const wanted = new Set(snapshot.addresses.map(({ host, port }) => `${host} ${port}`));
    for (const [address, server] of this.#servers) {
      if (wanted.has(address)) continue;
      server.close();
      this.#servers.delete(address);
    }
    for (const { host, port } of snapshot.addresses) {
      const address = `${host} ${port}`;
      if (!this.#servers.has(address)) this.#servers.set(address, this.#open(host, port));
    }
  }

  #open(host: string, port: number): Server {
    const { name } = this.snapshot;
    const server = createServer(
      { noDelay: true, allowHalfOpen: true, pauseOnConnect: true },
      (socket) => this.#accept(socket),
    );
    let told = "";
    const listen = (): void => {
      server.listen({ host, port, backlog: BACKLOG, reusePort: true });
    };
    server.on("listening", () => {
      const bound = server.address();
      const real = bound !== null && typeof bound === "object" ? bound.port : port;
      this.#events.listening(name, host, real);
    });
    server.on("error", (error: NodeJS.ErrnoException) => {
      // A connection it could not accept, for want of file descriptors: it goes on listening.
      if (server.listening) return;
      const code = error.code ?? error.message;
      if (code !== told) this.#events.failed(name, host, port, code);
      told = code;
      const isWanted = (): boolean => this.#servers.get(`${host} ${port}`) === server;
      setTimeout(() => isWanted() && listen(), LISTEN_AGAIN_MS).unref();
    });
    listen();
    return server;
  }

  #accept(socket: Socket): void {
    // Who reset the connection before it was taken has no address any more, and no rule about
    // addresses would hold for what was sent before. Nobody is left to answer, nothing to count.
    const { remoteAddress: address } = socket;
    if (address === undefined) {
      socket.destroy();
      return;
    }
    const { board, counters } = this.#context;
    const { maxConnections, slot } = this.snapshot;
    counters.worker[workerGauge.clientConnectionsTotal]!++;
    const before = Atomics.add(board.listenerConnections, slot, 1);
    if (maxConnections > 0 && before >= maxConnections) {
      Atomics.sub(board.listenerConnections, slot, 1);
      counters.worker[workerGauge.rejectedConnections]!++;
      return this.#turnAway(socket, address);
    }
    counters.listenerConnections[slot]!++;
    counters.worker[workerGauge.clientConnections]!++;
    this.#clients.add(new ClientConnection(socket, address, this, this.#context));
  }

  /** Answered and closed; read on for a moment, since closing on unread bytes would reset the
   * connection before the answer is read. */
  #turnAway(socket: Socket, address: string): void {
    const timer = this.#context.wheel.timer(() => socket.destroy());
    timer.set(TURN_AWAY_MS);
    socket.on("close", () => timer.end());
    socket.on("error", () => socket.destroy());
    socket.resume();
    const who = {
      listener: this.snapshot.name,
      clientAddress: this.forwarding.peer(address, "http").address,
      lineBytes: this.headLimits.lineBytes,
    };
    refuse(this.#context, socket, who, reason.too_many_connections);
    socket.end();
  }
}
