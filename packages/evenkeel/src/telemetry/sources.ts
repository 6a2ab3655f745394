/** What metrics are made of, as plain reads: telemetry knows neither control nor health. */
import type { Board } from "../board/board.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { HealingFacts } from "./healing-metrics.ts";

/** The part of an endpoint's health that metrics show. */
export interface HealthFacts {
  readonly upstream: string;
  readonly endpoint: string;
  readonly state: string;
  readonly sinceMs: number;
  readonly available: boolean;
  readonly weight: number;
  /** All the times passive health took it out. */
  readonly ejections: number;
}

/** What control knows of itself and of the last configuration. */
export interface ControlFacts {
  readonly version: string;
  readonly startedAtMs: number;
  readonly configVersion: number;
  readonly reloadsAccepted: number;
  readonly reloadsRefused: number;
  readonly lastReloadOk: boolean;
  readonly lastReloadAtMs: number;
  /** Proxy threads that died since the program started. */
  readonly proxyRestarts: number;
  readonly controlRestarts: number;
}

export interface MetricSources {
  readonly board: Board;
  readonly snapshot: () => Snapshot;
  readonly health: () => readonly HealthFacts[];
  /** Names of upstreams in panic. */
  readonly panicking: () => readonly string[];
  readonly facts: () => ControlFacts;
  readonly healing: () => HealingFacts;
}
