/** Evenkeel ends at random instants of plans and drills: what it had begun is put right, and nothing
 * is done twice that must not be. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type EvenkeelOptions, startEvenkeel } from "../support/evenkeel.ts";
import { startCrashable } from "./testing/crashable.ts";
import { instancesIn, reached, stateFolder } from "./testing/processes.ts";
import { seededRandom } from "./testing/random.ts";
import {
  blindRepetitions,
  endAtRandom,
  endingScene,
  type EndOutcome,
  INSTANCES,
  linesOf,
  replacedControl,
} from "./testing/random-ends.ts";

const deadline = { timeout: 300_000 };

test("control ends at random instants: the ledger leads to a known state", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const stateDir = stateFolder(stack);
  const { evenkeel, crash } = await startCrashable(endingScene(stateDir), t, stack);
  await reached(evenkeel, "READY", INSTANCES);
  const random = seededRandom(1);
  for (let round = 0; round < 3; round++) {
    const { outcome } = await endAtRandom(evenkeel, stateDir, random, (one) =>
      replacedControl(one, crash),
    );
    judge(t, outcome);
  }
  t.diagnostic(`the step that must not be repeated was done ${linesOf(stateDir).length} times`);
  assert.deepEqual(blindRepetitions(stateDir), []);
});

test("Evenkeel ends at random instants: the next one finds and mends all", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const stateDir = stateFolder(stack);
  const options: EvenkeelOptions = { config: endingScene(stateDir), t };
  let evenkeel = await startEvenkeel(options);
  stack.defer(() => evenkeel[Symbol.asyncDispose]());
  await reached(evenkeel, "READY", INSTANCES);
  const random = seededRandom(2);
  for (let round = 0; round < 2; round++) {
    const ended = await endAtRandom(evenkeel, stateDir, random, async (one) => {
      one.signal("SIGKILL");
      await one.exited;
      assert.ok(instancesIn(stateDir).length >= INSTANCES, "instances do not notice");
      const next = await startEvenkeel(options);
      await one[Symbol.asyncDispose]();
      return next;
    });
    ({ evenkeel } = ended);
    judge(t, ended.outcome);
  }
  t.diagnostic(`the step that must not be repeated was done ${linesOf(stateDir).length} times`);
  assert.deepEqual(blindRepetitions(stateDir), []);
});

function judge(t: TestContext, { during, afterMs, unfinished, settledMs, left }: EndOutcome): void {
  const what = unfinished.length > 0 ? unfinished.join(", ") : "nothing";
  t.diagnostic(
    `${during}, ended after ${afterMs.toFixed(0)} ms with ${what} unfinished: ` +
      `well again ${settledMs?.toFixed(0) ?? "∞"} ms later`,
  );
  assert.deepEqual(left, [], "what is left of it");
}
