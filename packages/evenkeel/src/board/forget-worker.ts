/** Gives back what a dead proxy held. */
import { workerGauge, type Board } from "./board.ts";

/** Gauges of a proxy that end with it; the totals beside them go on. */
const ending = [
  workerGauge.clientConnections,
  workerGauge.originConnections,
  workerGauge.idleOriginConnections,
  workerGauge.requestsInFlight,
  workerGauge.tunnels,
  workerGauge.loopLagP50Us,
  workerGauge.loopLagP99Us,
  workerGauge.loopLagMaxUs,
  workerGauge.loopUtilization,
  workerGauge.heapUsedBytes,
  workerGauge.externalBytes,
  workerGauge.sampledAtMs,
] as const;

/** Takes a dead proxy's share out of the exact totals, zeroes its gauges and wakes queues that wait
 * for the freed capacity, or behind requests that died with it. Call it after the thread has ended and before its successor starts; where
 * it died between changing a total and noting its share, that total stays off by one. */
export function forgetWorker(board: Board, worker: number): void {
  const own = board.counters[worker];
  if (!own) return;
  giveBack(board.inFlight, own.inFlight);
  giveBack(board.upstreamRetrying, own.upstreamRetrying);
  giveBack(board.listenerConnections, own.listenerConnections);
  own.upstreamWaiting.fill(0);
  for (let slot = 0; slot < board.upstreamWanted.length; slot++) {
    Atomics.compareExchange(board.upstreamWanted, slot, worker + 1, 0);
  }
  const freed = [
    ...giveBack(board.upstreamPending, own.upstreamPending),
    ...giveBack(board.upstreamInFlight, own.upstreamInFlight),
    ...giveBack(board.upstreamConnections, own.upstreamConnections),
  ];
  for (const gauge of ending) own.worker[gauge] = 0;
  for (const slot of freed) {
    Atomics.add(board.upstreamFreed, slot, 1);
    Atomics.notify(board.upstreamFreed, slot);
  }
}

/** Subtracts every share from its total; answers the slots that had one. */
function giveBack(total: Int32Array, share: Int32Array): number[] {
  const slots: number[] = [];
  for (let slot = 0; slot < share.length; slot++) {
    const held = share[slot]!;
    if (held === 0) continue;
    Atomics.sub(total, slot, held);
    share[slot] = 0;
    slots.push(slot);
  }
  return slots;
}
