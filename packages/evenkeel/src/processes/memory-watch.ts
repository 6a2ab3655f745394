/** Replaces instances that take more memory than they may. */
import { formatSize, roundedSize } from "../lib/size.ts";
import type { Instance } from "./instance.ts";
import type { ManagedProcess } from "./managed-process.ts";
import type { SupervisorDeps } from "./supervisor-deps.ts";

const LOOK_MS = 5000;
/** Who was just replaced, or could not be, is left alone this long. */
const SPARE_MS = 60_000;

/** Looks every few seconds, but only while some process has a bound. */
export function createMemoryWatch(
  { timers, clock, usage }: Pick<SupervisorDeps, "timers" | "clock" | "usage">,
  processes: () => Iterable<ManagedProcess>,
): { look(): void; close(): void } {
  let timer: object | number | undefined;

  const check = (process: ManagedProcess, instance: Instance, bound: number): void => {
    const bytes = instance.pid === undefined ? undefined : usage(instance.pid)?.memoryBytes;
    const nowMs = clock.monotonicMs();
    if (!instance.isUp || bytes === undefined || bytes <= bound) return;
    if (nowMs < instance.sparedUntilMs) return;
    instance.sparedUntilMs = nowMs + SPARE_MS;
    const reason = `took ${roundedSize(bytes)} of memory, more than ${formatSize(bound)}`;
    instance.emit({ kind: "memory", reason, bytes, bound });
    void process.replace([instance.index], `it ${reason}`);
  };

  const look = (): void => {
    timers.clearTimeout(timer);
    timer = undefined;
    for (const process of processes()) {
      const { memoryBytes } = process.settings;
      if (memoryBytes === undefined) continue;
      timer ??= timers.setTimeout(look, LOOK_MS);
      for (const instance of process.current.values()) check(process, instance, memoryBytes);
    }
  };
  return { look, close: () => timers.clearTimeout(timer) };
}
