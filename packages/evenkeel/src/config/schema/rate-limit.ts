/** How often a route may be used. */
import { z } from "zod";
import { count, headerName, rate } from "./scalars.ts";
import { map, off, oneOf, textScalar } from "./variants.ts";

/** What shares a bucket. */
export type RateKey = { readonly kind: "client" | "header" | "route"; readonly name: string };

const key = textScalar<RateKey>(
  'client, route, or "header:NAME"',
  { "x-type": "`client`, `route` or `header:NAME`", pattern: "^(client|route|header:.+)$" },
  (text) => {
    if (text === "client" || text === "route") return { kind: text, name: "" };
    const name = text.startsWith("header:") ? text.slice("header:".length) : "";
    return headerName.safeParse(name).success
      ? { kind: "header", name: name.toLowerCase() }
      : undefined;
  },
);

const longRateLimit = z.strictObject({
  rate: rate.describe("How fast a bucket fills."),
  burst: count(1)
    .optional()
    .describe(
      "How many requests a full bucket allows at once. Default: one second's worth, at least 1.",
    ),
  key: key
    .prefault("client")
    .describe(
      "What shares a bucket: the client's address, everybody on this route, or a header's value.",
    ),
  max_keys: count(1, 1_000_000)
    .prefault(65_536)
    .describe("Buckets remembered; the longest unused is forgotten first."),
});

type RateLimit = z.output<typeof longRateLimit> | undefined;

/** A token bucket per key; `off` or a map. */
export const rateLimit = oneOf<RateLimit>(
  "must be off or a map such as { rate: 100/s }",
  off<RateLimit>(undefined),
  map(longRateLimit),
);
