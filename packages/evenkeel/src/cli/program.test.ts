import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "./program.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function ran(words: string[], environment: Record<string, string> = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(words, {
    print: (line) => void out.push(line),
    warn: (line) => void err.push(line),
    stdout: {},
    environment,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const sound = `
listeners: { web: { bind: "127.0.0.1:8080" }, internal: { bind: "127.0.0.1:8081" } }
routes:
  - { name: api, host: shop.example, path: /api/, upstream: api, rewrite: { strip_prefix: true } }
  - { name: old, path: /old/, redirect: { status: 301, host: new.example } }
  - { name: rest, upstream: web }
upstreams:
  api: { balance: least_conn, endpoints: ["127.0.0.1:1001", { address: "127.0.0.1:1002", backup: true }] }
  web: { balance: ip_hash, endpoints: ["127.0.0.1:2001", "127.0.0.1:2002", { address: "127.0.0.1:2003", weight: 0 }] }
`;

function file(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-cli-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "evenkeel.yaml");
  writeFileSync(path, text);
  return path;
}

for (const [name, words, message] of [
  ["nothing", [], "Usage: evenkeel"],
  ["an unknown command", ["frob"], "unknown command 'frob'"],
  ["an unknown option", ["version", "-x"], "unknown option '-x'"],
  ["a missing option", ["check"], "required option '-c, --config <file>'"],
  ["a missing argument", ["drain", "api"], "missing required argument 'endpoint'"],
  ["a weight that is none", ["weight", "a", "b", "many"], 'a number from 0 to 65535, or "default"'],
  ["a URL that is none", ["status", "--admin", "ftp://x"], "--admin wants a URL"],
  ["a token file that is none", ["status", "--token-file", "/nowhere"], "/nowhere can't be read"],
  ["a port that is none", ["quick-start", "--port", "70000"], "a port is a number from 1 to 65535"],
  ["a missing file", ["check", "-c", "/nowhere.yaml"], "there is no such file"],
] as const) {
  test(`${name} is bad usage: exit code 2`, async () => {
    const { code, err } = await ran([...words]);
    assert.equal(code, 2);
    assert.ok(err.includes(message), err);
  });
}

test("help and version are fine", async () => {
  assert.equal((await ran(["help"])).code, 0);
  const version = await ran(["version"]);
  assert.match(version.out, /^\d+\.\d+\.\d+$/);
  assert.deepEqual(await ran(["--version"]), version);
});

test("check says how much there is, or all that is wrong", async (t) => {
  const fine = await ran(["check", "-c", file(t, sound)]);
  assert.equal(fine.code, 0, fine.err);
  assert.equal(fine.out, "ok: 2 listeners, 3 routes, 2 upstreams (5 endpoints)");
  const running = await ran([
    "check",
    "-c",
    file(t, "processes: { a: { command: x, instances: 2 } }"),
  ]);
  const counts = "0 listeners, 0 routes, 0 upstreams (0 endpoints), 1 process (2 instances)";
  assert.deepEqual([running.out, running.err], [`ok: ${counts}`, ""]);
  const broken = sound
    .replace("least_conn", "least_con")
    .replace("upstream: web }", "upstream: w }");
  const refused = await ran(["check", "-c", file(t, broken)]);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /least_conn/);
  assert.match(refused.err, /\bw\b/);
  const lines = refused.err.split("\n");
  assert.equal(lines.filter((line) => /^\S+\.yaml:\d+:\d+ /.test(line)).length, 2);
  assert.match(lines.at(-1)!, /^evenkeel: 2 problems in \S+\.yaml$/);
  const warned = await ran(["check", "-c", file(t, `${sound}\nvia_name: off\n`)]);
  assert.match(warned.out, /; 1 warning$/);
});

