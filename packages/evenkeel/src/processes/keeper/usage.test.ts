import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createUsageSampler, parseUsage, readUnits, readUsage, type Usage } from "./usage.ts";

const units = { ticksPerSecond: 100, pageBytes: 4096 };
const line =
  "77 (a) ) (b) S 1 77 77 0 -1 4194304 900 0 0 0 250 50 7 7 20 0 11 0 123456 1000000 2000 18446744073709551615 1";

test("the line of a process is read, whatever its name", () => {
  assert.deepEqual(parseUsage(Buffer.from(line), units), {
    cpuSeconds: 3,
    memoryBytes: 8_192_000,
    startTicks: 123_456,
  });
});

test("the units are the kernel's", () => {
  assert.deepEqual(parseUsage(Buffer.from(line), { ticksPerSecond: 1000, pageBytes: 65_536 }), {
    cpuSeconds: 0.3,
    memoryBytes: 131_072_000,
    startTicks: 123_456,
  });
});

for (const text of ["", "nonsense", "1 (x) S 1 2 3", line.replace(" S ", " Z ")]) {
  test(`no usage in: ${JSON.stringify(text)}`, () =>
    assert.equal(parseUsage(Buffer.from(text), units), undefined));
}

test("of this very process it is what Node says, roughly", () => {
  const { user, system } = process.cpuUsage();
  const usage = readUsage(process.pid, readUnits())!;
  assert.ok(Math.abs(usage.cpuSeconds - (user + system) / 1e6) < 0.2);
  const rss = process.memoryUsage.rss();
  assert.ok(Math.abs(usage.memoryBytes - rss) < rss / 4, `${usage.memoryBytes} against ${rss}`);
});

test("nobody uses nothing", () => assert.equal(readUsage(0, units), undefined));

test("the units found here are sane", () => {
  const { ticksPerSecond, pageBytes } = readUnits();
  assert.equal(ticksPerSecond, 100);
  assert.ok(readFileSync("/proc/self/smaps", "utf8").includes(`KernelPageSize:`));
  const kilobytes = /KernelPageSize:\s+(\d+) kB/.exec(readFileSync("/proc/self/smaps", "utf8"))![1];
  assert.equal(pageBytes, Number(kilobytes) * 1024);
});

function fakeSampler(): {
  readonly sampler: ReturnType<typeof createUsageSampler>;
  readonly set: (pid: number, usage: Partial<Usage> | undefined) => void;
  readonly clock: { nowMs: number };
} {
  const all = new Map<number, Usage>();
  const clock = { nowMs: 1000 };
  return {
    clock,
    sampler: createUsageSampler({ read: (pid) => all.get(pid), nowMs: () => clock.nowMs }),
    set(pid, usage) {
      if (usage) all.set(pid, { cpuSeconds: 0, memoryBytes: 5, startTicks: 1, ...usage });
      else all.delete(pid);
    },
  };
}

test("the share is that between two samples, and above 1 for several threads", () => {
  const { sampler, set, clock } = fakeSampler();
  set(7, { cpuSeconds: 10 });
  assert.deepEqual(sampler.sample(7), { cpu: undefined, memoryBytes: 5 });
  clock.nowMs += 2000;
  set(7, { cpuSeconds: 11, memoryBytes: 6 });
  assert.deepEqual(sampler.sample(7), { cpu: 0.5, memoryBytes: 6 });
  clock.nowMs += 1000;
  set(7, { cpuSeconds: 13 });
  assert.equal(sampler.sample(7)!.cpu, 2);
  clock.nowMs += 499; // Too close for a coarse clock.
  set(7, { cpuSeconds: 13.1 });
  assert.equal(sampler.sample(7)!.cpu, 2);
  clock.nowMs += 501;
  assert.ok(Math.abs(sampler.sample(7)!.cpu! - 0.1) < 1e-9);
});

test("another process with the number starts anew; a dead one is forgotten", () => {
  const { sampler, set, clock } = fakeSampler();
  const sampleLater = () => {
    clock.nowMs += 1000;
    return sampler.sample(7);
  };
  set(7, { cpuSeconds: 10 });
  sampleLater();
  set(7, { cpuSeconds: 1, startTicks: 2 });
  assert.equal(sampleLater()!.cpu, undefined);
  set(7, undefined);
  assert.equal(sampleLater(), undefined);
  set(7, { cpuSeconds: 2, startTicks: 2 });
  assert.equal(sampleLater()!.cpu, undefined);
  assert.equal(sampleLater()!.cpu, 0);
});

test("processes that nobody asks about any more are forgotten", () => {
  const { sampler, set, clock } = fakeSampler();
  for (let pid = 1; pid <= 100; pid++) {
    set(pid, {});
    sampler.sample(pid);
  }
  clock.nowMs += 60_001;
  set(101, {});
  sampler.sample(101);
  assert.equal(sampler.sample(1)!.cpu, undefined, "as at the first time");
});
