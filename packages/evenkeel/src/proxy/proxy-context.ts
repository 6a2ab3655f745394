/** What everything in one proxy shares: made once by `createProxy`, handed down by constructors. */
import type { Board, Counters } from "../board/board.ts";
import type { Clock } from "./clock.ts";
import type { AccessEntry, AccessLog } from "./edge/contract.ts";
import type { ErrorPages } from "./edge/error-page.ts";
import type { HttpDate } from "./edge/http-date.ts";
import type { RequestIds } from "./edge/request-id.ts";
import type { FaultList } from "./faults/fault-list.ts";
import type { RequestParser } from "./http1/contract.ts";
import type { InboundRequest } from "./exchange/inbound-request.ts";
import type { RouteTable } from "./router/route-table.ts";
import type { TimerWheel } from "./timer-wheel.ts";
import type { Direct } from "./wire/direct.ts";
import type { Outgoings } from "./wire/outgoing.ts";
import type { SendQueue } from "./wire/send-queue.ts";

/** See the file's head. The mutable fields change with the configuration and at shutdown. */
export interface ProxyContext {
  readonly board: Board;
  readonly counters: Counters;
  readonly worker: number;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  /** For hedges: to the few milliseconds that they are about. */
  readonly fineWheel: TimerWheel;
  readonly date: HttpDate;
  readonly direct: Direct;
  readonly sends: SendQueue;
  /** What requests are put together in; answers have their own, since their lengths differ. */
  readonly requestOutgoings: Outgoings;
  readonly answerOutgoings: Outgoings;
  /** What all client connections are read into. */
  readonly readBuffer: Buffer;
  /** What all origin connections are read into, but for large answers. */
  readonly originBuffer: Buffer;
  readonly requestParser: RequestParser;
  readonly requestIds: RequestIds;
  readonly inbound: InboundRequest;
  readonly errorPages: ErrorPages;
  /** Filled for every line of the access log anew. */
  readonly accessEntry: AccessEntry;
  /** Put into traffic on purpose. */
  readonly faults: FaultList;
  /** `undefined` while the log is off. */
  accessLog: AccessLog | undefined;
  routes: RouteTable;
  /** Shutdown has begun: connections close after their current answer. */
  draining: boolean;
  /** By what this balancer names itself in `Via`. */
  viaName: string;
}
