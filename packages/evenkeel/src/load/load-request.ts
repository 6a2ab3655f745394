/** What is sent, and where: plain data that threads are given. */
import { Buffer } from "node:buffer";
import { isIP } from "node:net";

import { formatAddress } from "../lib/address.ts";
import { readVersion } from "../telemetry/version.ts";
import type { ExpectedStatuses } from "./expected-statuses.ts";

/** One request, sent again and again. */
export interface LoadRequest {
  readonly url: string;
  readonly method: string;
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** Undefined for plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** The whole request as it goes over the wire. */
  readonly bytes: Uint8Array;
  readonly keepAlive: boolean;
  /** From when a request was due (open loop) or sent (closed loop) to the end of its answer. */
  readonly timeoutMs: number;
  readonly expected: ExpectedStatuses;
}

export interface TlsSettings {
  /** The name in the handshake; empty for none, as for IP addresses. */
  readonly serverName: string;
  /** The certificate is not checked. */
  readonly insecure: boolean;
}

/** A request as the user describes it. */
export interface RequestOptions {
  readonly url: URL;
  readonly method: string;
  /** Names and values; later ones replace the defaults (`Host`, `User-Agent`, `Accept`). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | undefined;
  readonly keepAlive: boolean;
}

/** The port a URL leads to. */
export function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

/** The name or address a URL leads to, IPv6 without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** The name for a TLS handshake: that of the `Host` header where there is one. Empty for addresses,
 * which TLS does not allow. */
export function serverNameOf({ url, headers }: RequestOptions): string {
  const written = headers.findLast(([name]) => name.toLowerCase() === "host")?.[1];
  const name = written === undefined ? hostOf(url) : written.replace(/:\d+$/, "");
  return isIP(name.replace(/^\[|\]$/g, "")) === 0 ? name : "";
}

/** The request's bytes. A body gets its `Content-Length`. */
export function writeRequest(options: RequestOptions): Uint8Array<ArrayBuffer> {
  const { url, method, headers, body, keepAlive } = options;
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const defaults: [string, string][] = [
    ["Host", hostHeader(url)],
    ["User-Agent", `evenkeel-bench/${readVersion()}`],
    ["Accept", "*/*"],
  ];
  if (body !== undefined || ["POST", "PUT", "PATCH"].includes(method)) {
    defaults.push(["Content-Length", String(body?.length ?? 0)]);
  }
  if (!keepAlive) defaults.push(["Connection", "close"]);
  const fields = [...defaults.filter(([name]) => !given.has(name.toLowerCase())), ...headers];
  const head =
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\n` +
    `${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return new Uint8Array(Buffer.concat([Buffer.from(head, "latin1"), body ?? Buffer.alloc(0)]));
}

function hostHeader(url: URL): string {
  return url.port === "" ? url.hostname : formatAddress({ host: hostOf(url), port: portOf(url) });
}
