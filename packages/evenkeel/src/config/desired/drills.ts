/** Drills as they are run. */
import type { DrillFaultSettings, DrillSettings } from "../../snapshot/drill-settings.ts";
import type { FaultEffect } from "../../snapshot/fault.ts";
import type { Config } from "../config.ts";
import type { DrillConfig, DrillFaultConfig } from "../schema/drill.ts";

/** In configuration order. */
export function toDrills(config: Config): readonly DrillSettings[] {
  return Object.entries(config.drills).map(([name, drill]) => toDrill(name, drill));
}

function toDrill(name: string, drill: DrillConfig): DrillSettings {
  const { schedule, timezone, expect } = drill;
  return {
    name,
    schedule: schedule === undefined ? undefined : { cron: schedule, timezone },
    steadyState: drill.steady_state,
    faults: drill.faults.map(toFault),
    abortIf: drill.abort_if,
    maxDurationMs: drill.max_duration,
    expect: {
      detectedWithinMs: expect.detected_within,
      recoveredWithinMs: expect.recovered_within,
      errorRatio: expect.errors === undefined ? undefined : expect.errors / 100,
      plan: expect.plan,
    },
    report: drill.report,
  };
}

function toFault(fault: DrillFaultConfig): DrillFaultSettings {
  const times = { atMs: fault.at, forMs: fault.for ?? 0 };
  const { fault: kind } = fault;
  if (kind === "kill" || kind === "stop" || kind === "exit") {
    return {
      ...times,
      kind: "process",
      fault: kind,
      process: fault.process ?? "",
      pick: fault.pick ?? 1,
    };
  }
  return {
    ...times,
    kind: "traffic",
    scope: {
      upstream: fault.upstream ?? "",
      endpoint: fault.endpoint ?? "",
      route: fault.route ?? "",
      header: fault.header,
      percent: fault.percent,
    },
    pick: fault.pick ?? 0,
    effect: toEffect(kind, fault),
  };
}

const defaultStatus = 503;

/** What the kind needs is there: the checks have seen to it. */
function toEffect(kind: FaultEffect["kind"], fault: DrillFaultConfig): FaultEffect {
  switch (kind) {
    case "latency":
      return { kind, delayMs: fault.delay ?? 0, jitterMs: fault.jitter ?? 0 };
    case "abort":
      return { kind, status: fault.status ?? defaultStatus };
    case "bandwidth":
      return { kind, bytesPerSecond: fault.rate ?? 1 };
    case "hang":
    case "reset":
    case "partition":
    default:
      return { kind };
  }
}
