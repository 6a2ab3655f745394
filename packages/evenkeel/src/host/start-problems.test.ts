import { test } from "node:test";
import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { claimAddresses } from "../control/claim-addresses.ts";
import { fileLimitWarning, readFileLimit } from "./file-limit.ts";
import { listenProblem } from "../telemetry/listen-problem.ts";

const snapshotOf = (addresses: { host: string; port: number }[]): Snapshot =>
  ({ listeners: [{ name: "web", addresses }] }) as unknown as Snapshot;

test("an address that another program shares with nobody is found taken", async () => {
  const server = createServer().listen({ host: "127.0.0.1", port: 0, reusePort: true });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const failures = await claimAddresses(
    snapshotOf([
      { host: "127.0.0.1", port },
      { host: "127.0.0.1", port: 0 },
      { host: "192.0.2.1", port: 9 },
    ]),
  );
  assert.deepEqual(
    failures.map(({ listener, code }) => [listener, code]),
    [
      ["web", "EADDRINUSE"],
      ["web", "EADDRNOTAVAIL"],
    ],
  );
  const taken = snapshotOf([{ host: "127.0.0.1", port }]);
  assert.deepEqual(await claimAddresses(taken, taken), [], "the proxies have it themselves");
  server.close();
  await once(server, "close");
  assert.deepEqual(await claimAddresses(snapshotOf([{ host: "127.0.0.1", port }])), []);
});

test("every message names the address and a way out", () => {
  for (const [code, hint] of [
    ["EADDRINUSE", "ss -ltnp"],
    ["EACCES", "setcap"],
    ["EADDRNOTAVAIL", "ip address"],
    ["EMFILE", "ulimit -n"],
    ["EWEIRD", "EWEIRD"],
  ] as const) {
    const text = listenProblem("::1", 80, code);
    assert.ok(text.includes("[::1]:80") && text.includes(hint), text);
  }
});

test("a limit too low for the promised connections is warned of", () => {
  assert.equal(fileLimitWarning(1024, 100), undefined);
  assert.match(fileLimitWarning(1024, 1000) ?? "", /1024.*2256.*ulimit/s);
  assert.match(fileLimitWarning(1024, 0) ?? "", /unlimited/);
  assert.equal(fileLimitWarning(1_048_576, 0), undefined);
});

test("the limit is read from the system's table; without one nothing is known", () => {
  const file = join(mkdtempSync(join(tmpdir(), "evenkeel-")), "limits");
  writeFileSync(file, "Limit  Soft Limit\nMax open files            4242      524288     files\n");
  assert.equal(readFileLimit(file), 4242);
  assert.equal(readFileLimit(`${file}.missing`), undefined);
});
