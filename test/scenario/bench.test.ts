/** `evenkeel bench` as a user runs it: a process, its output and its files. */
import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { benchResult, type BenchResult } from "../../packages/evenkeel/src/load/bench-result.ts";
import type { PoliciesResult } from "../../packages/evenkeel/src/load/policies-result.ts";
import { pinnedNode } from "../support/pinned-node.ts";
import { startOrigin } from "../support/origin.ts";

const BIN = fileURLToPath(new URL("../../packages/evenkeel/bin/evenkeel.js", import.meta.url));
const deadline = { timeout: 120_000 };

/** A bench under way. */
class Bench {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exited: Promise<number | NodeJS.Signals>;
  out = "";
  err = "";
  readonly #listeners: (() => void)[] = [];

  constructor(words: readonly string[]) {
    this.child = spawn(pinnedNode(), [BIN, "bench", ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    this.child.stdout.on("data", (chunk: Buffer) => this.#heard("out", chunk));
    this.child.stderr.on("data", (chunk: Buffer) => this.#heard("err", chunk));
    this.exited = once(this.child, "close").then(
      ([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals),
    );
  }

  /** Resolves when standard error has a match; the test's deadline ends the wait. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.err)) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  #heard(stream: "out" | "err", chunk: Buffer): void {
    this[stream] += chunk.toString();
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-bench-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function readJson(file: string): BenchResult {
  return benchResult.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** 0 where all is fine; a machine too busy for the generator is not a fault of the program. */
function expectedCode({ steps, interrupted }: BenchResult): 0 | 1 {
  return !interrupted && steps.every(({ verdict }) => verdict === "met") ? 0 : 1;
}

test("steps are measured, shown, written, and compared", deadline, async (t) => {
  await using origin = await startOrigin({ delayMs: 20 });
  const folder = folderFor(t);
  const load = [`http://${origin.address}/`, "--from", "50", "--to", "100", "--step", "50"];
  const times = ["--hold", "1s", "--warm-up", "200ms", "--beyond", "5"];
  const first = join(folder, "first.json");
  const earlier = new Bench([...load, ...times, "--slo", "p99<5s", "--json", first]);
  const code = await earlier.exited;
  const result = readJson(first);
  assert.equal(code, expectedCode(result), earlier.err);
  assert.match(earlier.out, /offered\/s +achieved\/s +p50 .* verdict\n +50 /);
  for (const step of result.steps) {
    assert.equal(step.requests, step.load);
    assert.deepEqual(step.statuses, { "200": step.load });
    assert.ok(step.latency_us.p50 >= 20_000, "no faster than the origin");
  }
  assert.equal(result.settings.slo, "p99<5s,errors<1%");

  const html = join(folder, "report.html");
  const later = new Bench([...load, ...times, "--compare", first, "--html", html]);
  await later.exited;
  assert.match(later.out, /Against the earlier run:/);
  assert.match(later.out, /slo: "p99<5s,errors<1%", now "errors<1%"/);
  assert.match(readFileSync(html, "utf8"), /<html[\s\S]*Percentile spectrum/);
});

test("an SLO that is missed is exit code 1, and errors are told apart", deadline, async (t) => {
  let count = 0;
  await using origin = await startOrigin({
    delayMs: 5,
    respond: () => (++count % 2 === 0 ? { status: 503 } : undefined),
  });
  const file = join(folderFor(t), "result.json");
  const words = ["--rate", "100", "--hold", "1s", "--warm-up", "0s", "--json", file];
  const bench = new Bench([`http://${origin.address}/`, ...words]);
  assert.equal(await bench.exited, 1);
  const [step] = readJson(file).steps;
  assert.equal(step?.errors.status, 50);
  assert.equal(step.errors.percent, 50);
  assert.match(bench.out, /50 status: status: answer 503 \(50\)/);
});

test("a closed loop says that its latency is service time", deadline, async () => {
  await using origin = await startOrigin({ delayMs: 10 });
  const words = ["--connections", "8", "--hold", "500ms", "--warm-up", "0s"];
  const bench = new Bench([`http://${origin.address}/`, ...words]);
  await bench.exited;
  assert.match(bench.out, /closed loop/);
  assert.match(bench.out, /coordinated omission/);
  assert.equal(origin.connections.length, 9, "one of them for the first request");
});

test("Ctrl-C keeps what was measured", deadline, async (t) => {
  await using origin = await startOrigin({ delayMs: 5 });
  const file = join(folderFor(t), "result.json");
  const words = ["--from", "50", "--to", "100", "--step", "50", "--hold", "10m", "--warm-up", "0s"];
  const bench = new Bench([`http://${origin.address}/`, ...words, "--json", file]);
  await origin.gotRequests(60, 30_000);
  bench.child.kill("SIGINT");
  assert.equal(await bench.exited, 1);
  const result = readJson(file);
  assert.equal(result.interrupted, true);
  const [step, ...others] = result.steps;
  assert.deepEqual(others, []);
  assert.equal(step?.cut_short, true);
  assert.ok(step.requests >= 55, String(step.requests));
  assert.match(bench.out, /Interrupted: this is what was measured by then/);
});

test("a second Ctrl-C ends at once", deadline, async () => {
  await using origin = await startOrigin({ hang: "before-answer" });
  // The first request hangs too: a first Ctrl-C can only wait for it.
  const words = ["--rate", "50", "--timeout", "20m"];
  const bench = new Bench([`http://${origin.address}/`, ...words]);
  await origin.gotRequests(1, 30_000);
  bench.child.kill("SIGINT");
  // Signals are taken in order, but two that are pending at once are one.
  const again = setInterval(() => bench.child.kill("SIGINT"), 50);
  assert.equal(await bench.exited, "SIGINT");
  clearInterval(again);
});

test("nobody there, and somebody else there", deadline, async () => {
  const origin = await startOrigin({ garbage: "220 mail.example ESMTP\r\n" });
  const mail = new Bench([`http://${origin.address}/`, "--rate", "1"]);
  assert.equal(await mail.exited, 1);
  assert.match(mail.err, /does not speak HTTP\/1\.1/);
  const { address } = origin;
  await origin.stop();
  const nobody = new Bench([`http://${address}/`, "--rate", "1"]);
  assert.equal(await nobody.exited, 1);
  assert.match(nobody.err, /nothing listens on 127\.0\.0\.1:\d+: is the service running\?/);
});

test("an unexpected first status is warned of", deadline, async () => {
  await using origin = await startOrigin({ status: 404, delayMs: 10 });
  const words = ["--rate", "50", "--hold", "200ms", "--warm-up", "0s"];
  const bench = new Bench([`http://${origin.address}/`, ...words]);
  assert.equal(await bench.exited, 1);
  assert.match(bench.err, /the first answer was 404.*--expect 404/);
  const allowed = new Bench([`http://${origin.address}/`, ...words, "--expect", "404"]);
  await allowed.exited;
  assert.doesNotMatch(allowed.err, /first answer/);
  assert.match(allowed.out, / 0% /);
});

test("TLS: the certificate is checked unless told otherwise", deadline, async (t) => {
  const folder = folderFor(t);
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const openssl = [...kind.split(" "), "-subj", "/CN=bench.example", "-keyout", key, "-out", cert];
  const made = spawnSync("openssl", openssl);
  assert.equal(made.status, 0, "openssl makes a certificate");
  let name: string | false | null = null;
  const origin = createServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (request, response) => {
      name = (request.socket as unknown as { servername?: string | false }).servername ?? null;
      setTimeout(() => response.end("x".repeat(100_000)), 10);
    },
  );
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  t.after(() => origin.close());
  const url = `https://127.0.0.1:${(origin.address() as AddressInfo).port}/`;
  const refused = new Bench([url, "--rate", "50"]);
  assert.equal(await refused.exited, 1);
  assert.match(refused.err, /is not trusted .*--insecure/);
  const file = join(folder, "result.json");
  const words = [
    "--insecure",
    "--host",
    "bench.example",
    "--rate",
    "50",
    "--hold",
    "1s",
    "--warm-up",
    "0s",
  ];
  const bench = new Bench([url, ...words, "--json", file]);
  await bench.exited;
  const [step] = readJson(file).steps;
  assert.deepEqual(step?.statuses, { "200": 50 }, bench.err);
  assert.ok(step.received_bytes > 50 * 100_000);
  assert.equal(name, "bench.example");
});

test("too low a limit of open files is said, with how to raise it", deadline, async () => {
  await using origin = await startOrigin();
  const words = [pinnedNode(), BIN, "bench", `http://${origin.address}/`, "--connections", "900"];
  const limited = spawn("sh", ["-c", `ulimit -n 500; exec "$@"`, "sh", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  let err = "";
  limited.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(limited, "close")) as [number];
  assert.equal(code, 1);
  assert.match(err, /900 connections need 1000 open files, and this process may have 500/);
  assert.match(err, /ulimit -n 1000/);
  assert.equal(origin.requests.length, 0);
});

test("policies are compared over the same endpoints", deadline, async (t) => {
  await using fast = await startOrigin({ delayMs: 10 });
  await using slow = await startOrigin({ delayMs: 10 });
  const folder = folderFor(t);
  const file = join(folder, "evenkeel.yaml");
  const log = join(folder, "access.log");
  const config = {
    listeners: { web: { bind: "127.0.0.1:1" } },
    routes: [{ host: "shop.example", upstream: "web" }],
    upstreams: { web: { endpoints: [fast.address, { address: slow.address, weight: 3 }] } },
    admin: { bind: "127.0.0.1:2", token: "secret" },
    access_log: { path: log },
  };
  writeFileSync(file, JSON.stringify(config));
  const json = join(folder, "policies.json");
  const html = join(folder, "policies.html");
  const load = ["--rate", "100", "--hold", "1s", "--warm-up", "200ms"];
  const words = ["policies", "-c", file, "--policies", "round_robin,first", ...load];
  const lost = new Bench(words);
  assert.equal(await lost.exited, 2);
  assert.match(lost.err, /did not reach the upstream web.*--host/);

  const bench = new Bench([...words, "--host", "shop.example", "--json", json, "--html", html]);
  await bench.exited;
  const { runs } = JSON.parse(readFileSync(json, "utf8")) as PoliciesResult;
  assert.deepEqual(
    runs.map(({ policy }) => policy),
    ["round_robin", "first"],
    bench.err,
  );
  const [roundRobin, first] = runs.map(({ endpoints }) => endpoints.map(({ percent }) => percent));
  assert.deepEqual(first, [100, 0]);
  assert.ok(Math.abs(roundRobin![0]! - 25) < 2, String(roundRobin));
  for (const { result } of runs) assert.deepEqual(result.steps[0]?.statuses, { "200": 100 });
  assert.match(bench.out, /round_robin +100 /);
  assert.match(readFileSync(html, "utf8"), /Distribution/);
  assert.equal(existsSync(log), false, "the user's log is left alone");
});
