import assert from "node:assert/strict";
import { createServer, get, type IncomingMessage } from "node:http";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { InstanceView, Outcome } from "../processes/contract.ts";
import { followLog } from "../processes/logs/follow-log.ts";
import { tailLog } from "../processes/logs/tail-log.ts";
import { send, type Answer } from "./answer.ts";
import { processOperations } from "./process-operations.ts";

const view = (index: number, logPath = "/nowhere"): InstanceView => ({
  name: `api.${index}`,
  process: "api",
  index,
  state: "READY",
  reason: "passed",
  sinceMs: 1000,
  pid: 7,
  startedAtMs: 500,
  address: { host: "127.0.0.1", port: 9000 + index },
  upstream: "front",
  restarts: 2,
  lastExit: { code: undefined, signal: "SIGKILL", atMs: 400 },
  nextStartAtMs: undefined,
  adopted: false,
  done: false,
  outdated: undefined,
  cpu: 0.12345,
  memoryBytes: 1024,
  logPath,
});

function fixture(logPath?: string) {
  const asked: unknown[] = [];
  let outcome: Outcome = { ok: true };
  const note =
    (word: string) =>
    (...args: readonly unknown[]): Promise<Outcome> => {
      asked.push([word, ...args]);
      return Promise.resolve(outcome);
    };
  const operations = processOperations({
    supervisor: {
      list: () => [view(1, logPath), view(2)],
      start: note("start"),
      stop: note("stop"),
      restart: note("restart"),
      reload: note("reload"),
      rollback: note("rollback"),
      scale: note("scale"),
      signal(name, signal) {
        asked.push(["signal", name, signal]);
        return outcome;
      },
    },
    errorLogPath: (name) => (name === "api.2" ? logPath : undefined),
    tailLog,
    followLog,
  });
  const ask = async (method: string, path: string, name?: string, body?: unknown, query = "") => {
    const operation = operations.find((one) => one.method === method && one.path === path);
    assert.ok(operation, `${method} ${path}`);
    assert.equal(operation.changes, method !== "GET");
    const parameters = name === undefined ? [] : [name];
    return await operation.run({ parameters, body, query: new URLSearchParams(query) });
  };
  return {
    asked,
    ask,
    audited: (path: string, body: unknown): unknown =>
      operations.find((one) => one.path === path)?.audited?.(body),
    fails: (problem: string): void => {
      outcome = { ok: false, problem };
    },
  };
}

const namesIn = (answer: Answer): string[] =>
  (JSON.parse(answer.body) as { processes: { name: string }[] }).processes.map(({ name }) => name);

