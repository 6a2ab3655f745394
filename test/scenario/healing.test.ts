/** Faults of every kind against instances under load: found, healed, and nothing left behind. The long
 * version of the same is `npm run bench -- healing`. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { startEvenkeel } from "../support/evenkeel.ts";
import { startOpenLoop } from "../support/open-loop.ts";
import { freezeOne, killOne, type ExitOutcome, type HangOutcome } from "./testing/exits.ts";
import { check, healingScene, MAX_UNAVAILABLE } from "./testing/healing-scene.ts";
import { incidentsOf, ledgerOf, mostAtOnce } from "./testing/healing-record.ts";
import { untilClean } from "./testing/healing-residue.ts";
import { reached, stateFolder } from "./testing/processes.ts";
import { seededRandom } from "./testing/random.ts";
import { sufferFaults, trafficDrills } from "./testing/random-faults.ts";
import { sentMore, summary } from "./testing/scene.ts";

const deadline = { timeout: 180_000 };

test(
  "instances that die or hang under load are replaced, no request fails",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const stateDir = stateFolder(stack);
    const config = healingScene({ stateDir, instances: 3 });
    await using evenkeel = await startEvenkeel({ config, t });
    await reached(evenkeel, "READY", 3);
    const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 200 });
    stack.defer(() => void load.stop());
    await sentMore(load, 100);
    const isClean = async (): Promise<void> =>
      assert.deepEqual(await untilClean(evenkeel, { stateDir, instances: 3 }), []);
    const exits: ExitOutcome[] = [];
    for (let kill = 0; kill < 3; kill++) {
      exits.push(await killOne(evenkeel, stateDir, kill));
      await isClean();
    }
    const hangs: HangOutcome[] = [];
    for (let hang = 0; hang < 1; hang++) {
      hangs.push(await freezeOne(evenkeel, stateDir, hang));
      await isClean();
    }
    const run = await load.stop();
    t.diagnostic(summary(run));
    const listed = (values: readonly number[]): string =>
      values.map((value) => value.toFixed(0)).join(", ");
    t.diagnostic(
      `from an exit to out of rotation: ${listed(exits.map(({ outMs }) => outMs))} ms; to the ` +
        `restart, beyond the first delay: ${listed(exits.map(({ restartMs }) => restartMs))} ms`,
    );
    t.diagnostic(
      `from a hang to out of rotation: ${listed(hangs.map(({ detectedMs }) => detectedMs))} ms; until ` +
        `replaced: ${listed(hangs.map(({ replacedMs }) => replacedMs))} ms, of which the new one's ` +
        `start took ${listed(hangs.map(({ startMs }) => startMs))} ms`,
    );
    assert.deepEqual(run.failures, []);
    // Generous: the machine may be busy with other things.
    assert.ok(exits.every(({ outMs, restartMs }) => outMs < 1_000 && restartMs < 2_000));
    const bySettings = check.intervalMs * check.threshold + check.timeoutMs;
    assert.ok(hangs.every(({ detectedMs }) => detectedMs < bySettings + 3_000));
    assert.ok(hangs.every(({ replacedMs, startMs }) => replacedMs - startMs < bySettings + 5_000));
  },
);

test("random faults under load heal without a person", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const instances = 6;
  const stateDir = stateFolder(stack);
  const config = healingScene({ stateDir, instances, drills: trafficDrills });
  await using evenkeel = await startEvenkeel({ config, t });
  await reached(evenkeel, "READY", instances);
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 150 });
  stack.defer(() => void load.stop());
  await sentMore(load, 100);
  const outcomes = await sufferFaults({
    evenkeel,
    instances,
    faults: 6,
    drillShare: 0.2,
    doubleShare: 0.2,
    random: seededRandom(4),
    patienceMs: 30_000,
    progress: ({ kind, victim, repairedMs }) =>
      t.diagnostic(`${kind} of ${victim}: well again after ${repairedMs ?? "∞"} ms`),
  });
  assert.deepEqual(await untilClean(evenkeel, { stateDir, instances }), [], "what is left");
  const run = await load.stop();
  const most = mostAtOnce(ledgerOf(stateDir));
  t.diagnostic(`${summary(run)}; at most ${most} restarts by plans at once`);
  assert.deepEqual(
    outcomes.filter(({ repairedMs }) => repairedMs === undefined),
    [],
  );
  assert.deepEqual(
    incidentsOf(stateDir).filter(({ handling }) => handling !== "auto"),
    [],
  );
  assert.ok(most <= MAX_UNAVAILABLE, `${most} at once`);
  // Clients hardly notice: an answer that was cut off in the middle can't be asked for again.
  assert.ok(run.failures.length <= run.sent / 100, summary(run));
});
