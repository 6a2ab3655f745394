/** One line of the health table for people. */
import type { EndpointHealth } from "./contract.ts";
import type { Group } from "./group.ts";
import type { Member } from "./member.ts";
import { type EndpointState, returnsAtMs } from "./state.ts";

/** Copies what is known of a member now. */
export function rowOf(group: Group, member: Member, timesEjected: number): EndpointHealth {
  const { state, settings } = member;
  return {
    upstream: group.settings.upstream,
    endpoint: settings.name,
    slot: settings.slot,
    state: state.state,
    reason: reasonOf(state),
    sinceMs: state.sinceMs,
    untilMs: returnsAtMs(state),
    available: group.available(member),
    weight: group.weightInForce(member),
    configuredWeight: settings.weight,
    operatorWeight: state.operatorWeight,
    signal: state.signal,
    lastCheck: member.lastCheck,
    timesEjected,
    ejections: member.ejections,
  };
}

function reasonOf({ reason, signal }: EndpointState): string {
  return signal ? `${reason}; weight at ${Math.round(signal.percent)}%: ${signal.reason}` : reason;
}
