/** The keeper: launches, signals and reaps, decides nothing. */
import type { FromKeeper, Keeper } from "../contract.ts";
import type { Log } from "../../telemetry/log.ts";

/** Folder in the state folder with one file per run. */
export const INSTANCES = "instances";

export interface KeeperDeps {
  /** Locked by the caller; `INSTANCES` is made in it with the first launch. */
  readonly stateDir: string;
  readonly post: (message: FromKeeper) => void;
  readonly log: Pick<Log, "info" | "warn" | "error">;
}

/** A keeper of the state folder. */
export function createKeeper(deps: KeeperDeps): Keeper {
  return {
    handle(message) {
      if (message.kind === "children") deps.post({ kind: "children", living: [], exits: [] });
    },
    living: () => [],
    close: () => undefined,
  };
}
