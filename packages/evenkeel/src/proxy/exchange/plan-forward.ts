/** What will be sent to an origin for one request, and by which rules: settled before the first
 * attempt, so that every attempt sends the same. */
import type { ClientConnection } from "../client/client-connection.ts";
import { copyFields, copyHead, dropMask } from "./copy-fields.ts";
import { fieldValue } from "./field-value.ts";
import {
  FIELD_COLUMNS,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
  fieldId,
  type RequestHead,
} from "../http1/contract.ts";
import type { FaultSettings } from "../../snapshot/fault.ts";
import type { InboundRequest } from "./inbound-request.ts";
import type { RouteRuntime } from "../router/route-runtime.ts";
import type { RouteChanges } from "../router/route-changes.ts";
import type { RouteRules } from "../router/route-rules.ts";
import type { UpstreamGroup } from "../upstream/upstream-group.ts";

/** See the file's head. */
export interface ForwardPlan {
  readonly route: RouteRuntime;
  readonly group: UpstreamGroup;
  /** The route's; held here because the route itself is one of many and far away in memory. */
  readonly rules: RouteRules;
  readonly changes: RouteChanges;
  /** The head as every attempt sends it, the empty line included. */
  readonly headText: string;
  readonly isHead: boolean;
  /** Sending it twice does no harm: its method says so, or an Idempotency-Key. */
  readonly repeatable: boolean;
  /** What a hashing policy hashes. */
  readonly key: string;
  /** Slot of the endpoint that a sticky cookie binds to; -1 for none. */
  readonly boundTo: number;
  /** The client speaks HTTP/1.0: no chunks, no interim answers. */
  readonly oldClient: boolean;
  readonly wantsContinue: boolean;
  /** The protocol the client wants to change to; empty for none. */
  readonly upgrade: string;
  /** Lines the route adds to the answer. */
  readonly responseLines: string;
  /** Faults on purpose that its attempts may meet; undefined for none, and until somebody asked. */
  faults: readonly FaultSettings[] | undefined;
}

/** Plans the forwarding of the request whose head was just read. */
export function planForward(
  route: RouteRuntime,
  group: UpstreamGroup,
  request: InboundRequest,
  head: RequestHead,
  client: ClientConnection,
): ForwardPlan {
  const { rules, changes } = route;
  const upgrade = upgradeOf(head);
  return {
    route,
    group,
    rules,
    changes,
    headText: requestHeadText(route, request, head, client, upgrade),
    isHead: head.isHead,
    repeatable: head.isIdempotent || rules.nonIdempotent || head.find(fieldId.idempotencyKey) >= 0,
    key: route.hashKey === undefined ? "" : route.hashKey(request),
    boundTo: group.sticky === undefined ? -1 : group.sticky.slotOf(head.header("cookie")),
    oldClient: head.minorVersion === 0,
    wantsContinue: head.expectsContinue,
    upgrade,
    responseLines: route.addedLines(changes.response, request),
    faults: undefined,
  };
}

/** h2c is not offered on: what follows such an upgrade would pass unseen. */
function upgradeOf(head: RequestHead): string {
  if (head.upgradeField < 0) return "";
  const value = fieldValue(head, head.upgradeField);
  return /\bh2c?\b/i.test(value) ? "" : value;
}

function requestHeadText(
  route: RouteRuntime,
  request: InboundRequest,
  head: RequestHead,
  client: ClientConnection,
  upgrade: string,
): string {
  const { requestIdHeader, via } = client.listener.snapshot.forwarded;
  const filter = client.listener.receivedFilter(client.peer.isTrusted);
  const host = newHost(route, head);
  let text: string;
  const { changes } = route;
  if (host === undefined && changes.path === undefined && request.isLineKept) {
    text = copyHead(head, keptHostMask, filter, changes.requestFilter);
  } else {
    text = `${head.method} ${targetOf(route, request)} HTTP/1.1\r\n`;
    if (host !== undefined) text += `Host: ${host}\r\n`;
    const mask = host === undefined ? keptHostMask : newHostMask;
    text += copyFields(head, mask, filter, changes.requestFilter);
  }
  if (head.framing === "length") text += `Content-Length: ${head.contentLength}\r\n`;
  else if (head.framing === "chunked") text += "Transfer-Encoding: chunked\r\n";
  text += request.forwardedLines;
  if (requestIdHeader !== "") text += `${requestIdHeader}: ${request.requestId}\r\n`;
  if (via) text += `Via: 1.${head.minorVersion} ${request.viaName}\r\n`;
  if (upgrade !== "") text += `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n`;
  return `${text}${route.addedLines(changes.request, request)}\r\n`;
}

function targetOf(route: RouteRuntime, request: InboundRequest): string {
  const rewrite = route.changes.path;
  const path = rewrite === undefined ? request.pathToForward : rewrite(request.path);
  return request.query === "" ? path : `${path}?${request.query}`;
}

/** Replaced by what the listener's forwarding makes of them. */
const forwardingIds = [
  fieldId.xForwardedFor,
  fieldId.xForwardedProto,
  fieldId.xForwardedHost,
  fieldId.xRealIp,
  fieldId.forwarded,
];
const keptHostMask = dropMask(...forwardingIds);
const newHostMask = dropMask(...forwardingIds, fieldId.host);

/** The `Host` to send where it is not the received field: the route's own, that of an absolute
 * target (RFC 9112 section 3.2.2), or the upstream's name where an old client sent none. */
function newHost(route: RouteRuntime, head: RequestHead): string | undefined {
  const { host } = route.changes;
  if (host !== undefined) return host;
  const row = head.find(fieldId.host);
  if (row < 0) return head.authority || route.group?.snapshot.name;
  const at = row * FIELD_COLUMNS;
  const start = head.fields[at + FIELD_VALUE_START]!;
  const length = head.fields[at + FIELD_VALUE_END]! - start;
  const received = length === head.authority.length && head.text.startsWith(head.authority, start);
  return received ? undefined : head.authority;
}
