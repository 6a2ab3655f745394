/** The Forwarded header (RFC 7239): what to add to it, and the addresses in it. */

/** One element: whom this hop received the request from, for which Host, over what. Addresses of
 * IPv6 are bracketed and quoted, as are hosts that are no plain token. */
export function forwardedElement(address: string, authority: string, scheme: string): string {
  const from = address.includes(":") ? `"[${address}]"` : address;
  const host = authority === "" ? "" : `;host=${token(authority)}`;
  return `for=${from}${host};proto=${scheme}`;
}

function token(text: string): string {
  if (/^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** The `for` values in order, unquoted; an element without one, and whatever is malformed, gives an
 * empty value, so that a walk along them stops there. */
export function forwardedAddresses(header: string): string[] {
  return splitOutsideQuotes(header, ",").map(forOf);
}

function forOf(element: string): string {
  for (const pair of splitOutsideQuotes(element, ";")) {
    const equals = pair.indexOf("=");
    if (equals < 0 || pair.slice(0, equals).trim().toLowerCase() !== "for") continue;
    return unquote(pair.slice(equals + 1).trim());
  }
  return "";
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  if (value.length < 2 || !value.endsWith('"')) return "";
  return value.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}

function splitOutsideQuotes(text: string, separator: string): string[] {
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
  // An open quote makes the rest one malformed value.
  parts.push(isQuoted ? "" : text.slice(from));
  return parts;
}
