/**
 * The octets of a client's address that nginx's ip_hash looks at, read from text without allocating.
 */

const IPV4_OCTETS = 3;
const IPV6_OCTETS = 16;

/** Fills `octets` (16 of them at least) and returns how many count: the first 3 of an IPv4 address,
 * all 16 of an IPv6 address (a zone is left out), and 3 zeros for anything else, such as a Unix
 * socket's client. */
export function readAddressOctets(address: string, octets: Uint8Array): number {
  if (readIpv4(address, 0, octets, 0)) return IPV4_OCTETS;
  if (readIpv6(address, octets)) return IPV6_OCTETS;
  octets.fill(0, 0, IPV4_OCTETS);
  return IPV4_OCTETS;
}

/** Reads four decimal parts from `from` to the end into `octets` from `at`. */
function readIpv4(text: string, from: number, octets: Uint8Array, at: number): boolean {
  let part = 0;
  let digits = 0;
  let value = 0;
  for (let index = from; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 46) {
      if (digits === 0 || part === 3) return false;
      octets[at + part++] = value;
      digits = 0;
      value = 0;
      continue;
    }
    if (code < 48 || code > 57) return false;
    value = value * 10 + code - 48;
    if (++digits > 3 || value > 255) return false;
  }
  if (part !== 3 || digits === 0) return false;
  octets[at + 3] = value;
  return true;
}

function readIpv6(text: string, octets: Uint8Array): boolean {
  let at = 0;
  /** Where "::" stands, in octets. */
  let gap = -1;
  let index = 0;
  if (text.startsWith("::")) {
    gap = 0;
    index = 2;
  }
  while (index < text.length && text.charCodeAt(index) !== 37) {
    if (at === IPV6_OCTETS) return false;
    const start = index;
    let value = 0;
    for (; index < text.length; index++) {
      const digit = hexDigit(text.charCodeAt(index));
      if (digit === -1) break;
      value = value * 16 + digit;
    }
    if (text.charCodeAt(index) === 46) {
      if (at > IPV6_OCTETS - 4 || !readIpv4(text, start, octets, at)) return false;
      at += 4;
      break;
    }
    if (index === start || index - start > 4) return false;
    octets[at++] = value >>> 8;
    octets[at++] = value & 0xff;
    if (index === text.length || text.charCodeAt(index) === 37) break;
    if (text.charCodeAt(index++) !== 58) return false;
    if (text.charCodeAt(index) === 58) {
      if (gap !== -1) return false;
      gap = at;
      index++;
    } else if (index === text.length) return false;
  }
  return closeGap(octets, at, gap);
}

/** Moves what follows "::" to the end and fills the gap with zeros. */
function closeGap(octets: Uint8Array, read: number, gap: number): boolean {
  if (gap === -1) return read === IPV6_OCTETS;
  if (read === IPV6_OCTETS) return false;
  octets.copyWithin(IPV6_OCTETS - (read - gap), gap, read);
  octets.fill(0, gap, IPV6_OCTETS - (read - gap));
  return true;
}

/** Value of a hexadecimal digit's code; -1 for anything else. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
