/**
 * IP addresses as numbers, read by a plain loop: addresses are looked at for every connection and,
 * behind trusted proxies, for every request.
 */

const COLON = 0x3a;
const DOT = 0x2e;
const ZERO = 0x30;

/** An address without a zone and, where it is an IPv4 address mapped into IPv6, as IPv4: what logs,
 * headers and network rules speak of. Anything that is no address comes back as it is. */
export function plainAddress(address: string): string {
  if (address.length < 8 || address.charCodeAt(0) !== COLON) return withoutZone(address);
  const lower = address.toLowerCase();
  if (!lower.startsWith("::ffff:")) return withoutZone(address);
  const rest = address.slice(7);
  if (parseIpv4(rest) >= 0) return rest;
  const words = new Uint32Array(4);
  if (!parseIpv6(address, words)) return address;
  return formatIpv4(words[3] ?? 0);
}

function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone < 0 ? address : address.slice(0, zone);
}

/** The 32 bits of a dotted IPv4 address as a number from 0; -1 where it is none. Leading zeros are
 * refused: readers differ on whether they mean octal. */
export function parseIpv4(text: string): number {
  const length = text.length;
  if (length < 7 || length > 15) return -1;
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (octet < 0) return -1;
      value = value * 256 + octet;
      octet = -1;
      dots++;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

/** Reads an IPv6 address (a zone is ignored, a dotted tail allowed) into four 32-bit words; false
 * where it is none, with the words then undefined. */
export function parseIpv6(text: string, words: Uint32Array): boolean {
  const zone = text.indexOf("%");
  let rest = zone < 0 ? text : text.slice(0, zone);
  const groups: number[] = [];
  let gap = -1;
  if (rest.startsWith("::")) {
    gap = 0;
    rest = rest.slice(2);
  }
  while (rest !== "") {
    const end = rest.indexOf(":");
    const part = end < 0 ? rest : rest.slice(0, end);
    if (!addGroups(part, end < 0, groups)) return false;
    if (end < 0) break;
    rest = rest.slice(end + 1);
    if (rest === "") return false;
    if (rest.charCodeAt(0) === COLON) {
      if (gap >= 0) return false;
      gap = groups.length;
      rest = rest.slice(1);
    }
  }
  return fillWords(groups, gap, words);
}

function addGroups(part: string, isLast: boolean, groups: number[]): boolean {
  if (isLast && part.includes(".")) {
    const tail = parseIpv4(part);
    if (tail < 0) return false;
    groups.push(Math.floor(tail / 65_536), tail % 65_536);
  } else {
    const group = parseGroup(part);
    if (group < 0) return false;
    groups.push(group);
  }
  return groups.length <= 8;
}

function parseGroup(part: string): number {
  if (part.length === 0 || part.length > 4) return -1;
  let value = 0;
  for (let at = 0; at < part.length; at++) {
    const digit = Number.parseInt(part.charAt(at), 16);
    if (Number.isNaN(digit)) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function fillWords(groups: readonly number[], gap: number, words: Uint32Array): boolean {
  const missing = 8 - groups.length;
  // "::" stands for at least one group.
  if (gap < 0 ? missing !== 0 : missing < 1) return false;
  words.fill(0);
  for (let index = 0; index < groups.length; index++) {
    const place = gap >= 0 && index >= gap ? index + missing : index;
    const word = place >> 1;
    words[word] = ((words[word] ?? 0) | ((groups[index] ?? 0) << (place % 2 === 0 ? 16 : 0))) >>> 0;
  }
  return true;
}

/** Dotted text of 32 bits. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
