/**
 * A proxy on the test's own thread, on a port of its own. Its end is part of every test: once the
 * clients are gone all shared counts must be back to zero.
 */
import assert from "node:assert/strict";

import { waitFor } from "../../../../../test/support/wait-for.ts";
import { createBoard, TAKES_BOUND, TAKES_NEW, type Board } from "../../board/board.ts";
import { reason, type ReasonCode } from "../../errors/catalogue.ts";
import type { FromProxy } from "../../snapshot/messages.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { createProxy, type Proxy } from "../create-proxy.ts";
import { createDirect } from "../wire/direct.ts";
import { snapshot, type SnapshotParts } from "./snapshot.ts";

/** What proxies share and what must be given back, by its name on the board. */
const sharedCounts = [
  "inFlight",
  "upstreamInFlight",
  "upstreamPending",
  "upstreamRetrying",
  "upstreamConnections",
  "listenerConnections",
] as const;

/** Starts a proxy with that snapshot and resolves when it listens. All endpoints are open. With
 * EVENKEEL_TEST_SOCKETS=ordinary in the environment nothing goes past the sockets' streams, as where
 * the inside of Node is not as expected. */
export async function startProxy(parts: SnapshotParts = {}): Promise<RunningProxy> {
  const running = new RunningProxy(parts);
  await waitFor("the proxy to listen", () => running.port > 0);
  return running;
}

/** A running proxy; `await using` ends it and asserts that nothing was left behind. */
export class RunningProxy {
  readonly board: Board = createBoard(1);
  readonly proxy: Proxy;
  readonly events: FromProxy[] = [];
  port = 0;
  #parts: SnapshotParts;
  #snapshot: Snapshot;

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.#snapshot = snapshot(parts);
    this.proxy = createProxy({
      board: this.board,
      worker: 0,
      tell: (event) => this.#told(event),
      onProblem: (message) => assert.fail(message),
      ...(process.env["EVENKEEL_TEST_SOCKETS"] === "ordinary" && { direct: createDirect({}) }),
    });
    this.#openEndpoints();
    this.proxy.apply(this.#snapshot);
  }

  /** Applies the first snapshot again with changes. New endpoints are opened. */
  apply(changes: SnapshotParts): void {
    this.#parts = { ...this.#parts, ...changes, version: this.#snapshot.version + 1 };
    this.#snapshot = snapshot(this.#parts);
    this.#openEndpoints();
    this.proxy.apply(this.#snapshot);
  }

  /** Opens or closes endpoint `slot` of upstream `upstream` as control would. */
  setState(slot: number, state: number, upstream = 0): void {
    this.board.state[slot] = state;
    Atomics.add(this.board.generation, upstream, 1);
    Atomics.add(this.board.upstreamFreed, upstream, 1);
    Atomics.notify(this.board.upstreamFreed, upstream);
    Atomics.add(this.board.published, 0, 1);
    Atomics.notify(this.board.published, 0);
  }

  /** How many requests ended with that reason. */
  ended(code: ReasonCode): number {
    return this.board.counters[0]!.reasons[reason[code].number]!;
  }

  /** Begins to drain and resolves when the proxy says it is done. */
  async drain(deadlineMs = 2_000): Promise<void> {
    this.proxy.drain(deadlineMs);
    await waitFor("the drain", () => this.events.some(({ kind }) => kind === "drained"), {
      withinMs: deadlineMs + 2_000,
    });
  }

  /** All shared counts that are not zero, in words. */
  get leftovers(): string {
    return sharedCounts
      .filter((name) => this.board[name].some((count) => count !== 0))
      .map((name) => `${name}=${[...this.board[name]].filter((count) => count !== 0).join(",")}`)
      .join(" ");
  }

  /** Resolves when no request is in flight, waiting or retrying and no client is connected. */
  async quiet(withinMs = 3_000): Promise<void> {
    const busy = sharedCounts.filter((name) => name !== "upstreamConnections");
    const isQuiet = (): boolean => busy.every((name) => this.board[name].every((n) => n === 0));
    await waitFor(`quiet counts (${this.leftovers})`, isQuiet, { withinMs }).catch(() =>
      assert.fail(`counts left behind: ${this.leftovers}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.quiet();
    } finally {
      this.proxy.drain(0);
    }
    // Without upstreams pools are closed, so connections must come to zero too.
    this.proxy.apply({ ...this.#snapshot, upstreams: [], routes: [] });
    await waitFor("the origin connections to close", () => this.leftovers === "").catch(() =>
      assert.fail(`counts left behind: ${this.leftovers}`),
    );
    assert.equal(this.ended("internal_error"), 0);
  }

  #told(event: FromProxy): void {
    this.events.push(event);
    if (event.kind === "listening") this.port = event.port;
    if (event.kind === "listen_failed") assert.fail(`listen failed: ${event.code}`);
  }

  #openEndpoints(): void {
    for (const { slot, endpoints } of this.#snapshot.upstreams) {
      for (const endpoint of endpoints) {
        this.board.state[endpoint.slot] = TAKES_NEW | TAKES_BOUND;
        this.board.weight[endpoint.slot] = endpoint.weight;
      }
      Atomics.add(this.board.generation, slot, 1);
    }
  }
}
