import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProcessSettings } from "../../snapshot/process-settings.ts";
import { configure, desire, problemsOf, warningsOf } from "../testing/configure.ts";

function settingsOf(keys: string): ProcessSettings {
  const text = `upstreams: { u: {} }\nprocesses: { p: { command: ./app, ${keys} } }`;
  return desire(text).processes[0]!;
}

describe("a process", () => {
  test("has defaults that serve", () => {
    const folder = configure("").folder;
    const { fingerprint, ...rest } = settingsOf("");
    assert.ok(fingerprint.length > 20);
    assert.deepEqual(rest, {
      name: "p",
      command: ["./app"],
      cwd: folder,
      user: undefined,
      env: {},
      umask: undefined,
      host: "127.0.0.1",
      ports: undefined,
      instances: 1,
      upstream: undefined,
      weight: 1,
      priority: 999,
      dependsOn: [],
      autostart: true,
      ready: { kind: "uptime", uptimeMs: 1000, timeoutMs: 30_000 },
      restart: {
        policy: "always",
        expectedExitCodes: [0],
        delaysMs: [1000, 1000, 2000, 5000, 30_000],
        jitterPercent: 25,
        limit: { count: 5, windowMs: 600_000 },
        // oxlint-disable-next-line no-thenable -- a word, not a function
        then: "slow",
        slowMs: 300_000,
        resetAfterMs: 60_000,
      },
      stop: { drainMs: 30_000, signal: "SIGTERM", timeoutMs: 10_000, group: true },
      memoryBytes: undefined,
      metricsPath: undefined,
      logs: {
        dir: `${folder}/.evenkeel/logs`,
        separate: false,
        rotateBytes: 50 * 1024 * 1024,
        rotateEveryMs: 0,
        keep: 10,
        gzip: false,
      },
    });
  });

  const ports: Readonly<Record<string, readonly number[] | undefined>> = {
    "upstream: u": [],
    "env: { PORT: '{{port}}' }": [],
    "ports: auto": [],
    "ports: 9100": [9100],
    "ports: 9100-9102": [9100, 9101, 9102],
    "ports: [9105, 9100-9101, 9101]": [9105, 9100, 9101],
    "env: { PORT: x }": undefined,
  };
  for (const [keys, expected] of Object.entries(ports)) {
    test(`ports of ${keys}`, () => assert.deepEqual(settingsOf(keys).ports, expected));
  }

  const ready: Readonly<Record<string, string>> = {
    "upstream: u": "probe tcp",
    "upstream: u, ready: { http: /r }": "probe http",
    "ready: notify": "notify",
    "ready: { notify: true }": "notify",
    "ready: { command: 'x y' }": "probe command",
    "upstream: u, ready: { uptime: 3s }": "uptime",
  };
  for (const [keys, expected] of Object.entries(ready)) {
    test(`readiness of ${keys}`, () => {
      const found = settingsOf(keys).ready;
      const kind = found.kind === "probe" ? ` ${found.probe.protocol}` : "";
      assert.equal(found.kind + kind, expected);
    });
  }

  test("a fingerprint changes with what needs new instances, and with nothing else", () => {
    const before = settingsOf("upstream: u").fingerprint;
    for (const keys of [
      "env: { A: b }",
      "cwd: x",
      "umask: '022'",
      "host: '127.0.0.2'",
      "ports: 9100",
      "logs: { separate: true }",
      "ready: notify",
    ]) {
      assert.notEqual(settingsOf(`upstream: u, ${keys}`).fingerprint, before, keys);
    }
    for (const keys of [
      "instances: 4",
      "weight: 3",
      "stop: { timeout: 1s }",
      "restart: never",
      "memory: 1GiB",
      "logs: { rotate: off }",
      "ready: { http: /x }",
    ]) {
      assert.equal(settingsOf(`upstream: u, ${keys}`).fingerprint, before, keys);
    }
  });

  test("another user is told whom it runs as; only root may do that", () => {
    const keys = "user: daemon, env: { HOME: /own }";
    if (process.geteuid?.() === 0) {
      const { user, env } = settingsOf(keys);
      assert.ok(user && user.uid > 0);
      assert.deepEqual(env, { HOME: "/own", USER: "daemon", LOGNAME: "daemon" });
      return;
    }
    const [problem] = problemsOf(`processes: { p: { command: x, ${keys} } }`);
    assert.match(problem ?? "", /only root may run programs as somebody else/);
  });

  test("numbers and truth values of the environment are text", () => {
    assert.deepEqual(settingsOf("env: { A: 1, B: true, C: x }").env, { A: "1", B: "true", C: "x" });
  });
});

const processes = (text: string): string => `upstreams: { u: {} }\nprocesses:\n  ${text}`;

