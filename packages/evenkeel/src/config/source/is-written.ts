/** What the file itself says, apart from defaults. */
import type { Path, Source } from "./source.ts";

/** Whether something is written at a path. */
export function isWritten({ value }: Source, path: Path): boolean {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return false;
    found = (found as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return true;
}
