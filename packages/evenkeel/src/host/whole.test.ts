/** Host, control and proxies as they really are, with one of them made to fail. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get, Agent, type IncomingMessage } from "node:http";
import { createServer as createPort, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StatusDocument } from "../admin/status.ts";
import { createLog } from "../telemetry/log.ts";
import { startHost, type Host } from "./create-host.ts";
import { workerEntry } from "./worker-entry.ts";

interface Whole {
  readonly host: Host;
  readonly web: number;
  readonly configFile: string;
  readonly endpoints: readonly string[];
  readonly text: (endpoints: readonly string[]) => string;
  readonly ask: () => Promise<string>;
  readonly status: () => Promise<StatusDocument>;
  readonly admin: (method: string, path: string) => Promise<number>;
}

async function listening(server: { listen(port: number, host: string): unknown }): Promise<number> {
  server.listen(0, "127.0.0.1");
  const emitter = server as unknown as NodeJS.EventEmitter & { address(): AddressInfo };
  await once(emitter, "listening");
  return emitter.address().port;
}

async function freePort(): Promise<number> {
  const server = createPort();
  const port = await listening(server);
  server.close();
  await once(server, "close");
  return port;
}

async function start(t: TestContext): Promise<Whole> {
  const names = ["a", "b"];
  const ports = await Promise.all(
    names.map(async (name) => {
      const server = createServer((_request, response) => response.end(name));
      t.after(() => {
        server.close();
        server.closeAllConnections();
      });
      return await listening(server);
    }),
  );
  const endpoints = ports.map((port) => `127.0.0.1:${port}`);
  const [web, adminPort] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-whole-"));
  const configFile = join(folder, "evenkeel.yaml");
  const text = (list: readonly string[]): string =>
    JSON.stringify({
      listeners: { web: { bind: `127.0.0.1:${web}` } },
      routes: [{ upstream: "app" }],
      upstreams: { app: { endpoints: list } },
      admin: { bind: `127.0.0.1:${adminPort}` },
      workers: 2,
      log: { level: "error" },
      shutdown: { grace: "1s" },
    });
  writeFileSync(configFile, text(endpoints));
  const up = Promise.withResolvers<void>();
  const host = startHost({
    configFile,
    watch: false,
    log: createLog({ level: "error", thread: "host", destination: { write: () => undefined } }),
    entries: { control: workerEntry("../control/thread"), proxy: workerEntry("../proxy/thread") },
    complain: (line) => up.reject(new Error(line)),
    up: up.resolve,
    stuckAfterMs: 10_000,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(async () => {
    agent.destroy();
    host.shutDown(1);
    await host.ended;
    rmSync(folder, { recursive: true });
  });
  await up.promise;
  const ask = async (): Promise<string> => {
    const request = get({ host: "127.0.0.1", port: web, agent });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let body = "";
    for await (const chunk of response as AsyncIterable<Buffer>) body += chunk.toString();
    return `${response.statusCode} ${body}`;
  };
  const base = `http://127.0.0.1:${adminPort}`;
  const admin = async (method: string, path: string): Promise<number> =>
    (await fetch(base + path, { method })).status;
  const status = async (): Promise<StatusDocument> =>
    (await (await fetch(`${base}/status`)).json()) as StatusDocument;
  return { host, web, configFile, endpoints, text, ask, status, admin };
}

/** Asks until it holds; the test's own time bound ends it. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const seen = await look().catch(() => undefined);
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const deadline = { timeout: 20_000 };

test("control dies: no request notices, and drains are as they were", deadline, async (t) => {
  const { host, endpoints, ask, status, admin } = await start(t);
  const [first, second] = endpoints as [string, string];
  assert.deepEqual(new Set([await ask(), await ask()]), new Set(["200 a", "200 b"]));
  const path = `/upstreams/app/endpoints/${encodeURIComponent(first)}/drain`;
  assert.equal(await admin("POST", path), 200);
  const crashedAt = Date.now();
  host.crash("control");
  let asked = 0;
  const back = await until(async () => {
    assert.equal(await ask(), "200 b");
    asked++;
    const seen = await status();
    return seen.control_restarts === 1 && seen;
  });
  assert.ok(Date.now() - crashedAt < 2500, `back after ${Date.now() - crashedAt} ms`);
  assert.ok(asked > 0);
  const [drained, other] = back.upstreams[0]!.endpoints;
  assert.deepEqual([drained!.name, drained!.state], [first, "draining"]);
  assert.deepEqual([other!.name, other!.state], [second, "healthy"]);
});

test("control dies while the file is broken: what was in force goes on", deadline, async (t) => {
  const { host, configFile, ask, status } = await start(t);
  writeFileSync(configFile, "listeners: [");
  host.crash("control");
  const seen = await until(async () => {
    const now = await status();
    return now.control_restarts === 1 && now;
  });
  assert.equal(seen.upstreams[0]!.endpoints.length, 2);
  assert.match(await ask(), /^200 /);
});

test("a proxy dies: the other serves, and it is replaced", deadline, async (t) => {
  const { host, web, status } = await start(t);
  host.crash(0);
  const seen = await until(async () => {
    const { proxies } = await status();
    return proxies[0]!.restarts === 1 && proxies[0]!.state === "running" && proxies;
  });
  assert.equal(seen[1]!.restarts, 0);
  assert.equal((await fetch(`http://127.0.0.1:${web}/`)).status, 200);
});

test("a reload reaches the proxies; a refused one changes nothing", deadline, async (t) => {
  const { host, configFile, endpoints, text, ask, status, admin } = await start(t);
  writeFileSync(configFile, text([endpoints[1]!]));
  host.reload();
  await until(async () => {
    const { config, proxies } = await status();
    return config.version === 2 && proxies.every((one) => one.snapshot_version === 2);
  });
  assert.deepEqual([await ask(), await ask()], ["200 b", "200 b"]);
  writeFileSync(configFile, "nonsense: 1");
  assert.equal(await admin("POST", "/reload"), 422);
  assert.equal((await status()).config.version, 2);
  assert.equal(await ask(), "200 b");
});
