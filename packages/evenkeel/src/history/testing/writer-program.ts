/** Writes into a history as fast as it can and says what has returned, until it is killed:
 * `node writer-program.ts FILE`. */
import { writeSync } from "node:fs";
import { openForTest, someEntry, someIncident } from "./open-for-test.ts";

const history = openForTest({ file: process.argv[2]! });
const run = `run-${process.pid}`;
const say = (line: string): void => void writeSync(1, `${line}\n`);

for (let turn = 0; ; turn++) {
  const entry = history.ledger.intend({ ...someEntry, run });
  say(`entry ${entry} intended`);
  history.ledger.advance(entry, "done", `turn ${turn}`);
  say(`entry ${entry} done`);
  const incident = history.incidents.open({ ...someIncident, title: `turn ${turn}` });
  say(`incident ${incident} open`);
  history.incidents.note(incident, { atMs: turn, kind: "action", text: "restarted" });
  history.incidents.change(incident, { state: "resolved", resolvedAtMs: 9000 });
  say(`incident ${incident} resolved`);
  history.memory.set("test", "turn", entry);
  say(`memory ${entry} set`);
}
