/**
 * The fault laboratory as a command: a short run must come to plausible numbers and say what it saw.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { nginxes } from "../../lab/src/products/nginx.ts";
import type { ResultsFile } from "../../lab/src/results-file.ts";
import { pinnedNode } from "../support/pinned-node.ts";
import { within } from "../support/wait-for.ts";

const MAIN = fileURLToPath(new URL("../../lab/src/main.ts", import.meta.url));

let dir = "";
before(() => {
  dir = mkdtempSync(join(tmpdir(), "evenkeel-lab-test-"));
});
after(() => rmSync(dir, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function lab(line: string): Promise<Ended> {
  const child = spawn(pinnedNode(), [MAIN, ...line.split(" ")], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  try {
    return { code: await within("the laboratory", 60_000, ended), out, err };
  } finally {
    child.kill("SIGKILL");
  }
}

const hasNginx = nginxes.every((product) => product.missing() === undefined);

test("two scenarios, measured, judged and written down", async () => {
  const json = join(dir, "results.json");
  const html = join(dir, "results.html");
  const products = hasNginx ? "evenkeel-lc,nginx-rr" : "evenkeel-lc,evenkeel-rr";
  const { code, out, err } = await lab(
    `--products ${products} --scenarios kill,balancer-kill --rate 200 --seconds 1 --warm-up 0 --tries 1 --polite --json ${json} --html ${html}`,
  );
  assert.equal(code, 0, err);
  const { cells } = JSON.parse(readFileSync(json, "utf8")) as ResultsFile;
  assert.deepEqual(
    cells.map(({ scenario, product }) => `${scenario} ${product}`),
    ["kill", "balancer-kill"].flatMap((scenario) =>
      products.split(",").map((product) => `${scenario} ${product}`),
    ),
  );
  for (const { scenario, summary, marks, timeline } of cells) {
    assert.equal(summary.requests, 200);
    assert.equal(summary.wrong, 0);
    assert.equal(marks[0]?.label, "kill -9");
    assert.equal(timeline.ok.length, 10);
    // A dead instance can be hidden from clients, a dead balancer can't.
    if (scenario === "kill") assert.equal(summary.failed, 0);
    else assert.ok(summary.failed > 0, "a killed balancer must be seen");
  }
  assert.match(out, /met .*no failed idempotent request/);
  assert.match(readFileSync(html, "utf8"), /Where Evenkeel loses/);
});

test("it names what can be asked for, and refuses what it does not know", async () => {
  const listing = await lab("--list");
  assert.equal(listing.code, 0);
  assert.match(listing.out, /^haproxy-lc /m);
  assert.match(listing.out, /^keep-alive-race /m);
  const unknown = await lab("--scenarios earthquake");
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /unknown scenario "earthquake"; known: kill, stop/);
});
