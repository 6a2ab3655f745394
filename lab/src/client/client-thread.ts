/**
 * The thread that sends a load and records what becomes of it. It ends by itself when every request
 * has an outcome.
 */
import { workerData } from "node:worker_threads";

import { ConnectionPool, type Verdict } from "./connection-pool.ts";
import { epochNowMs, type LoadPlan } from "./load-plan.ts";
import { type Outcome, outcomes, type Reason, reasons, Tally } from "./recording.ts";

const plan = workerData as LoadPlan;
const { recording } = plan;
const { tally } = recording;
const gapMs = 1_000 / plan.ratePerSecond;
const total = plan.warmUpRequests + recording.capacity;
const firstDueAt = plan.beginsAt - plan.warmUpRequests * gapMs;

const indexOfReason = new Map<Reason, number>(reasons.map((reason, index) => [reason, index]));
const indexOfOutcome = new Map<Outcome, number>(outcomes.map((outcome, index) => [outcome, index]));

let sent = 0;
let open = 0;
const pool = new ConnectionPool({
  port: plan.port,
  keep: plan.connections,
  patienceMs: plan.patienceMs,
  settled: settle,
  lost: (id) => {
    if (id >= plan.warmUpRequests) tally[Tally.connectionsLost]!++;
  },
});

function sendDue(): void {
  const now = epochNowMs();
  while (sent < total && firstDueAt + sent * gapMs <= now) {
    const slot = sent - plan.warmUpRequests;
    if (slot >= 0) {
      recording.dueMs[slot] = slot * gapMs;
      recording.sentMs[slot] = epochNowMs() - plan.beginsAt;
      tally[Tally.sent]!++;
    }
    open++;
    pool.send(sent);
    sent++;
  }
  if (sent < total) setTimeout(sendDue, 1);
  else if (open === 0) pool.close();
}

function settle(id: number, verdict: Verdict): void {
  open--;
  const slot = id - plan.warmUpRequests;
  if (slot >= 0) record(slot, verdict);
  if (sent === total && open === 0) pool.close();
}

function record(slot: number, { status, origin, outcome, reason }: Verdict): void {
  recording.status[slot] = status;
  recording.origin[slot] = origin;
  recording.reason[slot] = indexOfReason.get(reason)!;
  recording.endMs[slot] = epochNowMs() - plan.beginsAt;
  recording.outcome[slot] = indexOfOutcome.get(outcome)!;
  tally[Tally.settled]!++;
  if (outcome === "failed") tally[Tally.failed]!++;
  if (outcome === "wrong") tally[Tally.wrong]!++;
}

sendDue();
