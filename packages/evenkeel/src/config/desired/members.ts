/**
 * Endpoints that come and go while a configuration is in force: instances of processes. The file's
 * desired state stays as it was read; what is in force is that state with its members put in.
 */
import { formatAddress } from "../../lib/address.ts";
import type { Desired } from "../../snapshot/desired.ts";
import type { EndpointSnapshot, Snapshot, UpstreamSnapshot } from "../../snapshot/snapshot.ts";
import { deepFreeze } from "../deep-freeze.ts";
import { SlotAllocator, type SlotCheckpoint } from "../slots.ts";
import { fingerprinted } from "./fingerprint.ts";
import { defaultFailTimeoutMs, toStickyId } from "./upstreams.ts";

/** Where a member is reached, and in which upstream it is one. */
export interface MemberAddress {
  readonly upstream: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
}

/** Its endpoint's name: the address, as in a file. */
export function memberName({ host, port }: MemberAddress): string {
  return formatAddress({ host, port });
}

/** The key of a member's row. */
export function memberKey(member: MemberAddress): string {
  return endpointKey(member.upstream, memberName(member));
}

/** The key of an endpoint's row. */
export function endpointKey(upstream: string, endpoint: string): string {
  return `${upstream}\0${endpoint}`;
}

/** The desired state with these members and no others beside the file's own endpoints, and the rows
 * it takes. Members of unknown upstreams, and those whose address the file names itself, change
 * nothing. Throws `SlotsExhausted` where the board is full. */
export function withMembers(
  file: Desired,
  slots: SlotCheckpoint,
  members: readonly MemberAddress[],
  version: number,
): { readonly desired: Desired; readonly slots: SlotCheckpoint } {
  const { snapshot } = file;
  const wanted = snapshot.upstreams.map((upstream) => ({
    upstream,
    members: members.filter((member) => belongs(member, upstream)),
  }));
  const allocator = new SlotAllocator(slots);
  const names = (things: readonly { readonly name: string }[]): string[] =>
    things.map(({ name }) => name);
  const rows = allocator.assign({
    listeners: names(snapshot.listeners),
    upstreams: names(snapshot.upstreams),
    routes: names(snapshot.routes),
    endpoints: wanted.flatMap(({ upstream, members: some }) =>
      [...names(upstream.endpoints), ...some.map(memberName)].map((name) =>
        endpointKey(upstream.name, name),
      ),
    ),
  }).endpoints;
  let at = 0;
  const upstreams = wanted.map(({ upstream, members: some }) => {
    at += upstream.endpoints.length;
    if (some.length === 0) return upstream;
    const added = some.map((member) => toEndpoint(upstream, member, rows[at++]!, snapshot));
    const { fingerprint: _, ...rest } = upstream;
    return fingerprinted({ ...rest, endpoints: [...upstream.endpoints, ...added] });
  });
  const health = file.health.map((one, index) => ({
    ...one,
    endpoints: upstreams[index]!.endpoints,
  }));
  const desired = { ...file, snapshot: { ...snapshot, version, upstreams }, health };
  return { desired: deepFreeze<Desired>(desired), slots: allocator.checkpoint() };
}

function belongs(member: MemberAddress, upstream: UpstreamSnapshot): boolean {
  return (
    member.upstream === upstream.name &&
    !upstream.endpoints.some(({ name }) => name === memberName(member))
  );
}

function toEndpoint(
  upstream: UpstreamSnapshot,
  member: MemberAddress,
  slot: number,
  { stickySecret }: Snapshot,
): EndpointSnapshot {
  const name = memberName(member);
  return {
    name,
    slot,
    host: member.host,
    port: member.port,
    weight: member.weight,
    backup: false,
    maxConns: upstream.maxConns,
    maxFails: undefined,
    failTimeoutMs: defaultFailTimeoutMs,
    stickyId: upstream.sticky ? toStickyId(stickySecret, upstream.name, name) : "",
  };
}
