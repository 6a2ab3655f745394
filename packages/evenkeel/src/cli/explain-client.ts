/** Who the client of a request is: trusted proxies seen through, as the listener does it. */
import { createForwarding } from "../proxy/edge/forwarded.ts";
import { createNetworkSet } from "../proxy/edge/networks.ts";
import type { ListenerSnapshot } from "../snapshot/snapshot.ts";
import type { AskedRequest } from "./request-line.ts";

/** A request as routes see it, and how its client was found in words. */
export interface SeenRequest {
  readonly request: AskedRequest;
  readonly client: string;
}

const told = ["x-forwarded-for", "forwarded", "x-real-ip"] as const;

/** The request as its listener takes it, whose connection comes from `request.clientAddress`.
 * Undefined where a trusted proxy says who the client is in a way that can't be read. */
export function seeThroughProxies(
  request: AskedRequest,
  { forwarded, trustedProxies }: ListenerSnapshot,
): SeenRequest | undefined {
  const trusted = createNetworkSet(trustedProxies);
  const peer = createForwarding(forwarded, trusted).peer(request.clientAddress, "http");
  if (!peer.isTrusted) {
    const ignored = told.filter((name) => request.header(name) !== undefined);
    const note = `; ${peer.address} is no trusted proxy: its ${ignored.join(", ")} is ignored`;
    const client = ignored.length === 0 ? peer.address : peer.address + note;
    return { request: { ...request, clientAddress: peer.address }, client };
  }
  const lines = request.headerLines("forwarded");
  const resolved = peer.resolve(
    {
      xForwardedFor: request.header("x-forwarded-for"),
      xForwardedProto: request.header("x-forwarded-proto"),
      xForwardedHost: request.header("x-forwarded-host"),
      xRealIp: request.header("x-real-ip"),
      forwarded: lines.length === 0 ? undefined : lines,
    },
    request.authority,
  );
  if (resolved === undefined) return undefined;
  const { clientAddress, scheme } = resolved;
  const behind = clientAddress === peer.address ? "" : ` behind ${peer.address}`;
  return {
    request: { ...request, clientAddress, scheme },
    client: `${clientAddress}${behind}`,
  };
}
