/** Network addresses as people write them: "127.0.0.1:8080", "[::1]:8080", "app.internal:80". */
import { isIP, isIPv4, isIPv6 } from "node:net";

export interface Address {
  /** An IP address (IPv6 without brackets) or a name. */
  readonly host: string;
  readonly port: number;
}

/** 0 to 65535; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

/** Takes "host:port" and "[v6]:port"; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const colon = text.lastIndexOf(":");
  const port = parsePort(text.slice(colon + 1));
  if (colon <= 0 || port === undefined) return undefined;
  const host = text.slice(0, colon);
  if (host.startsWith("[")) {
    const inner = host.slice(1, -1);
    return host.endsWith("]") && isIPv6(inner) ? { host: inner.toLowerCase(), port } : undefined;
  }
  return isHostName(host) ? { host: host.toLowerCase(), port } : undefined;
}

/** Like `parseAddress`, and a port alone ("80" or ":80") means every IPv4 address. */
export function parseBind(text: string): Address | undefined {
  const port = parsePort(text.startsWith(":") ? text.slice(1) : text);
  return port === undefined ? parseAddress(text) : { host: "0.0.0.0", port };
}

/** "host:port" with brackets around IPv6. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** 127.0.0.0/8, ::1 and "localhost". */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** An IPv4 address, or a name of letters, digits, "-" and "_" in dotted labels. What looks like a
 * broken IPv4 address ("10.0.0.256") is refused, or it would be looked up as a name. */
export function isHostName(host: string): boolean {
  if (isIP(host) === 4) return true;
  if (host.length > 253 || /^[\d.]+$/.test(host)) return false;
  return host.split(".").every((label) => /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/.test(label));
}
