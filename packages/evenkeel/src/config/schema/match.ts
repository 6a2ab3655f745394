/** What a route asks of a request. */
import { z } from "zod";
import {
  anyText,
  cookieName,
  headerName,
  network,
  hostPattern,
  method,
  regex,
  someText,
  urlPath,
} from "./scalars.ts";
import { map, oneOf, oneOrMany, text } from "./variants.ts";

/** How a path is matched. */
export type PathMatch = { readonly kind: "exact" | "prefix" | "regex"; readonly value: string };

/** How a header, query parameter or cookie is matched. */
export type ValueMatch = {
  readonly kind: "exact" | "prefix" | "regex" | "present" | "absent";
  readonly value: string;
};

const exactlyOne = (names: string) => `must have exactly one of ${names}`;

const longPath = z
  .strictObject({
    exact: urlPath.optional().describe("The whole path, as it is."),
    prefix: urlPath
      .optional()
      .describe(
        "Whole path elements from the start: `/api` and `/api/` both match `/api`, `/api/x`, not `/apix`.",
      ),
    regex: regex
      .optional()
      .describe(
        "A regular expression (RE2 syntax), found anywhere in the path unless anchored with `^` and `$`.",
      ),
  })
  .refine((path) => Object.keys(path).length === 1, exactlyOne("exact, prefix, regex"))
  .transform(({ exact, prefix, regex }): PathMatch =>
    exact !== undefined
      ? { kind: "exact", value: exact }
      : prefix !== undefined
        ? { kind: "prefix", value: prefix }
        : { kind: "regex", value: regex! },
  );

/** A path: plain text is a prefix. */
export const path = oneOf<PathMatch>(
  'must be a path such as "/api/", or a map with one of exact, prefix, regex',
  text(urlPath.transform((value): PathMatch => ({ kind: "prefix", value }))),
  map(longPath),
);

const longValue = z
  .strictObject({
    exact: anyText.optional().describe("The whole value."),
    prefix: someText.optional().describe("How the value begins."),
    regex: regex.optional().describe("A regular expression (RE2 syntax) for the whole value."),
    present: z
      .boolean()
      .optional()
      .describe("`true`: there, whatever its value. `false`: not there."),
  })
  .refine((value) => Object.keys(value).length === 1, exactlyOne("exact, prefix, regex, present"))
  .transform(({ exact, prefix, regex, present }): ValueMatch => {
    if (exact !== undefined) return { kind: "exact", value: exact };
    if (prefix !== undefined) return { kind: "prefix", value: prefix };
    if (regex !== undefined) return { kind: "regex", value: regex };
    return { kind: present ? "present" : "absent", value: "" };
  });

const value = oneOf<ValueMatch>(
  "must be text (numbers in quotes), or a map with one of exact, prefix, regex, present",
  text(anyText.transform((value): ValueMatch => ({ kind: "exact", value }))),
  map(longValue),
);

function keyed(key: z.ZodType<string>): z.ZodType<Record<string, ValueMatch>> {
  return z.record(key as z.ZodType<string, string>, value);
}

const nameOf = (form: z.ZodType<string>, rule: string) =>
  z.string().refine((key) => form.safeParse(key).success, rule);

/** The keys of a route that match requests; all that are written must match. */
export const matchKeys = {
  host: oneOrMany(hostPattern)
    .optional()
    .describe("Host or hosts: exact, or `*.shop.example` for one or more labels in front."),
  path: path
    .optional()
    .describe("Path prefix (`/api/`), or a map with `exact`, `prefix` or `regex`."),
  method: oneOrMany(method).optional().describe("Method or methods, such as `GET`."),
  headers: keyed(nameOf(headerName, "must be a header name"))
    .optional()
    .describe(
      "Headers by name: text is the exact value, a map has `exact`, `prefix`, `regex` or `present`. All must match.",
    ),
  query: keyed(nameOf(someText, "must be a parameter's name"))
    .optional()
    .describe("Query parameters by name, written like `headers`."),
  cookies: keyed(nameOf(cookieName, "must be a cookie's name"))
    .optional()
    .describe("Cookies by name, written like `headers`."),
  client: oneOrMany(network)
    .optional()
    .describe(
      "Network or networks (CIDR) the client must come from, trusted proxies seen through.",
    ),
} as const;
