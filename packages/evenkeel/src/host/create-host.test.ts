import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../telemetry/log.ts";
import { startHost, type Host } from "./create-host.ts";
import { workerEntry } from "./worker-entry.ts";

interface Line {
  readonly message: string;
  readonly level: string;
  readonly [key: string]: unknown;
}

interface Run {
  readonly host: Host;
  readonly port: number;
  readonly complaints: string[];
  readonly up: Promise<void>;
  /** Resolves with the next log line (from now or before) that contains a text. */
  readonly logged: (text: string, count?: number) => Promise<Line>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function run(
  t: TestContext,
  config: {
    workers?: number;
    fatal?: number;
    fail?: boolean;
    port?: number;
    onReload?: "hang" | "exhaust";
    stateDir?: string;
    script?: string;
    onStop?: "hang" | "crash";
    stopMs?: number;
  } = {},
  stuckAfterMs = 10_000,
): Promise<Run> {
  const port = config.port ?? (await freePort());
  const configFile = join(mkdtempSync(join(tmpdir(), "evenkeel-host-")), "config.json");
  writeFileSync(configFile, JSON.stringify({ workers: 2, ...config, port }));
  const lines: Line[] = [];
  const waiting: { text: string; count: number; resolve: (line: Line) => void }[] = [];
  const look = (): void => {
    for (const one of waiting) {
      const found = lines.filter(({ message }) => message.includes(one.text));
      if (found.length >= one.count) one.resolve(found[one.count - 1]!);
    }
  };
  const log = createLog({
    level: "info",
    thread: "host",
    destination: {
      write(line: string) {
        lines.push(JSON.parse(line) as Line);
        look();
      },
    },
  });
  const complaints: string[] = [];
  const up = Promise.withResolvers<void>();
  const host = startHost({
    configFile,
    watch: false,
    log,
    entries: {
      control: workerEntry("./testing/fake-control"),
      proxy: workerEntry("./testing/fake-proxy"),
    },
    complain: (line) => complaints.push(line),
    up: up.resolve,
    stuckAfterMs,
  });
  t.after(async () => {
    host.shutDown(1);
    host.shutDown(1);
    await host.ended;
  });
  const logged = (text: string, count = 1): Promise<Line> =>
    new Promise((resolve) => {
      waiting.push({ text, count, resolve });
      look();
    });
  return { host, port, complaints, up: up.promise, logged };
}

/** Connects until that proxy answers; the kernel spreads connections over the proxies. */
async function reach(port: number, worker: number): Promise<{ socket: Socket; hello: string }> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    const hello = await Promise.race([
      once(socket, "data").then(([data]) => String(data)),
      once(socket, "close").then(() => ""),
    ]);
    if (hello.startsWith(`proxy ${worker} `)) return { socket, hello };
    socket.destroy();
  }
}

const deadline = { timeout: 15_000 };

test("a proxy that throws is replaced; the others never notice", deadline, async (t) => {
  const { port, up, logged } = await run(t);
  await up;
  const bystander = await reach(port, 0);
  const victim = await reach(port, 1);
  victim.socket.write("crash");
  const died = await logged("a proxy thread died");
  assert.equal((died["error"] as { message: string }).message, "forced crash of a proxy");
  assert.equal(died["proxy"], 1);
  await logged("was replaced");
  const successor = await reach(port, 1);
  assert.match(successor.hello, /snapshot 1/);
  assert.equal(bystander.socket.destroyed, false);
  bystander.socket.write("hold");
  const [answer] = (await once(bystander.socket, "data")) as [Buffer];
  assert.equal(answer.toString(), "held\n");
  for (const { socket } of [bystander, successor]) socket.destroy();
});

test("what a dead proxy held is given back: locks and counts", deadline, async (t) => {
  const { port, up, logged } = await run(t);
  await up;
  const first = await reach(port, 1);
  first.socket.write("hold");
  await once(first.socket, "data");
  first.socket.write("crash");
  await logged("was replaced");
  const second = await reach(port, 0);
  second.socket.write("hold"); // Takes the same lock: would block for ever.
  await once(second.socket, "data");
  second.socket.destroy();
});

test("a proxy that hangs is found out and replaced", deadline, async (t) => {
  const { port, up, logged } = await run(t, {}, 500);
  await up;
  const { socket } = await reach(port, 1);
  socket.write("hang");
  const line = await logged("no sign of life");
  assert.equal(line["proxy"], 1);
  await logged("was replaced");
  (await reach(port, 1)).socket.destroy();
});

