/** `evenkeel explain`. */
import type { StatusDocument, UpstreamStatus } from "../admin/status.ts";
import { compilePathRewrite } from "../proxy/router/rewrite.ts";
import { createRouter } from "../proxy/router/create-router.ts";
import { compileRedirect } from "../proxy/router/redirect.ts";
import type { Router } from "../proxy/router/contract.ts";
import type {
  ListenerSnapshot,
  RouteAction,
  RouteSnapshot,
  Snapshot,
  UpstreamSnapshot,
} from "../snapshot/snapshot.ts";
import type { AdminClient } from "./admin-client.ts";
import { readDesired } from "./check.ts";
import { seeThroughProxies } from "./explain-client.ts";
import { explainEndpoints, type LiveEndpoints } from "./explain-endpoint.ts";
import { listenerRefusal, rateLimitNote, routeRefusal } from "./explain-refusal.ts";
import { explainSticky } from "./explain-sticky.ts";
import { Failure } from "./failure.ts";
import { parseRequest, type AskedRequest, type RequestParts } from "./request-line.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export interface ExplainOptions extends Omit<RequestParts, "listener"> {
  /** The first of the file where undefined. */
  readonly listener: string | undefined;
}

/** What is known beside the configuration. */
export interface Circumstances {
  /** Of a running Evenkeel; undefined takes everything for healthy and idle. */
  readonly status: StatusDocument | undefined;
  /** False where cookies are signed with a secret that only the running one knows. */
  readonly knowsStickySecret: boolean;
}

/** Prints the route, the rewrite, the upstream and the endpoint that a request would get from a
 * configuration, and why the others do not get it; or who refuses it. With a client, health is that
 * of a running Evenkeel; else everything counts as healthy and idle. */
export async function explain(
  file: string,
  options: ExplainOptions,
  client: AdminClient | undefined,
  terminal: Terminal,
): Promise<void> {
  const { desired, knowsStickySecret } = readDesired(file);
  const { snapshot } = desired;
  const listener = listenerOf(snapshot, options.listener);
  const request = parseRequest({ ...options, listener: listener.name });
  const status = client && ((await client.get("/status")) as StatusDocument);
  const circumstances = { status, knowsStickySecret };
  for (const line of explainRequest(snapshot, request, circumstances)) terminal.print(line);
}

/** The lines of an explanation; `asked` comes in by a listener of the snapshot. */
export function explainRequest(
  snapshot: Snapshot,
  asked: AskedRequest,
  circumstances: Circumstances,
): string[] {
  const listener = listenerOf(snapshot, asked.listener);
  const head = (client: string): string =>
    `request   ${asked.method} ${asked.host} ${asked.target}` +
    ` (listener ${asked.listener}, client ${client})`;
  const refusal = listenerRefusal(asked, listener);
  if (refusal !== undefined) return [head(asked.clientAddress), refusal];
  const seen = seeThroughProxies(asked, listener);
  if (!seen) {
    const why = "a trusted proxy's Forwarded is malformed: the answer is 400 (bad_header)";
    return [head(asked.clientAddress), `client    ${why}`];
  }
  return [head(seen.client), ...explainRoute(snapshot, seen.request, circumstances)];
}

function explainRoute(
  snapshot: Snapshot,
  request: AskedRequest,
  circumstances: Circumstances,
): string[] {
  const considered = createRouter(snapshot.routes).explain(request);
  const best = considered.find(({ matched }) => matched);
  const others = otherRoutes(considered.filter((one) => one !== best));
  if (!best) return ["route     none: the answer is 404 (no_route)", ...others];
  const { route, verdict } = best;
  const refusal = routeRefusal(request, route);
  const limit = rateLimitNote(route);
  const passes =
    refusal === undefined
      ? [
          ...(limit === undefined ? [] : [limit]),
          ...explainAction(route, request, snapshot, circumstances),
        ]
      : [refusal];
  return [`route     ${route.name}: ${verdict}`, ...passes, ...others];
}

type Considered = ReturnType<Router["explain"]>;

const SHOWN_ROUTES = 20;

