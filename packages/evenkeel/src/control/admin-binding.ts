/** Keeps the admin address where the configuration wants it. */
import type { AdminServer } from "../admin/server.ts";
import type { AdminSettings } from "../snapshot/desired.ts";
import { listenProblem } from "../telemetry/listen-problem.ts";
import type { Log } from "../telemetry/log.ts";

export interface AdminBinding {
  /** Resolves with a problem in plain words where the address can't be had; what listened before
   * then goes on. Else that finishes the requests under way (the one that asked for this may be among
   * them), without being waited for. Does nothing where it listens there already. */
  bind(settings: AdminSettings): Promise<string | undefined>;
  /** As `bind`, again and again until it works. For a successor whose predecessor's sockets may
   * still be closing. */
  bindEventually(settings: AdminSettings): void;
  close(): Promise<void>;
}

const AGAIN_AFTER_MS = 500;
/** For requests that are under way at an address that is given up. */
const RETIRE_WITHIN_MS = 30_000;

/** A binding that listens nowhere yet; `make` gives a new server each time. */
export function createAdminBinding(make: () => AdminServer, log: Log): AdminBinding {
  let current: { server: AdminServer; address: string } | undefined;
  let again: NodeJS.Timeout | undefined;
  const retiring = new Set<AdminServer>();
  let closed = false;
  let queue: Promise<unknown> = Promise.resolve();

  /** One after the other: two at once would be in each other's way at one address. */
  const bind = (settings: AdminSettings): Promise<string | undefined> => {
    clearTimeout(again);
    const mine = queue.then(() => bindNow(settings));
    queue = mine.catch(() => undefined); // Its caller hears of it.
    return mine;
  };
  const bindNow = async ({ host, port }: AdminSettings): Promise<string | undefined> => {
    const address = `${host} ${port}`;
    if (closed) return undefined;
    if (current?.address === address) return undefined;
    const server = make();
    try {
      await server.listen(host, port);
    } catch (error) {
      return listenProblem(host, port, (error as NodeJS.ErrnoException).code ?? String(error));
    }
    if (current) void retire(current.server);
    current = { server, address };
    return undefined;
  };
  const retire = async (server: AdminServer): Promise<void> => {
    retiring.add(server);
    await server.retire(RETIRE_WITHIN_MS);
    retiring.delete(server);
  };

  const bindEventually = (settings: AdminSettings): void => {
    void attempt(settings);
  };
  const attempt = async (settings: AdminSettings): Promise<void> => {
    if (current) return; // A reload was faster, and may want another address.
    const problem = await bind(settings);
    if (problem === undefined || closed) return;
    log.warn({ again_in_ms: AGAIN_AFTER_MS }, `the admin address is not back yet: ${problem}`);
    again = setTimeout(() => bindEventually(settings), AGAIN_AFTER_MS);
  };

  return {
    bind,
    bindEventually,
    async close() {
      closed = true;
      clearTimeout(again);
      await queue;
      if (current) retiring.add(current.server);
      await Promise.all([...retiring].map((server) => server.close()));
    },
  };
}
