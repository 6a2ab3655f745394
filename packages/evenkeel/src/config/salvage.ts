/** The sound part of a configuration that is broken elsewhere. */
import type { z } from "zod";
import { root, type RootConfig } from "./schema/root.ts";
import type { Path } from "./source/source.ts";

export interface Salvaged {
  readonly config: RootConfig;
  /** Whether something was put aside at the path or below it. */
  readonly isBroken: (path: Path) => boolean;
}

/** What a listener, route or upstream becomes when nothing of it is sound: others name it, so it
 * stays. Port 0 clashes with nothing. */
const placeholders: Readonly<Record<string, unknown>> = { listeners: 0, routes: {}, upstreams: {} };

/** What a key of theirs becomes that rules ask for, be it sound or not; others are left out. */
const standIns: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  listeners: { bind: 0 },
  routes: { upstream: "unsound", redirect: { scheme: "https" }, respond: 200 },
  upstreams: {},
};

/** What items of lists become whose others are compared: something that is equal to none. */
const items: Readonly<Record<string, (at: number) => unknown>> = {
  bind: () => 0,
  endpoints: (at) => `unsound:${at + 1}`,
};

/** Puts aside the keys that the issues are about, and those whose values are not known; within
 * listeners, routes and upstreams one key of theirs at a time, within their addresses one item.
 * Undefined where the rest would only lead to mistakes that are none. */
export function salvage(
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
  gaps: readonly Path[],
): Salvaged | undefined {
  if (!isTree(value)) return undefined;
  const broken = [
    ...gaps,
    ...issues.flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => [...issue.path, key])
        : [issue.path],
    ),
  ];
  if (broken.some((path) => path.length === 1 && hidesNames(value, path[0]!))) return undefined;
  const rest = structuredClone(value);
  issues.forEach((issue) => {
    // Deeper down the key goes with the whole map, below.
    if (issue.code !== "invalid_key" || issue.path.length > 2) return;
    delete (rest[issue.path[0]!] as typeof rest)[issue.path[1]!];
  });
  for (const [top, name, ...more] of gaps) {
    const things = rest[top ?? ""];
    // A listener or upstream that is only a gap is there all the same: others name it.
    if (name !== undefined && more.length === 0 && isTree(things)) things[name] ??= undefined;
  }
  for (const path of broken) putAside(rest, path);
  const parsed = root.safeParse(rest);
  if (!parsed.success) return undefined;
  const marks = new Set(
    broken.flatMap((path) => path.map((_, at) => keyOf(path.slice(0, at + 1)))),
  );
  return { config: parsed.data, isBroken: (path) => marks.has(keyOf(path)) };
}

/** Without the maps of names, every use of a name would look wrong. */
function hidesNames(value: Record<PropertyKey, unknown>, key: PropertyKey): boolean {
  return key === "listeners" || key === "upstreams" || !("upstreams" in value);
}

function putAside(rest: Record<PropertyKey, unknown>, path: Path): void {
  const [top, name, key] = path;
  if (top === undefined) return;
  const things = rest[top];
  if (top === "admin" && name !== undefined && isTree(things)) {
    delete things[name];
    return;
  }
  if (top === "prometheus") {
    // Conditions ask whether there is one at all.
    rest[top] = { url: "http://localhost" };
    return;
  }
  if (top === "processes" && name !== undefined && isTree(things)) {
    things[name] = { command: "unsound" };
    return;
  }
  if (!(top in placeholders) || name === undefined || !isTree(things)) {
    delete rest[top];
    return;
  }
  if (!(name in things)) return;
  const thing = things[name];
  if (key === undefined || !isTree(thing)) things[name] = placeholders[String(top)];
  else putKeyAside(thing, standIns[String(top)] ?? {}, path.slice(2));
}

function putKeyAside(
  thing: Record<PropertyKey, unknown>,
  standIn: Readonly<Record<string, unknown>>,
  [key = "", at, part]: Path,
): void {
  const list = thing[key];
  const itemOf = items[String(key)];
  if (itemOf && Array.isArray(list) && typeof at === "number" && at < list.length) {
    const item: unknown = list[at];
    if (part === undefined || !isTree(item)) list[at] = itemOf(at);
    else if (part === "address") item[part] = itemOf(at);
    else delete item[part];
  } else if (String(key) in standIn) thing[key] = standIn[String(key)];
  else delete thing[key];
}

function keyOf(path: Path): string {
  return path.map(String).join("\0");
}

function isTree(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}
