/** Finds out before proxies are told to listen whether the addresses can be had. */
import { createServer } from "node:net";
import type { Snapshot } from "../snapshot/snapshot.ts";

export interface ListenFailure {
  readonly listener: string;
  readonly host: string;
  readonly port: number;
  readonly code: string;
}

/** Listens for a moment on every address of the snapshot, alone: proxies share their ports with
 * whoever asks the same way, so a second Evenkeel would otherwise start and take half the
 * connections of the first. Answers what failed; port 0 always works, and so does a port of the
 * snapshot in force, which the proxies have already. */
export async function claimAddresses(
  snapshot: Snapshot,
  inForce?: Snapshot,
): Promise<ListenFailure[]> {
  const addresses = inForce?.listeners.flatMap((listener) => listener.addresses) ?? [];
  const held = new Set(addresses.map(({ port }) => port));
  const failures: ListenFailure[] = [];
  for (const { name, addresses } of snapshot.listeners) {
    for (const { host, port } of addresses) {
      const code = port === 0 || held.has(port) ? undefined : await tryAddress(host, port);
      if (code !== undefined) failures.push({ listener: name, host, port, code });
    }
  }
  return failures;
}

function tryAddress(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    // Two wildcards of both families may stand side by side, as the proxies will have them.
    const ipv6Only = host.includes(":");
    server.listen({ host, port, exclusive: true, ipv6Only }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}
