/** A Prometheus that conditions may ask. */
import { z } from "zod";
import { duration, headerName, headerValue } from "./scalars.ts";
import { textScalar } from "./variants.ts";

const url = textScalar(
  'an address such as "http://127.0.0.1:9090", without user, query and "#"',
  { "x-type": "address", examples: ["http://127.0.0.1:9090"] },
  (text) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined;
    if (parsed.username !== "" || parsed.search !== "" || parsed.hash !== "") return undefined;
    return parsed.href.replace(/\/+$/, "");
  },
);

/** The section as written. */
export const prometheusSchema = z.strictObject({
  url: url.describe("Where its API is; `/api/v1/query` is added."),
  interval: duration
    .prefault("15s")
    .describe("How often each query is asked; an answer counts for three times as long."),
  timeout: duration.prefault("5s").describe("How long an answer may take."),
  headers: z
    .record(
      z.string().refine((key) => headerName.safeParse(key).success, "must be a header name"),
      headerValue,
    )
    .prefault({})
    .describe("Sent along, such as `authorization`; secrets as `${NAME}`."),
});
