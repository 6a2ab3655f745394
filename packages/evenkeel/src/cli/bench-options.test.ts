import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { Command } from "commander";

import { addBenchCommand } from "./bench-command.ts";
import { connectionsThatFit, readSystemLimits, requireConnections } from "./bench-limits.ts";
import { type BenchOptions, type BenchWords, readBenchOptions, readUrl } from "./bench-options.ts";
import { Failure } from "./failure.ts";

/** The words as commander hands them over, defaults included. */
function wordsOf(line: readonly string[]): BenchWords {
  const program = new Command("evenkeel").exitOverride();
  const terminal = { print: () => {}, warn: () => {}, stdout: {}, environment: {} };
  addBenchCommand(program, terminal, () => {});
  const bench = program.commands.find((command) => command.name() === "bench")!;
  bench.action(() => {});
  program.parse(["bench", "http://x/", ...line], { from: "user" });
  return bench.opts();
}

const read = (...line: string[]): BenchOptions => readBenchOptions(wordsOf(line));

describe("a load", () => {
  for (const [line, mode, loads] of [
    [["--rate", "250.5"], "open", [250.5]],
    [["--connections", "64"], "closed", [64]],
    [["--from", "100", "--to", "300", "--step", "100"], "open", [100, 200, 300]],
    [["--from", "10", "--to", "40", "--step", "x2", "--closed"], "closed", [10, 20, 40]],
    [["--from", "500", "--to", "1000"], "open", [500, 600, 700, 800, 900, 1_000]],
  ] as const) {
    test(line.join(" "), () => {
      const { plan } = read(...line);
      assert.equal(plan.mode, mode);
      assert.deepEqual(plan.loads, loads);
    });
  }

  test("has the defaults that help tells", () => {
    const { plan, timeoutMs, request } = read("--rate", "100");
    assert.deepEqual(
      [
        plan.holdMs,
        plan.warmUpMs,
        plan.settleMs,
        plan.beyond,
        plan.bisections,
        plan.maxConnections,
      ],
      [20_000, 10_000, 2_000, 1, 0, 1_000],
    );
    assert.equal(plan.maxQueue(100), 1_000, "all that comes due within the timeout");
    assert.equal(timeoutMs, 10_000);
    assert.deepEqual(request, { method: "GET", headers: [], body: undefined, keepAlive: true });
  });

  test("uses no more connections than fit, unless a number is said", () => {
    assert.equal(readBenchOptions(wordsOf(["--rate", "1"]), 50).plan.maxConnections, 50);
    const said = wordsOf(["--rate", "1", "--max-connections", "70"]);
    assert.equal(readBenchOptions(said, 50).plan.maxConnections, 70);
  });

  test("does not use more threads than connections", () => {
    assert.equal(read("--connections", "1").threads, 1);
  });
});

describe("a request", () => {
  test("with a body is a POST", () => {
    const { request } = read(
      "--rate",
      "1",
      "--body",
      "a=1",
      "-H",
      "X-A: 1",
      "-H",
      "X-B:2",
      "--host",
      "h",
    );
    assert.equal(request.method, "POST");
    assert.equal(Buffer.from(request.body!).toString(), "a=1");
    assert.deepEqual(request.headers, [
      ["X-A", "1"],
      ["X-B", "2"],
      ["Host", "h"],
    ]);
  });

  test("takes its body from a file", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-bench-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "body"), Buffer.from([0, 255]));
    const { request } = read("--rate", "1", "-X", "put", "--body-file", join(folder, "body"));
    assert.equal(request.method, "PUT");
    assert.deepEqual([...request.body!], [0, 255]);
  });
});

