/** The published form: packed, installed into an empty folder, and put to work. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

import { freePorts } from "./support/free-port.ts";
import { startOrigin } from "./support/origin.ts";
import { waitFor } from "./support/wait-for.ts";

const root = join(import.meta.dirname, "..");
const execute = promisify(execFile);
/** The pinned Node first, as a user's own would be. */
const environment = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
};

/** Sources and tests have no place in a package. */
const isOutOfPlace = (file: string): boolean =>
  /\.test\.|[/\\]testing[/\\]/.test(file) || (file.endsWith(".ts") && !file.endsWith(".d.ts"));

async function install(t: TestContext): Promise<string> {
  await execute(process.execPath, [join(root, "scripts", "build.ts"), "--pack"], {
    cwd: root,
    env: environment,
  });
  const { version } = JSON.parse(
    readFileSync(join(root, "packages", "evenkeel", "package.json"), "utf8"),
  ) as { version: string };
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-packed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
  const tarballs = [`evenkeel-balance-${version}.tgz`, `evenkeel-${version}.tgz`];
  const flags = ["install", "--prefer-offline", "--no-audit", "--no-fund"];
  const files = tarballs.map((name) => join(root, "build", name));
  await execute("npm", [...flags, ...files], { cwd: folder, env: environment });
  return folder;
}

test("the packed form checks, runs and serves", { timeout: 180_000 }, async (t) => {
  const folder = await install(t);
  const evenkeel = join(folder, "node_modules", ".bin", "evenkeel");
  const options = { cwd: folder, env: environment };

  await using origin = await startOrigin({ body: "hello from the origin" });
  const [web, admin] = (await freePorts(2)) as [number, number];
  const config = join(folder, "evenkeel.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      listeners: { web: { bind: `127.0.0.1:${web}` } },
      routes: [{ upstream: "app" }],
      upstreams: { app: { endpoints: [`127.0.0.1:${origin.port}`] } },
      admin: { bind: `127.0.0.1:${admin}` },
      workers: 2,
    }),
  );

  for (const name of ["evenkeel", join("@evenkeel", "balance")]) {
    const files = readdirSync(join(folder, "node_modules", name), { recursive: true }).map(String);
    assert.deepEqual(files.filter(isOutOfPlace), [], "what only tests need is not published");
    for (const wanted of ["LICENSE", "README.md"]) assert.ok(files.includes(wanted), wanted);
    const readme = readFileSync(join(folder, "node_modules", name, "README.md"), "utf8");
    assert.doesNotMatch(
      readme,
      /\]\((?![a-z]+:|#)/,
      "its links lead somewhere without the repository",
    );
  }
  const version = await execute(evenkeel, ["version"], options);
  assert.match(version.stdout, /^\d+\.\d+\.\d+/);
  const checked = await execute(evenkeel, ["check", "-c", config], options);
  assert.match(checked.stdout, /^ok: 1 listener, 1 route, 1 upstream \(1 endpoint\)/);

  const child: ChildProcess = spawn(evenkeel, ["run", "-c", config], { ...options, stdio: "pipe" });
  let log = "";
  child.stdout?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const exited = once(child, "exit") as Promise<[number | null]>;
  t.after(() => child.kill("SIGKILL"));
  await waitFor(
    "the packed evenkeel to be ready",
    async () => {
      assert.equal(child.exitCode, null, log);
      return (await fetch(`http://127.0.0.1:${admin}/readyz`)).status === 200;
    },
    { withinMs: 20_000, everyMs: 50 },
  );
  const answer = await fetch(`http://127.0.0.1:${web}/`);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "hello from the origin");

  const words = ["--rate", "50", "--hold", "500ms", "--warm-up", "100ms", "--threads", "1"];
  const page = join(folder, "load.html");
  // Its verdict is the machine's business: that it measures and draws is this test's.
  const load = ["bench", `http://127.0.0.1:${web}/`, ...words, "--html", page];
  await execute(evenkeel, load, options).catch(() => undefined);
  assert.match(readFileSync(page, "utf8"), /<!doctype html>/i);
  child.kill("SIGTERM");
  assert.deepEqual(await exited, [0, null], log);

  await quickStarts(evenkeel, options);
});

/** Its instances are programs of the package as well. */
async function quickStarts(
  evenkeel: string,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const [web, admin] = (await freePorts(2)) as [number, number];
  const words = ["quick-start", "--port", String(web), "--admin-port", String(admin)];
  const child = spawn(evenkeel, words, { ...options, stdio: "pipe" });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const exited = once(child, "exit");
  try {
    const isUp = (): boolean => text.includes("Ctrl-C ends it") || child.exitCode !== null;
    await waitFor("the quick start", isUp, { withinMs: 30_000 });
    const answer = await fetch(`http://127.0.0.1:${web}/`);
    assert.match(await answer.text(), /^Hello from instance [ABC]/, text);
  } finally {
    child.kill("SIGINT");
    await exited;
  }
}
