/**
 * Sets of networks (CIDR), asked for the longest one that holds an address.
 *
 * One hash set of masked addresses per prefix length: a question costs one look-up per distinct
 * length, however many networks there are. IPv4 addresses mapped into IPv6 are IPv4 throughout.
 */
import ipaddr from "ipaddr.js";

import { parseIpv4, parseIpv6 } from "./address.ts";

/** A fixed set of networks. */
export interface NetworkSet {
  readonly isEmpty: boolean;
  /** Whether any network holds the address; false for what is no address. */
  contains(address: string): boolean;
  /** Prefix length of the longest network that holds the address, counted in its own family; -1 for
   * none and for what is no address. */
  longest(address: string): number;
}

/** All networks of one family with one prefix length. */
interface Level<Key> {
  readonly length: number;
  readonly networks: Set<Key>;
}

/** Builds a set from checked networks; an address without a length is a network of one, bits
 * behind the length are ignored. Throws a RangeError on anything else. */
export function createNetworkSet(cidrs: readonly string[]): NetworkSet {
  const ipv4: Level<number>[] = [];
  const ipv6: Level<string>[] = [];
  const words = new Uint32Array(4);
  for (const cidr of cidrs) {
    const { address, length, isIpv4 } = parseNetwork(cidr);
    if (isIpv4) add(ipv4, length, mask(parseIpv4(address), length));
    else {
      parseIpv6(address, words);
      add(ipv6, length, maskedKey(words, length));
    }
  }
  return new Networks(ipv4, ipv6);
}

/** Keeps levels in order of falling length: the first hit is the longest. */
function add<Key>(levels: Level<Key>[], length: number, key: Key): void {
  let level = levels.find((one) => one.length === length);
  if (level === undefined) {
    level = { length, networks: new Set() };
    levels.push(level);
    levels.sort((one, other) => other.length - one.length);
  }
  level.networks.add(key);
}

function parseNetwork(cidr: string): { address: string; length: number; isIpv4: boolean } {
  const slash = cidr.indexOf("/");
  const text = slash < 0 ? cidr : cidr.slice(0, slash);
  if (!ipaddr.isValid(text)) throw new RangeError(`"${cidr}" is no network`);
  const parsed = ipaddr.parse(text);
  const bits = parsed.kind() === "ipv4" ? 32 : 128;
  const length = slash < 0 ? bits : Number(cidr.slice(slash + 1));
  if (slash >= 0 && !/^\d{1,3}$/.test(cidr.slice(slash + 1))) {
    throw new RangeError(`"${cidr}" is no network`);
  }
  if (length > bits) throw new RangeError(`"${cidr}" has too long a prefix`);
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && length >= 96) {
    return { address: parsed.toIPv4Address().toString(), length: length - 96, isIpv4: true };
  }
  return { address: parsed.toString(), length, isIpv4: bits === 32 };
}

function mask(address: number, length: number): number {
  return length === 0 ? 0 : (address & (-1 << (32 - length))) >>> 0;
}

function maskedKey(words: Uint32Array, length: number): string {
  let key = "";
  for (let word = 0; word * 32 < length; word++) {
    key += `${mask(words[word] ?? 0, Math.min(32, length - word * 32))}:`;
  }
  return key;
}

class Networks implements NetworkSet {
  readonly isEmpty: boolean;
  readonly #ipv4: readonly Level<number>[];
  readonly #ipv6: readonly Level<string>[];
  readonly #words = new Uint32Array(4);

  constructor(ipv4: readonly Level<number>[], ipv6: readonly Level<string>[]) {
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
    this.isEmpty = ipv4.length === 0 && ipv6.length === 0;
  }

  contains(address: string): boolean {
    return !this.isEmpty && this.longest(address) >= 0;
  }

  longest(address: string): number {
    const ipv4 = parseIpv4(address);
    if (ipv4 >= 0) return this.#longestIpv4(ipv4);
    const words = this.#words;
    if (!address.includes(":") || !parseIpv6(address, words)) return -1;
    const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
    return isMapped ? this.#longestIpv4(words[3] ?? 0) : this.#longestIpv6();
  }

  #longestIpv4(address: number): number {
    for (const level of this.#ipv4) {
      if (level.networks.has(mask(address, level.length))) return level.length;
    }
    return -1;
  }

  #longestIpv6(): number {
    for (const level of this.#ipv6) {
      if (level.networks.has(maskedKey(this.#words, level.length))) return level.length;
    }
    return -1;
  }
}