test("a control thread that hangs is found out and replaced", deadline, async (t) => {
  const { host, up, logged } = await run(t, { onReload: "hang" }, 500);
  await up;
  host.reload();
  await logged("the control thread gives no sign of life");
  await logged("the control thread was replaced");
});

test("a control thread at its memory limit is replaced; proxies stay", deadline, async (t) => {
  const { host, port, up, logged } = await run(t, { onReload: "exhaust" });
  await up;
  const client = await reach(port, 0);
  host.reload();
  const died = await logged("the control thread died");
  assert.match((died["error"] as { message: string }).message, /memory limit/);
  await logged("the control thread was replaced");
  assert.equal(client.socket.destroyed, false);
  client.socket.destroy();
});

test("a dead control thread is back with its checkpoint; proxies stay", deadline, async (t) => {
  const { host, port, up, logged } = await run(t);
  await up;
  const client = await reach(port, 0);
  const before = Date.now();
  host.crash("control");
  const died = await logged("the control thread died");
  assert.equal((died["error"] as { message: string }).message, "forced crash of control");
  await logged("the control thread was replaced");
  assert.ok(Date.now() - before < 1000, "within a second");
  assert.equal(client.socket.destroyed, false);
  let { socket, hello } = client;
  for (let count = 1; !hello.endsWith("snapshot 2\n"); count++) {
    socket.write("crash");
    await logged("the proxy thread was replaced", count);
    ({ socket, hello } = await reach(port, 0)); // The second control thread knew of the first.
  }
  socket.destroy();
});

test("a crash asked for reaches the thread", deadline, async (t) => {
  const { host, up, logged } = await run(t);
  await up;
  host.crash(0);
  assert.equal((await logged("a proxy thread died"))["proxy"], 0);
});

test("shutting down ends with 0, waiting for what is in flight", deadline, async (t) => {
  const { host, port, up, logged } = await run(t, { workers: 1 });
  await up;
  const { socket } = await reach(port, 0);
  const begin = Date.now();
  host.shutDown(143);
  assert.equal(await host.ended, 0);
  assert.ok(Date.now() - begin >= 280, "the drain's time was given");
  assert.equal((await logged("the grace is over"))["requests"], 1);
  socket.destroy();
});

test("shutting down while idle does not wait", deadline, async (t) => {
  const { host, up } = await run(t);
  await up;
  host.shutDown(143);
  assert.equal(await host.ended, 0);
});

test("asked a second time it ends at once with the other code", deadline, async (t) => {
  const { host, port, up } = await run(t, { workers: 1 });
  await up;
  const { socket } = await reach(port, 0);
  host.shutDown(143);
  host.shutDown(143);
  assert.equal(await host.ended, 143);
  socket.destroy();
});

test("an address in use is one clear complaint and exit code 1", deadline, async (t) => {
  const other = createServer().listen({ port: 0, host: "127.0.0.1", reusePort: true });
  await once(other, "listening");
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const { host, complaints } = await run(t, { port });
  assert.equal(await host.ended, 1);
  assert.equal(complaints.length, 1);
  assert.match(
    complaints[0]!,
    new RegExp(`127\\.0\\.0\\.1:${port}: address in use \\(EADDRINUSE\\)`),
  );
});

test("a refused configuration ends with control's exit code", deadline, async (t) => {
  const { host, complaints } = await run(t, { fatal: 2 });
  assert.equal(await host.ended, 2);
  assert.deepEqual(complaints, []);
});

test("a control thread that dies before anything runs is a failed start", deadline, async (t) => {
  const { host, complaints } = await run(t, { fail: true });
  assert.equal(await host.ended, 1);
  assert.match(complaints[0]!, /could not start: no luck/);
});

test("faults reach every proxy, those too that start later", deadline, async (t) => {
  const { host, port, up, logged } = await run(t);
  await up;
  const faultsOf = async (worker: number): Promise<string> => {
    const { socket } = await reach(port, worker);
    socket.write("faults");
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return answer.toString();
  };
  assert.equal(await faultsOf(0), "\n");
  host.reload();
  while ((await faultsOf(0)) !== "fault 2\n");
  assert.equal(await faultsOf(1), "fault 2\n");
  host.crash(1);
  await logged("the proxy thread was replaced");
  assert.equal(await faultsOf(1), "fault 2\n");
});
