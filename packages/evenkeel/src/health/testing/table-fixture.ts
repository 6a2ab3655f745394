/** A health table on a fake clock whose checks answer what a test says. */
import { type Board, createBoard, endpointCounter, endpointRow } from "../../board/board.ts";
import type { EndpointHealth, HealthChange, HealthTable } from "../contract.ts";
import type { ProbeRequest, ProbeResult } from "../probes/probe.ts";
import { type PanicChange, createHealthTable } from "../table.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";

/** What a test holds in its hands. */
export interface Fixture {
  readonly board: Board;
  readonly clock: FakeClock;
  readonly table: HealthTable;
  readonly changes: HealthChange[];
  readonly panics: PanicChange[];
  /** Checks begun, in order. */
  readonly asked: ProbeRequest[];
  /** The answer of an endpoint's check by its port; passes where none is set. */
  readonly answers: Map<number, ProbeResult["verdict"] | "hang">;
  checkpoints: number;
  /** Called at the moment of each change. */
  onChange: (change: HealthChange) => void;
  /** The row of an endpoint, wherever it is. */
  row(endpoint: string): EndpointHealth;
  state(endpoint: string): string;
  /** Attempts as a proxy would count them on the board. */
  requests(slot: number, outcome: { ok?: number; failed?: number }, worker?: number): void;
}

/** The detail of a failed check in tests. */
export const FAILED_DETAIL = "GET /healthz answered 503";

/** A new table, or one that goes on from `saved` on the board and clock of another. */
export function createFixture(
  going: { saved?: unknown; board?: Board; clock?: FakeClock; concurrentChecks?: number } = {},
): Fixture {
  const board = going.board ?? createBoard(2);
  const clock = going.clock ?? createFakeClock();
  const changes: HealthChange[] = [];
  const panics: PanicChange[] = [];
  const asked: ProbeRequest[] = [];
  const answers: Fixture["answers"] = new Map();
  const table = createHealthTable(
    {
      board,
      clock,
      timers: clock,
      random: () => 0.5,
      probe: (request, signal) => {
        asked.push(request);
        return answer(answers.get(request.port) ?? "passed", signal);
      },
      onChange: (change) => {
        changes.push(change);
        fixture.onChange(change);
      },
      onPanic: (change) => panics.push(change),
      onCheckpoint: () => {
        fixture.checkpoints++;
      },
      ...(going.concurrentChecks === undefined ? {} : { concurrentChecks: going.concurrentChecks }),
    },
    going.saved,
  );
  const fixture: Fixture = {
    board,
    clock,
    table,
    changes,
    panics,
    asked,
    answers,
    checkpoints: 0,
    onChange: () => undefined,
    row: (endpoint) => table.list().find((row) => row.endpoint === endpoint)!,
    state: (endpoint) => fixture.row(endpoint).state,
    requests(slot, { ok = 0, failed = 0 }, worker = 0) {
      const counts = board.counters[worker]!.endpoint;
      const row = endpointRow(slot);
      counts[row + endpointCounter.requests]! += ok + failed;
      counts[row + endpointCounter.failures]! += failed;
      if (ok > 0) Atomics.store(board.failuresInARow, slot, 0);
      Atomics.add(board.failuresInARow, slot, failed);
    },
  };
  return fixture;
}

function answer(
  verdict: ProbeResult["verdict"] | "hang",
  signal: AbortSignal,
): Promise<ProbeResult> {
  if (verdict !== "hang") {
    return Promise.resolve({
      verdict,
      tookMs: 3,
      detail: verdict === "passed" ? "ok" : FAILED_DETAIL,
    });
  }
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  signal.addEventListener("abort", () =>
    resolve({ verdict: "unknown", tookMs: 3, detail: "cancelled" }),
  );
  return promise;
}