describe("a mistake in processes is told:", () => {
  const cases: readonly [text: string, problem: string][] = [
    ["p: { command: x, upstream: zebra }", "p.upstream: there is no such upstream; got zebra"],
    [
      "p: { command: 'x \"y' }",
      "p.command: must be a program and its arguments, with every quote closed, such as \"./app --name 'my app'\"; got 'x \"y'",
    ],
    ["p: { command: [] }", "p.command: must not be empty; got a list"],
    ["p: {}", "p.command: is required"],
    ["p: { command: x, depends_on: zebra }", "p.depends_on: there is no such process; got zebra"],
    [
      "p: { command: x, umask: 27 }",
      'p.umask: must be an octal number in quotes such as "027"; got 27',
    ],
    ["p: { command: x, ports: 9100-9101, instances: 3 }", "p.ports: there are 2 for 3 instances"],
    ["p: { command: x, ready: tcp }", "p.ready: tcp needs a port to ask; add ports: auto"],
    [
      "p: { command: x, ready: {} }",
      "p.ready: must have exactly one of http, tcp, command, notify, uptime; it has none",
    ],
    [
      "p: { command: x, ports: auto, ready: { tcp: true, http: /x } }",
      "p.ready: must have exactly one of http, tcp, command, notify, uptime; it has http and tcp",
    ],
    [
      "p: { command: x, user: nobody-of-this-name }",
      "p.user: there is no user nobody-of-this-name",
    ],
    [
      "p: { command: x, env: { EVENKEEL_READY_FD: x } }",
      "p.env.EVENKEEL_READY_FD: must be a name such as LOG_LEVEL, and not begin with EVENKEEL_",
    ],
    [
      "p: { command: x, restart: { limit: often } }",
      'p.restart.limit: must be a number of restarts in a time such as "5 in 10m", or off; got often',
    ],
    ["all: { command: x }", 'all: can\'t be called "all": that means all of them'],
  ];
  for (const [text, expected] of cases) {
    test(expected, () => {
      const [found = "", ...more] = problemsOf(processes(text));
      assert.deepEqual(more, []);
      assert.equal(found.replace(/^.*? processes\./, ""), expected);
    });
  }

  test("a circle of dependencies, once for each who is in it", () => {
    const text =
      "a: { command: x, depends_on: b }\n  b: { command: x, depends_on: [c] }\n  c: { command: x, depends_on: [a, d] }\n  d: { command: x }";
    assert.deepEqual(
      problemsOf(processes(text)).map((line) => line.replace(/^.*? processes\./, "")),
      [
        "a.depends_on: is a circle: a needs b needs c needs a",
        "b.depends_on[0]: is a circle: b needs c needs a needs b",
        "c.depends_on[0]: is a circle: c needs a needs b needs c",
      ],
    );
  });

  test("a port of two", () => {
    const text =
      "a: { command: x, ports: 9100-9102 }\n  b: { command: x, ports: 9102-9103 }\n  c: { command: x, ports: 9900 }\n  d: { command: x, host: 127.0.0.2, ports: 9100 }";
    assert.deepEqual(
      problemsOf(processes(text)).map((line) => line.replace(/^.*? processes\./, "")),
      ["b.ports: 9102 is already a port of process a", "c.ports: 9900 is already a port of admin"],
    );
  });

  test("all addresses have the port of each, whoever comes first", () => {
    const text =
      "a: { command: x, ports: 9100 }\n  b: { command: x, host: 0.0.0.0, ports: 9100 }\n  c: { command: x, host: 0.0.0.0, ports: 9101 }\n  d: { command: x, ports: 9101 }";
    assert.deepEqual(
      problemsOf(processes(text)).map((line) => line.replace(/^.*? processes\./, "")),
      [
        "b.ports: 9100 is already a port of process a",
        "d.ports: 9101 is already a port of process c",
      ],
    );
  });

  test("a name that is an instance of another", () => {
    assert.match(
      problemsOf(processes("a: { command: x }\n  a.1: { command: x }")).join(),
      /is also the name of an instance of a/,
    );
  });
});

describe("warnings", () => {
  const warn = (text: string): string[] =>
    warningsOf(`listeners: { w: 80 }\nroutes: [{ upstream: u }]\n${processes(text)}`).map((line) =>
      line.replace(/^.*?:\d+:\d+ /, ""),
    );

  const cases: readonly [text: string, ...warnings: string[]][] = [
    ["p: { command: x, upstream: u }"],
    ["p: { command: x, upstream: u, instances: 2, ports: 9100-9102 }"],
    [
      "p: { command: x, upstream: u, instances: 2, ports: 9100-9101 }",
      "processes.p.ports: has no port to spare: a replacement starts only after the old instance stopped (one more lets it be ready first)",
    ],
    [
      "p: { command: [x, '{{prot}}'], upstream: u }",
      "processes.p.command[1]: {{prot}} means nothing here and stays as it is",
    ],
    [
      "p: { command: x, upstream: u, depends_on: q }\n  q: { command: x, autostart: false }",
      "processes.p.depends_on: waits for q, which does not start by itself",
    ],
  ];
  for (const [text, ...expected] of cases) {
    test(text, () => assert.deepEqual(warn(text), expected));
  }
});
