/** Processes in the life of the host: they outlive control, end last, and are never left in silence. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../processes/keeper/identity.ts";
import type { ProcessIdentity } from "../processes/contract.ts";
import { createLog } from "../telemetry/log.ts";
import { startHost, type Host } from "./create-host.ts";
import { lockState } from "./state-lock.ts";
import { workerEntry } from "./worker-entry.ts";

const deadline = { timeout: 15_000 };

interface Line {
  readonly message: string;
  readonly [key: string]: unknown;
}

interface Run {
  readonly host: Host;
  readonly stateDir: string;
  readonly complaints: string[];
  readonly lines: readonly Line[];
  readonly up: Promise<void>;
  readonly logged: (text: string) => Promise<Line>;
  /** Of the one process; waits for it. */
  readonly child: () => Promise<ProcessIdentity>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function run(t: TestContext, config: object, stateDir = folderOf(t)): Promise<Run> {
  const configFile = join(folderOf(t), "config.json");
  const all = { workers: 1, port: await freePort(), stateDir, script: "exec sleep 60", ...config };
  writeFileSync(configFile, JSON.stringify(all));
  const lines: Line[] = [];
  const waiting: { text: string; resolve: (line: Line) => void }[] = [];
  const write = (text: string): void => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const one of waiting) if (line.message.includes(one.text)) one.resolve(line);
  };
  const complaints: string[] = [];
  const up = Promise.withResolvers<void>();
  const host = startHost({
    configFile,
    watch: false,
    log: createLog({ level: "info", thread: "host", destination: { write } }),
    entries: {
      control: workerEntry("./testing/fake-control"),
      proxy: workerEntry("./testing/fake-proxy"),
    },
    complain: (line) => complaints.push(line),
    up: up.resolve,
    stuckAfterMs: 10_000,
  });
  t.after(async () => {
    host.shutDown(1);
    host.shutDown(1);
    await host.ended;
  });
  const logged = (text: string): Promise<Line> =>
    new Promise((resolve) => {
      const found = lines.find(({ message }) => message.includes(text));
      if (found) resolve(found);
      else waiting.push({ text, resolve });
    });
  const child = async (): Promise<ProcessIdentity> => {
    for (;;) {
      const identity = journaled(stateDir);
      if (identity) {
        t.after(() => isAlive(identity) && process.kill(-identity.pid, "SIGKILL"));
        return identity;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { host, stateDir, complaints, lines, up: up.promise, logged, child };
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-host-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function journaled(stateDir: string): ProcessIdentity | undefined {
  try {
    const folder = join(stateDir, "instances");
    const name = readdirSync(folder).find((one) => one.endsWith(".json"))!;
    const text = readFileSync(join(folder, name), "utf8");
    return (JSON.parse(text) as { identity?: ProcessIdentity }).identity;
  } catch {
    return undefined;
  }
}

test(
  "processes are stopped after the traffic, and the folder is given free",
  deadline,
  async (t) => {
    const { host, stateDir, up, child, lines } = await run(t, {});
    await up;
    const identity = await child();
    assert.equal(lockState(stateDir).ok, false);
    host.shutDown(143);
    assert.equal(await host.ended, 0);
    assert.equal(isAlive(identity), false);
    const words = lines.map(({ message }) => message);
    assert.ok(
      words.indexOf("stopping processes") >
        words.findIndex((word) => word.startsWith("shutting down")),
    );
    assert.equal(lockState(stateDir).ok, true);
    assert.ok(!words.some((word) => word.includes("live on")));
  },
);

test(
  "asked twice it ends at once and names who lives on; the next start has them",
  deadline,
  async (t) => {
    const first = await run(t, { onStop: "hang", stopMs: 10_000 });
    await first.up;
    const identity = await first.child();
    first.host.shutDown(143);
    await first.logged("stopping processes");
    first.host.shutDown(143);
    assert.equal(await first.host.ended, 143);
    const { processes } = await first.logged("these processes live on");
    assert.deepEqual(processes, [`app.1 (pid ${identity.pid})`]);
    assert.equal(isAlive(identity), true);
    const second = await run(t, {}, first.stateDir);
    await second.up;
    assert.equal((await second.logged("are adopted"))["living"], 1);
    second.host.shutDown(143);
    assert.equal(await second.host.ended, 0);
    assert.equal(isAlive(identity), false);
  },
);

test("a process that is not stopped in time is killed", deadline, async (t) => {
  const { host, up, child, logged } = await run(t, { onStop: "hang", stopMs: 10 });
  await up;
  const identity = await child();
  host.shutDown(143);
  assert.equal(await host.ended, 0);
  assert.deepEqual((await logged("not stopped in time: killed"))["processes"], [
    `app.1 (pid ${identity.pid})`,
  ]);
  while (isAlive(identity)) await new Promise((resolve) => setImmediate(resolve));
});

test("control that dies over stopping has a successor that stops them", deadline, async (t) => {
  const { host, up, child } = await run(t, { onStop: "crash" });
  await up;
  const identity = await child();
  host.shutDown(143);
  assert.equal(await host.ended, 0);
  assert.equal(isAlive(identity), false);
});

test(
  "control dies: its children do not notice, and the successor hears of them",
  deadline,
  async (t) => {
    const { host, stateDir, up, child, logged } = await run(t, {});
    await up;
    const identity = await child();
    host.crash("control");
    await logged("the control thread was replaced");
    host.shutDown(143);
    assert.equal(await host.ended, 0); // Its successor can only stop what it heard of.
    assert.equal(isAlive(identity), false);
    assert.equal(readdirSync(join(stateDir, "instances")).length, 1, "it was not started again");
  },
);

test(
  "a folder that another Evenkeel uses is refused at start, and says who has it",
  deadline,
  async (t) => {
    const stateDir = folderOf(t);
    const taken = lockState(stateDir);
    assert.ok(taken.ok);
    t.after(() => taken.lock.release());
    const { host, complaints } = await run(t, {}, stateDir);
    assert.equal(await host.ended, 1);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0]!, new RegExp(`used by another Evenkeel \\(pid ${process.pid}\\)`));
    assert.equal(existsSync(join(stateDir, "instances")), false);
  },
);

test("without processes nothing is made on the disk", deadline, async (t) => {
  const { host, up } = await run(t, { script: undefined, stateDir: undefined });
  await up;
  host.shutDown(143);
  assert.equal(await host.ended, 0);
  assert.equal(existsSync("/nowhere"), false);
});
