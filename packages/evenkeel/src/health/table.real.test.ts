import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { GIVEN_UP, TAKES_BOUND, TAKES_NEW, createBoard } from "../board/board.ts";
import { systemClock, systemTimers } from "./clock.ts";
import { runProbe } from "./probes/run-probe.ts";
import { createHealthTable } from "./table.ts";
import { endpoint, someCheck, upstream } from "./testing/settings.ts";

test("follows a real origin that dies and comes back, on the machine's own clock", async () => {
  const origin = createServer((socket) => socket.on("error", () => socket.destroy()));
  const listen = async (port: number): Promise<void> => {
    origin.listen(port, "127.0.0.1");
    await once(origin, "listening");
  };
  await listen(0);
  const { port } = origin.address() as AddressInfo;
  const board = createBoard(1);
  const table = createHealthTable({
    board,
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    probe: runProbe,
    onChange: () => undefined,
  });
  const check = { ...someCheck, intervalMs: 20, fastIntervalMs: 5, jitterPercent: 10 };
  table.apply([upstream("u", [endpoint("a", 1, { port })], { check, panicPercent: 0 })]);
  const bitsAre = (bits: number) => (): boolean => board.state[1] === bits;

  await waitFor("the first pass", bitsAre(TAKES_NEW | TAKES_BOUND));
  origin.close();
  await waitFor("three failures", bitsAre(GIVEN_UP));
  assert.equal(table.list()[0]!.reason, "3 checks in a row failed: connection refused");
  await listen(port);
  await waitFor("two passes", bitsAre(TAKES_NEW | TAKES_BOUND));
  assert.equal(table.list()[0]!.reason, "2 checks in a row passed");

  await table.close();
  origin.close();
  await once(origin, "close");
});
