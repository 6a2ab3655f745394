/** One try with a bound in time. */
import type { ReceiverSettings } from "../snapshot/alert-settings.ts";
import type { AlertTimers, Send, SendOutcome } from "./deps.ts";
import type { Message } from "./message.ts";

/** A receiver that has not answered by then has failed. */
export const TRY_MS = 8000;

/** A `send` that aborts after `TRY_MS` and ends then, whatever the receiver does. `abort` ends it
 * early. */
export function createTimedSend(
  send: Send,
  timers: AlertTimers,
): (receiver: ReceiverSettings, message: Message, abort: AbortController) => Promise<SendOutcome> {
  return (receiver, message, abort) => {
    const { promise, resolve } = Promise.withResolvers<SendOutcome>();
    const fail = (text: string): void => resolve({ kind: "failed", text, notBeforeMs: undefined });
    const late = timers.setTimeout(() => {
      fail(`no answer within ${TRY_MS / 1000} s`);
      abort.abort();
    }, TRY_MS);
    abort.signal.addEventListener("abort", () => fail("it was called off"), { once: true });
    send(receiver, message, abort.signal).then(resolve, (error: unknown) =>
      // Not the error's own words: they might hold a secret.
      fail(`it failed unexpectedly (${error instanceof Error ? error.name : "unknown"})`),
    );
    return promise.finally(() => timers.clearTimeout(late));
  };
}
