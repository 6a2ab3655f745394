/** What keeps it from starting is said in words, with an exit code that scripts can use. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Evenkeel } from "../support/evenkeel.ts";
import { waitFor, within } from "../support/wait-for.ts";
import { command } from "./testing/scene.ts";

const deadline = { timeout: 60_000 };
const isRoot = process.getuid?.() === 0;
/** Runs what follows as somebody without rights, where the test itself has them all. */
const asNobody = isRoot
  ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]
  : [];

const listening = (bind: string): object => ({
  listeners: { web: bind },
  routes: [{ respond: 200 }],
});

/** What Node 20 has of the modules that the launcher imports. */
const knownToOldest = [
  "existsSync",
  "createRequire",
  "dirname",
  "join",
  "fileURLToPath",
  "pathToFileURL",
];

test(
  "the launcher runs on a Node too old for the program, and finds a newer one",
  deadline,
  (t) => {
    const launcher = join(import.meta.dirname, "../../packages/evenkeel/bin/evenkeel.js");
    const imports = readFileSync(launcher, "utf8").matchAll(/^import (?:\w+, )?\{ (.*) \} from/gm);
    const named = [...imports].flatMap(([, names]) => (names ?? "").split(", "));
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((name) => !knownToOldest.includes(name)),
      [],
    );
    // The machine's own, where it has one.
    const others = (process.env["PATH"] ?? "").split(":").map((folder) => join(folder, "node"));
    for (const node of others) {
      const asked = spawnSync(node, ["--version"], { encoding: "utf8" });
      if (asked.status !== 0) continue;
      t.diagnostic(`${node} is ${asked.stdout.trim()}`);
      const run = spawnSync(node, [launcher, "version"], { encoding: "utf8" });
      assert.equal(run.status, 0, run.stderr);
      assert.match(run.stdout, /^\d+\.\d+\.\d+/);
    }
  },
);

test("an address that is taken is named", deadline, async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => other.close());
  const address = other.address();
  assert.ok(address !== null && typeof address === "object");
  const taken = `127.0.0.1:${address.port}`;
  await using evenkeel = await Evenkeel.spawn({ config: listening(taken) });
  assert.deepEqual(await within("its end", 15_000, evenkeel.exited), { code: 1, signal: null });
  assert.ok(evenkeel.log.includes(taken), evenkeel.log);
  assert.match(evenkeel.log, /in use/);
  assert.doesNotMatch(evenkeel.log, /\n {4}at /);
});

test("the admin address that is taken is named", deadline, async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => other.close());
  const address = other.address();
  assert.ok(address !== null && typeof address === "object");
  const taken = `127.0.0.1:${address.port}`;
  await using evenkeel = await Evenkeel.spawn({
    config: { ...listening("127.0.0.1:{{port:web}}"), admin: { bind: taken } },
  });
  assert.deepEqual(await within("its end", 15_000, evenkeel.exited), { code: 1, signal: null });
  assert.ok(evenkeel.log.includes(taken), evenkeel.log);
  assert.match(evenkeel.log, /in use/);
});

test("a privileged port without the right to it says what to do", deadline, async () => {
  await using evenkeel = await Evenkeel.spawn({
    config: listening("127.0.0.1:81"),
    wrap: asNobody,
  });
  chmodSync(evenkeel.dir, 0o755);
  const exit = await within("its end", 15_000, evenkeel.exited);
  assert.deepEqual(exit, { code: 1, signal: null }, evenkeel.log);
  assert.match(evenkeel.log, /127\.0\.0\.1:81/);
  assert.match(evenkeel.log, /setcap|CAP_NET_BIND_SERVICE/);
});

test("a file that can't be read is named", deadline, async () => {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-start-"));
  try {
    const file = join(folder, "evenkeel.yaml");
    const missing = await command("run", "-c", file);
    assert.equal(missing.code, 2);
    assert.ok(missing.stderr.includes(file), missing.stderr);
    assert.match(missing.stderr, /no such file|does not exist|not found/i);
    const asFolder = await command("run", "-c", folder);
    assert.equal(asFolder.code, 2);
    assert.ok(asFolder.stderr.includes(folder), asFolder.stderr);
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00, 0x41]));
    const binary = await command("run", "-c", file);
    assert.equal(binary.code, 2);
    assert.ok(binary.stderr.includes(file), binary.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a file without the right to read it is named", deadline, async () => {
  await using evenkeel = await Evenkeel.spawn({
    config: listening("127.0.0.1:{{port:web}}"),
    wrap: asNobody,
    // The folder is its owner's alone: nobody else can look into it.
  });
  assert.deepEqual(await within("its end", 15_000, evenkeel.exited), { code: 2, signal: null });
  assert.ok(evenkeel.log.includes(evenkeel.configFile), evenkeel.log);
  assert.match(evenkeel.log, /permission|may not|not allowed/i);
});

test("all that is wrong with a file is told at once, with exit code 2", deadline, async () => {
  await using evenkeel = await Evenkeel.spawn({
    config: `
listeners: { web: "127.0.0.1:99999" }
routes:
  - { upstream: ap }
upstreams:
  app: { balanse: random, endpoints: ["127.0.0.1"] }
`,
  });
  assert.deepEqual(await within("its end", 15_000, evenkeel.exited), { code: 2, signal: null });
  await waitFor("the problems", () => evenkeel.log.includes("balanse"));
  for (const problem of [/99999/, /balanse/, /balance/, /127\.0\.0\.1/]) {
    assert.match(evenkeel.log, problem);
  }
  assert.match(evenkeel.log, /evenkeel\.yaml:\d+:\d+/);
  assert.doesNotMatch(evenkeel.log, /\n {4}at /);
});
