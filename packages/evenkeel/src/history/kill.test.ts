import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { History } from "./contract.ts";
import { openForTest } from "./testing/open-for-test.ts";

const KILLS = 32;
const WRITERS = 2;
const folder = mkdtempSync(join(tmpdir(), "evenkeel-history-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a writer and kills it at a random instant after its first word; gives back all it said. */
async function writeAndDie(file: string): Promise<string[]> {
  const program = join(import.meta.dirname, "testing", "writer-program.ts");
  const child = spawn(process.execPath, [program, file], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const closed = once(child, "close");
  await once(child.stdout, "data");
  await sleep(Math.random() * 60);
  child.kill("SIGKILL");
  await closed;
  return said.split("\n").slice(0, -1);
}

function assertKept(history: History, said: readonly string[]): void {
  const entries = new Map(history.ledger.list(1e6).map((entry) => [entry.id, entry]));
  const last = new Map(said.map((line) => [line.slice(0, line.lastIndexOf(" ")), line]));
  for (const line of last.values()) {
    const [what, id, state] = line.split(" ") as [string, string, string];
    if (what === "entry") {
      const entry = entries.get(Number(id));
      assert.ok(entry, line);
      if (state === "done") assert.equal(entry.state, "done", line);
    } else if (what === "incident") {
      const found = history.incidents.get(Number(id));
      assert.ok(found, line);
      if (state !== "resolved") continue;
      assert.equal(found.incident.state, "resolved", line);
      assert.equal(found.timeline.length, 1, line);
    } else {
      assert.ok(Number(history.memory.get("test", "turn")) >= Number(id), line);
    }
  }
}

test(
  `${KILLS} kills at random instants lose no write that returned`,
  { timeout: 60_000 },
  async () => {
    const files = Array.from({ length: WRITERS }, (_, at) => join(folder, `${at}.db`));
    let words = 0;
    await Promise.all(
      files.map(async (file) => {
        for (let kill = 0; kill < KILLS / WRITERS; kill++) {
          const said = await writeAndDie(file);
          words += said.length;
          const complaints: string[] = [];
          const history = openForTest({ file, said: complaints });
          assertKept(history, said);
          assert.deepEqual([history.problem(), complaints], [undefined, []]);
          history.close();
        }
      }),
    );
    assert.ok(words > KILLS, `${words} writes were told`);
  },
);
