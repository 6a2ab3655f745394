/** What drills may do to the world. */
import { spawn } from "node:child_process";
import type { FaultLevers } from "../drills/contract.ts";
import type { Supervisor } from "../processes/contract.ts";
import type { HealingWorld } from "./healing.ts";

/** Faults in traffic go to the proxies, signals to what the supervisor runs. */
export function createFaultLevers(
  { post, desired, log }: Pick<HealingWorld, "post" | "desired" | "log">,
  supervisor: Supervisor,
): FaultLevers {
  return {
    setTraffic: (faults) => post({ kind: "faults", faults }),
    instances: (wanted) =>
      supervisor.list().flatMap(({ name, process: of, pid, state }) => {
        const isUp = state === "READY" || state === "RUNNING";
        return of === wanted && isUp && pid !== undefined ? [{ name, pid }] : [];
      }),
    signal: (instance, signal) => supervisor.signal(instance, signal).ok,
    wake(pid) {
      try {
        process.kill(pid, "SIGCONT");
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== "ESRCH") log.error({ error, pid }, "a frozen process can't be woken");
      }
    },
    wakeLater(pid, afterMs) {
      // A process of its own, so that it wakes whoever was frozen even if Evenkeel has died.
      const words = ["-c", 'sleep "$1"; kill -CONT "$2"', "wake", String(afterMs / 1000), `${pid}`];
      const waker = spawn("/bin/sh", words, { detached: true, stdio: "ignore", env: {} });
      waker.once("error", (error) =>
        log.error({ error, pid }, "nobody can wake it in an emergency"),
      );
      waker.unref();
    },
    endpoints: (upstream) =>
      desired()
        .snapshot.upstreams.find(({ name }) => name === upstream)
        ?.endpoints.map(({ name }) => name) ?? [],
  };
}
