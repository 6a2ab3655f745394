import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import { newMachine, step, trafficOf, type Machine, type MachineEvent } from "./instance-state.ts";
import { processSettings, restartSettings, servingSettings } from "./testing/settings.ts";

/** One machine over time; events of a launch mean the present one. */
class Story {
  machine: Machine = newMachine("was not started yet");
  nowMs = 1000;
  readonly did: string[] = [];
  readonly settings: ProcessSettings;

  constructor(settings: ProcessSettings) {
    this.settings = settings;
  }

  /** Words: `start`, `stop`, `restart`, `ordered`, `launched`, `passed`, `drained`, `refused`,
   * `exit CODE`, `killed`, `adopted`, `adopted ready`, `adopted UP_MS`, `+MS` (time passes, what is due is said). */
  tell(...words: readonly string[]): this {
    for (const word of words) {
      if (word.startsWith("+")) this.#wait(Number(word.slice(1)));
      else this.#step(this.#eventOf(word));
    }
    return this;
  }

  #eventOf(word: string): MachineEvent {
    const { attempt } = this.machine;
    const [kind = "", what] = word.split(" ");
    switch (kind) {
      case "start":
      case "stop":
      case "restart":
        return { kind, reason: `${kind} was asked for` };
      case "ordered":
      case "launched":
        return { kind, attempt };
      case "refused":
      case "passed":
        return { kind, attempt, reason: kind };
      case "exit":
        return { kind: "exited", attempt, code: Number(what), signal: undefined };
      case "killed":
        return { kind: "exited", attempt, code: undefined, signal: "SIGKILL" };
      case "drained":
        return { kind };
      case "adopted":
        return { kind, ready: what === "ready", upMs: Number(what) || 0 };
      default:
        throw new Error(word);
    }
  }

  #wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let due = this.machine.dueAtMs; due !== undefined && due <= untilMs;) {
      this.nowMs = due;
      this.#step({ kind: "due", detail: undefined });
      const next = this.machine.dueAtMs;
      assert.ok(next === undefined || next > due, "time stands still");
      due = next;
    }
    this.nowMs = untilMs;
  }

  #step(event: MachineEvent): void {
    const context = { settings: this.settings, nowMs: this.nowMs, random: 0 };
    const { machine, effects } = step(this.machine, event, context);
    this.machine = machine;
    for (const effect of effects) {
      this.did.push(effect.kind === "signal" ? effect.signal : effect.kind);
    }
  }
}

const up = ["start", "ordered", "launched"];
const serving = [...up, "passed"];
const plain = processSettings();
const served = servingSettings();
const patient: ProcessSettings = { ...served, ready: { ...served.ready, timeoutMs: 30_000 } };

