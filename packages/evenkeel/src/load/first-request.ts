/** One request before all others: is anybody there, and do they speak HTTP/1.1? */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import type { Clock } from "./clock.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import type { FailureKind } from "./failure-kind.ts";
import type { LoadRequest } from "./load-request.ts";

/** How the first request ended. */
export type FirstOutcome =
  | { readonly ok: true; readonly address: string; readonly status: number }
  | {
      readonly ok: false;
      readonly address: string;
      readonly kind: FailureKind;
      readonly reason: string;
    };

/** The addresses of a name, in the system's order; empty where it has none. An address is its own. */
export async function addressesOf(name: string): Promise<string[]> {
  if (isIP(name) !== 0) return [name];
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    return []; // Whatever the resolver says, there is no address.
  }
}

/** Sends one request to each address in turn until one answers; the last failure where none does.
 * There must be an address. */
export async function findAnswering(
  request: Omit<LoadRequest, "address">,
  addresses: readonly string[],
  clock: Clock,
): Promise<FirstOutcome> {
  let outcome: FirstOutcome | undefined;
  for (const address of addresses) {
    outcome = await sendOnce({ ...request, address }, clock);
    if (outcome.ok || outcome.kind !== "connect") return outcome;
  }
  if (!outcome) throw new Error("no address to send to");
  return outcome;
}

/** One request on a connection of its own. */
export function sendOnce(request: LoadRequest, clock: Clock): Promise<FirstOutcome> {
  const { address, timeoutMs } = request;
  return new Promise((resolve) => {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    let timer: NodeJS.Timeout | undefined;
    const settle = (connection: Connection, outcome: FirstOutcome): void => {
      clearTimeout(timer);
      connection.destroy();
      resolve(outcome);
    };
    const owner: ConnectionOwner = {
      connected: (connection) => {
        const nowMs = clock();
        connection.send(request.bytes, nowMs, nowMs + timeoutMs);
      },
      answered: (connection) =>
        settle(connection, { ok: true, address, status: connection.status }),
      failed: (connection, kind, reason) =>
        settle(connection, { ok: false, address, kind, reason }),
      ended: () => {}, // It is ended once it has answered.
      received: () => {},
    };
    const connection = new Connection(request, owner, buffer, clock() + timeoutMs);
    timer = setTimeout(() => connection.expire(), timeoutMs);
  });
}
