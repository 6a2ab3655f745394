/** Asks an instance again and again until it is ready. */
import type { ReadySettings } from "../snapshot/process-settings.ts";
import type { Clock, ReadyProbe, Timers } from "./supervisor-deps.ts";

/** One question takes no longer, however patient the whole is. */
const LONGEST_QUESTION_MS = 2000;

export interface ReadinessDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly probe: ReadyProbe;
}

/** What is asked and where; a process without a port is asked by command. */
export interface Questioned {
  readonly ready: Extract<ReadySettings, { kind: "probe" }>;
  readonly host: string;
  readonly port: number | undefined;
}

/** Asks at once and then at the interval. `passed` is called once; `failed` after each other answer.
 * Neither is called after the returned function, which ends it. */
export function askUntilReady(
  { clock, timers, probe }: ReadinessDeps,
  { ready, host, port }: Questioned,
  heard: { passed(detail: string): void; failed(detail: string): void },
): () => void {
  const controller = new AbortController();
  const timeoutMs = Math.min(LONGEST_QUESTION_MS, ready.timeoutMs);
  let timer: object | number | undefined;

  const ask = async (): Promise<void> => {
    const startedMs = clock.monotonicMs();
    const request = { settings: ready.probe, host, port: port ?? 0, timeoutMs };
    const { verdict, detail } = await probe(request, controller.signal);
    if (controller.signal.aborted) return;
    if (verdict === "passed") return heard.passed(detail);
    heard.failed(detail);
    if (controller.signal.aborted) return;
    const tookMs = clock.monotonicMs() - startedMs;
    timer = timers.setTimeout(() => void ask(), Math.max(0, ready.intervalMs - tookMs));
  };
  void ask();
  return () => {
    controller.abort();
    timers.clearTimeout(timer);
  };
}
