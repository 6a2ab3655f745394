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
