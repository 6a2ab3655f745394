/**
 * An address that accepts no more connections: whoever connects waits, as with a machine that drops
 * what it can't take.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

import { pinnedNode } from "./pinned-node.ts";
import { within } from "./wait-for.ts";

/** With a backlog of 1 the kernel takes two that nobody accepts. */
const TAKEN = 2;

const PROGRAM = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));
`;

/** Listens in a stopped process of its own and fills its queue; `await using` ends it. */
export async function startFullListener(): Promise<{ readonly port: number } & AsyncDisposable> {
  const child = spawn(pinnedNode(), ["-e", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await within("the port", 10_000, once(child.stdout, "data"))) as [Buffer];
  const port = Number(line.toString());
  child.kill("SIGSTOP");
  const fillers = Array.from({ length: TAKEN }, () => connect(port, "127.0.0.1"));
  for (const filler of fillers) filler.on("error", () => {}); // reset when the process ends
  await within("its queue to fill", 5_000, Promise.all(fillers.map((one) => once(one, "connect"))));
  return {
    port,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      for (const filler of fillers) filler.destroy();
    },
  };
}
