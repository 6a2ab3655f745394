/** The Forwarded header (RFC 7239): what to add to it, and the addresses in it. */

/** One element: whom this hop received the request from, for which Host, over what. Addresses of
 * IPv6 are bracketed and quoted, as are hosts that are no plain token. */
export function forwardedElement(address: string, authority: string, scheme: string): string {
  const from = address.includes(":") ? `"[${address}]"` : address;
  const host = authority === "" ? "" : `;host=${token(authority)}`;
  return `for=${from}${host};proto=${scheme}`;
}

function token(text: string): string {
  if (TOKEN.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/**
 * The `for` values of one field line in order, unquoted; an element without one gives an empty value,
 * so that a walk along them stops there. `undefined` for a line that is malformed: what a client
 * wrote into it could hide what proxies appended. Blanks around separators are let pass, and so are
 * addresses with a port or in brackets that should be quoted and are not.
 */
export function forwardedAddresses(line: string): string[] | undefined {
  const addresses: string[] = [];
  const elements = splitOutsideQuotes(line, ",");
  if (elements === undefined) return undefined;
  for (const element of elements) {
    // Empty elements of a list mean nothing (RFC 9110 section 5.6.1).
    if (trimBlanks(element) === "") continue;
    const address = forOf(element);
    if (address === undefined) return undefined;
    addresses.push(address);
  }
  return addresses;
}

function forOf(element: string): string | undefined {
  const names: string[] = [];
  let address = "";
  for (const pair of splitOutsideQuotes(element, ";") ?? []) {
    if (trimBlanks(pair) === "") continue;
    const equals = pair.indexOf("=");
    const name = trimBlanks(pair.slice(0, Math.max(0, equals))).toLowerCase();
    const value = valueOf(trimBlanks(pair.slice(equals + 1)));
    if (!TOKEN.test(name) || value === undefined || names.includes(name)) return undefined;
    names.push(name);
    if (name === "for") address = value;
  }
  return address;
}

/** Without spaces and tabs around it. `trim` would also take what only looks blank. */
function trimBlanks(text: string): string {
  return text.replaceAll(/^[ \t]+|[ \t]+$/g, "");
}

/** A token's or a quoted string's text; `undefined` for neither. */
function valueOf(text: string): string | undefined {
  if (!text.startsWith('"')) return UNQUOTED.test(text) ? text : undefined;
  return QUOTED.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const UNQUOTED = /^[!#$%&'*+\-.^_`|~\dA-Za-z:[\]]+$/;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

/** `undefined` where a quote stays open. */
function splitOutsideQuotes(text: string, separator: string): string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted && character === "\\") at++;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return isQuoted ? undefined : parts;
}
