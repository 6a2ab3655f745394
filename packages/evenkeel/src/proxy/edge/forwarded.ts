/**
 * Who the client is, and what the origin is told about it (X-Real-IP, X-Forwarded-*, RFC 7239).
 *
 * Only a trusted proxy's word counts. Of the addresses it reports, the right-most that is not
 * itself trusted is the client: everything left of that may be invented. The caller drops every
 * received field of the five kinds below and appends `lines`, which repeats what is to be kept.
 *
 * Where a trusted proxy sent both, X-Forwarded-For counts before Forwarded, and that before
 * X-Real-IP; with `forwarded` alone turned on, Forwarded comes first: a proxy in front keeps up
 * the kind that its operator uses, and may pass the other on as the client invented it.
 */
import type { ForwardedSnapshot } from "../../snapshot/snapshot.ts";
import { isNamedAlike } from "../http1/ascii.ts";
import { plainAddress } from "./address.ts";
import { forwardedAddresses, forwardedElement } from "./forwarded-header.ts";
import type { NetworkSet } from "./networks.ts";
import { parseHop } from "./forwarded-hop.ts";

/** Received values, several fields of a kind joined by ", "; `undefined` for none. Those of Forwarded
 * come one by one: what is quoted in one must not reach into the next. */
export interface ReceivedForwarding {
  readonly xForwardedFor: string | undefined;
  readonly xForwardedProto: string | undefined;
  readonly xForwardedHost: string | undefined;
  readonly xRealIp: string | undefined;
  readonly forwarded: readonly string[] | undefined;
}

/** What came of it for one request. */
export interface ResolvedForwarding {
  readonly clientAddress: string;
  /** "http" or "https": as the client spoke it to the first trusted proxy. */
  readonly scheme: string;
  /** Header lines for the origin, each ended by CR LF; may be empty. */
  readonly lines: string;
}

/** One client connection's share: made when it is accepted. */
export interface PeerForwarding {
  /** The peer's own address (IPv4-mapped as IPv4). With an untrusted peer this is the client. */
  readonly address: string;
  /** Whether received fields count. If not, `lines` is all there is to ask. */
  readonly isTrusted: boolean;
  /** For an untrusted peer: the lines for the origin as octets. Hardly costs anything while the authority
   * (the Host as sent; empty for none) stays the same. */
  lines(authority: string): Uint8Array;
  /** For a trusted peer; `undefined` where its Forwarded is malformed. Nothing in such a one can be
   * believed, nor that it says nothing: the request must be refused. */
  resolve(received: ReceivedForwarding, authority: string): ResolvedForwarding | undefined;
}

/** One listener's forwarding. */
export interface Forwarding {
  /** `remoteAddress` as the socket gives it; `scheme` that this connection speaks. */
  peer(remoteAddress: string, scheme: "http" | "https"): PeerForwarding;
}

/** Forwarding by a listener's settings and trusted networks. */
export function createForwarding(settings: ForwardedSnapshot, trusted: NetworkSet): Forwarding {
  return {
    peer: (remoteAddress, scheme) =>
      new Peer(settings, trusted, plainAddress(remoteAddress), scheme),
  };
}

class Peer implements PeerForwarding {
  readonly address: string;
  readonly isTrusted: boolean;
  readonly #settings: ForwardedSnapshot;
  readonly #trusted: NetworkSet;
  readonly #scheme: string;
  /** What does not depend on the request. */
  readonly #constantLines: string;
  #authority: string | undefined;
  #lines: Uint8Array = new Uint8Array(0);

  constructor(
    settings: ForwardedSnapshot,
    trusted: NetworkSet,
    address: string,
    scheme: "http" | "https",
  ) {
    this.address = address;
    this.isTrusted = trusted.contains(address);
    this.#settings = settings;
    this.#trusted = trusted;
    this.#scheme = scheme;
    this.#constantLines = settings.xForwarded
      ? `X-Real-IP: ${address}\r\nX-Forwarded-For: ${address}\r\nX-Forwarded-Proto: ${scheme}\r\n`
      : "";
  }

  lines(authority: string): Uint8Array {
    if (authority !== this.#authority) {
      this.#authority = authority;
      this.#lines = Buffer.from(this.#constantLines + this.#hostLines(authority), "latin1");
    }
    return this.#lines;
  }

