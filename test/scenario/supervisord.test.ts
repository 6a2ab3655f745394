/** The same programs under the real supervisord and under Evenkeel: the same states in the same order. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { startEvenkeel } from "../support/evenkeel.ts";
import { waitFor } from "../support/wait-for.ts";
import { stateFolder, stateLines } from "./testing/processes.ts";
import { hasSupervisord, Supervisord, type StateChange } from "./testing/supervisord.ts";

/** Shell scripts; `{{dir}}` is a folder of their own. */
const scripts = {
  ok: "exec sleep 1000",
  fails: "exit 1",
  ends: "sleep 3; exit 1",
  stubborn: 'trap "" TERM; while :; do sleep 0.2; done',
  parent: "sleep 1001 & echo $! > {{dir}}/grandchild; wait",
} as const;

type Program = keyof typeof scripts;
const programs = Object.keys(scripts) as Program[];

/** Looked at for so many states; what restarts for ever has no end of its own. */
const PRESENT: Readonly<Record<Program, readonly string[]>> = {
  ok: ["STARTING", "RUNNING"],
  fails: ["STARTING", "BACKOFF", "STARTING", "BACKOFF", "STARTING", "FATAL"],
  ends: ["STARTING", "RUNNING", "EXITED", "STARTING", "RUNNING", "EXITED", "STARTING"],
  stubborn: ["STARTING", "RUNNING"],
  parent: ["STARTING", "RUNNING"],
};
/** supervisord looks for exits once a second, so that who exits at once may pass for up with 1. */
const UP_S: Readonly<Record<Program, number>> = {
  ok: 1,
  fails: 2,
  ends: 1,
  stubborn: 1,
  parent: 1,
};
const STOPPED = ["STOPPING", "STOPPED"];
const STOP_TIMEOUT_S = 2;

/** supervisord's words for it; two retries, then FATAL. */
const sections = `
[group:five]
programs = ${programs.join(",")}
${programs
  .map(
    (name) => `
[program:${name}]
command = /bin/sh -c '${scripts[name].replaceAll("%", "%%")}'
autostart = false
startsecs = ${UP_S[name]}
startretries = 2
autorestart = ${name === "ends" ? "true" : "unexpected"}
stopwaitsecs = ${STOP_TIMEOUT_S}
stopasgroup = true
killasgroup = true`,
  )
  .join("\n")}`;

const config = (stateDir: string): object => ({
  workers: 1,
  state_dir: stateDir,
  processes: Object.fromEntries(
    programs.map((name) => [
      name,
      {
        command: ["/bin/sh", "-c", scripts[name].replaceAll("{{dir}}", stateDir)],
        ready: { uptime: `${UP_S[name]}s` },
        restart: {
          policy: name === "ends" ? "always" : "unexpected",
          // supervisord starts at once who was running, and waits one second more each time for who
          // was not.
          delays: name === "ends" ? ["0s"] : ["1s", "2s"],
          jitter: "0%",
          limit: name === "ends" ? "off" : "2 in 10m",
          // oxlint-disable-next-line no-thenable -- a key of the file
          then: "stop",
        },
        stop: { timeout: `${STOP_TIMEOUT_S}s` },
      },
    ]),
  ),
});

type Traces = Record<Program, readonly StateChange[]>;

/** By program. supervisord goes through BACKOFF on its way to FATAL; that is no wait. */
function traces(changes: readonly StateChange[]): Traces {
  const of = (name: Program): StateChange[] => {
    const mine = changes.filter(({ program }) => program === name);
    return mine.filter(
      ({ state }, at) => !(state === "BACKOFF" && mine[at + 1]?.state === "FATAL"),
    );
  };
  return {
    ok: of("ok"),
    fails: of("fails"),
    ends: of("ends"),
    stubborn: of("stubborn"),
    parent: of("parent"),
  };
}

const statesOf = (trace: readonly StateChange[]): readonly string[] =>
  trace.map(({ state }) => state);

/** All programs have come as far as they are looked at. */
function areThere(found: Traces): boolean {
  return programs.every((name) => found[name].length >= PRESENT[name].length);
}

