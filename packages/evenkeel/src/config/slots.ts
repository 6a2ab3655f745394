/**
 * Which row of the board belongs to which listener, upstream, endpoint and route.
 *
 * A thing keeps its slot for as long as it is configured, so that its counters and its health go on
 * through changes. A freed slot is not given out again in the same round: proxies may still be
 * finishing requests under the old snapshot. Later rounds reuse the longest free one first.
 */
import { randomBytes } from "node:crypto";
import { capacity } from "../board/board.ts";

/** The kinds of rows. */
export type SlotKind = "listeners" | "upstreams" | "endpoints" | "routes";
const kinds = ["listeners", "upstreams", "endpoints", "routes"] as const;

/** Plain data that survives the control thread: see `SlotAllocator.checkpoint`. */
export interface SlotCheckpoint {
  readonly secret: string;
  readonly tables: Readonly<
    Record<
      SlotKind,
      {
        readonly taken: readonly (readonly [key: string, slot: number])[];
        readonly free: readonly number[];
        readonly next: number;
      }
    >
  >;
}

/** More is asked for than the board has rows left for in this round. */
export class SlotsExhausted extends Error {
  readonly kind: SlotKind;

  constructor(kind: SlotKind) {
    super(
      `the board has no row left for so many new ${kind} at once (it holds ${capacity[kind]}); ` +
        "apply the change in two steps",
    );
    this.name = "SlotsExhausted";
    this.kind = kind;
  }
}

interface Table {
  taken: Map<string, number>;
  /** Longest free first. */
  free: number[];
  /** The first slot never used. */
  next: number;
}

/** Stable rows by key. One round is `assign` with every key that is wanted from now on. */
export class SlotAllocator {
  /** Random, made with the allocator and as old: what default secrets and names derive from. */
  readonly secret: string;
  #tables: Record<SlotKind, Table>;

  /** Starts where `checkpoint` left off; without one, empty. */
  constructor(checkpoint?: SlotCheckpoint) {
    this.secret = checkpoint?.secret ?? randomBytes(32).toString("hex");
    this.#tables = byKind((kind) => restore(checkpoint, kind));
  }

  /** Slots for the keys, in their order. Keys not named lose theirs. All kinds or none: throws
   * `SlotsExhausted` and changes nothing where one kind does not fit. Keys must be unique. */
  assign(wanted: Readonly<Record<SlotKind, readonly string[]>>): Record<SlotKind, number[]> {
    const after = byKind((kind) => nextRound(kind, this.#tables[kind], wanted[kind]));
    this.#tables = after;
    return byKind((kind) => wanted[kind].map((key) => after[kind].taken.get(key)!));
  }

  /** A copy to return to, or to carry over a crash. Holds a secret: never log it. */
  checkpoint(): SlotCheckpoint {
    const tables = byKind((kind) => {
      const { taken, free, next } = this.#tables[kind];
      return { taken: [...taken], free: [...free], next };
    });
    return { secret: this.secret, tables };
  }
}

function byKind<Value>(make: (kind: SlotKind) => Value): Record<SlotKind, Value> {
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<SlotKind, Value>;
}

function restore(checkpoint: SlotCheckpoint | undefined, kind: SlotKind): Table {
  const table = checkpoint?.tables[kind];
  if (!table) return { taken: new Map(), free: [], next: 0 };
  return { taken: new Map(table.taken), free: [...table.free], next: table.next };
}

function nextRound(kind: SlotKind, before: Table, wanted: readonly string[]): Table {
  const taken = new Map<string, number>();
  let used = 0;
  let next = before.next;
  for (const key of wanted) {
    let slot = before.taken.get(key);
    if (slot === undefined) {
      slot = used < before.free.length ? before.free[used++]! : next++;
      if (slot >= capacity[kind]) throw new SlotsExhausted(kind);
    }
    taken.set(key, slot);
  }
  const freed: number[] = [];
  for (const [key, slot] of before.taken) if (!taken.has(key)) freed.push(slot);
  return { taken, free: [...before.free.slice(used), ...freed], next };
}
