import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { LONGEST_TIMELINE } from "./changes.ts";
import { HistoryUnavailable } from "./contract.ts";
import { openForTest, someEntry, someIncident } from "./testing/open-for-test.ts";

const folder = mkdtempSync(join(tmpdir(), "evenkeel-history-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("the ledger", () => {
  test("tells what is unfinished, oldest first, and what a run did", () => {
    let now = 10;
    const { ledger } = openForTest({ nowMs: () => now });
    const [one, two, three] = ["a", "b", "b"].map((run) => ledger.intend({ ...someEntry, run }));
    now = 20;
    ledger.advance(two!, "running");
    ledger.advance(one!, "failed", "it did not come up");
    assert.deepEqual(
      ledger
        .unfinished()
        .map(({ id, state, createdAtMs, changedAtMs }) => [id, state, createdAtMs, changedAtMs]),
      [
        [two, "running", 10, 20],
        [three, "intended", 10, 10],
      ],
    );
    assert.deepEqual(
      ledger.ofRun("b").map(({ id }) => id),
      [two, three],
    );
    const [last] = ledger.ofRun("a");
    assert.deepEqual([last?.state, last?.outcome], ["failed", "it did not come up"]);
    assert.deepEqual(
      [last?.intent, last?.undo, last?.incident],
      [someEntry.intent, null, undefined],
    );
  });

  test("counts runs by when they began, for one owner", () => {
    let now = 100;
    const { ledger } = openForTest({ nowMs: () => now });
    ledger.intend({ ...someEntry, run: "old" });
    now = 200;
    ledger.intend({ ...someEntry, run: "old" });
    ledger.intend({ ...someEntry, run: "new", object: "api.2" });
    ledger.intend({ ...someEntry, run: "other", owner: "plan:q" });
    assert.deepEqual(ledger.runsSince("plan:p", 150), [{ run: "new", object: "api.2", atMs: 200 }]);
    assert.deepEqual(
      ledger.runsSince("plan:p", 100).map(({ run }) => run),
      ["old", "new"],
    );
  });

  test("keeps ids unique for ever", () => {
    const history = openForTest({ keepIncidents: 0, nowMs: () => 5 });
    const first = history.ledger.intend(someEntry);
    history.ledger.advance(first, "done");
    history.prune(10);
    assert.deepEqual(history.ledger.list(5), []);
    assert.equal(history.ledger.intend(someEntry), first + 1);
  });
});

describe("incidents", () => {
  test("have a life and a timeline", () => {
    const { incidents } = openForTest();
    const id = incidents.open(someIncident);
    incidents.note(id, { atMs: 4000, kind: "signal", text: "cpu_usage = 97 % (> 90%)" });
    incidents.note(id, { atMs: 4001, kind: "action", text: "restart_service api.1" });
    incidents.change(id, { actionAtMs: 4001, handling: "human", acknowledgedBy: "ada" });
    assert.deepEqual(
      incidents.openOnes().map((one) => one.id),
      [id],
    );
    incidents.change(id, { state: "resolved", mitigatedAtMs: 6000, resolvedAtMs: 9000 });
    assert.deepEqual(incidents.openOnes(), []);
    const found = incidents.get(id);
    assert.deepEqual(found?.incident, {
      ...someIncident,
      id,
      handling: "human",
      state: "resolved",
      actionAtMs: 4001,
      mitigatedAtMs: 6000,
      resolvedAtMs: 9000,
      acknowledgedBy: "ada",
    });
    assert.deepEqual(
      found?.timeline.map(({ kind }) => kind),
      ["signal", "action"],
    );
    assert.equal(incidents.get(id + 1), undefined);
  });

  test("come newest first", () => {
    const { incidents } = openForTest();
    const ids = [1, 2, 3].map(() => incidents.open(someIncident));
    assert.deepEqual(
      incidents.list(2).map(({ id }) => id),
      [ids[2], ids[1]],
    );
  });

  test("have a bounded timeline of bounded texts", () => {
    const { incidents } = openForTest();
    const id = incidents.open(someIncident);
    const text = "x".repeat(10_000);
    for (let turn = 0; turn < LONGEST_TIMELINE + 5; turn++) {
      incidents.note(id, { atMs: turn, kind: "action", text });
    }
    const { timeline = [] } = incidents.get(id) ?? {};
    assert.equal(timeline.length, LONGEST_TIMELINE);
    assert.equal(timeline[0]?.text.length, 4001);
  });

  test("give their times apart by plan, handling and drill", () => {
    const { incidents } = openForTest();
    const close = (more: object, seconds: number, handling: "auto" | "human" = "auto"): void => {
      const id = incidents.open({ ...someIncident, ...more });
      incidents.change(id, { state: "resolved", handling, resolvedAtMs: 1000 + seconds * 1000 });
    };
    close({}, 10);
    close({}, 20);
    close({}, 30, "human");
    close({ drill: "d" }, 40);
    close({ plan: undefined }, 50);
    close({ detectedAtMs: 10 }, 60);
    assert.deepEqual(
      incidents
        .times(11)
        .map(({ plan, handling, drill, resolve }) => [
          plan,
          handling,
          drill,
          resolve.n,
          resolve.mean,
        ]),
      [
        ["", "auto", false, 1, 50],
        ["p", "auto", false, 2, 15],
        ["p", "auto", true, 1, 40],
        ["p", "human", false, 1, 30],
      ],
    );
    const [first] = incidents.times(11);
    assert.deepEqual(first?.detect, { n: 1, mean: 3, median: 3, p90: 3 });
    assert.deepEqual(first?.mitigate, { n: 0, mean: undefined, median: undefined, p90: undefined });
  });
});