/** Seconds since the first change, for people. */
function inWords(trace: readonly StateChange[]): string {
  const startMs = trace[0]?.atMs ?? 0;
  return trace
    .map(({ state, atMs }) => `${state} ${((atMs - startMs) / 1000).toFixed(2)}`)
    .join(", ");
}

/** What a stop brings, for whoever is not looked at in the middle of a restart. */
function afterStop(trace: readonly StateChange[], name: Program): readonly string[] {
  return statesOf(trace).slice(PRESENT[name].length);
}

/** The grandchild of the program that forks one is gone. */
async function grandchildGone(dir: string): Promise<void> {
  const pid = Number(readFileSync(join(dir, "grandchild"), "utf8"));
  assert.ok(pid > 1);
  await waitFor("the grandchild to be gone", () => !isSleeping(pid));
}

/** A process nobody reaped yet is gone all the same. */
function isSleeping(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sleep");
}

test(
  "five programs go through the same states as under supervisord",
  { timeout: 90_000 },
  async (t) => {
    if (!hasSupervisord()) {
      t.diagnostic("supervisord is not installed: its states are taken from its documentation");
    }
    await using stack = new AsyncDisposableStack();
    const stateDir = stateFolder(stack);
    await using evenkeel = await startEvenkeel({ config: config(stateDir), t });
    const ours = (): Traces =>
      traces(
        stateLines(evenkeel).map(({ instance, to, atMs }) => ({
          program: instance.replace(/\.1$/, ""),
          state: to,
          atMs,
        })),
      );
    const peer = hasSupervisord() ? stack.use(await Supervisord.start(sections)) : undefined;
    // The one that fails makes this a complaint.
    peer?.control("start", "five:*");
    const theirs = (): Traces | undefined => peer && traces(peer.changes);

    await waitFor("all to have come far enough", () => areThere(ours()), { withinMs: 30_000 });
    if (peer) {
      await waitFor("supervisord, too", () => areThere(traces(peer.changes)), { withinMs: 30_000 });
    }
    for (const name of programs) {
      const seen = ours()[name].slice(0, PRESENT[name].length);
      assert.deepEqual(statesOf(seen), PRESENT[name], name);
      t.diagnostic(`${name}: ${inWords(seen)}`);
      const other = theirs()?.[name].slice(0, PRESENT[name].length);
      if (!other) continue;
      assert.deepEqual(statesOf(other), PRESENT[name], `${name} under supervisord`);
      t.diagnostic(`${name} under supervisord: ${inWords(other)}`);
      compareTimes(name, seen, other);
    }

    const stoppedMs = Date.now();
    const answer = await evenkeel.admin("/processes/all/stop", {
      method: "POST",
      signal: AbortSignal.timeout(20_000),
    });
    assert.equal(answer.status, 200, await answer.text());
    const tookMs = Date.now() - stoppedMs;
    assert.ok(tookMs >= STOP_TIMEOUT_S * 1000, "who ignores TERM has its time");
    assert.equal(peer?.control("stop", "five:*") ?? "ok", "ok");
    await grandchildGone(stateDir);
    if (peer) await grandchildGone(peer.dir);
    for (const name of ["ok", "stubborn", "parent"] as const) {
      assert.deepEqual(afterStop(ours()[name], name), STOPPED, name);
      if (!peer) continue;
      await waitFor(`${name} to be stopped`, () => afterStop(traces(peer.changes)[name], name)[1]);
      assert.deepEqual(afterStop(traces(peer.changes)[name], name), STOPPED, `${name}, theirs`);
    }
  },
);

/** supervisord looks once a second: that much may lie between the two, at each state. */
function compareTimes(
  name: string,
  ours: readonly StateChange[],
  theirs: readonly StateChange[],
): void {
  const lengthMs = (trace: readonly StateChange[], at: number): number =>
    trace[at]!.atMs - trace[at - 1]!.atMs;
  for (let at = 1; at < ours.length; at++) {
    const differMs = Math.abs(lengthMs(ours, at) - lengthMs(theirs, at));
    assert.ok(differMs < 2_500, `${name}: ${differMs} ms apart before ${ours[at]!.state}`);
  }
}
