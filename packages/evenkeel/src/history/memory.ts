/** A small store of JSON values for whoever must remember something over a restart. */
import type { Change } from "./changes.ts";
import { HistoryUnavailable, type Memory } from "./contract.ts";
import type { Row } from "./database.ts";
import type { Store } from "./store.ts";
import type { WaitingChanges } from "./waiting-changes.ts";

/** Over an open store; what waits is laid over what the file says. Where the file can't be read,
 * only what waits is known. */
export function createMemory(store: Store, waiting: WaitingChanges): Memory {
  const all = (space: string): Map<string, string> => {
    const sql = "SELECT key, value FROM memory WHERE space = ? ORDER BY key";
    const known = new Map(
      rowsOf(store, sql, space).map((row) => [String(row["key"]), String(row["value"])]),
    );
    for (const change of waiting.list()) layOver(known, space, change);
    return known;
  };
  return {
    get(space, key) {
      const value = all(space).get(key);
      return value === undefined ? undefined : (JSON.parse(value) as unknown);
    },
    set(space, key, value) {
      waiting.write({ kind: "remember", space, key, value: JSON.stringify(value ?? null) });
    },
    delete: (space, key) => waiting.write({ kind: "remember", space, key, value: undefined }),
    all: (space) => [...all(space)].map(([key, value]) => [key, JSON.parse(value) as unknown]),
  };
}

/** Of all spaces, as `Memory.all` gives it for one. */
export function everything(
  store: Store,
  waiting: WaitingChanges,
): readonly { readonly space: string; readonly key: string; readonly value: unknown }[] {
  const written = rowsOf(store, "SELECT DISTINCT space FROM memory").map((row) => row["space"]);
  const unwritten = waiting.list().flatMap((one) => (one.kind === "remember" ? one.space : []));
  const memory = createMemory(store, waiting);
  return [...new Set([...written.map(String), ...unwritten])].flatMap((space) =>
    memory.all(space).map(([key, value]) => ({ space, key, value })),
  );
}

function layOver(known: Map<string, string>, space: string, change: Change): void {
  if (change.kind !== "remember" || change.space !== space) return;
  if (change.value === undefined) known.delete(change.key);
  else known.set(change.key, change.value);
}

function rowsOf(store: Store, sql: string, ...values: readonly string[]): readonly Row[] {
  try {
    return store.read((database) => database.all(sql, ...values));
  } catch (error) {
    if (error instanceof HistoryUnavailable) return []; // `problem` tells of it.
    throw error;
  }
}
