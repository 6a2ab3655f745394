/** One endpoint with all that an origin connection needs, without a proxy around it. */
import { createBoard, TAKES_BOUND, TAKES_NEW, type Board } from "../../board/board.ts";
import { createClock } from "../clock.ts";
import { createResponseParser } from "../http1/response-parser.ts";
import type { AttemptFailure, AttemptOwner } from "../upstream/attempt.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import { createReadMemory } from "../upstream/read-buffer.ts";
import { createTimerWheel } from "../timer-wheel.ts";
import { createDirect } from "../wire/direct.ts";
import { SendQueue } from "../wire/send-queue.ts";
import { UpstreamGroup } from "../upstream/upstream-group.ts";
import { snapshot, type UpstreamParts } from "./snapshot.ts";

/** A group as a proxy would hold it; `open` and `closed` count its connections. */
export interface LoneGroup {
  readonly group: UpstreamGroup;
  readonly board: Board;
  /** Connections opened so far, and how many of them are closed. */
  readonly connections: { opened: number; closed: number };
}

/** Builds a group of the given settings, as the given worker of the board has it; every endpoint takes
 * requests. */
export function loneGroup(
  parts: UpstreamParts,
  board: Board = createBoard(1),
  worker = 0,
): LoneGroup {
  const upstream = snapshot({ upstreams: [parts] }).upstreams[0]!;
  const connections = { opened: 0, closed: 0 };
  const clock = createClock();
  const wheel = createTimerWheel(clock);
  const direct = createDirect();
  for (const { slot, weight } of upstream.endpoints) {
    board.state[slot] = TAKES_NEW | TAKES_BOUND;
    board.weight[slot] = weight;
  }
  const group = new UpstreamGroup(upstream, "secret", {
    board,
    counters: board.counters[worker]!,
    worker,
    origins: {
      clock,
      direct,
      sends: new SendQueue(clock, direct),
      memory: createReadMemory(),
      parser: createResponseParser(),
      timer: (fire) => wheel.timer(fire),
      onOpened: () => connections.opened++,
      onClosed: () => connections.closed++,
      onLookupFailed: () => undefined,
    },
  });
  return { group, board, connections };
}

/** An owner of attempts that notes what it hears and resolves `over` at the end. */
export class NotingOwner implements AttemptOwner {
  readonly heard: string[] = [];
  body = "";
  failure: AttemptFailure | undefined;
  readonly over: Promise<void>;
  /** Called with every piece of the body. */
  onBody: (connection: OriginConnection) => void = () => {};
  #end: () => void = () => {};

  constructor() {
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  attemptConnected(connection: OriginConnection): void {
    this.heard.push("connected");
    this.send(connection);
  }

  /** Sends a plain request. */
  send(connection: OriginConnection): void {
    connection.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "latin1");
    connection.requestSent = true;
    connection.awaitAnswer(2_000);
  }

  attemptHead(_connection: OriginConnection, head: { readonly status: number }): boolean {
    this.heard.push(`head ${head.status}`);
    return true;
  }

  attemptBody(connection: OriginConnection, bytes: Buffer, from: number, to: number): void {
    this.body += bytes.toString("latin1", from, to);
    this.onBody(connection);
  }

  attemptTrailers(_connection: OriginConnection, tail: string): void {
    this.body += tail;
  }

  attemptReadEnd(): void {}

  attemptDone(): void {
    this.heard.push("done");
    this.#end();
  }

  attemptFailed(_connection: OriginConnection, failure: AttemptFailure): void {
    this.heard.push("failed");
    this.failure = failure;
    this.#end();
  }

  attemptGivenUp(): void {
    this.heard.push("given up");
  }

  attemptDrained(): void {}

  tunnelBytes(): void {}
}
