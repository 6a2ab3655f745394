import { test } from "node:test";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive, readStat } from "./identity.ts";
import { INSTANCES } from "./keeper.ts";
import { keepForTest } from "./testing/kept.ts";
import { scriptOrder, tempFolder } from "./testing/order.ts";

const deadline = { timeout: 15_000 };
const node = process.execPath;

/** Polls; the test's own deadline ends it. */
async function until(look: () => boolean): Promise<void> {
  while (!look()) await pause(5);
}

/** The test's own starter gave it this one for all its children and theirs. */
function isHandedDown(file: string): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${file}`, "utf8");
    const closesOnExec = (parseInt(/flags:\s+(\d+)/.exec(info)![1]!, 8) & 0o2000000) !== 0;
    return Number(file) > 3 && !closesOnExec;
  } catch {
    return false;
  }
}

function journalOf(folder: string): string[] {
  return readdirSync(join(folder, INSTANCES)).sort();
}

test(
  "a child runs as it was told to, logs to its file, and its exit is told",
  deadline,
  async (t) => {
    const folder = tempFolder(t);
    const { launch, next, keeper, children } = keepForTest(t, folder);
    const script = 'echo "$A|$EVENKEEL_INSTANCE_RUN|$HOME|$(pwd)"; echo oops >&2; exit 7';
    const order = scriptOrder(folder, "app.1-a", script, { env: { PATH: "/bin", A: "b c" } });
    const child = await launch(order);
    assert.equal(child.adopted, false);
    assert.ok(child.identity.startTicks > 0);
    const { exit } = await next("exited");
    assert.deepEqual(
      { ...exit, atMs: 0 },
      { run: "app.1-a", process: "app", index: 1, code: 7, signal: undefined, atMs: 0 },
    );
    assert.equal(readFileSync(order.stdoutPath, "utf8"), `b c|app.1-a||${folder}\noops\n`);
    assert.deepEqual((await children()).exits, [exit]);
    assert.deepEqual(journalOf(folder), ["app.1-a.json"]);
    keeper.handle({ kind: "forget", run: "app.1-a" });
    assert.deepEqual(await children(), { kind: "children", living: [], exits: [] });
    assert.deepEqual(journalOf(folder), []);
  },
);

test("standard error goes to its own file where there is one", deadline, async (t) => {
  const folder = tempFolder(t);
  const { launch, next } = keepForTest(t, folder);
  const stderrPath = join(folder, "logs/deep/app.err.log");
  await launch(scriptOrder(folder, "r", "echo out; echo err >&2", { stderrPath }));
  await next("exited");
  assert.equal(readFileSync(join(folder, "r.log"), "utf8"), "out\n");
  assert.equal(readFileSync(stderrPath, "utf8"), "err\n");
});

test("a child has its own session and no descriptor but its own", deadline, async (t) => {
  const folder = tempFolder(t);
  const { launch } = keepForTest(t, folder);
  const order = scriptOrder(folder, "r", "exec sleep 60", { notify: true });
  const { identity } = await launch(order);
  await until(() => readFileSync(`/proc/${identity.pid}/comm`, "utf8") === "sleep\n");
  const stat = readStat(identity.pid)!;
  assert.equal(stat.session, identity.pid);
  assert.equal(stat.group, identity.pid);
  const open = (): string[] =>
    readdirSync(`/proc/${identity.pid}/fd`).filter((file) => !isHandedDown(file));
  // Its loader has libraries open for a moment.
  await until(() => open().length <= 4);
  assert.deepEqual(open().sort(), ["0", "1", "2", "3"]);
});

test("the umask and the ids are the child's alone", deadline, async (t) => {
  const folder = tempFolder(t);
  const { launch, next } = keepForTest(t, folder);
  const before = process.umask();
  await launch(
    scriptOrder(folder, "u", 'umask; echo "$0 $1"; : > made', {
      command: ["/bin/sh", "-c", 'umask; echo "$1 $2"; : > made', "sh", "a b", "$HOME"],
      umask: 0o27,
    }),
  );
  assert.equal((await next("exited")).exit.code, 0);
  assert.equal(readFileSync(join(folder, "u.log"), "utf8"), "0027\na b $HOME\n");
  assert.equal(statSync(join(folder, "made")).mode & 0o777, 0o640);
  assert.equal(process.umask(), before);
});

test("ids of another user are taken on, or refused in plain words", deadline, async (t) => {
  const folder = tempFolder(t);
  const { launch, next, keeper } = keepForTest(t, folder);
  const order = scriptOrder(folder, "i", "id -u; id -g", {
    cwd: "/",
    user: { uid: 65534, gid: 65534 },
  });
  if (process.getuid?.() === 0) {
    await launch(order);
    await next("exited");
    assert.equal(readFileSync(join(folder, "i.log"), "utf8"), "65534\n65534\n");
  } else {
    keeper.handle({ kind: "launch", order });
    assert.match((await next("launch_failed")).reason, /as user 65534 .* not allowed/);
  }
});

const failures: readonly (readonly [name: string, more: object, reason: RegExp])[] = [
  [
    "no program in PATH",
    { command: ["nosuchprogram"] },
    /^there is no program nosuchprogram in PATH \(\/usr\/bin:\/bin\)$/,
  ],
  ["no program at a path", { command: ["./nosuch"] }, /^there is no program \/.*\/nosuch$/],
  [
    "no program, with a umask",
    { command: ["nosuchprogram"], umask: 0 },
    /^there is no program nosuchprogram/,
  ],
  [
    "a file that may not be executed",
    { command: ["./text"] },
    /^\.\/text may not be executed: no permission$/,
  ],
  [
    "a file that may not be executed, with a umask",
    { command: ["./text"], umask: 0 },
    /no permission$/,
  ],
  [
    "an interpreter that is missing",
    { command: ["./script"] },
    /script is there, but the interpreter/,
  ],
  ["no folder", { cwd: "/nosuch/folder" }, /^its cwd \/nosuch\/folder does not exist$/],
  ["a file for a folder", { cwd: "/etc/passwd" }, /^its cwd \/etc\/passwd is not a folder$/],
  [
    "a log that is a folder",
    { stdoutPath: "/tmp" },
    /^its file \/tmp can't be opened: it is a folder$/,
  ],
  ["no command", { command: [] }, /^there is no command$/],
  ["arguments beyond all bounds", { command: ["/bin/true", "x".repeat(3_000_000)] }, /too long/],
];

for (const [name, more, reason] of failures) {
  test(`a start that fails is told in plain words: ${name}`, deadline, async (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, "text"), "hello", { mode: 0o644 });
    writeFileSync(join(folder, "script"), "#!/nosuch/interpreter\n", { mode: 0o755 });
    const { keeper, next, children } = keepForTest(t, folder);
    keeper.handle({ kind: "launch", order: scriptOrder(folder, "r", "", more) });
    assert.match((await next("launch_failed", "r")).reason, reason);
    assert.deepEqual(await children(), { kind: "children", living: [], exits: [] });
    const left = more === failures[9]![1] ? [] : journalOf(folder);
    assert.deepEqual(left, []);
  });
}

test("names that are no file names are refused", deadline, async (t) => {
  const folder = tempFolder(t);
  const { keeper, next } = keepForTest(t, folder);
  for (const run of ["", "a/b", "a b", "x".repeat(200)]) {
    keeper.handle({ kind: "launch", order: scriptOrder(folder, "r", "", { run }) });
    assert.match((await next("launch_failed", run)).reason, /can't be the name of a run/);
  }
});

test("a run is started once, and only so many of them", deadline, async (t) => {
  const folder = tempFolder(t);
  const { keeper, launch, next, children } = keepForTest(t, folder, { maxRuns: 2 });
  await launch(scriptOrder(folder, "a", "exec sleep 60"));
  keeper.handle({ kind: "launch", order: scriptOrder(folder, "a", "exec sleep 60") });
  assert.match((await next("launch_failed", "a")).reason, /was started before/);
  await launch(scriptOrder(folder, "b", "exec sleep 60"));
  keeper.handle({ kind: "launch", order: scriptOrder(folder, "c", "exec sleep 60") });
  assert.match((await next("launch_failed", "c")).reason, /there are 2 processes already/);
  assert.deepEqual(
    (await children()).living.map(({ order }) => order.run),
    ["a", "b"],
  );
});

test("a line feed on the named descriptor is the word that it is ready", deadline, async (t) => {
  const folder = tempFolder(t);
  const { launch, next, children, keeper } = keepForTest(t, folder);
  const script =
    'read go < go1; printf ready >&3; read go < go2; eval "echo >&$EVENKEEL_READY_FD"; exec sleep 60';
  const order = scriptOrder(folder, "r", `mkfifo go1 go2; ${script}`, { notify: true });
  const child = await launch(order);
  assert.equal(child.ready, false);
  await until(() => readdirSync(folder).includes("go2"));
  const file = join(folder, INSTANCES, "r.ready");
  writeFileSync(join(folder, "go1"), "\n");
  await until(() => readFileSync(file, "utf8") === "ready"); // Words without a line feed do not count.
  assert.equal((await children()).living[0]!.ready, false);
  writeFileSync(join(folder, "go2"), "\n");
  await next("said_ready", "r");
  assert.equal((await children()).living[0]!.ready, true);
  keeper.handle({ kind: "signal", run: "r", signal: "SIGKILL", group: false });
  await next("exited");
  keeper.handle({ kind: "forget", run: "r" });
  await children();
  assert.deepEqual(journalOf(folder), []);
});

test("a signal ends the process, and its name is told", deadline, async (t) => {
  const folder = tempFolder(t);
  const { launch, next, keeper } = keepForTest(t, folder);
  await launch(scriptOrder(folder, "r", "exec sleep 60"));
  keeper.handle({ kind: "signal", run: "r", signal: "SIGTERM", group: false });
  const { exit } = await next("exited");
  assert.deepEqual([exit.code, exit.signal], [undefined, "SIGTERM"]);
  keeper.handle({ kind: "signal", run: "r", signal: "SIGTERM", group: false }); // Nobody is left.
  keeper.handle({ kind: "signal", run: "nobody", signal: "SIGTERM", group: true });
});

test(
  "the group outlives its leader and is still reached, even when forgotten",
  deadline,
  async (t) => {
    const folder = tempFolder(t);
    const { launch, next, keeper, children } = keepForTest(t, folder);
    await launch(scriptOrder(folder, "r", "sleep 60 & echo $! > grandchild; exit 3"));
    assert.equal((await next("exited")).exit.code, 3);
    const grandchild = Number(readFileSync(join(folder, "grandchild"), "utf8"));
    const lives = (): boolean => ![undefined, "Z"].includes(readStat(grandchild)?.state);
    keeper.handle({ kind: "signal", run: "r", signal: "SIGKILL", group: false });
    keeper.handle({ kind: "forget", run: "r" });
    assert.deepEqual((await children()).exits, []);
    assert.equal(lives(), true);
    keeper.handle({ kind: "signal", run: "r", signal: "SIGKILL", group: true });
    await until(() => !lives());
  },
);

test(
  "children go on, and log on, when the keeper is gone; the next one adopts them",
  deadline,
  async (t) => {
    const folder = tempFolder(t);
    const first = keepForTest(t, folder);
    const script = 'while read line < go; do echo "heard $line"; done';
    const order = scriptOrder(folder, "r", `mkfifo go; ${script}`, {
      env: { PATH: "/bin", SECRET: "hush" },
    });
    const { identity } = await first.launch(order);
    first.keeper.close();
    const journal = readFileSync(join(folder, INSTANCES, "r.json"), "utf8");
    assert.ok(!journal.includes("hush"), "secrets stay out of the journal");
    assert.equal(statSync(join(folder, INSTANCES, "r.json")).mode & 0o777, 0o600);

    const second = keepForTest(t, folder);
    const { living } = await second.children();
    assert.equal(living.length, 1);
    assert.equal(living[0]!.adopted, true);
    assert.deepEqual(living[0]!.identity, identity);
    assert.deepEqual(living[0]!.order, { ...order, env: {} });
    await until(() => readdirSync(folder).includes("go"));
    writeFileSync(join(folder, "go"), "you\n");
    await until(() => readFileSync(order.stdoutPath, "utf8") === "heard you\n");
    second.keeper.handle({ kind: "signal", run: "r", signal: "SIGKILL", group: true });
    const { exit } = await second.next("exited");
    assert.deepEqual([exit.code, exit.signal], [undefined, undefined]);
    assert.equal(isAlive(identity), false);
  },
);

test("an adopted child can still say that it is ready", deadline, async (t) => {
  const folder = tempFolder(t);
  const first = keepForTest(t, folder);
  const script = "mkfifo go; read go < go; echo >&3; exec sleep 60";
  await first.launch(scriptOrder(folder, "r", script, { notify: true }));
  first.keeper.close();
  const second = keepForTest(t, folder);
  assert.equal((await second.children()).living[0]!.ready, false);
  await until(() => readdirSync(folder).includes("go"));
  writeFileSync(join(folder, "go"), "\n");
  await second.next("said_ready", "r");
  second.keeper.close();
  const third = keepForTest(t, folder);
  assert.equal((await third.children()).living[0]!.ready, true);
});

test(
  "who died while nobody looked is told as an exit, and its group reached",
  deadline,
  async (t) => {
    const folder = tempFolder(t);
    const first = keepForTest(t, folder);
    const run = `r-${randomUUID()}`;
    const { identity } = await first.launch(
      scriptOrder(folder, run, "sleep 60 & echo $! > grandchild; echo > up; exec sleep 60"),
    );
    await until(() => readdirSync(folder).includes("up"));
    first.keeper.close();
    process.kill(identity.pid, "SIGKILL");
    await until(() => !isAlive(identity));
    const second = keepForTest(t, folder);
    const { living, exits } = await second.children();
    assert.deepEqual(living, []);
    assert.deepEqual(
      exits.map((exit) => [exit.run, exit.code]),
      [[run, undefined]],
    );
    const grandchild = Number(readFileSync(join(folder, "grandchild"), "utf8"));
    second.keeper.handle({ kind: "signal", run, signal: "SIGKILL", group: true });
    await until(() => [undefined, "Z"].includes(readStat(grandchild)?.state));
  },
);

test(
  "a number in new hands is not the child: neither adopted nor signalled",
  deadline,
  async (t) => {
    const folder = tempFolder(t);
    const stranger = keepForTest(t, tempFolder(t));
    const { identity } = await stranger.launch(scriptOrder(folder, "other", "exec sleep 60"));
    const first = keepForTest(t, folder);
    await first.launch(scriptOrder(folder, "r", "exec sleep 60"));
    first.keeper.close();
    const path = join(folder, INSTANCES, "r.json");
    const entry = JSON.parse(readFileSync(path, "utf8")) as { identity: object };
    entry.identity = { ...identity, startTicks: identity.startTicks - 5 };
    writeFileSync(path, JSON.stringify(entry));
    const second = keepForTest(t, folder);
    const { living, exits } = await second.children();
    assert.deepEqual([living.length, exits.length], [0, 1]);
    second.keeper.handle({ kind: "signal", run: "r", signal: "SIGKILL", group: false });
    second.keeper.handle({ kind: "signal", run: "r", signal: "SIGKILL", group: true });
    await second.children();
    assert.equal(isAlive(identity), true);
  },
);

test(
  "a start that was cut off is found by its environment, or known never to have been",
  deadline,
  async (t) => {
    const folder = tempFolder(t);
    const first = keepForTest(t, folder);
    const run = `r-${randomUUID()}`;
    const { identity } = await first.launch(scriptOrder(folder, run, "exec sleep 60"));
    first.keeper.close();
    const instances = join(folder, INSTANCES);
    const entry = JSON.parse(readFileSync(join(instances, `${run}.json`), "utf8")) as {
      identity?: object;
      order: { run: string };
    };
    delete entry.identity;
    writeFileSync(join(instances, `${run}.json`), JSON.stringify(entry));
    entry.order.run = "never";
    writeFileSync(join(instances, "never.json"), JSON.stringify(entry));
    const second = keepForTest(t, folder);
    const { living, exits } = await second.children();
    assert.deepEqual(
      living.map((child) => child.identity),
      [identity],
    );
    assert.deepEqual(exits, []);
    assert.deepEqual(journalOf(folder), [`${run}.json`]);
  },
);

test("broken entries are set aside and told of, and stop nothing", deadline, async (t) => {
  const folder = tempFolder(t);
  const first = keepForTest(t, folder);
  const tornRun = `torn-${randomUUID()}`;
  await first.launch(scriptOrder(folder, "good", "exec sleep 60"));
  const torn = await first.launch(scriptOrder(folder, tornRun, "exec sleep 60"));
  first.keeper.close();
  const instances = join(folder, INSTANCES);
  writeFileSync(join(instances, `${tornRun}.json`), '{"version":1,"order"');
  writeFileSync(join(instances, "empty.json"), "");
  writeFileSync(join(instances, "strange.json"), '{"version":2}');
  writeFileSync(join(instances, "%.json"), "null");
  writeFileSync(join(instances, "swapped.json"), readFileSync(join(instances, "good.json")));
  const second = keepForTest(t, folder);
  const { living } = await second.children();
  assert.deepEqual(
    living.map(({ order }) => order.run),
    ["good"],
  );
  const broken = readdirSync(join(instances, "broken")).sort();
  assert.deepEqual(broken, [
    "%.json",
    "empty.json",
    "strange.json",
    "swapped.json",
    `${tornRun}.json`,
  ]);
  const found = second.logged.find(({ fields }) => "pid" in fields)!;
  assert.equal((found.fields as { pid: number }).pid, torn.identity.pid);
  assert.match(found.text, /stop it by hand/);
});

test("without room for the journal processes are started all the same", deadline, async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, INSTANCES), "a file where the folder should be");
  const { launch, logged, next, keeper } = keepForTest(t, folder);
  await launch(scriptOrder(folder, "r", "exec sleep 60"));
  assert.match(logged.find(({ level }) => level === "error")!.text, /not in the journal/);
  keeper.handle({ kind: "signal", run: "r", signal: "SIGKILL", group: true });
  await next("exited");
  keeper.handle({ kind: "forget", run: "r" });
});

test("what could not be written is written as soon as it can be", deadline, async (t) => {
  const folder = tempFolder(t);
  const state = join(folder, "state");
  writeFileSync(state, "in the way");
  const { launch, logged } = keepForTest(t, state);
  const { identity } = await launch(scriptOrder(folder, "r", "exec sleep 60"));
  const { unlinkSync } = await import("node:fs");
  unlinkSync(state);
  const watcher = watch(folder);
  t.after(() => watcher.close());
  await once(watcher, "change");
  await until(() => logged.some(({ text }) => text.includes("can be written again")));
  const next = keepForTest(t, state);
  assert.deepEqual((await next.children()).living[0]!.identity, identity);
});

test("nothing is made on the disk before the first launch", deadline, async (t) => {
  const folder = tempFolder(t);
  const { children } = keepForTest(t, join(folder, "state"));
  assert.deepEqual(await children(), { kind: "children", living: [], exits: [] });
  assert.deepEqual(readdirSync(folder), []);
});

test("a stopped child lives, and one that a debugger holds too", deadline, async (t) => {
  const folder = tempFolder(t);
  const first = keepForTest(t, folder);
  const { identity } = await first.launch(scriptOrder(folder, "r", "exec sleep 60"));
  first.keeper.handle({ kind: "signal", run: "r", signal: "SIGSTOP", group: true });
  await until(() => readStat(identity.pid)?.state === "T");
  first.keeper.close();
  const second = keepForTest(t, folder);
  assert.equal((await second.children()).living.length, 1);
});

test("many children that end at once are all told of", deadline, async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, "out"));
  const { launch, next } = keepForTest(t, folder);
  const runs = Array.from({ length: 40 }, (_, index) => `r${index}`);
  for (const [index, run] of runs.entries()) {
    await launch(scriptOrder(folder, run, "", { command: [node, "-e", `process.exit(${index})`] }));
  }
  const codes = await Promise.all(runs.map(async (run) => (await next("exited", run)).exit.code));
  assert.deepEqual(
    codes,
    runs.map((_, index) => index),
  );
});