describe("bad usage", () => {
  for (const [line, message] of [
    [[], /say how much load with one of/],
    [["--rate", "1", "--connections", "2"], /with only one of/],
    [["--from", "1"], /go together/],
    [["--from", "5", "--to", "1"], /--from 5 is above --to 1/],
    [["--rate", "0"], /--rate wants a number above 0/],
    [["--rate", "1", "--closed"], /--closed goes with --from and --to/],
    [["--connections", "1.5"], /--connections wants a whole number/],
    [["--from", "1", "--to", "9", "--step", "fast"], /--step wants a distance/],
    [["--from", "1", "--to", "9", "--step", "0.5", "--closed"], /--step wants a distance/],
    [["--from", "1", "--to", "99999", "--step", "1"], /more than 1,000 steps/],
    [["--rate", "1", "--hold", "20"], /--hold wants a duration/],
    [["--rate", "1", "--hold", "5ms"], /--hold must be at least 100ms/],
    [["--rate", "1", "--timeout", "0"], /--timeout must be at least/],
    [["--rate", "1", "--timeout", "1h"], /--timeout may be 30m at most/],
    [["--rate", "1", "--threads", "0"], /--threads wants a whole number/],
    [["--connections", "2", "--threads", "3"], /more than there are connections/],
    [["--rate", "1", "--bisect", "none"], /--bisect wants a whole number/],
    [["--rate", "1", "--expect", "ok"], /--expect wants statuses/],
    [["--rate", "1", "-H", "no colon"], /--header wants a line/],
    [["--rate", "1", "-H", "X: a\r\nY: b"], /--header wants a line/],
    [["--rate", "1", "-H", "Content-Length: 5"], /written by the generator itself/],
    [["--rate", "1", "-X", "G ET"], /--method wants a name/],
    [["--rate", "1", "-X", "CONNECT"], /tunnel/],
    [["--rate", "1", "--body", "a", "--body-file", "b"], /two bodies/],
    [["--rate", "1", "--body-file", "/nowhere"], /can't be read \(ENOENT\)/],
    [["--rate", "1", "--slo", "p99<fast"], /--slo: p99 wants a duration/],
  ] as const) {
    test(line.join(" ") || "nothing", () => {
      assert.throws(
        () => read(...line),
        (error: unknown) => {
          assert.ok(error instanceof Failure);
          assert.equal(error.exitCode, 2);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  test("an SLO is pointed at where it is wrong", () => {
    assert.throws(
      () => read("--rate", "1", "--slo", "p99<50,errors<1%"),
      (error: unknown) => {
        assert.ok(error instanceof Failure);
        assert.equal(error.details, "  p99<50,errors<1%\n      ^");
        return true;
      },
    );
  });

  for (const [url, message] of [
    [undefined, /say what to load/],
    ["ftp://x/", /a URL such as/],
    ["http://", /a URL such as/],
    ["http://user:secret@x/", /ends up in reports/],
  ] as const) {
    test(`the URL ${url ?? "left out"}`, () => {
      assert.throws(() => readUrl(url), message);
    });
  }

  test("a URL may do without its scheme", () => {
    assert.equal(readUrl("localhost:8080/x").href, "http://localhost:8080/x");
  });
});

describe("the machine's limits", () => {
  test("say how to raise them", () => {
    assert.throws(() => requireConnections(5_000, { openFiles: 1_024, localPorts: 28_232 }), {
      message: /need 5100 open files.*may have 1024.*ulimit -n 5100.*at most 924 connections/,
    });
    assert.throws(() => requireConnections(30_000, { openFiles: undefined, localPorts: 28_232 }), {
      message: /30000 connections to one address.*there are 28232.*ip_local_port_range/,
    });
    assert.doesNotThrow(() => requireConnections(5_000, { openFiles: 5_100, localPorts: 5_000 }));
  });

  test("bound what is used without asking", () => {
    assert.equal(connectionsThatFit({ openFiles: 1_024, localPorts: 28_232 }), 924);
    assert.equal(connectionsThatFit({ openFiles: 10, localPorts: undefined }), 1);
    assert.equal(connectionsThatFit({ openFiles: undefined, localPorts: undefined }), Infinity);
  });

  test("are unknown where the system does not tell", () => {
    assert.equal(readSystemLimits("/nowhere").localPorts, undefined);
  });
});
