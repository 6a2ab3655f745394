/** One route as a proxy runs it: everything about it that can be prepared was. */
import { latencyRow, routeRow } from "../../board/board.ts";
import { reason, type Reason } from "../../errors/catalogue.ts";
import type { RouteSnapshot } from "../../snapshot/snapshot.ts";
import { createAccess, type Access } from "../edge/access.ts";
import { createHashKey, type HashKey } from "../edge/hash-key.ts";
import type { HttpDate } from "../edge/http-date.ts";
import {
  createFixedAnswer,
  renderAnswer,
  type AnswerContext,
  type FixedAnswer,
} from "../edge/local-response.ts";
import {
  createRateLimiter,
  monotonicMs,
  rateLimitBytes,
  retryAfterSeconds,
  type RateLimiter,
} from "../edge/rate-limit.ts";
import type { InboundRequest } from "../exchange/inbound-request.ts";
import type { RouteRules } from "./route-rules.ts";
import type { CompiledHeaderChanges } from "./header-changes.ts";
import { compileChanges, type RouteChanges } from "./route-changes.ts";
import { compileRedirect, type Redirect } from "./redirect.ts";
import type { UpstreamGroup } from "../upstream/upstream-group.ts";

/** What a route answers a request that it does not let pass. */
export interface Denial {
  readonly reason: Reason;
  /** Whole seconds; 0 for none. */
  readonly retryAfterS: number;
}

/** See the file's head. Made anew when the route's fingerprint or its upstream changes. */
export class RouteRuntime {
  // What every request reads comes first: it shares its cache lines.
  readonly rules: RouteRules;
  readonly changes: RouteChanges;
  /** Where requests are forwarded to; `undefined` for redirects and fixed answers. */
  readonly group: UpstreamGroup | undefined;
  readonly row: number;
  readonly latencyRow: number;
  readonly hashKey: HashKey | undefined;
  readonly #access: Access | undefined;
  readonly #limiter: RateLimiter | undefined;
  readonly snapshot: RouteSnapshot;
  readonly redirect: Redirect | undefined;
  readonly fixedAnswer: FixedAnswer | undefined;

  constructor(
    snapshot: RouteSnapshot,
    rules: RouteRules,
    group: UpstreamGroup | undefined,
    date: HttpDate,
  ) {
    const { action } = snapshot;
    this.snapshot = snapshot;
    this.row = routeRow(snapshot.slot);
    this.latencyRow = latencyRow(snapshot.slot);
    this.group = group;
    this.redirect =
      action.kind === "redirect" ? compileRedirect(action, snapshot.match.path) : undefined;
    this.fixedAnswer =
      action.kind === "respond"
        ? createFixedAnswer(action.status, action.headers, action.body, date)
        : undefined;
    this.changes = compileChanges(snapshot);
    this.hashKey = hashKeyOf(group);
    this.rules = rules;
    if (rules.hedge !== undefined && rules.hedge.percentile > 0) group?.followHeadTimes();
    this.#access = snapshot.access === undefined ? undefined : createAccess(snapshot.access);
    this.#limiter = limiterOf(snapshot);
  }

  /** The answer to a request that is not forwarded: the route's own, or an empty one where it would
   * forward others. */
  answer(request: InboundRequest, context: AnswerContext, date: HttpDate): string {
    if (this.fixedAnswer !== undefined) return this.fixedAnswer(context);
    const location = this.redirect === undefined ? "" : `Location: ${this.redirect(request)}\r\n`;
    return renderAnswer(this.answerStatus, location, "", date(), context);
  }

  /** Of that answer. */
  get answerStatus(): number {
    const { action } = this.snapshot;
    return action.kind === "forward" ? 200 : action.status;
  }

  /** Header lines that the route adds in one direction; empty for none. */
  addedLines(changes: CompiledHeaderChanges | undefined, request: InboundRequest): string {
    if (changes === undefined) return "";
    if (changes.constantLines !== undefined) return changes.constantLines;
    const { clientAddress, requestId, host } = request;
    const route = this.snapshot.name;
    const upstream = this.group?.snapshot.name ?? "";
    return changes.lines({ clientAddress, requestId, host, route, upstream });
  }

  /** `undefined` lets the request pass; takes a token where the route has a rate limit. */
  admit(request: InboundRequest): Denial | undefined {
    const { uriBytes } = this.rules;
    if (uriBytes > 0 && request.target.length > uriBytes) {
      return { reason: reason.request_line_too_long, retryAfterS: 0 };
    }
    if (this.#access !== undefined && !this.#access.allows(request.clientAddress)) {
      return { reason: reason.address_denied, retryAfterS: 0 };
    }
    if (this.#limiter === undefined) return undefined;
    const key = this.#rateKey(request);
    if (key === undefined) return { reason: reason.bad_header, retryAfterS: 0 };
    const waitMs = this.#limiter.take(key, monotonicMs());
    return waitMs === 0
      ? undefined
      : { reason: reason.rate_limited, retryAfterS: retryAfterSeconds(waitMs) };
  }

  /** `undefined` where it is a header that comes more than once: which of them the origin goes by is
   * not known here, and a bucket of both would be a new one for every value that a client adds. */
  #rateKey(request: InboundRequest): string | undefined {
    const { kind, name } = this.snapshot.rateLimit!.key;
    if (kind === "client") return request.clientAddress;
    if (kind !== "header") return "";
    const header = name.toLowerCase();
    return request.isRepeated(header) ? undefined : (request.header(header) ?? "");
  }
}

function hashKeyOf(group: UpstreamGroup | undefined): HashKey | undefined {
  const balance = group?.snapshot.balance;
  if (balance?.policy === "ip_hash") return (source) => source.clientAddress;
  return balance?.policy === "hash" ? createHashKey(balance.key) : undefined;
}

function limiterOf({ rateLimit }: RouteSnapshot): RateLimiter | undefined {
  if (rateLimit === undefined) return undefined;
  const memory = rateLimit.storage ?? new ArrayBuffer(rateLimitBytes(rateLimit.maxKeys));
  return createRateLimiter(rateLimit, memory, Math.random);
}
