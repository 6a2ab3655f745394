/**
 * Fills the disk under a history and makes room again: `node full-disk-program.ts FOLDER HOW`. Ends
 * with 0 where nothing that was written was lost. HOW is `limit` (a bound on the size of files is set
 * and lifted) or `filler` (a file beside it takes the room, and is deleted).
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { HistoryUnavailable } from "../contract.ts";
import { openForTest, someEntry, someIncident } from "./open-for-test.ts";

const [, , folder = "", how = ""] = process.argv;
const file = join(folder, "history.db");
const filler = join(folder, "filler");
const said: string[] = [];
const history = openForTest({ file, said });
const BOUND = 5000;

const before = history.incidents.open(someIncident);
const written: number[] = [];
while (written.length < 10) written.push(history.ledger.intend(someEntry));
if (how === "filler") fill();
else limit("4096");
const refusal = intendUntilRefused();
assert.ok(
  refusal instanceof HistoryUnavailable,
  `after ${written.length} entries: ${String(refusal)}`,
);
assert.match(refusal.message, how === "filler" ? /the disk is full; make room/ : /can't be used/);

history.incidents.note(before, { atMs: 1, kind: "signal", text: "while full" });
history.incidents.change(before, { state: "mitigated", mitigatedAtMs: 7000 });
const during = history.incidents.open({ ...someIncident, title: "while full" });
history.incidents.note(during, { atMs: 2, kind: "action", text: "done all the same" });
history.ledger.advance(written[0]!, "done", "while full");
history.memory.set("freeze", "now", { by: "operator" });
assertKnown();
assert.match(history.problem() ?? "", /6 changes wait/);
assert.equal(said.length, 1, "one line about it");

if (how === "filler") rmSync(filler);
else limit("unlimited");
assert.equal(history.problem(), undefined);
assertKnown();
history.ledger.intend(someEntry);
history.close();

const again = openForTest({ file, said });
assert.equal(again.ledger.list(BOUND + 1).length, written.length + 1);
assert.deepEqual(
  again.incidents.openOnes().map(({ id, title }) => [id, title]),
  [
    [during, "while full"],
    [before, someIncident.title],
  ],
);
assert.equal(again.incidents.open(someIncident), during + 1);
again.close();

function intendUntilRefused(): unknown {
  try {
    while (written.length < BOUND) written.push(history.ledger.intend(someEntry));
    return "never refused";
  } catch (error) {
    return error;
  }
}

function assertKnown(): void {
  assert.deepEqual(
    history.incidents.openOnes().map(({ id, state }) => [id, state]),
    [
      [during, "open"],
      [before, "mitigated"],
    ],
  );
  assert.deepEqual(
    [before, during].map((id) => history.incidents.get(id)?.timeline.map(({ text }) => text)),
    [["while full"], ["done all the same"]],
  );
  assert.deepEqual(history.memory.all("freeze"), [["now", { by: "operator" }]]);
  const states = new Map(history.ledger.unfinished().map(({ id, state }) => [id, state]));
  assert.equal(states.get(written[0]!), undefined);
  assert.equal(states.get(written.at(-1)!), "intended");
}

function limit(bytes: string): void {
  execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:`]);
}

function fill(): void {
  const piece = Buffer.alloc(4096);
  const handle = openSync(filler, "w");
  try {
    for (let left = 100_000; left > 0; left--) writeSync(handle, piece);
  } catch {
    // The disk is full, which is what was wanted.
  } finally {
    closeSync(handle);
  }
}
