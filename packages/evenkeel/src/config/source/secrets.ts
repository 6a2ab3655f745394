/** Keeps secrets out of messages. */

const secretKey =
  /(?:^|[_-])(?:secret|token|password|passwd|authorization|cookie|(?:api|routing)[_-]?key)$/i;
const written =
  /((?:secret|token|password|passwd|authorization|(?:api|routing)[_-]?key|cookie)["']?\s*:\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,}#][^,}#]*)/gi;

/** Addresses that are keys, wherever they stand. */
const hook = /(?:https:\/\/)?hooks\.slack\.com\/[^\s"',}]+/g;

/** Whether the value at the path must not be shown. `cookie` is also a cookie's mere name in
 * `sticky`, so it counts only as a header's name. */
export function isSecret(path: readonly PropertyKey[]): boolean {
  // The address of a webhook is its key.
  if (path[1] === "receivers" && path.at(-1) === "url") return true;
  return path.some((key, at) => {
    if (typeof key !== "string" || !secretKey.test(key)) return false;
    return (
      key.toLowerCase() !== "cookie" || ["headers", "set", "add"].includes(String(path[at - 1]))
    );
  });
}

/** A line of the file with what looks like a secret's value blotted out, at the same width. */
export function hideSecrets(line: string): string {
  return line
    .replaceAll(hook, (url) => "•".repeat(url.length))
    .replace(written, (whole, key: string, value: string) => {
      // A cookie's mere name, as in `sticky`, is none.
      if (/^cookie/i.test(key) && !value.includes("=")) return whole;
      const shown = value.trimEnd().length;
      return key + "•".repeat(shown) + value.slice(shown);
    });
}
