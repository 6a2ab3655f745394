/**
 * Records made by hand, for tests.
 */
import {
  createRecording,
  type Outcome,
  outcomes,
  type Reason,
  reasons,
  type Recording,
} from "../../client/recording.ts";

/** One request of a record made by hand. */
export interface Request {
  readonly outcome?: Outcome;
  readonly reason?: Reason;
  readonly latencyMs?: number;
  readonly lateMs?: number;
}

/** A record of requests due every `gapMs`, all of them well and after 2 ms unless `change` says
 * otherwise for the moment they were due. */
export function recorded(
  count: number,
  gapMs: number,
  change: (dueMs: number) => Request = () => ({}),
): Recording {
  const recording = createRecording(count);
  for (let index = 0; index < count; index++) {
    const dueMs = index * gapMs;
    const { outcome = "ok", reason = "none", latencyMs = 2, lateMs = 0 } = change(dueMs);
    recording.dueMs[index] = dueMs;
    recording.sentMs[index] = dueMs + lateMs;
    recording.endMs[index] = dueMs + latencyMs;
    recording.outcome[index] = outcomes.indexOf(outcome);
    recording.reason[index] = reasons.indexOf(reason);
  }
  return recording;
}
