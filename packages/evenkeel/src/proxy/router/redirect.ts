/** The Location of a redirect (Gateway API, HTTPRequestRedirectFilter). */
import type { RouteAction, RouteMatch } from "../../snapshot/snapshot.ts";
import { compilePathRewrite } from "./rewrite.ts";

/** What a redirect keeps of a request. */
export interface RedirectedRequest {
  /** "http" or "https", trusted proxies seen through. */
  readonly scheme: string;
  /** Lower case, without port; empty where the request had none. */
  readonly host: string;
  /** With port, as sent. */
  readonly authority: string;
  /** Normalized. */
  readonly path: string;
  /** As it would go to the origin; see `pathToForward`. */
  readonly pathToForward: string;
  /** Without "?". */
  readonly query: string;
}

/** Builds a Location for each request. */
export type Redirect = (request: RedirectedRequest) => string;

type RedirectAction = Extract<RouteAction, { kind: "redirect" }>;

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Compiles a redirect. A new scheme without a port means that scheme's own port; else the port is
 * the request's. The query is kept. Without any host the Location is a path alone. */
export function compileRedirect(action: RedirectAction, match: RouteMatch["path"]): Redirect {
  const rewrite = compilePathRewrite(action.path, match);
  return (request) => {
    const path = rewrite === undefined ? request.pathToForward : rewrite(request.path);
    const query = request.query === "" ? "" : `?${request.query}`;
    const origin = originOf(action, request);
    // A path alone that begins with "//" would name a host.
    if (origin === "") return `${path.replace(/^\/{2,}/, "/")}${query}`;
    return `${origin}${path === "*" ? "/" : path}${query}`;
  };
}

function originOf(action: RedirectAction, request: RedirectedRequest): string {
  const host = action.host ?? request.host;
  if (host === "") return "";
  const scheme = action.scheme ?? request.scheme;
  const port = action.port ?? keptPort(action, request);
  const isUsual = port === undefined || port === defaultPorts[scheme];
  return `${scheme}://${host}${isUsual ? "" : `:${port}`}`;
}

/** The request's port where neither a new scheme nor a new host makes it meaningless. */
function keptPort(action: RedirectAction, { authority }: RedirectedRequest): number | undefined {
  if (action.scheme !== undefined) return undefined;
  const port = /:(\d{1,5})$/.exec(authority)?.[1];
  return port === undefined ? undefined : Number(port);
}
