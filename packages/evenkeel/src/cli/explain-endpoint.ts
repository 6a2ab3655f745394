/** Which endpoint of an upstream a request would get, on a board that nothing happened on yet. */
import { eligibleMembers, type Candidate } from "@evenkeel/balance";
import { createBoard, TAKES_BOUND, TAKES_NEW } from "../board/board.ts";
import { createHashKey } from "../proxy/edge/hash-key.ts";
import { createPolicy } from "../proxy/upstream/create-policy.ts";
import type { RoutableRequest } from "../proxy/router/contract.ts";
import type { EndpointSnapshot, UpstreamSnapshot } from "../snapshot/snapshot.ts";

/** How an endpoint stands, where a running Evenkeel was asked. */
export interface LiveEndpoint {
  readonly available: boolean;
  readonly state: string;
  readonly weight: number;
  readonly inFlight: number;
}

/** Live facts by endpoint name; undefined takes everything for healthy and idle. */
export type LiveEndpoints = ReadonlyMap<string, LiveEndpoint> | undefined;

export interface EndpointExplanation {
  readonly endpoint: EndpointSnapshot;
  readonly chosen: boolean;
  readonly why: string;
}

/** Every endpoint of the upstream in configuration order, with the reason for or against it. A client
 * is bound to the endpoint in slot `boundTo`; to none where undefined. */
export function explainEndpoints(
  upstream: UpstreamSnapshot,
  request: RoutableRequest,
  live: LiveEndpoints,
  boundTo: number | undefined,
): EndpointExplanation[] {
  const candidates = upstream.endpoints.map((endpoint) => candidateOf(endpoint, live));
  const members = eligibleMembers(candidates);
  const key = keyOf(upstream, request);
  const bound = candidates.find(({ slot, takesBound }) => slot === boundTo && takesBound)?.slot;
  const chosen = bound ?? (members.length === 0 ? -1 : pick(upstream, members, key, live));
  return upstream.endpoints.map((endpoint) => {
    const isChosen = endpoint.slot === chosen;
    const why = isChosen
      ? reasonFor(upstream, key, members.length, bound !== undefined)
      : reasonAgainst(upstream, endpoint, members, live, bound !== undefined);
    return { endpoint, chosen: isChosen, why };
  });
}

function candidateOf(endpoint: EndpointSnapshot, live: LiveEndpoints): Candidate {
  const { slot, backup } = endpoint;
  const now = live?.get(endpoint.name);
  const takesNew = now?.available ?? true;
  const weight = weightOf(endpoint, live);
  return { slot, backup, takesNew, takesBound: takesNew || stillTakesBound(now), weight };
}

/** Whether an endpoint that takes no new clients serves those that are bound to it. */
function stillTakesBound(now: LiveEndpoint | undefined): boolean {
  if (now?.state === "draining") return true;
  return now?.weight === 0 && servesByMerit(now);
}

function servesByMerit({ state }: LiveEndpoint): boolean {
  return state === "healthy" || state === "warming";
}

function weightOf(endpoint: EndpointSnapshot, live: LiveEndpoints): number {
  return live?.get(endpoint.name)?.weight ?? endpoint.weight;
}

function pick(
  upstream: UpstreamSnapshot,
  members: readonly number[],
  key: string,
  live: LiveEndpoints,
): number {
  const board = createBoard(1);
  for (const endpoint of upstream.endpoints) {
    board.state[endpoint.slot] = TAKES_NEW | TAKES_BOUND;
    board.weight[endpoint.slot] = weightOf(endpoint, live);
    const inFlight = live?.get(endpoint.name)?.inFlight ?? 0;
    board.inFlight[endpoint.slot] = inFlight;
    board.upstreamInFlight[upstream.slot] = board.upstreamInFlight[upstream.slot]! + inFlight;
  }
  const picker = createPolicy(upstream).createPicker(members, board, () => 0);
  return picker.pick({ key, tried: undefined, closed: undefined, nowMs: Date.now() });
}

function keyOf({ balance }: UpstreamSnapshot, request: RoutableRequest): string {
  if (balance.policy === "ip_hash") return request.clientAddress;
  return balance.policy === "hash" ? createHashKey(balance.key)(request) : "";
}

function reasonFor(
  { balance, sticky }: UpstreamSnapshot,
  key: string,
  members: number,
  isBound: boolean,
): string {
  if (isBound && sticky) return `its cookie ${sticky.cookie} binds the client to it`;
  if (members === 1) return "the only one that takes requests";
  const shown = JSON.stringify(key.replaceAll("\0", " + "));
  switch (balance.policy) {
    case "round_robin":
      return "the first in turn; over time each gets its share by weight";
    case "random":
      return "by chance, in proportion to weights: any of them may be next";
    case "least_conn":
      return "none has fewer requests in flight for its weight";
    case "two_choices":
      return "the less busy of two drawn by chance: any of them may be next";
    case "least_time":
      return "none is expected to answer sooner; unknown ones are tried first";
    case "ip_hash":
      return `the client's address ${key} always leads here`;
    case "hash":
      return key === ""
        ? "the request has none of the parts of the key, so by chance"
        : `the key ${shown} leads here (${balance.algorithm})`;
    case "first":
      return "the first in the configuration that takes requests";
  }
}

function reasonAgainst(
  upstream: UpstreamSnapshot,
  endpoint: EndpointSnapshot,
  members: readonly number[],
  live: LiveEndpoints,
  isBound: boolean,
): string {
  const now = live?.get(endpoint.name);
  if (now?.state === "draining") return "takes bound clients only: draining";
  if (now && !now.available && !servesByMerit(now))
    return `takes no requests: ${now.state.replaceAll("_", " ")}`;
  if (weightOf(endpoint, live) === 0) return "its weight is 0";
  if (!members.includes(endpoint.slot)) {
    return endpoint.backup
      ? "a backup: it stands in when no other takes requests"
      : "takes no requests";
  }
  const { policy } = upstream.balance;
  if (isBound) return "the client is bound to another";
  if (policy === "ip_hash" || policy === "hash") return "the key leads elsewhere";
  if (policy === "first") return "comes later in the configuration";
  return "another was chosen; it may be next";
}