test("all of a memory can be taken over by another history", () => {
  const history = openForTest();
  history.memory.set("recovery", "frozen", { by: "ada" });
  history.memory.set("silences", "1", "x");
  history.memory.set("silences", "2", "y");
  history.memory.delete("silences", "1");
  assert.deepEqual(history.remembered(), [
    { space: "recovery", key: "frozen", value: { by: "ada" } },
    { space: "silences", key: "2", value: "y" },
  ]);
  history.close();
  assert.deepEqual(history.remembered(), []);
});

test("memory keeps JSON values by space and key", () => {
  const { memory } = openForTest();
  memory.set("a", "k", { deep: [1, null, "x"] });
  memory.set("a", "k2", false);
  memory.set("b", "k", 1);
  memory.set("a", "k2", true);
  assert.deepEqual(memory.all("a"), [
    ["k", { deep: [1, null, "x"] }],
    ["k2", true],
  ]);
  memory.delete("a", "k");
  assert.deepEqual([memory.get("a", "k"), memory.get("b", "k")], [undefined, 1]);
});

describe("pruning", () => {
  test("takes old and surplus things, never what is open or unfinished", () => {
    let now = 0;
    const history = openForTest({ keepMs: 100, keepIncidents: 2, nowMs: () => now });
    const { incidents, ledger } = history;
    const open = incidents.open(someIncident);
    const pending = ledger.intend(someEntry);
    const finished = ledger.intend(someEntry);
    ledger.advance(finished, "done");
    const closed = [50, 150, 160, 170].map((resolvedAtMs) => {
      const id = incidents.open(someIncident);
      incidents.note(id, { atMs: 1, kind: "action", text: "x" });
      incidents.change(id, { state: "resolved", resolvedAtMs });
      return id;
    });
    now = 200;
    history.prune(200);
    assert.deepEqual(
      incidents.list(10).map(({ id }) => id),
      [closed[3], closed[2], open],
    );
    assert.deepEqual(
      ledger.list(10).map(({ id }) => id),
      [pending],
    );
    assert.equal(incidents.get(closed[0]!), undefined);
  });
});

