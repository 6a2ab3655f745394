/** What will be sent to an origin for one request, and by which rules: settled before the first
 * attempt, so that every attempt sends the same. */
import type { ClientConnection } from "../client/client-connection.ts";
import { copyFields, copyHead, dropMask } from "./copy-fields.ts";
import { fieldValue } from "./field-value.ts";
import { lowerForwards } from "./max-forwards.ts";
import { carriesKey } from "./idempotency-key.ts";
import { fieldId, type RequestHead } from "../http1/contract.ts";
import type { FaultSettings } from "../../snapshot/fault.ts";
import type { InboundRequest } from "./inbound-request.ts";
import type { RouteRuntime } from "../router/route-runtime.ts";
import type { RouteChanges } from "../router/route-changes.ts";
import type { RouteRules } from "../router/route-rules.ts";
import type { UpstreamGroup } from "../upstream/upstream-group.ts";
import type { Outgoing } from "../wire/outgoing.ts";

/** See the file's head. */
export interface ForwardPlan {
  readonly route: RouteRuntime;
  readonly group: UpstreamGroup;
  /** The route's; held here because the route itself is one of many and far away in memory. */
  readonly rules: RouteRules;
  readonly changes: RouteChanges;
  /** The head as every attempt sends it, the empty line included. */
  readonly head: Outgoing;
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

/** Plans the forwarding of the request whose head was just read; `out` takes the head to send. */
// oxlint-disable-next-line max-params -- an object per call would be one per request
export function planForward(
  route: RouteRuntime,
  group: UpstreamGroup,
  request: InboundRequest,
  head: RequestHead,
  client: ClientConnection,
  out: Outgoing,
): ForwardPlan {
  const { rules, changes } = route;
  const upgrade = upgradeOf(head);
  writeHead(out, route, request, head, client, upgrade);
  return {
    route,
    group,
    rules,
    changes,
    head: out,
    isHead: head.isHead,
    repeatable: head.isIdempotent || rules.nonIdempotent || carriesKey(head, changes.requestFilter),
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

// oxlint-disable-next-line max-params -- an object per call would be one per request
function writeHead(
  out: Outgoing,
  route: RouteRuntime,
  request: InboundRequest,
  head: RequestHead,
  client: ClientConnection,
  upgrade: string,
): void {
  const { requestIdHeader, via } = client.listener.snapshot.forwarded;
  const filter = client.listener.receivedFilter(client.peer.isTrusted);
  const host = newHost(route, head);
  const { changes } = route;
  const forwards = lowerForwards(head, changes.requestFilter);
  if (host === undefined && changes.path === undefined && request.isLineKept) {
    copyHead(out, head, keptHostMask, filter, changes.requestFilter);
  } else {
    out.text(`${head.method} ${targetOf(route, request)} HTTP/1.1\r\n`);
    if (host !== undefined) out.text(`Host: ${host}\r\n`);
    const mask = host === undefined ? keptHostMask : newHostMask;
    copyFields(out, head, mask, filter, changes.requestFilter);
  }
  if (head.framing === "length") out.text(`Content-Length: ${head.contentLength}\r\n`);
  else if (head.framing === "chunked") out.text("Transfer-Encoding: chunked\r\n");
  else if (head.find(fieldId.contentLength) >= 0) out.text("Content-Length: 0\r\n");
  if (forwards !== "") out.text(forwards);
  out.octets(request.forwardedLines);
  if (requestIdHeader !== "") out.text(`${requestIdHeader}: ${request.requestId}\r\n`);
  if (via) out.text(`Via: 1.${head.minorVersion} ${request.viaName}\r\n`);
  if (upgrade !== "") out.text(`Connection: upgrade\r\nUpgrade: ${upgrade}\r\n`);
  out.text(route.addedLines(changes.request, request));
  out.endLine();
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
  if (head.find(fieldId.host) < 0) return head.authority || route.group?.snapshot.name;
  return head.isAbsoluteForm ? head.authority : undefined;
}
