/** What the body of an operator's request says besides what is asked. */

const LONGEST = 200;

/** Who signs: `by` in the body; the admin address knows no users of its own. */
export function whoAsks(body: unknown): string {
  const by = textIn(body, "by");
  return by === undefined ? "an operator" : `operator ${by}`;
}

/** A text of the body, without control characters and cut to a sensible length; undefined where there
 * is none. */
export function textIn(body: unknown, key: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value = (body as Readonly<Record<string, unknown>>)[key];
  if (typeof value !== "string") return undefined;
  const text = value.replaceAll(/\p{Cc}+/gu, " ").trim();
  return text === "" ? undefined : text.slice(0, LONGEST);
}