describe("processes at the admin address", () => {
  test("are listed in words for programs", async () => {
    const answer = await fixture().ask("GET", "/processes");
    assert.deepEqual(namesIn(answer), ["api.1", "api.2"]);
    const { processes } = JSON.parse(answer.body) as { processes: unknown[] };
    assert.deepEqual(processes[0], {
      name: "api.1",
      process: "api",
      index: 1,
      state: "READY",
      reason: "passed",
      since: "1970-01-01T00:00:01.000Z",
      pid: 7,
      started_at: "1970-01-01T00:00:00.500Z",
      address: "127.0.0.1:9001",
      upstream: "front",
      restarts: 2,
      last_exit: { code: null, signal: "SIGKILL", at: "1970-01-01T00:00:00.400Z" },
      next_start: null,
      adopted: false,
      done: false,
      outdated: null,
      cpu: 0.123,
      memory_bytes: 1024,
      log: "/nowhere",
      error_log: null,
    });
  });

  for (const word of ["start", "stop", "restart", "reload", "rollback"]) {
    test(`${word} is handed on, and answered with how it stands`, async () => {
      const { ask, asked } = fixture();
      const answer = await ask("POST", `/processes/*/${word}`, "api.2");
      assert.deepEqual(asked, [[word, "api.2"]]);
      assert.equal(answer.status, 200);
      assert.deepEqual(namesIn(answer), ["api.2"]);
    });
  }

  test("a problem is 409, an unknown name 404", async () => {
    const { ask, fails } = fixture();
    fails("no");
    const known = await ask("POST", "/processes/*/start", "api");
    assert.deepEqual([known.status, known.body], [409, '{"error":"no"}\n']);
    assert.equal((await ask("POST", "/processes/*/start", "ap")).status, 404);
  });

  test("signals and numbers are checked before they are handed on", async () => {
    const { ask, asked, audited } = fixture();
    const signal = "/processes/*/signal";
    const instances = "/processes/*/instances";
    assert.equal((await ask("POST", signal, "api", { signal: "hup" })).status, 200);
    assert.equal((await ask("PUT", instances, "api", { instances: 3 })).status, 200);
    assert.deepEqual(asked, [
      ["signal", "api", "SIGHUP"],
      ["scale", "api", 3],
    ]);
    assert.deepEqual(audited(signal, { signal: "hup" }), { signal: "SIGHUP" });
    assert.deepEqual(audited(instances, { instances: 3 }), { instances: 3 });
    assert.deepEqual([audited(signal, { signal: "x" }), audited(instances, null)], [{}, {}]);
    const unknown = await ask("POST", signal, "api", { signal: "NOPE" });
    assert.match(unknown.body, /There is no signal ..NOPE..; there is: HUP, /);
    for (const body of [undefined, {}, { signal: "NOPE" }, { signal: 9 }]) {
      assert.equal((await ask("POST", signal, "api", body)).status, 400);
    }
    for (const body of [undefined, null, { instances: "3" }, { instances: 1.5 }]) {
      assert.equal((await ask("PUT", instances, "api", body)).status, 400);
    }
    assert.equal(asked.length, 2);
  });
});

async function logFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "evenkeel-logs-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "api.1.log");
  await writeFile(path, "one\ntwo\nthree\n");
  return path;
}

async function textOf(answer: Answer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.rest!(new AbortController().signal)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("logs", () => {
  const path = "/processes/*/logs";

  test("end with as many lines as were asked for", async (t) => {
    const { ask } = fixture(await logFile(t));
    assert.equal(
      await textOf(await ask("GET", path, "api.1", undefined, "lines=2")),
      "two\nthree\n",
    );
    assert.equal(await textOf(await ask("GET", path, "api.1")), "one\ntwo\nthree\n");
    assert.equal(
      await textOf(await ask("GET", path, "api.2", undefined, "lines=1&stream=err")),
      "three\n",
    );
  });

  test("are of one instance", async () => {
    const { ask } = fixture();
    for (const [name, query, status, words] of [
      ["api", "", 400, "Name one instance: api.1, api.2."],
      ["db", "", 404, 'There is no instance "db"; there is: api.1, api.2.'],
      ["api.1", "stream=err", 404, "api.1 writes both outputs to one log; see logs.separate."],
      ["api.1", "lines=many", 400, "lines is a whole number from 0 to 100000."],
    ] as const) {
      const answer = await ask("GET", path, name, undefined, query);
      assert.deepEqual(
        [answer.status, answer.body],
        [status, `{"error":"${words.replaceAll('"', '\\"')}"}\n`],
      );
    }
  });

  test("that are followed come as they are written, until the client goes", async (t) => {
    const file = await logFile(t);
    const { ask } = fixture(file);
    const gone = Promise.withResolvers<void>();
    const server = createServer((_request, response) => {
      response.once("close", () => gone.resolve());
      void ask("GET", path, "api.1", undefined, "lines=1&follow=1").then((answer) =>
        send(response, answer, false),
      );
    }).listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(get({ port, host: "127.0.0.1" }), "response")) as [
      IncomingMessage,
    ];
    response.setEncoding("utf8");
    const next = async (): Promise<string> => ((await once(response, "data")) as [string])[0];
    assert.equal(await next(), "three\n");
    await appendFile(file, "four\n");
    assert.equal(await next(), "four\n");
    response.destroy();
    await gone.promise;
  });
});
