import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceDocument } from "../admin/process-document.ts";
import { renderProcesses } from "./ps-view.ts";

const nowMs = Date.parse("2026-01-02T03:04:05.000Z");

const instance = (more: Partial<InstanceDocument>): InstanceDocument => ({
  name: "api.1",
  process: "api",
  index: 1,
  state: "READY",
  reason: "passed",
  since: "2026-01-02T03:03:00.000Z",
  pid: 4711,
  started_at: null,
  address: "127.0.0.1:9001",
  upstream: "front",
  restarts: 0,
  last_exit: null,
  next_start: null,
  adopted: false,
  done: false,
  outdated: null,
  cpu: 0.123,
  memory_bytes: 52_428_800,
  log: "/x",
  error_log: null,
  ...more,
});

test("a line per instance, aligned", () => {
  const text = renderProcesses(
    [
      instance({}),
      instance({
        name: "worker.12",
        state: "BACKOFF",
        reason: "exited with 1",
        pid: null,
        address: null,
        cpu: null,
        memory_bytes: null,
        restarts: 31,
        next_start: "2026-01-02T03:04:06.500Z",
      }),
      instance({ name: "old.1", adopted: true, memory_bytes: 1_610_612_736 }),
    ],
    nowMs,
    (_color, text) => text,
  );
  assert.equal(
    text,
    `
NAME       STATE    SINCE   PID  ADDRESS         CPU     MEM  RESTARTS  REASON
api.1      READY    1m 5s  4711  127.0.0.1:9001  12%   50MiB         0  passed
worker.12  BACKOFF  1m 5s     -  -                 -       -        31  exited with 1; starts in 2s
old.1      READY    1m 5s  4711  127.0.0.1:9001  12%  1.5GiB         0  passed (adopted)`.trim(),
  );
});

test("colours tell what needs somebody", () => {
  const colors: string[] = [];
  const states = [
    instance({ state: "RUNNING" }),
    instance({ state: "STARTING" }),
    instance({ state: "DRAINING" }),
    instance({ state: "FATAL" }),
    instance({ state: "EXITED" }),
    instance({ state: "EXITED", next_start: "2026-01-02T03:04:06.500Z" }),
    instance({ state: "STOPPED" }),
  ];
  renderProcesses(states, nowMs, (color, text) => {
    colors.push(color);
    return text;
  });
  assert.deepEqual(colors, ["green", "yellow", "yellow", "red", "gray", "red", "gray"]);
});

test("no processes are no table", () => {
  assert.equal(
    renderProcesses([], nowMs, (_color, text) => text),
    "there are no instances",
  );
});

test("80 columns are enough: reasons of what is not well stand below", () => {
  const all = [
    instance({ name: "payment.1", address: "127.0.0.1:21100", reason: "GET /readyz answered 200" }),
    instance({ name: "once.1", state: "EXITED", done: true, reason: "exited with 0" }),
    instance({ name: "reports.1", state: "FATAL", reason: "a crash loop: exited with 1" }),
  ];
  const text = renderProcesses(all, nowMs, (_color, plain) => plain, 80);
  const [titles = "", ...lines] = text.split("\n");
  assert.match(titles, /RESTARTS$/);
  assert.ok(lines.slice(0, 3).every((line) => line.length <= 80));
  assert.deepEqual(lines.slice(3), [
    "",
    "reports.1: a crash loop: exited with 1; evenkeel start reports.1 tries again",
  ]);
});

test("instances that run by older settings are told of once for each process", () => {
  const why = "api.1 did not come up: it exited with 2; the old one stays";
  const all = [instance({ outdated: why }), instance({ name: "api.2", outdated: why })];
  const text = renderProcesses(all, nowMs, (_color, plain) => plain);
  assert.equal(
    text.split("\n").at(-1),
    `api: 2 instances run by older settings: ${why}. evenkeel reload api tries again, evenkeel rollback api stays with them`,
  );
});
