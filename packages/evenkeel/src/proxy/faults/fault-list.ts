/** The faults in force: which of them a request may meet, and which one an attempt does. */
import type { FaultEffect, FaultSettings } from "../../snapshot/fault.ts";

/** A request's header fields by their names in lower case. */
export interface HeaderFields {
  header(name: string): string | undefined;
}

export interface FaultList {
  /** All that are in force from now on. */
  set(faults: readonly FaultSettings[]): void;
  /** No fault was ever set, or all are over: nothing else need be asked. */
  readonly isEmpty: boolean;
  /** Those that this route and these headers do not rule out; undefined for none. */
  candidates(route: string, head: HeaderFields): readonly FaultSettings[] | undefined;
}

/** An endpoint by its names. */
export interface DrawnEndpoint {
  readonly snapshot: { readonly name: string };
  readonly group: { readonly snapshot: { readonly name: string } };
}

/** What an attempt at this endpoint meets: the first fault that fits and that the draw hits. Faults
 * that are over by `nowMs` (wall clock) do nothing, whoever forgot to take them back. */
export function drawFault(
  candidates: readonly FaultSettings[],
  endpoint: DrawnEndpoint,
  nowMs: number,
  random: () => number,
): FaultEffect | undefined {
  const { name } = endpoint.snapshot;
  const met = candidates.find(
    ({ scope, untilMs }) =>
      nowMs < untilMs &&
      (scope.upstream === "" || scope.upstream === endpoint.group.snapshot.name) &&
      (scope.endpoint === "" || scope.endpoint === name) &&
      random() * 100 < scope.percent,
  );
  return met?.effect;
}

/** A list that is empty. `nowMs` reads the wall clock. */
export function createFaultList(nowMs: () => number): FaultList {
  let faults: readonly FaultSettings[] = [];
  return {
    set(next) {
      faults = next;
    },
    get isEmpty() {
      if (faults.length === 0) return true;
      const now = nowMs();
      faults = faults.filter(({ untilMs }) => now < untilMs);
      return faults.length === 0;
    },
    candidates(route, head) {
      const some = faults.filter(
        ({ scope }) =>
          (scope.route === "" || scope.route === route) && hasHeader(scope.header, head),
      );
      return some.length > 0 ? some : undefined;
    },
  };
}

function hasHeader(wanted: FaultSettings["scope"]["header"], head: HeaderFields): boolean {
  if (wanted === undefined) return true;
  const value = head.header(wanted.name);
  return wanted.value === "" ? value !== undefined : value === wanted.value;
}
