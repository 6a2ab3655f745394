/** When a failed attempt is followed by another. */
import { z } from "zod";
import { count, durationOrOff, sizeOrOff } from "./scalars.ts";
import { map, number, off, oneOf, oneOrMany } from "./variants.ts";

/** What a retry may follow. */
export const retryConditions = [
  "connect_failure",
  "reset",
  "timeout",
  "500",
  "502",
  "503",
  "504",
  "429",
] as const;

const condition = z.preprocess(
  // A status is a number in YAML; both ways of writing it are natural.
  (value) => (typeof value === "number" ? String(value) : value),
  z.enum(retryConditions),
);

const attempts = count(0, 10);

const longRetry = z.strictObject({
  attempts: attempts
    .prefault(2)
    .describe(
      "Further attempts after the first, each on an endpoint not tried yet; 0 is `off`. Two are enough for one dead endpoint and another that is just restarting.",
    ),
  on: oneOrMany(condition as unknown as z.ZodType<(typeof retryConditions)[number]>)
    .prefault(["connect_failure", "reset"])
    .describe(
      "What is tried again: `connect_failure` (nothing was sent), `reset` (broken before a byte of the answer), `timeout`, and statuses `429` `500` `502` `503` `504`. Except after `connect_failure`, only idempotent requests are tried again.",
    ),
  replay: sizeOrOff
    .prefault("64KiB")
    .describe(
      "A request's body up to this size is kept to be sent again; larger ones are not retried once sent.",
    ),
  answer: sizeOrOff
    .prefault("16KiB")
    .describe(
      "An answer to an idempotent request whose length is known and at most this is passed on when it is whole, so that one that breaks off can be asked for again.",
    ),
  non_idempotent: z
    .boolean()
    .prefault(false)
    .describe("Tries POST, PATCH and LOCK again too, though they may have been carried out."),
  attempt_timeout: durationOrOff
    .prefault("off")
    .describe("Bound of one attempt to its answer's head; `off` leaves it to `timeouts`."),
});

type Retry = z.output<typeof longRetry>;

/** `off`, a number of further attempts, or a map. */
export const retry = oneOf<Retry>(
  "must be off, a number of further attempts, or a map",
  off<Retry>(longRetry.parse({ attempts: 0 })),
  number(attempts.transform((attempts) => longRetry.parse({ attempts }))),
  map(longRetry),
);
