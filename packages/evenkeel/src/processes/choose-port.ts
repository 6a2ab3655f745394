/** Finds a free port by binding it. */
import { createServer } from "node:net";
import type { ChoosePort } from "./supervisor-deps.ts";

/** The system may hand out ports that are spoken for already: asked again so often. */
const TRIES = 20;

/** Ports of `candidates` in their order, or any free one. What is free now may be taken by somebody
 * else before the instance has it: it then fails to start, and is started anew. */
export const choosePort: ChoosePort = async (host, candidates, taken) => {
  for (const port of candidates) {
    if (!taken.has(port) && (await bind(host, port)) !== undefined) return port;
  }
  if (candidates.length > 0) return undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const port = await bind(host, 0);
    if (port === undefined || !taken.has(port)) return port;
  }
  return undefined;
};

/** The port that was bound and let go again; undefined where it can't be had. */
function bind(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
