/** Networks in CIDR notation. */
import ipaddr from "ipaddr.js";
import { isIP } from "node:net";

/** The network in canonical form, host bits cleared; a lone address is a network of one. Undefined
 * for anything else. */
export function parseNetwork(text: string): string | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = isIP(address);
  if (family === 0 || address.includes("%")) return undefined;
  const widest = family === 4 ? 32 : 128;
  const length = slash < 0 ? String(widest) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length) || Number(length) > widest) return undefined;
  const cidr = `${address}/${Number(length)}`;
  const network =
    family === 4
      ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
      : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${network.toString()}/${Number(length)}`;
}

/** Whether an address is in both; both as `parseNetwork` gives them. IPv4 addresses mapped into IPv6
 * are IPv4. */
export function doNetworksOverlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  if (a.address.kind() !== b.address.kind()) return false;
  const [wide, narrow] = a.length <= b.length ? [a, b] : [b, a];
  return narrow.address.match(wide.address, wide.length);
}

function rangeOf(network: string): { address: ipaddr.IPv4 | ipaddr.IPv6; length: number } {
  const [address, length] = ipaddr.parseCIDR(network);
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && length >= 96;
  return isMapped ? { address: address.toIPv4Address(), length: length - 96 } : { address, length };
}
