/** What the board and the health table say of endpoints and upstreams at this moment. */
import type { Board } from "../board/board.ts";
import type { EndpointHealth } from "../health/contract.ts";
import { isInService } from "../health/in-service.ts";
import type { Entry } from "./catalog.ts";
import type { Reading } from "./contract.ts";
import { createGrowth } from "./growth.ts";

const KEEP_MS = 3_600_000;

type Standing = Exclude<Entry, { kind: "instance" }>;

/** Requests in flight, availability, ejections. */
export interface EndpointFacts {
  /** Notes how often endpoints were ejected; about once a second. */
  sample(nowMs: number): void;
  read(signal: string, entry: Standing, overMs: number, nowMs: number): Reading;
}

/** Counts ejections from now on. */
export function createEndpointFacts(
  board: Board,
  health: () => readonly EndpointHealth[],
): EndpointFacts {
  const ejections = createGrowth(KEEP_MS);
  let rows: ReadonlyMap<string, readonly EndpointHealth[]> = new Map();
  const of = ({ kind, subject }: Standing): readonly EndpointHealth[] => {
    const members = rows.get(subject.upstream ?? "") ?? [];
    return kind === "upstream"
      ? members
      : members.filter(({ endpoint }) => endpoint === subject.endpoint);
  };
  const value = (
    signal: string,
    entry: Standing,
    overMs: number,
    nowMs: number,
  ): number | undefined => {
    if (signal === "in_flight") {
      const counts = entry.kind === "upstream" ? board.upstreamInFlight : board.inFlight;
      return Math.max(0, counts[entry.slot]!);
    }
    const members = of(entry);
    if (signal === "ejections") return ejectionsOf(members, overMs, nowMs);
    if (entry.kind === "endpoint" && members.length === 0) return undefined;
    const available = members.filter(isInService).length;
    if (signal === "available") return available;
    return members.length === 0 ? undefined : available / members.length;
  };
  const ejectionsOf = (
    members: readonly EndpointHealth[],
    overMs: number,
    nowMs: number,
  ): number | undefined => {
    const counts = members.map((member) => ejections.within(keyOf(member), overMs, nowMs));
    return counts.some((count) => count === undefined)
      ? undefined
      : counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  };
  return {
    sample(nowMs) {
      const list = health();
      rows = Map.groupBy(list, ({ upstream }) => upstream);
      ejections.sample(nowMs, new Map(list.map((row) => [keyOf(row), row.ejections])));
    },
    read: (signal, entry, overMs, nowMs) => ({
      subject: entry.subject,
      value: value(signal, entry, overMs, nowMs),
      samples: 1,
      atMs: nowMs,
    }),
  };
}

const keyOf = ({ upstream, endpoint }: EndpointHealth): string => `${upstream}\0${endpoint}`;
