/** What a route does: forward with a rewrite, redirect, or answer by itself. */
import { z } from "zod";
import { anyText, count, headerName, headerValue, hostField, status, urlPath } from "./scalars.ts";
import { map, number, oneOf } from "./variants.ts";

const pathChange = {
  strip_prefix: z
    .literal(true)
    .optional()
    .describe("Takes away what the route's path prefix matched."),
  replace_prefix: urlPath
    .optional()
    .describe("Puts this in the place of what the route's path prefix matched."),
  replace_path: urlPath.optional().describe("Replaces the whole path; the query stays."),
};

const oneChange = "must have at most one of strip_prefix, replace_prefix, replace_path";

function changesOnce(change: Readonly<Partial<Record<keyof typeof pathChange, unknown>>>): boolean {
  const written = [change.strip_prefix, change.replace_prefix, change.replace_path];
  return written.filter((one) => one !== undefined).length <= 1;
}

/** What the origin is asked for instead. */
export const rewrite = z
  .strictObject({
    ...pathChange,
    host: hostField
      .optional()
      .describe("Replaces `Host` towards the origin. Default: the client's."),
  })
  .refine(changesOnce, oneChange);

const redirectStatuses = [301, 302, 303, 307, 308] as const;

// Parts not written are kept from the request.
const longRedirect = z
  .strictObject({
    status: z
      .literal(redirectStatuses)
      .prefault(302)
      .describe("301 and 308 are remembered by browsers; 307 and 308 keep method and body."),
    scheme: z.enum(["http", "https"]).optional().describe("Another scheme."),
    host: hostField.optional().describe("Another host."),
    port: count(1, 65_535).optional().describe("Another port."),
    ...pathChange,
  })
  .refine(changesOnce, oneChange)
  .refine(
    (parts) => Object.keys(parts).length > 1,
    "must change something: scheme, host, port or the path",
  );

/** A map; a whole URL is taken apart by whoever writes it. */
export const redirect = oneOf<z.output<typeof longRedirect>>(
  "must be a map such as { scheme: https, host: shop.example, status: 301 }",
  map(longRedirect),
);

const longRespond = z.strictObject({
  status: status.prefault(200).describe("The answer's status."),
  headers: z
    .record(
      z.string().refine(isAnswerField, "must be a header name that Evenkeel does not write itself"),
      headerValue,
    )
    .prefault({})
    .describe("The answer's headers."),
  body: anyText.prefault("").describe("The answer's body."),
});

function isAnswerField(name: string): boolean {
  const own = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "trailer",
    "transfer-encoding",
  ];
  return headerName.safeParse(name).success && !own.includes(name.toLowerCase());
}

/** A fixed answer; a number is its status. */
export const respond = oneOf<z.output<typeof longRespond>>(
  "must be a status, or a map with status, headers and body",
  number(status.transform((status) => longRespond.parse({ status }))),
  map(longRespond),
);
