/** Standard output leads to a collector that has stopped to read. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { startEvenkeel } from "../support/evenkeel.ts";
import { runOpenLoop } from "../support/open-loop.ts";
import { startOrigin } from "../support/origin.ts";
import { waitFor } from "../support/wait-for.ts";
import { scene, statusOf, summary } from "./testing/scene.ts";

test(
  "nobody reads its output: traffic, control and shutdown go on",
  { timeout: 60_000 },
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-output-"));
    stack.defer(() => rmSync(folder, { recursive: true }));
    const pipe = join(folder, "stdout");
    execFileSync("mkfifo", [pipe]);
    // Both ends open, so that neither waits for the other; nothing is read until the end.
    const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    stack.defer(() => closeSync(descriptor));
    const origin = stack.use(await startOrigin({ name: "a" }));
    await using evenkeel = await startEvenkeel({
      config: scene({ endpoints: [origin.address], top: { access_log: { path: "stdout" } } }),
      wrap: ["sh", "-c", 'exec "$0" "$@" > "$PIPE"'],
      env: { PIPE: pipe },
      t,
    });
    const load = { url: evenkeel.url("web"), ratePerSecond: 500, durationMs: 1_500 };
    const run = await runOpenLoop(load);
    t.diagnostic(summary(run));
    assert.deepEqual(run.byStatus, { 200: run.sent });
    // Far more words of its own than a pipe holds.
    await evenkeel.rewrite("nonsense: 1\n");
    for (let refused = 1; refused <= 150; refused++) {
      evenkeel.signal("SIGHUP");
      await waitFor("the refusal", async () => {
        return (await statusOf(evenkeel)).config.reloads_refused === refused;
      });
    }
    const again = await runOpenLoop({ ...load, durationMs: 500 });
    assert.deepEqual(again.byStatus, { 200: again.sent });
    assert.deepEqual(await evenkeel.stop(), { code: 0, signal: null });
    const bytes = Buffer.alloc(1 << 20);
    const text = bytes.toString("utf8", 0, readSync(descriptor, bytes));
    assert.ok(text.length > 30_000, `${text.length} bytes in the pipe`);
    for (const line of text.split("\n").slice(0, -1)) JSON.parse(line);
  },
);