test("explain: route, rewrite, endpoint, and why not the others", async (t) => {
  const request = ["--request", "GET http://shop.example/api/x?y=1"];
  const { code, out, err } = await ran(["explain", "-c", file(t, sound), ...request]);
  assert.equal(code, 0, err);
  assert.match(out, /^request {3}GET shop\.example \/api\/x\?y=1 \(listener web/);
  assert.match(out, /^route {5}api: matches/m);
  assert.match(out, /^rewrite {3}\/api\/x becomes \/x$/m);
  assert.match(out, /^upstream {2}api: least_conn/m);
  assert.match(out, /^endpoint {2}127\.0\.0\.1:1001: the only one/m);
  assert.match(out, /127\.0\.0\.1:1002 +a backup/);
  assert.match(out, /^ {2}rest +matches, but is less specific/m);
  assert.match(out, /^ {2}old +\S/m);
});

test("explain: the same client always leads to the same endpoint with ip_hash", async (t) => {
  const config = file(t, sound);
  const chosen = new Set<string>();
  for (const client of ["10.0.0.1", "10.0.0.1", "10.0.0.2"]) {
    const request = ["--request", "http://a/", "--client", client];
    const { out } = await ran(["explain", "-c", config, ...request]);
    chosen.add(`${client} ${/^endpoint +(\S+)/m.exec(out)?.[1]}`);
    assert.match(out, /2003 +its weight is 0/);
  }
  assert.equal(chosen.size, 2, "one endpoint per client address");
});

test("explain: redirects, requests without a route, unknown listeners", async (t) => {
  const config = file(t, sound);
  const redirect = await ran(["explain", "-c", config, "--request", "GET http://a/old/x"]);
  assert.match(redirect.out, /redirects with 301/);
  const lonely = file(t, sound.replace("  - { name: rest, upstream: web }\n", ""));
  const none = await ran(["explain", "-c", lonely, "--request", "GET http://a/"]);
  assert.match(none.out, /none: the answer is 404/);
  const wrong = ["explain", "-c", config, "--request", "GET http://a/", "--listener", "wob"];
  assert.match((await ran(wrong)).err, /no listener "wob"; there is: web, internal/);
});

test("explain: who is denied, hosts beyond ASCII, clients that are none", async (t) => {
  const routes = "[{ host: münchen.example, allow: 10.0.0.0/8, respond: 200 }]";
  const config = file(t, `listeners: { web: 8080 }\nroutes: ${routes}\n`);
  const asked = ["explain", "-c", config, "--request", "GET http://MÜNCHEN.example/"];
  assert.match((await ran([...asked, "--client", "10.0.0.1"])).out, /answers 200 by itself/);
  const denied = await ran([...asked, "--client", "192.0.2.1"]);
  assert.match(denied.out, /^access {4}192\.0\.2\.1 is denied: the answer is 403/m);
  assert.doesNotMatch(denied.out, /answers 200/);
  const { code, err } = await ran([...asked, "--client", "10.0.0"]);
  assert.equal(code, 2);
  assert.match(err, /--client wants an IP address, not "10\.0\.0"/);
});

test("explain: a file without listeners", async (t) => {
  const { err } = await ran(["explain", "-c", file(t, "log: {}\n"), "--request", "http://a/"]);
  assert.match(err, /the file has no listener/);
});

test("nobody at the admin address: says how to start it, exit code 1", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  const { code, err } = await ran(["status", "--admin", `127.0.0.1:${port}`]);
  assert.equal(code, 1);
  assert.match(err, /nothing listens on 127\.0\.0\.1:\d+: is evenkeel running\? Start it with/);
});

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** An admin address that gives one answer and notes what it was asked. */
async function admin(
  t: TestContext,
  status: number,
  answer: unknown,
): Promise<{ options: string[]; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = "";
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    const { method, url, headers } = request;
    heard.push({ method, url, authorization: headers.authorization, body });
    response.statusCode = status;
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { options: ["--admin", `http://127.0.0.1:${port}`], heard };
}

const endpoint = { name: "b:1", state: "draining", reason: "drained", weight: 1, in_flight: 2 };

test("commands ask for the right thing and print how the endpoint stands", async (t) => {
  const { options, heard } = await admin(t, 200, { upstream: "a", endpoint });
  const { code, out } = await ran(["drain", "a", "[::1]:80", ...options], { EVENKEEL_TOKEN: "t0" });
  assert.equal(code, 0);
  assert.equal(out, "a b:1: draining, weight 1, 2 in flight (drained)");
  await ran(["weight", "a", "b:1", "7", ...options]);
  await ran(["weight", "a", "b:1", "default", ...options]);
  assert.deepEqual(heard, [
    {
      method: "POST",
      url: "/upstreams/a/endpoints/%5B%3A%3A1%5D%3A80/drain",
      authorization: "Bearer t0",
      body: "",
    },
    {
      method: "PUT",
      url: "/upstreams/a/endpoints/b%3A1/weight",
      authorization: undefined,
      body: '{"weight":7}',
    },
    {
      method: "PUT",
      url: "/upstreams/a/endpoints/b%3A1/weight",
      authorization: undefined,
      body: '{"weight":null}',
    },
  ]);
});

test("a token from a file goes before the environment's", async (t) => {
  const { options, heard } = await admin(t, 200, { upstream: "a", endpoint });
  const token = file(t, "from-file\n");
  await ran(["drain", "a", "b", "--token-file", token, ...options], { EVENKEEL_TOKEN: "no" });
  assert.equal(heard[0]!.authorization, "Bearer from-file");
});

test("a refusal is told in its own words, exit code 1", async (t) => {
  const unknown = await admin(t, 404, { error: 'There is no upstream "x".' });
  const first = await ran(["drain", "x", "y", ...unknown.options]);
  assert.deepEqual([first.code, first.err], [1, 'evenkeel: There is no upstream "x".']);
  const locked = await admin(t, 401, { error: "This needs the admin token." });
  assert.match((await ran(["status", ...locked.options])).err, /--token-file or EVENKEEL_TOKEN/);
  const wrong = await ran(["status", ...locked.options], { EVENKEEL_TOKEN: "no" });
  assert.match(wrong.err, /the token is not that of http/);
  const other = await admin(t, 200, "<html>");
  assert.match((await ran(["status", ...other.options])).err, /not in Evenkeel's words/);
});

test("reload prints what changed; a refused one is exit code 2", async (t) => {
  const fine = await admin(t, 200, { outcome: "accepted", changes: ["a", "b"], problems: [] });
  const accepted = await ran(["reload", ...fine.options]);
  assert.deepEqual([accepted.code, accepted.out], [0, "a\nb"]);
  const wrong = await admin(t, 422, { outcome: "refused", changes: [], problems: ["x:1:1 no"] });
  const refused = await ran(["reload", ...wrong.options]);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /nothing changed:\nx:1:1 no/);
});
