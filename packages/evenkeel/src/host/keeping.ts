/** The keeper as the host has it: made when first needed, and the state folder locked for it. */
import { join } from "node:path";
import { readdirSync } from "node:fs";
import { createKeeper, INSTANCES } from "../processes/keeper/keeper.ts";
import type { FromKeeper, Keeper, LivingChild, ToKeeper } from "../processes/contract.ts";
import type { HostSettings } from "../snapshot/messages.ts";
import type { Log } from "../telemetry/log.ts";
import { lockState, type StateLock } from "./state-lock.ts";

export interface KeepingOptions {
  readonly log: Log;
  /** To control; lost while there is none, which asks for `children` when it comes. */
  readonly post: (message: FromKeeper) => void;
}

export interface Keeping {
  /** Whenever there are settings. Answers in plain words what stands against them: somebody else has
   * the state folder. The folder of the first settings stays. */
  adopt(settings: HostSettings): string | undefined;
  handle(message: ToKeeper): void;
  /** There may be processes to stop. */
  readonly inUse: boolean;
  living(): readonly LivingChild[];
  /** Ends what still lives, with its whole group. */
  killAll(): void;
  /** Takes no message any more and lets go of all children without touching them. */
  close(): void;
  /** Gives the state folder free. */
  unlock(): void;
}

/** A keeping that has touched nothing yet. */
export function createKeeping({ log, post }: KeepingOptions): Keeping {
  let stateDir: string | undefined;
  let lock: StateLock | undefined;
  let keeper: Keeper | undefined;
  let closed = false;

  /** Undefined when the folder is ours. */
  const takeLock = (dir: string): string | undefined => {
    if (lock) return undefined;
    const taken = lockState(dir);
    if (!taken.ok) return taken.problem;
    lock = taken.lock;
    return undefined;
  };

  /** The keeper, or why there can be none. */
  const open = (): Keeper | string => {
    if (keeper) return keeper;
    if (stateDir === undefined) return "no configuration was read yet";
    const problem = takeLock(stateDir);
    if (problem !== undefined) return problem;
    keeper = createKeeper({ stateDir, post, log });
    return keeper;
  };

  const refuse = (message: ToKeeper, reason: string): void => {
    log.error({ reason }, "processes can't be kept");
    if (message.kind === "children") post({ kind: "children", living: [], exits: [] });
    if (message.kind !== "launch") return;
    post({ kind: "launch_failed", run: message.order.run, reason, atMs: Date.now() });
  };

  return {
    adopt(settings) {
      if (stateDir !== undefined && stateDir !== settings.stateDir) {
        log.warn(
          { state_dir: stateDir, wanted: settings.stateDir },
          "the state folder is fixed at start: restart to change it",
        );
      }
      stateDir ??= settings.stateDir;
      if (!settings.stateNeeded && !hasInstances(stateDir)) return undefined;
      return takeLock(stateDir);
    },
    handle(message) {
      if (closed) return;
      if (!keeper && message.kind !== "launch" && !hasInstances(stateDir)) {
        if (message.kind === "children") post({ kind: "children", living: [], exits: [] });
        return;
      }
      const opened = open();
      if (typeof opened === "string") refuse(message, opened);
      else opened.handle(message);
    },
    get inUse() {
      return keeper !== undefined;
    },
    living: () => keeper?.living() ?? [],
    killAll() {
      for (const { order } of keeper?.living() ?? []) {
        keeper?.handle({ kind: "signal", run: order.run, signal: "SIGKILL", group: true });
      }
    },
    close() {
      closed = true;
      keeper?.close();
    },
    unlock: () => lock?.release(),
  };
}

/** Processes of an Evenkeel before may live. */
function hasInstances(stateDir: string | undefined): boolean {
  if (stateDir === undefined) return false;
  try {
    return readdirSync(join(stateDir, INSTANCES)).length > 0;
  } catch {
    return false; // Never made.
  }
}
