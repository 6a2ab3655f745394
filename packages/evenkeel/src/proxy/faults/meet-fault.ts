/** What a fault does to an attempt whose connection is ready to send. */
import type { FaultEffect, FaultSettings } from "../../snapshot/fault.ts";
import type { AttemptOwner } from "../upstream/attempt.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import type { RouteRules } from "../router/route-rules.ts";
import { drawFault } from "./fault-list.ts";
import type { TimerWheel } from "../timer-wheel.ts";

/** The attempt, as far as faults need to know it. */
export interface FaultSurroundings {
  readonly rules: Pick<RouteRules, "firstByteMs" | "timeouts">;
  readonly wheel: TimerWheel;
  readonly owner: AttemptOwner;
  /** Sends the request as usual. */
  readonly send: () => void;
}

/** Where no time-out bounds a connect, a partition breaks it after this long. */
const USUAL_CONNECT_MS = 1000;

/** Draws a fault and does it; false where the attempt meets none, and must be sent as usual. From
 * then on it goes as if the origin or the network had done it: time-outs, retries and judgement are
 * those of every other attempt. */
export function meetFault(
  faults: readonly FaultSettings[],
  connection: OriginConnection,
  around: FaultSurroundings,
): boolean {
  const effect = drawFault(faults, connection.endpoint, Date.now(), Math.random);
  if (effect === undefined) return false;
  carryOut(effect, connection, around);
  return true;
}

function carryOut(
  effect: FaultEffect,
  connection: OriginConnection,
  { rules, wheel, owner, send }: FaultSurroundings,
): void {
  const { firstByteMs, timeouts } = rules;
  const later = (ms: number, run: () => void): void => {
    const timer = wheel.timer(() => connection.isServing(owner) && run());
    timer.set(Math.max(1, ms));
  };
  switch (effect.kind) {
    case "latency": {
      awaitSilently(connection, firstByteMs);
      const jitterMs = (Math.random() * 2 - 1) * effect.jitterMs;
      return later(effect.delayMs + jitterMs, send);
    }
    case "hang":
      return awaitSilently(connection, firstByteMs);
    case "abort":
      awaitSilently(connection, firstByteMs);
      return later(1, () => connection.receive(answerOf(effect.status)));
    case "reset":
      send();
      // Before the event loop turns: no answer may come first.
      return queueMicrotask(() => {
        if (connection.isServing(owner)) connection.breakOff("origin_reset");
      });
    case "bandwidth":
      connection.paceBytesPerSecond = effect.bytesPerSecond;
      return send();
    case "partition":
      return later(timeouts.connectMs || USUAL_CONNECT_MS, () =>
        connection.breakOff("connect_timeout"),
      );
  }
}

/** For everybody else the request is on its way. */
function awaitSilently(connection: OriginConnection, firstByteMs: number): void {
  connection.requestSent = true;
  connection.awaitAnswer(firstByteMs);
}

/** It closes the connection: of a request with a body nothing was sent. */
function answerOf(status: number): Buffer {
  const head = `HTTP/1.1 ${status} Fault\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
  return Buffer.from(head, "latin1");
}
