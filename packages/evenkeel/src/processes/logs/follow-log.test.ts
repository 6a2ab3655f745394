import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followLog } from "./follow-log.ts";
import { createLogRotation } from "./log-rotation.ts";

const deadline = { timeout: 10_000 };

interface Following {
  readonly path: string;
  /** Resolves once all that came is this long. */
  readonly read: (length: number) => Promise<string>;
  /** Aborts; resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

function follow(t: TestContext, path: string, from: number): Following {
  const abort = new AbortController();
  let seen = "";
  let look = (): void => undefined;
  const running = (async () => {
    for await (const piece of followLog(path, from, abort.signal)) {
      seen += piece.toString();
      look();
    }
  })();
  t.after(() => abort.abort());
  return {
    path,
    read: (length) =>
      new Promise((resolve) => {
        look = () => {
          if (seen.length >= length) resolve(seen);
        };
        look();
      }),
    async stop() {
      abort.abort();
      await running;
    },
  };
}

function logIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-follow-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "app.log");
}

test(
  "what is written comes, from where it was asked for, until nobody wants it",
  deadline,
  async (t) => {
    const path = logIn(t);
    writeFileSync(path, "old\nnew\n");
    const { read, stop } = follow(t, path, 4);
    assert.equal(await read(4), "new\n");
    appendFileSync(path, "more\n");
    assert.equal(await read(9), "new\nmore\n");
    await stop();
  },
);

test("a log that does not exist yet is waited for", deadline, async (t) => {
  const path = logIn(t);
  const { read } = follow(t, path, 0);
  writeFileSync(path, "hello\n");
  assert.equal(await read(6), "hello\n");
});

for (const gzip of [false, true]) {
  test(
    `rotations are followed without a gap${gzip ? ", compressed ones too" : ""}`,
    deadline,
    async (t) => {
      const path = logIn(t);
      writeFileSync(path, "");
      const problems: string[] = [];
      const rotation = createLogRotation({
        logs: () => [{ path, settings: { rotateBytes: 1, rotateEveryMs: 0, keep: 2, gzip } }],
        problem: (_, problem) => problems.push(problem),
        rotated: () => undefined,
        nowMs: () => Date.now(),
      });
      const { read } = follow(t, path, 0);
      let expected = "";
      for (let round = 0; round < 8; round++) {
        const seen = `seen ${round} ${"s".repeat(round * 20)}\n`;
        appendFileSync(path, seen);
        expected += seen;
        await read(expected.length);
        // Written and moved before anybody looks; what follows is longer than what was there.
        const unseen = `unseen ${round} ${"u".repeat(100)}\n`;
        appendFileSync(path, unseen);
        await rotation.look();
        const after = `after ${round} ${"a".repeat(round % 2 === 0 ? 500 : 0)}\n`;
        appendFileSync(path, after);
        expected += unseen + after;
        assert.equal(await read(expected.length), expected);
      }
      assert.deepEqual(problems, []);
    },
  );
}

test("a log that was cut by somebody else is read from its start", deadline, async (t) => {
  const path = logIn(t);
  writeFileSync(path, "a long line before the cut\n");
  const { read } = follow(t, path, 0);
  await read(27);
  truncateSync(path, 0);
  appendFileSync(path, "new\n");
  assert.equal(await read(31), "a long line before the cut\nnew\n");
});
