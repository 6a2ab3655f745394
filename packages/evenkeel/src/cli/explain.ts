/** `evenkeel explain`. */
import type { StatusDocument } from "../admin/status.ts";
import { createAccess } from "../proxy/edge/access.ts";
import { compilePathRewrite } from "../proxy/router/rewrite.ts";
import { createRouter } from "../proxy/router/create-router.ts";
import type { Router } from "../proxy/router/contract.ts";
import type { RouteAction, RouteSnapshot, Snapshot } from "../snapshot/snapshot.ts";
import type { AdminClient } from "./admin-client.ts";
import { readDesired } from "./check.ts";
import { explainEndpoints, type LiveEndpoints } from "./explain-endpoint.ts";
import { Failure } from "./failure.ts";
import { parseRequest, type AskedRequest, type RequestParts } from "./request-line.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export interface ExplainOptions extends Omit<RequestParts, "listener"> {
  /** The first of the file where undefined. */
  readonly listener: string | undefined;
}

/** Prints the route, the rewrite, the upstream and the endpoint that a request would get from a
 * configuration, and why the others do not get it. With a client, health is that of a running
 * Evenkeel; else everything counts as healthy and idle. */
export async function explain(
  file: string,
  options: ExplainOptions,
  client: AdminClient | undefined,
  terminal: Terminal,
): Promise<void> {
  const { snapshot } = readDesired(file).desired;
  const request = parseRequest({ ...options, listener: listenerOf(snapshot, options.listener) });
  const status = client && ((await client.get("/status")) as StatusDocument);
  for (const line of explainRequest(snapshot, request, status)) terminal.print(line);
}

/** The lines of an explanation. */
export function explainRequest(
  snapshot: Snapshot,
  request: AskedRequest,
  status: StatusDocument | undefined,
): string[] {
  const considered = createRouter(snapshot.routes).explain(request);
  const best = considered.find(({ matched }) => matched);
  const lines = [
    `request   ${request.method} ${request.host} ${request.target}` +
      ` (listener ${request.listener}, client ${request.clientAddress})`,
  ];
  if (best) {
    lines.push(`route     ${best.route.name}: ${best.verdict}`);
    const allowed =
      !best.route.access || createAccess(best.route.access).allows(request.clientAddress);
    if (allowed) lines.push(...explainAction(best.route, request, snapshot, status));
    else
      lines.push(
        `access    ${request.clientAddress} is denied: the answer is 403 (address_denied)`,
      );
  } else lines.push("route     none: the answer is 404 (no_route)");
  return [...lines, ...otherRoutes(considered.filter((one) => one !== best))];
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
  status: StatusDocument | undefined,
): string[] {
  const { action } = route;
  if (action.kind === "respond") return [`action    answers ${action.status} by itself`];
  if (action.kind === "redirect") return [`action    redirects with ${action.status}`];
  const upstream = snapshot.upstreams.find(({ name }) => name === action.upstream);
  if (!upstream) return [];
  const explained = explainEndpoints(upstream, request, liveOf(status, upstream.name));
  const chosen = explained.find((one) => one.chosen);
  const rewritten = rewrite(route, action, request);
  const lines = rewritten === undefined ? [] : [`rewrite   ${rewritten}`];
  lines.push(`upstream  ${upstream.name}: ${upstream.balance.policy}`);
  lines.push(
    chosen
      ? `endpoint  ${chosen.endpoint.name}: ${chosen.why}`
      : "endpoint  none takes requests: the answer is 503 (no_endpoint)",
  );
  if (chosen && upstream.sticky) {
    lines.push(
      `          a client with the cookie ${upstream.sticky.cookie} stays where it is bound`,
    );
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

function liveOf(status: StatusDocument | undefined, upstream: string): LiveEndpoints {
  const found = status?.upstreams.find(({ name }) => name === upstream);
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

function listenerOf(snapshot: Snapshot, wanted: string | undefined): string {
  const names = snapshot.listeners.map(({ name }) => name);
  const name = wanted ?? names[0];
  if (name !== undefined && (wanted === undefined || names.includes(wanted))) return name;
  if (names.length === 0) throw new Failure(2, "the file has no listener: nothing would be served");
  throw new Failure(2, `there is no listener "${wanted ?? ""}"; there is: ${names.join(", ")}`);
}