describe("a file in trouble:", () => {
  test("a damaged one is set aside and told of, and three of them are kept", () => {
    const file = join(folder, "damaged", "history.db");
    mkdirSync(join(folder, "damaged"));
    let now = 0;
    for (let turn = 0; turn < 5; turn++) {
      now += 1000;
      writeFileSync(
        file,
        "this is no database at all, but long enough to be taken for one".repeat(50),
      );
      const said: string[] = [];
      const history = openForTest({ file, said, nowMs: () => now });
      assert.equal(history.problem(), undefined);
      assert.equal(history.incidents.open(someIncident), 1);
      history.close();
      assert.equal(said.length, 1);
      assert.match(
        said[0]!,
        /is damaged: it was set aside as .*\.broken-1970-.* and a new one begun/,
      );
    }
    const aside = readdirSync(join(folder, "damaged")).filter((name) => name.includes("broken"));
    assert.equal(aside.length, 3);
  });

  test("pages overwritten in the middle are noticed at the start", () => {
    const file = join(folder, "pages.db");
    const history = openForTest({ file });
    for (let turn = 0; turn < 50; turn++) {
      history.ledger.intend({ ...someEntry, intent: "x".repeat(1000) });
    }
    history.close();
    const bytes = 4096;
    truncateSync(file, bytes * 5);
    const said: string[] = [];
    const next = openForTest({ file, said });
    assert.match(said[0] ?? "", /is damaged/);
    assert.deepEqual(next.ledger.unfinished(), []);
    next.close();
  });

  test("one of a newer Evenkeel is left alone", () => {
    const file = join(folder, "newer.db");
    openForTest({ file }).close();
    const handle = new DatabaseSync(file);
    handle.exec("PRAGMA user_version = 99");
    handle.close();
    const history = openForTest({ file });
    assert.match(history.problem() ?? "", /written by a newer Evenkeel \(version 99/);
    assert.throws(() => history.ledger.intend(someEntry), HistoryUnavailable);
    assert.ok(!readdirSync(folder).some((name) => name.startsWith("newer.db.broken")));
    history.close();
  });

  test("a folder that can't be made is a problem until it can", () => {
    const place = join(folder, "place");
    writeFileSync(place, "a file where the folder should be");
    let now = 0;
    const history = openForTest({ file: join(place, "history.db"), nowMs: () => now });
    assert.match(history.problem() ?? "", /place/);
    assert.throws(() => history.ledger.unfinished(), HistoryUnavailable);
    assert.throws(() => history.ledger.intend(someEntry), HistoryUnavailable);
    const incident = history.incidents.open(someIncident);
    assert.deepEqual(
      history.incidents.openOnes().map(({ id }) => id),
      [incident],
    );
    rmSync(place);
    now = 2000;
    assert.equal(history.problem(), undefined);
    assert.equal(history.ledger.intend(someEntry), 1);
    assert.deepEqual(
      history.incidents.openOnes().map(({ id }) => id),
      [incident],
    );
    history.close();
  });

  test("one that was moved away while open is begun anew", () => {
    const file = join(folder, "moved.db");
    const said: string[] = [];
    const history = openForTest({ file, said });
    history.incidents.open(someIncident);
    renameSync(file, `${file}.elsewhere`);
    history.ledger.intend(someEntry);
    assert.match(said[0] ?? "", /was removed while in use/);
    history.close();
    const again = openForTest({ file });
    assert.equal(again.ledger.unfinished().length, 1);
    again.close();
  });

  test("a path that can't be followed any more is a problem, not an end", () => {
    const inner = join(folder, "inner");
    const history = openForTest({ file: join(inner, "history.db") });
    renameSync(inner, `${inner}.elsewhere`);
    symlinkSync(inner, inner);
    history.memory.set("space", "key", 1);
    assert.equal(history.memory.get("space", "key"), 1);
    history.close();
  });

  test("what can't be stored does not stand in the way of the rest", () => {
    const said: string[] = [];
    const { incidents } = openForTest({ said });
    const id = incidents.open(someIncident);
    incidents.note(id, { atMs: Number.NaN, kind: "action", text: "broken" });
    incidents.note(id, { atMs: 1, kind: "action", text: "sound" });
    assert.deepEqual(
      incidents.get(id)?.timeline.map(({ text }) => text),
      ["sound"],
    );
    assert.match(said[0] ?? "", /can't be stored/);
  });
});