  #hostLines(authority: string): string {
    const { xForwarded, forwarded } = this.#settings;
    let lines = xForwarded && authority !== "" ? `X-Forwarded-Host: ${authority}\r\n` : "";
    if (forwarded) {
      lines += `Forwarded: ${forwardedElement(this.address, authority, this.#scheme)}\r\n`;
    }
    return lines;
  }

  resolve(received: ReceivedForwarding, authority: string): ResolvedForwarding | undefined {
    const forwarded = received.forwarded === undefined ? [] : allAddresses(received.forwarded);
    if (forwarded === undefined) return undefined;
    const reported = this.#reportedAddresses(received, forwarded);
    const clientAddress = clientBehind(this.address, reported, this.#trusted);
    const scheme = receivedScheme(received.xForwardedProto) ?? this.#scheme;
    const lines =
      this.#xForwardedLines(received, authority, clientAddress) +
      this.#forwardedLine(received.forwarded, authority);
    return { clientAddress, scheme, lines };
  }

  /** Addresses that proxies reported, the latest last; `inForwarded` are those of Forwarded. */
  #reportedAddresses(
    { xForwardedFor, forwarded, xRealIp }: ReceivedForwarding,
    inForwarded: readonly string[],
  ): readonly string[] {
    const prefersForwarded = this.#settings.forwarded && !this.#settings.xForwarded;
    if (forwarded !== undefined && (prefersForwarded || xForwardedFor === undefined)) {
      return inForwarded;
    }
    if (xForwardedFor !== undefined) return xForwardedFor.split(",");
    return xRealIp === undefined ? [] : [xRealIp];
  }

  /** A trusted proxy's fields: carried on and added to, or with the setting off as they came. */
  #xForwardedLines(received: ReceivedForwarding, authority: string, client: string): string {
    const { xForwardedFor, xForwardedProto, xForwardedHost, xRealIp } = received;
    if (!this.#settings.xForwarded) {
      return (
        line("X-Real-IP", xRealIp) +
        line("X-Forwarded-For", xForwardedFor) +
        line("X-Forwarded-Proto", xForwardedProto) +
        line("X-Forwarded-Host", xForwardedHost)
      );
    }
    return (
      line("X-Real-IP", client) +
      line("X-Forwarded-For", append(xForwardedFor, this.address)) +
      line("X-Forwarded-Proto", xForwardedProto ?? this.#scheme) +
      line("X-Forwarded-Host", xForwardedHost ?? authority)
    );
  }

  #forwardedLine(received: readonly string[] | undefined, authority: string): string {
    const list = received?.filter((one) => one !== "").join(", ");
    if (!this.#settings.forwarded) return line("Forwarded", list);
    const element = forwardedElement(this.address, authority, this.#scheme);
    return line("Forwarded", append(list, element));
  }
}

/** The addresses in all lines of Forwarded; `undefined` where one is malformed. */
function allAddresses(lines: readonly string[]): string[] | undefined {
  const all: string[] = [];
  for (const one of lines) {
    const addresses = forwardedAddresses(one);
    if (addresses === undefined) return undefined;
    all.push(...addresses);
  }
  return all;
}

/** Walks from the peer towards the client for as long as the word of a trusted proxy carries. What
 * is no address ends the walk at the last one known. */
export function clientBehind(
  peer: string,
  reported: readonly string[],
  trusted: NetworkSet,
): string {
  let client = peer;
  for (let index = reported.length - 1; index >= 0 && trusted.contains(client); index--) {
    const hop = parseHop(reported[index] ?? "");
    if (hop === undefined) break;
    client = hop;
  }
  return client;
}

/** The scheme in X-Forwarded-Proto: the last of several, which the trusted peer itself added. */
function receivedScheme(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const last = value
    .slice(value.lastIndexOf(",") + 1)
    .trim()
    .toLowerCase();
  return last === "http" || last === "https" ? last : undefined;
}

function append(list: string | undefined, element: string): string {
  return list === undefined || list === "" ? element : `${list}, ${element}`;
}

function line(name: string, value: string | undefined): string {
  return value === undefined || value === "" ? "" : `${name}: ${value}\r\n`;
}

/** Whether bytes[start, end) is, in any case and with "_" for "-", X-Real-IP or a field name that
 * begins with "x-forwarded-": what an untrusted client has no business to send, known by an id of its
 * own or not. */
export function isForwardingName(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < REAL_IP.length || (bytes[start]! | 0x20) !== 0x78) return false;
  if (length === REAL_IP.length) return isNamedAlike(bytes, start, end, REAL_IP);
  return length > PREFIX.length && isNamedAlike(bytes, start, start + PREFIX.length, PREFIX);
}

const PREFIX = "x-forwarded-";
const REAL_IP = "x-real-ip";