function otherRoutes(others: Considered): string[] {
  if (others.length === 0) return [];
  const rows = others
    .slice(0, SHOWN_ROUTES)
    .map(({ route, verdict }) => [`  ${route.name}`, verdict]);
  const columns = [
    { title: "other routes", align: "left" },
    { title: "", align: "left" },
  ] as const;
  const left = others.length - rows.length;
  return ["", ...formatTable(columns, rows), ...(left > 0 ? [`  and ${left} more`] : [])];
}

function explainAction(
  route: RouteSnapshot,
  request: AskedRequest,
  snapshot: Snapshot,
  circumstances: Circumstances,
): string[] {
  const { action } = route;
  if (action.kind === "respond") return [`action    answers ${action.status} by itself`];
  if (action.kind === "redirect") {
    const location = compileRedirect(action, route.match.path)(request);
    return [`action    redirects with ${action.status} to ${location}`];
  }
  const upstream = snapshot.upstreams.find(({ name }) => name === action.upstream);
  if (!upstream) return [];
  const rewritten = rewrite(route, action, request);
  return [
    ...(rewritten === undefined ? [] : [`rewrite   ${rewritten}`]),
    ...explainUpstream(upstream, request, snapshot.stickySecret, circumstances),
  ];
}

function explainUpstream(
  upstream: UpstreamSnapshot,
  request: AskedRequest,
  stickySecret: string,
  { status, knowsStickySecret }: Circumstances,
): string[] {
  const known = status?.upstreams.find(({ name }) => name === upstream.name);
  const panic =
    known?.panic === true ? ", in panic: those that were judged bad get traffic, too" : "";
  const secret = knowsStickySecret ? stickySecret : undefined;
  const binding = upstream.sticky && explainSticky(upstream, upstream.sticky, request, secret);
  const explained = explainEndpoints(upstream, request, liveOf(known), binding?.slot);
  const chosen = explained.find((one) => one.chosen);
  const lines = [
    `upstream  ${upstream.name}: ${upstream.balance.policy}${panic}`,
    chosen
      ? `endpoint  ${chosen.endpoint.name}: ${chosen.why}`
      : "endpoint  none takes requests: the answer is 503 (no_endpoint)",
  ];
  if (chosen && binding && binding.slot !== chosen.endpoint.slot) {
    lines.push(`          ${binding.note}`);
  }
  const rows = explained
    .filter((one) => one !== chosen)
    .map(({ endpoint, why }) => [`  ${endpoint.name}`, why]);
  if (rows.length === 0) return lines;
  const columns = [
    { title: "other endpoints", align: "left" },
    { title: "", align: "left" },
  ] as const;
  return [...lines, "", ...formatTable(columns, rows)];
}

function rewrite(
  route: RouteSnapshot,
  action: Extract<RouteAction, { kind: "forward" }>,
  request: AskedRequest,
): string | undefined {
  const path = compilePathRewrite(action.rewrite?.path, route.match.path)?.(request.path);
  const host = action.rewrite?.host;
  const parts = [
    ...(path === undefined ? [] : [`${request.path} becomes ${path}`]),
    ...(host === undefined ? [] : [`host becomes ${host}`]),
  ];
  return parts.length > 0 ? parts.join(", ") : undefined;
}

function liveOf(found: UpstreamStatus | undefined): LiveEndpoints {
  if (!found) return undefined;
  return new Map(
    found.endpoints.map((one) => [
      one.name,
      {
        available: one.available,
        state: one.state,
        weight: one.weight,
        inFlight: one.in_flight,
      },
    ]),
  );
}

function listenerOf({ listeners }: Snapshot, wanted: string | undefined): ListenerSnapshot {
  const found = wanted === undefined ? listeners[0] : listeners.find(({ name }) => name === wanted);
  if (found) return found;
  const names = listeners.map(({ name }) => name);
  if (names.length === 0) throw new Failure(2, "the file has no listener: nothing would be served");
  throw new Failure(2, `there is no listener "${wanted ?? ""}"; there is: ${names.join(", ")}`);
}
