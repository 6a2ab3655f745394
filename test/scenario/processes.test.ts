/** Instances that Evenkeel runs itself: killed, replaced, left alone, found again. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isAlive } from "../../packages/evenkeel/src/processes/keeper/identity.ts";
import { startEvenkeel } from "../support/evenkeel.ts";
import { startOpenLoop } from "../support/open-loop.ts";
import { waitFor, within } from "../support/wait-for.ts";
import { startCrashable } from "./testing/crashable.ts";
import {
  instancesIn,
  processScene,
  reached,
  stateFolder,
  stateLines,
} from "./testing/processes.ts";
import {
  askedOrigins,
  askOrigin,
  reloadAndWait,
  sentMore,
  summary,
  tally,
} from "./testing/scene.ts";

const deadline = { timeout: 90_000 };
const FIRST_DELAY_MS = 100;

test("instances killed under load: none of 500 requests a second fails", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const stateDir = stateFolder(stack);
  await using evenkeel = await startEvenkeel({ config: processScene(stateDir), t });
  await reached(evenkeel, "READY", 3);
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 500 });
  await sentMore(load, 250);
  const outMs: number[] = [];
  const restartMs: number[] = [];
  for (let round = 0; round < 6; round++) {
    const victims = instancesIn(stateDir);
    const { instance, identity } = victims[round % victims.length]!;
    const killedAtMs = Date.now();
    process.kill(identity.pid, "SIGKILL");
    while (isAlive(identity)); // It takes the kernel some milliseconds to end it.
    const endedAtMs = Date.now();
    const back = await waitFor(
      `${instance} to be back`,
      () => {
        const lines = stateLines(evenkeel).filter(
          (line) => line.instance === instance && line.atMs >= killedAtMs,
        );
        return lines.some(({ to }) => to === "READY") ? lines : undefined;
      },
      { withinMs: 20_000 },
    );
    outMs.push(back[0]!.atMs - endedAtMs);
    restartMs.push(back.find(({ to }) => to === "STARTING")!.atMs - endedAtMs - FIRST_DELAY_MS);
    await sentMore(load, 100);
  }
  const run = await load.stop();
  t.diagnostic(summary(run));
  t.diagnostic(
    `from the exit to out of rotation: ${outMs.join(", ")} ms; ` +
      `to the restart, beyond the first delay: ${restartMs.join(", ")} ms`,
  );
  assert.deepEqual(run.failures, []);
  // Generous: the machine may be busy with other things.
  assert.ok(Math.max(...outMs) < 1_000 && Math.max(...restartMs) < 2_000);
});

test("a rolling replacement under load fails no request", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const stateDir = stateFolder(stack);
  await using evenkeel = await startEvenkeel({ config: processScene(stateDir), t });
  await reached(evenkeel, "READY", 3);
  const before = instancesIn(stateDir);
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 300 });
  await sentMore(load, 150);
  const changedAtMs = Date.now();
  await reloadAndWait(evenkeel, processScene(stateDir, { env: { EDITION: "2" } }));
  await reached(evenkeel, "READY", 3, changedAtMs);
  await waitFor(
    "the old ones to be gone",
    () => before.every(({ identity }) => !isAlive(identity)),
    {
      withinMs: 20_000,
    },
  );
  await sentMore(load, 150);
  const run = await load.stop();
  t.diagnostic(`${summary(run)}; replaced in ${Date.now() - changedAtMs} ms`);
  assert.deepEqual(run.failures, []);
  const after = instancesIn(stateDir);
  assert.deepEqual(
    after.map(({ instance }) => instance),
    ["app.1", "app.2", "app.3"],
  );
});

test(
  "Evenkeel killed and started again has all its instances, and they never stopped",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const stateDir = stateFolder(stack);
    const config = processScene(stateDir);
    const pidsOf = (): number[] => instancesIn(stateDir).map(({ identity }) => identity.pid);
    let pids: number[] = [];
    for (let round = 0; round < 3; round++) {
      await using evenkeel = await startEvenkeel({ config, t });
      await waitFor(
        "all instances",
        async () => {
          const origins = Object.keys(tally(await askedOrigins(evenkeel, 9)));
          return origins.length === 3;
        },
        { withinMs: 20_000 },
      );
      if (round === 0) pids = pidsOf();
      assert.equal(pids.length, 3);
      assert.deepEqual(pidsOf(), pids, "the same ones, and no others");
      evenkeel.signal("SIGKILL");
      await evenkeel.exited;
      assert.deepEqual(pidsOf(), pids, "they do not notice");
    }
    // One dies while nobody looks, and another is in the configuration no more.
    process.kill(pids[0]!, "SIGKILL");
    await waitFor("its end", () => pidsOf().length === 2);
    await using last = await startEvenkeel({ config: processScene(stateDir, { instances: 2 }), t });
    await waitFor(
      "two instances, one of them new",
      async () => {
        const now = pidsOf();
        const origins = Object.keys(tally(await askedOrigins(last, 6))).sort();
        return now.length === 2 && !now.includes(pids[2]!) && origins.join() === "app.1,app.2";
      },
      { withinMs: 20_000 },
    );
    const stopped = pidsOf();
    assert.ok(stopped.includes(pids[1]!));
    await last.stop(15_000);
    assert.deepEqual(pidsOf(), []);
  },
);

test(
  "SIGTERM stops the instances after the traffic, a second one leaves them running",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const stateDir = stateFolder(stack);
    const stubborn = {
      command: ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"],
      upstream: undefined,
      ready: { uptime: "10ms" },
      instances: 1,
    };
    await using first = await startEvenkeel({ config: processScene(stateDir, stubborn), t });
    await waitFor("it to run", () => instancesIn(stateDir).length === 1);
    first.signal("SIGTERM");
    await first.logged(/stopping processes/);
    first.signal("SIGTERM");
    assert.equal((await within("ending", 10_000, first.exited)).code, 143);
    assert.match(first.log, /these processes live on; the next start finds them/);
    assert.equal(instancesIn(stateDir).length, 1);
    const short = { ...stubborn, stop: { drain: "off", timeout: "300ms" } };
    await using second = await startEvenkeel({ config: processScene(stateDir, short), t });
    assert.equal((await second.stop()).code, 0);
    assert.deepEqual(instancesIn(stateDir), []);
  },
);

test(
  "control dies: instances do not notice, and one that ends meanwhile is replaced",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const stateDir = stateFolder(stack);
    const { evenkeel, crash } = await startCrashable(processScene(stateDir), t, stack);
    await reached(evenkeel, "READY", 3);
    const before = instancesIn(stateDir);
    crash("control");
    process.kill(before[0]!.identity.pid, "SIGKILL");
    await evenkeel.logged(/the control thread was replaced/);
    const after = await waitFor(
      "three instances again",
      () => {
        const now = instancesIn(stateDir);
        return now.length === 3 ? now : undefined;
      },
      { withinMs: 20_000 },
    );
    assert.deepEqual(after.slice(1), before.slice(1));
    assert.notEqual(after[0]!.identity.pid, before[0]!.identity.pid);
    assert.match(await askOrigin(evenkeel), /^app\.[123]$/);
    await evenkeel.stop(15_000);
    assert.deepEqual(instancesIn(stateDir), []);
  },
);

test(
  "two Evenkeels on one state folder: the second says who has it and ends",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const stateDir = stateFolder(stack);
    const config = processScene(stateDir, { instances: 1 });
    await using first = await startEvenkeel({ config, t });
    await reached(first, "READY", 1);
    await using second = await startEvenkeel({ config, t, waitReady: false });
    assert.equal((await within("ending", 15_000, second.exited)).code, 1);
    assert.match(second.log, new RegExp(`used by another Evenkeel \\(pid ${first.pid}\\)`));
    assert.equal(instancesIn(stateDir).length, 1);
    await first.stop(15_000);
  },
);
