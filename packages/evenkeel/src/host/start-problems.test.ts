import { test } from "node:test";
import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { claimAddresses } from "../control/claim-addresses.ts";
import { fileLimitWarning } from "./file-limit.ts";
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

for (const [name, limit, bounds, said] of [
  ["enough for what is written", 1024, [100], undefined],
  ["too low for what is written", 1024, [1000], /1024.*2256.*ulimit/s],
  ["too low for what is written on all listeners together", 1024, [200, 300], /1024.*1256/s],
  ["nothing is written", 20_000, [9872], undefined],
  ["nothing is written on either listener", 20_000, [9872, 9872], undefined],
  ["nothing is written and files abound", 1_048_576, [20_000], undefined],
  ["too low for no bound at all", 1024, [0], /unlimited/],
  ["enough for no bound at all", 1_048_576, [0], undefined],
] as const) {
  test(`the limit of open files: ${name}`, () => {
    const warning = fileLimitWarning(limit, bounds);
    if (said === undefined) assert.equal(warning, undefined);
    else assert.match(warning ?? "", said);
  });
}
