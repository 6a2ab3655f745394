/** `{{name}}` in header values of the configuration: which names there are. */

/** The names a value may contain. */
export const placeholderNames = [
  "client_address",
  "request_id",
  "host",
  "route",
  "upstream",
] as const;

export type PlaceholderName = (typeof placeholderNames)[number];

/** One of them in a text; the first group is its name. */
export const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The names in a value that mean nothing here, in order; empty for a good value. */
export function unknownPlaceholders(value: string): string[] {
  return [...value.matchAll(PLACEHOLDER)]
    .map((found) => found[1] ?? "")
    .filter((name) => !isPlaceholderName(name));
}

/** Whether a name may stand between the braces. */
export function isPlaceholderName(name: string): name is PlaceholderName {
  return (placeholderNames as readonly string[]).includes(name);
}
