/** How often a route may be used. */
import { z } from "zod";
import { count, headerName, rate } from "./scalars.ts";
import { textScalar } from "./variants.ts";

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

/** A token bucket per key. */
export const rateLimit = z.strictObject({
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
