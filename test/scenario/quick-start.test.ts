/** The first line a newcomer types. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { freePorts } from "../support/free-port.ts";
import { runOpenLoop } from "../support/open-loop.ts";
import { exchange } from "../support/raw-client.ts";
import { waitFor, within } from "../support/wait-for.ts";
import { summary, tally } from "./testing/scene.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** Whether nobody has the port. */
async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen({ host: "127.0.0.1", port, exclusive: true });
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

test(
  "npx evenkeel quick-start runs, answers, and survives a kill -9",
  { timeout: 60_000 },
  async (t) => {
    // Its own ports where nobody has them.
    const isUsual = (await isFree(8080)) && (await isFree(9900));
    const [web, admin] = isUsual ? [8080, 9900] : ((await freePorts(2)) as [number, number]);
    const words = isUsual ? [] : ["--port", String(web), "--admin-port", String(admin)];
    t.diagnostic(`ports ${web} and ${admin}`);
    const child = spawn("npx", ["evenkeel", "quick-start", ...words], {
      cwd: ROOT,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // npx, its shell and the program get signals as one group, as from a terminal.
    });
    let text = "";
    child.stdout.on("data", (part: Buffer) => (text += part.toString()));
    child.stderr.on("data", (part: Buffer) => (text += part.toString()));
    const ended = once(child, "close") as Promise<[number | null]>;
    try {
      const isUp = (): boolean => text.includes("Ctrl-C ends it");
      await waitFor("the introduction", () => isUp() || child.exitCode !== null, {
        withinMs: 30_000,
      });
      assert.ok(isUp(), text);
      for (const wanted of [
        `http://127.0.0.1:${web}`,
        `http://127.0.0.1:${admin}/status`,
        `http://127.0.0.1:${admin}/metrics`,
        "kill -9",
        "evenkeel status",
        "evenkeel drill run",
      ]) {
        assert.ok(text.includes(wanted), `${wanted} is not in:\n${text}`);
      }
      const answers: string[] = [];
      for (let index = 0; index < 6; index++) {
        answers.push(/instance [ABC]/.exec((await exchange(web, GET)).text)?.[0] ?? "");
      }
      assert.deepEqual(tally(answers), { "instance A": 2, "instance B": 2, "instance C": 2 });
      assert.equal((await fetch(`http://127.0.0.1:${admin}/status`)).status, 200);
      assert.equal((await fetch(`http://127.0.0.1:${admin}/metrics`)).status, 200);

      const victim = Number(/kill -9 (\d+)/.exec(text)?.[1]);
      const running = runOpenLoop({
        url: `http://127.0.0.1:${web}`,
        ratePerSecond: 200,
        durationMs: 2_000,
      });
      process.kill(victim, "SIGKILL");
      const run = await running;
      t.diagnostic(summary(run));
      assert.deepEqual(run.byStatus, { 200: run.sent });
      const isBack = async (): Promise<boolean> => {
        const answer = await fetch(`http://127.0.0.1:${admin}/processes`);
        const { processes } = (await answer.json()) as {
          processes: { state: string; pid: number }[];
        };
        return processes.every(({ state, pid }) => state === "READY" && pid !== victim);
      };
      await waitFor("its return", isBack, { withinMs: 15_000 });
    } finally {
      if (child.exitCode === null) process.kill(-child.pid!, "SIGINT");
      const [code] = await within("the end of the quick start", 15_000, ended);
      t.diagnostic(`ended with ${code}`);
    }
    assert.ok(await isFree(web), "nothing is left behind");
  },
);