const cases: readonly [
  name: string,
  settings: ProcessSettings,
  words: readonly string[],
  state: string,
  did: string,
][] = [
  ["a start", plain, ["start"], "STARTING", "launch"],
  ["a start that came up", plain, [...up, "+999"], "STARTING", "launch"],
  ["a start that stayed up", plain, [...up, "+1000"], "RUNNING", "launch"],
  ["a served one that passed", served, serving, "READY", "launch"],
  [
    "a served one that did not pass in time",
    served,
    [...up, "+5000"],
    "STOPPING",
    "launch SIGTERM",
  ],
  ["and then went", served, [...up, "+5000", "exit 0"], "BACKOFF", "launch SIGTERM sweep"],
  ["a death while starting", plain, [...up, "exit 0"], "BACKOFF", "launch sweep died"],
  [
    "the restart after it",
    plain,
    [...up, "exit 1", "+1000"],
    "STARTING",
    "launch sweep died launch",
  ],
  ["a death when up", plain, [...up, "+1000", "exit 1"], "EXITED", "launch sweep died"],
  ["a death of a served one", served, [...serving, "killed"], "EXITED", "launch sweep died"],
  [
    "an expected exit",
    processSettings({ restart: restartSettings({ policy: "unexpected" }) }),
    [...up, "exit 0", "+99999"],
    "EXITED",
    "launch sweep",
  ],
  [
    "an exit that nothing follows and nobody expected",
    processSettings({ restart: restartSettings({ policy: "never" }) }),
    [...up, "exit 1", "+99999"],
    "EXITED",
    "launch sweep died",
  ],
  [
    "a start that can't be, without restarts",
    processSettings({ restart: restartSettings({ policy: "never" }) }),
    ["start", "ordered", "refused", "+99999"],
    "FATAL",
    "launch",
  ],
  ["a start that can't be", plain, ["start", "refused"], "BACKOFF", "launch"],
  ["a stop before anything was started", plain, ["start", "stop", "ordered"], "STOPPED", "launch"],
  ["a stop while starting", plain, [...up, "stop"], "STOPPING", "launch SIGTERM"],
  [
    "a stop before it is known that it was started",
    plain,
    ["start", "ordered", "stop", "launched", "exit 1"],
    "STOPPED",
    "launch SIGTERM sweep",
  ],
  [
    "a stop of one that could not be started",
    plain,
    ["start", "ordered", "stop", "refused"],
    "STOPPED",
    "launch SIGTERM",
  ],
  ["a stop drains first", served, [...serving, "stop"], "DRAINING", "launch"],
  ["and then asks", served, [...serving, "stop", "drained"], "STOPPING", "launch SIGTERM"],
  ["or when the time is over", served, [...serving, "stop", "+1000"], "STOPPING", "launch SIGTERM"],
  [
    "who is not served has nothing to drain",
    plain,
    [...up, "+1000", "stop"],
    "STOPPING",
    "launch SIGTERM",
  ],
  [
    "who ignores it is killed",
    plain,
    [...up, "stop", "+2000", "killed"],
    "STOPPED",
    "launch SIGTERM SIGKILL sweep",
  ],
  [
    "who survives that is unknown, and killed again",
    plain,
    [...up, "stop", "+2000", "+20000"],
    "UNKNOWN",
    "launch SIGTERM SIGKILL SIGKILL SIGKILL",
  ],
  [
    "and stopped when it goes at last",
    plain,
    [...up, "stop", "+22000", "killed"],
    "STOPPED",
    "launch SIGTERM SIGKILL SIGKILL SIGKILL sweep",
  ],
  [
    "a restart",
    plain,
    [...up, "+1000", "restart", "exit 0"],
    "STARTING",
    "launch SIGTERM sweep launch",
  ],
  [
    "a start during a stop",
    plain,
    [...up, "stop", "start", "exit 0"],
    "STARTING",
    "launch SIGTERM sweep launch",
  ],
  [
    "a stop during a restart",
    plain,
    [...up, "restart", "stop", "exit 0", "+99999"],
    "STOPPED",
    "launch SIGTERM sweep",
  ],
  [
    "a stop of one that waits",
    plain,
    [...up, "exit 1", "stop", "+99999"],
    "STOPPED",
    "launch sweep died",
  ],
  [
    "a start of one that waits",
    plain,
    [...up, "exit 1", "start"],
    "STARTING",
    "launch sweep died launch",
  ],
  ["one that was found alive", served, ["adopted"], "STARTING", ""],
  ["and passes", served, ["adopted", "passed"], "READY", ""],
  ["one that was ready goes on", served, ["adopted ready"], "READY", ""],
  ["until it is known not to be", served, ["adopted ready", "+5000"], "RUNNING", ""],
  ["and passes after all", served, ["adopted ready", "+5000", "passed"], "READY", ""],
  ["one found early in its start", patient, ["adopted 10000", "+19999"], "STARTING", ""],
  ["has the rest of its time", patient, ["adopted 10000", "+20000"], "STOPPING", "SIGTERM"],
  ["one found long after its start", patient, ["adopted 60000", "+4999"], "STARTING", ""],
  ["has five seconds", patient, ["adopted 60000", "+5000"], "STOPPING", "SIGTERM"],
  ["words of an earlier launch", plain, ["start", "stop", "start"], "STARTING", "launch launch"],
];

describe("an instance:", () => {
  for (const [name, settings, words, state, did] of cases) {
    test(name, () => {
      const story = new Story(settings).tell(...words);
      assert.equal(story.machine.state, state);
      assert.equal(story.did.join(" "), did);
    });
  }

  test("a crash loop is told once, tried slowly, and over when it stays up", () => {
    const story = new Story(plain).tell("start");
    for (let death = 0; death < 4; death++) story.tell("ordered", "launched", "exit 1", "+2000");
    assert.equal(story.machine.state, "FATAL");
    story.tell("+28000", "ordered", "launched", "exit 1");
    assert.equal(story.machine.state, "FATAL");
    assert.equal(story.did.filter((what) => what === "crash_loop").length, 1);
    story.tell("+30000", "ordered", "launched", "+1000", "+10000");
    assert.equal(story.machine.state, "RUNNING");
    assert.equal(story.did.at(-1), "crash_loop_over");
    story.tell("exit 1");
    assert.equal(story.machine.dueAtMs, story.nowMs + 1000);
  });

  test("starts but the first are counted", () => {
    const story = new Story(plain).tell(...up, "exit 1", "+1000", "ordered", "launched", "+1000");
    assert.equal(story.machine.restarts, 1);
    story.tell("restart", "exit 0");
    assert.equal(story.machine.restarts, 2);
  });

  test("says why", () => {
    const story = new Story(served).tell(...up, "+5000");
    assert.equal(story.machine.reason, "was not ready within 5s");
    story.tell("+2000", "killed");
    assert.equal(story.machine.reason, "was not ready within 5s; it was killed after 2s");
    assert.equal(trafficOf(story.machine), "stopped");
    const stopped = new Story(served).tell(...up, "passed", "stop", "drained", "exit 0");
    assert.equal(
      stopped.machine.reason,
      "stop was asked for; its requests are finished; it exited with 0",
    );
    const daemon = new Story(plain).tell("start", "ordered", "launched", "exit 0");
    const gone = "exited with 0 before it was up: it must stay in the foreground";
    assert.equal(daemon.machine.reason, gone);
  });
});
