/** What the file itself says, apart from defaults. */
import type { Path, Source } from "./source.ts";

/** What is written at a path, as plain data; undefined for nothing, and for what can't be known. */
export function writtenAt({ value }: Pick<Source, "value">, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return found;
}

/** Whether something is written at a path. */
export function isWritten(source: Source, path: Path): boolean {
  return writtenAt(source, path) !== undefined;
}
