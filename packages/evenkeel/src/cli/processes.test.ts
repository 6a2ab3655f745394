import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { runCommandLine } from "./program.ts";

interface Fixture {
  readonly asked: string[];
  readonly run: (
    ...words: readonly string[]
  ) => Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

/** An admin address that answers everything alike, and notes what it was asked. */
async function fixture(t: TestContext, status = 200, body?: unknown): Promise<Fixture> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    request.on("end", () => {
      asked.push(`${request.method} ${request.url}${text === "" ? "" : ` ${text}`}`);
      const isLog = request.url?.includes("/logs") === true && status === 200;
      response.writeHead(status);
      response.end(isLog ? "one\ntwo\nhalf" : JSON.stringify(body ?? { processes: [] }));
    });
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    run: async (...words) => {
      const out: string[] = [];
      const err: string[] = [];
      const code = await runCommandLine([...words, "--admin", `http://127.0.0.1:${port}`], {
        print: (line) => void out.push(line),
        warn: (line) => void err.push(line),
        stdout: {},
        environment: {},
      });
      return { code, out: out.join("\n"), err: err.join("\n") };
    },
  };
}

const cases: readonly [words: readonly string[], ...asked: string[]][] = [
  [["ps"], "GET /processes"],
  [["start", "api"], "POST /processes/api/start"],
  [["stop", "api.1", "a b"], "POST /processes/api.1/stop", "POST /processes/a%20b/stop"],
  [["restart", "all"], "POST /processes/all/restart"],
  [["reload", "api"], "POST /processes/api/reload"],
  [["rollback", "api"], "POST /processes/api/rollback"],
  [["signal", "api.1", "HUP"], 'POST /processes/api.1/signal {"signal":"HUP"}'],
  [["scale", "api", "3"], 'PUT /processes/api/instances {"instances":3}'],
  [["logs", "api.1"], "GET /processes/api.1/logs?lines=100"],
  [
    ["logs", "api.1", "-f", "-n", "5", "--err"],
    "GET /processes/api.1/logs?lines=5&follow=1&stream=err",
  ],
];

describe("the command line asks for what is said:", () => {
  for (const [words, ...expected] of cases) {
    test(words.join(" "), async (t) => {
      const { run, asked } = await fixture(t);
      const { code, err } = await run(...words);
      assert.deepEqual([code, err], [0, ""]);
      assert.deepEqual(asked, expected);
    });
  }

  test("reload without a name is that of the configuration", async (t) => {
    const { run, asked } = await fixture(t, 200, {
      outcome: "unchanged",
      changes: [],
      problems: [],
    });
    assert.equal((await run("reload")).out, "nothing changed");
    assert.deepEqual(asked, ["POST /reload"]);
  });
});

test("logs are printed line by line, the unfinished one at the end", async (t) => {
  const { run } = await fixture(t);
  assert.equal((await run("logs", "api.1")).out, "one\ntwo\nhalf");
});

test("what can't be done is said, and nothing more is asked", async (t) => {
  const { run, asked } = await fixture(t, 404, {
    error: 'There is no process "x"; there is: api.',
  });
  for (const words of [
    ["stop", "x", "y"],
    ["logs", "x"],
  ]) {
    const { code, err } = await run(...words);
    assert.deepEqual([code, err], [1, 'evenkeel: There is no process "x"; there is: api.']);
  }
  assert.equal(asked.length, 2);
});

test("a number that is none is bad usage", async (t) => {
  const { run, asked } = await fixture(t);
  assert.equal((await run("scale", "api", "many")).code, 2);
  assert.deepEqual(asked, []);
});

test("ps as JSON is what was answered", async (t) => {
  const { run } = await fixture(t);
  assert.deepEqual(JSON.parse((await run("ps", "--json")).out), { processes: [] });
});
