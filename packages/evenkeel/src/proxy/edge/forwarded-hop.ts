/** One address as proxies report it. */
import { parseIpv4, parseIpv6, plainAddress } from "./address.ts";

const words = new Uint32Array(4);

/** The address in an entry of X-Forwarded-For, X-Real-IP or a `for` parameter: IPv4 or IPv6, with
 * or without port, brackets and surrounding spaces. `undefined` for all else, such as "unknown"
 * and RFC 7239's obfuscated names. */
export function parseHop(entry: string): string | undefined {
  const text = entry.trim();
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    if (end < 0 || !isPortSuffix(text.slice(end + 1))) return undefined;
    return parseBare(text.slice(1, end));
  }
  const colon = text.indexOf(":");
  if (colon < 0 || colon !== text.lastIndexOf(":")) return parseBare(text);
  return isPortSuffix(text.slice(colon)) ? parseBare(text.slice(0, colon)) : undefined;
}

function parseBare(text: string): string | undefined {
  if (parseIpv4(text) >= 0) return text;
  return text.includes(":") && parseIpv6(text, words) ? plainAddress(text) : undefined;
}

function isPortSuffix(text: string): boolean {
  return text === "" || /^:\d{1,5}$/.test(text);
}
