/** The request that `evenkeel explain` is asked about. */
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { RoutableRequest } from "../proxy/router/contract.ts";
import { normalizePath, pathOf, pathToForward, queryOf } from "../proxy/router/path.ts";
import { Failure } from "./failure.ts";

export interface AskedRequest extends RoutableRequest {
  /** As asked, path and query. */
  readonly target: string;
  /** With port, as asked. */
  readonly authority: string;
  /** "http" or "https": as the client spoke it to the first trusted proxy. */
  readonly scheme: string;
  /** The path as it goes to the origin where no rewrite applies. */
  readonly pathToForward: string;
  /** The values of all header lines of that name, in order. */
  headerLines(lowerCaseName: string): readonly string[];
}

export interface RequestParts {
  /** "GET http://shop.example/api/x", a URL alone (GET), or a path with a Host header. */
  readonly request: string;
  /** Lines "Name: value". */
  readonly header: readonly string[];
  /** Where the connection comes from: a proxy, perhaps. */
  readonly client: string;
  readonly listener: string;
}

/** Reads it as the proxy would get it, trusted proxies not seen through yet; a `Failure` tells what
 * can't be read. */
export function parseRequest(parts: RequestParts): AskedRequest {
  const headers = parseHeaders(parts.header);
  const match = /^(?:([A-Za-z]+)\s+)?(?:https?:\/\/([^/?#\s]+))?([/?*][^#\s]*)?$/.exec(
    parts.request.trim(),
  );
  const [, method = "GET", authority = headers.get("host")?.[0], rest = "/"] = match ?? [];
  if (!match || authority === undefined) {
    throw new Failure(
      2,
      `--request wants "METHOD http://host/path", not "${parts.request}"` +
        (match ? '; a path alone needs --header "Host: …"' : ""),
    );
  }
  const target = rest.startsWith("?") ? `/${rest}` : rest;
  const received = pathOf(target);
  const path = normalizePath(received);
  if (path === undefined) throw new Failure(2, `the path of "${target}" would be refused with 400`);
  if (isIP(parts.client) === 0) {
    throw new Failure(2, `--client wants an IP address, not "${parts.client}"`);
  }
  headers.set("host", [authority]);
  return {
    listener: parts.listener,
    method: method.toUpperCase(),
    host: toAscii(authority.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase()),
    path,
    query: queryOf(target),
    clientAddress: parts.client,
    target,
    authority,
    scheme: "http",
    pathToForward: pathToForward(received, path),
    header: (name) => headers.get(name)?.join(name === "cookie" ? "; " : ", "),
    headerLines: (name) => headers.get(name) ?? [],
  };
}

/** As browsers send it. */
function toAscii(host: string): string {
  return /^[\x21-\x7e]*$/.test(host) ? host : domainToASCII(host);
}

function parseHeaders(lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new Failure(2, `--header wants "Name: value", not "${line}"`);
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return headers;
}
