import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createBoard } from "../board/board.ts";
import { desire } from "../config/testing/configure.ts";
import { HISTORY_FILE } from "../history/open-history.ts";
import { openForTest } from "../history/testing/open-for-test.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { FromControl } from "../snapshot/messages.ts";
import { createLog } from "../telemetry/log.ts";
import { createHealing } from "./create-healing.ts";

const quiet = 'upstreams: { api: { endpoints: ["10.0.0.1:80"] } }';
const withDrill = (folder: string): string => `
state_dir: ${folder}
${quiet}
drills:
  slow:
    steady_state: available(api) >= 0
    faults: { fault: hang, upstream: api, for: 10s }
`;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-healing-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Healing with nothing that lives yet. */
async function start(t: TestContext, first: string) {
  let desired: Desired = desire(first);
  const posted: FromControl[] = [];
  const healing = createHealing({
    board: createBoard(1),
    log: createLog({ level: "error", thread: "test", destination: { write: () => {} } }),
    health: {
      apply() {},
      command: () => true,
      list: () => [],
      panicking: () => [],
      process: () => true,
      signalWeight: () => true,
      signalEject: () => true,
      checkpoint: () => ({}),
      close: () => Promise.resolve(),
    },
    desired: () => desired,
    changeMembers() {},
    post(message) {
      posted.push(message);
      if (message.kind !== "keeper" || message.message.kind !== "children") return;
      setImmediate(() => healing.received({ kind: "children", living: [], exits: [] }));
    },
    saved: { processes: undefined },
  });
  t.after(() => healing.close());
  healing.apply(desired);
  await healing.ready;
  return {
    healing,
    reload: (text: string): void => {
      desired = desire(text);
      healing.apply(desired);
    },
    /** Asks as the admin address does. */
    ask: (path: string, parameters: readonly string[] = [], body: unknown = {}): unknown => {
      const operation = healing.operations().find((one) => one.path === path);
      assert.ok(operation, path);
      return operation.run({ parameters, body, query: new URLSearchParams() });
    },
    /** How many faults each message put in force. */
    faults: (): number[] =>
      posted.flatMap((one) => (one.kind === "faults" ? [one.faults.length] : [])),
  };
}

test("a word of before anything was kept on disk outlives the reload that begins the file", async (t) => {
  const folder = folderOf(t);
  const { healing, ask, reload } = await start(t, quiet);
  ask("/plans/freeze", [], { by: "ada", reason: "a move" });
  reload(withDrill(folder));
  assert.equal(healing.facts().frozen, "by operator ada: a move");
  await healing.close();
  const successor = await start(t, withDrill(folder));
  assert.equal(successor.healing.facts().frozen, "by operator ada: a move");
});

test("what ends takes its faults back first, and begins nothing any more", async (t) => {
  const folder = folderOf(t);
  const { healing, ask, faults, reload } = await start(t, withDrill(folder));
  ask("/drills/*/run", ["slow"]);
  assert.equal(healing.facts().drill, "slow");
  assert.deepEqual(faults(), [1]);
  await healing.stopProcesses();
  assert.deepEqual(faults(), [1, 0]);
  assert.equal(healing.facts().drill, undefined);
  reload(withDrill(folder));
  ask("/drills/*/run", ["slow"]);
  assert.deepEqual(faults(), [1, 0]);
});

test("faults that one before left are taken back at the start", async (t) => {
  const folder = folderOf(t);
  const left = openForTest({ file: join(folder, HISTORY_FILE) });
  left.ledger.intend({
    kind: "drill.fault",
    owner: "drill:slow",
    incident: undefined,
    run: "slow-1",
    object: "api",
    intent: null,
    undo: { kind: "clear", fault: "slow-1-1" },
    deadlineMs: Date.now() + 60_000,
  });
  left.close();
  const { healing, faults } = await start(t, withDrill(folder));
  assert.deepEqual(faults(), [0]);
  await healing.close();
  const after = openForTest({ file: join(folder, HISTORY_FILE) });
  assert.deepEqual(after.ledger.unfinished(), []);
  after.close();
});
